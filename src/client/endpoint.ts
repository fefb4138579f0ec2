/** Where to connect and how: host, port, TLS. */
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

/** How the server's certificate is checked. */
export interface TlsSettings {
  /** PEM of the authorities to trust in place of the system's: for a server with a certificate of its own. */
  readonly ca?: string;
  /** Name that the certificate must carry when it is not the host connected to. */
  readonly servername?: string;
  /** Accepts any certificate. For trying things on one's own machine only. */
  readonly insecure?: boolean;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Null for plain TCP. */
  readonly tls: TlsSettings | null;
}

/**
 * Reads `host:port` or `[v6]:port`; a leading `tcp://` or `tls://` is taken off.
 *
 * @returns null when it is neither.
 */
export function parseAddress(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:(?:tcp|tls):\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^:/\s[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65535 ? null : { host, port };
}

/** The same protection at another address: a redirect never takes TLS away (docs/protocol.md 6.3). */
export function redirected(from: Endpoint, address: string): Endpoint | null {
  const target = parseAddress(address);
  return target === null ? null : { ...from, ...target };
}

/** Begins to connect. `onReady` is called once, when bytes may be sent. */
export function openSocket(endpoint: Endpoint, onReady: () => void): Socket {
  const { host, port, tls } = endpoint;
  if (tls === null) return tcpConnect({ host, port, noDelay: true }, onReady);
  const name = tls.servername ?? (isIP(host) === 0 ? host : undefined);
  const socket = tlsConnect(
    {
      host,
      port,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: tls.insecure !== true,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(name === undefined ? {} : { servername: name }),
    },
    onReady,
  );
  return socket.setNoDelay(true);
}
