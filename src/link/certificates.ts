/** Certificate, key and ticket keys of the TLS listeners, exchanged while connections live. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import type { Logger } from 'pino';
import type { LinkMetrics } from './metrics.js';
import { TLS_OPTIONS } from './tls-options.js';

export interface CertificateOptions {
  /** PEM, the server's own certificate first. */
  readonly certFile: string;
  readonly keyFile: string;
  /** How often the files are looked at; 0 for never. Default 2 s. */
  readonly pollMs?: number;
  /** Trusted wall-clock ms. */
  readonly wallMs: () => number;
  readonly metrics: Pick<LinkMetrics, 'certificateReload' | 'certificateExpires'>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

export interface Certificates {
  /** What a new TLS server is to be made with. */
  current(): SecureContextOptions;
  /** Keeps the server up to date from now on. */
  follow(server: Server): void;
  /**
   * Sets the key that session tickets are encrypted with. Tickets of the key before are no longer
   * taken: their devices make a full handshake.
   *
   * @param keys 48 bytes, the same in all workers.
   */
  setTicketKeys(keys: Buffer): void;
  /**
   * Reads the files now. A broken pair (unreadable, not matching, expired) is logged and counted,
   * and the one in use stays.
   *
   * @returns Whether the files are good and in use.
   */
  reload(): Promise<boolean>;
  close(): void;
}

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Of both files' content. */
  readonly hash: string;
  readonly validToMs: number;
}

const POLL_MS = 2000;

/**
 * Reads the files for the first time.
 *
 * @throws {Error} When they are broken: there is nothing to fall back to.
 */
export async function createCertificates(options: CertificateOptions): Promise<Certificates> {
  const { metrics, log } = options;
  const servers = new Set<Server>();
  let ticketKeys: Buffer | undefined;
  let seen = await fingerprint(options);
  let pair = await readPair(options);
  metrics.certificateExpires(pair.validToMs);

  function current(): SecureContextOptions {
    const { cert, key } = pair;
    return { ...TLS_OPTIONS, cert, key, ...(ticketKeys === undefined ? {} : { ticketKeys }) };
  }

  function applyToAll(): void {
    for (const server of servers) server.setSecureContext(current());
  }

  async function reload(): Promise<boolean> {
    try {
      const fresh = await readPair(options);
      if (fresh.hash === pair.hash) return true;
      pair = fresh;
      applyToAll();
      metrics.certificateReload(true);
      metrics.certificateExpires(pair.validToMs);
      log.info({ certFile: options.certFile, validTo: new Date(pair.validToMs) }, 'certificate replaced');
      return true;
    } catch (error) {
      metrics.certificateReload(false);
      log.error(
        { err: error, certFile: options.certFile },
        'certificate files are broken; the old ones stay',
      );
      return false;
    }
  }

  async function poll(): Promise<void> {
    const now = await fingerprint(options);
    if (now === seen) return;
    seen = now;
    await reload();
  }

  const pollMs = options.pollMs ?? POLL_MS;
  let timer = pollMs > 0 ? setTimeout(pollAgain, pollMs).unref() : null;
  // One after the other, so that a slow disk does not pile up polls.
  function pollAgain(): void {
    void poll().finally(() => {
      if (timer !== null) timer = setTimeout(pollAgain, pollMs).unref();
    });
  }

  return {
    current,
    follow(server) {
      servers.add(server);
    },
    setTicketKeys(keys) {
      ticketKeys = keys;
      applyToAll();
    },
    reload,
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      servers.clear();
    },
  };
}

/** Changes when a file is written or replaced; a file that cannot be read counts as one state. */
async function fingerprint(options: CertificateOptions): Promise<string> {
  const parts = [options.certFile, options.keyFile].map(async (file) => {
    const { ino, size, mtimeMs } = await stat(file).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }));
    return `${ino}:${size}:${mtimeMs}`;
  });
  return (await Promise.all(parts)).join();
}

async function readPair(options: CertificateOptions): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(options.certFile), readFile(options.keyFile)]);
  const first = new X509Certificate(cert);
  if (!first.checkPrivateKey(createPrivateKey(key)))
    throw new Error('the key is not that of the certificate');
  const validToMs = Date.parse(first.validTo);
  if (validToMs <= options.wallMs()) throw new Error(`the certificate ended ${first.validTo}`);
  createSecureContext({ ...TLS_OPTIONS, cert, key });
  return { cert, key, hash: createHash('sha256').update(cert).update(key).digest('hex'), validToMs };
}
