/** A device port: accepts, asks admission, and hands the socket on. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { CloseCode } from '../core/codes.js';
import { plainAddress } from './address.js';
import type { Certificates } from './certificates.js';
import { Connection, connectionOf, type DeviceSocket, Phase } from './connection.js';
import type { LinkContext, Origin } from './context.js';
import { Detour } from './detour.js';
import { begin, MAX_LINGERING, secured, turnAway } from './handlers.js';

/** As in the configuration's `listeners`. */
export interface ListenerOptions {
  /** For logs and metrics. */
  readonly name: string;
  readonly host: string;
  /** 0 takes a free one, the same in all workers. */
  readonly port: number;
  readonly tls: boolean;
  readonly proxyProtocol: boolean;
}

export interface Listener {
  readonly name: string;
  /**
   * Listens, for the first time or again. Rejects when the address is taken or not to be had.
   *
   * @param attempts while it is taken; 1 when left out.
   */
  start(attempts?: number): Promise<AddressInfo>;
  isListening(): boolean;
  /** Accepts no more; connections go on. What no other worker accepts is refused by the system. */
  stop(): void;
}

/** Waiting connections that the kernel keeps (at most net.core.somaxconn): a reconnect storm queues there. */
const BACKLOG = 4096;

/**
 * How every process listens. Workers share the port through node:cluster, whose primary must use
 * SCHED_NONE; `reusePort` could take its place from Node 22.12 on.
 */
function listenOptions(options: ListenerOptions): ListenOptions {
  return { host: options.host, port: options.port, backlog: BACKLOG, exclusive: false };
}

/**
 * @param certificates Null when no listener has TLS.
 * @param maxConnections Connections of this worker, all listeners together.
 */
export function createListener<S>(
  link: LinkContext<S>,
  options: ListenerOptions,
  certificates: Certificates | null,
  maxConnections: number,
): Listener {
  const tlsServer = options.tls ? createHandshaker(link, certificates) : null;
  const origin: Origin = { name: options.name, tlsServer, proxyProtocol: options.proxyProtocol };
  let server = createAcceptor(link, origin, maxConnections);
  return {
    name: options.name,
    async start(attempts = 1) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await listen(server, options);
        } catch (error) {
          // The one that failed keeps what node:cluster has hung on it.
          server = createAcceptor(link, origin, maxConnections);
          if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === attempts) throw error;
        }
      }
    },
    isListening: () => server.listening,
    stop() {
      server.close();
    },
  };
}

function createAcceptor<S>(link: LinkContext<S>, origin: Origin, maxConnections: number): Server {
  const server = createServer({ noDelay: true }, (socket) => accept(link, origin, socket));
  // Admission refuses first and can say why; Node's own limit is the net under it.
  server.maxConnections = maxConnections + MAX_LINGERING;
  server.on('drop', (dropped) => link.admission.refused('DROPPED', dropped?.remoteAddress ?? ''));
  // A failed accept (EMFILE) must not end the process.
  server.on('error', (error) => {
    if (server.listening) link.log.error({ err: error, listener: origin.name }, 'accept failed');
  });
  return server;
}

async function listen(server: Server, options: ListenerOptions): Promise<AddressInfo> {
  server.listen(listenOptions(options));
  await once(server, 'listening');
  return server.address() as AddressInfo;
}

function accept<S>(link: LinkContext<S>, origin: Origin, socket: DeviceSocket<S>): void {
  const { admission, metrics } = link;
  metrics.accepted(origin.name);
  const address = plainAddress(socket.remoteAddress ?? '');
  const conn = new Connection(link, origin, socket, address, link.now());
  const refusal = admission.enter();
  if (refusal !== 0) {
    admission.refused(refusal === CloseCode.SERVER_FULL ? 'SERVER_FULL' : 'ACCEPT_RATE', address);
    turnAway(conn, refusal);
    return;
  }
  conn.counted = true;
  begin(conn);
}

/** A TLS server that does not listen: it is given accepted sockets. */
function createHandshaker<S>(link: LinkContext<S>, certificates: Certificates | null): TlsServer {
  if (certificates === null) throw new Error('a TLS listener needs certificates');
  const server = createTlsServer({
    ...certificates.current(),
    handshakeTimeout: link.limits.tlsHandshakeTimeoutMs,
  });
  certificates.follow(server);
  server.on('secureConnection', (socket) => {
    const conn = rawSocketOf<S>(socket)?.[connectionOf];
    // A deadline may have passed while the handshake's last step was on its way.
    if (conn === undefined || conn.phase !== Phase.TLS) {
      socket.destroy();
      return;
    }
    link.metrics.tlsHandshake(socket.isSessionReused() ? 'resumed' : 'full');
    secured(conn, socket);
  });
  server.on('tlsClientError', (error, socket) => {
    link.metrics.tlsHandshake('failed');
    const raw = rawSocketOf<S>(socket);
    link.log.debug({ address: raw?.[connectionOf]?.address, error: error.message }, 'TLS handshake failed');
    raw?.destroy();
  });
  return server;
}

/**
 * The TCP socket under a TLS socket. Node has no public way from one to the other; a test fails
 * should a version rename the field.
 */
function rawSocketOf<S>(socket: TLSSocket): DeviceSocket<S> | undefined {
  type Wrap = Socket & { readonly stream?: unknown };
  type Inner = { readonly _handle?: { readonly _parentWrap?: Wrap } };
  const wrap = (socket as unknown as Inner)._handle?._parentWrap;
  const under = wrap?.stream instanceof Detour ? wrap.stream.socket : wrap;
  return under as DeviceSocket<S> | undefined;
}
