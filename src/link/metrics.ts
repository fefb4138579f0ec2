/** What link/ counts. Plain functions, called often: an implementation must not allocate or throw. */

/** Why a connection was not served: names of close codes, or `DROPPED` when Node itself refused it. */
export type RefusalReason =
  | 'SERVER_FULL'
  | 'ACCEPT_RATE'
  | 'ADDRESS_LIMIT'
  | 'FLAPPING'
  | 'PROXY_HEADER'
  | 'DROPPED';

export interface LinkMetrics {
  /** A socket was taken by the listener, before any check. */
  accepted(listener: string): void;
  refused(reason: RefusalReason): void;
  /** A connection is ready for its Hello: TLS and PROXY header are done. */
  opened(listener: string): void;
  /** A connection that was opened is gone. `code` is the name of a CloseCode. */
  closed(listener: string, code: string): void;
  /** A TLS handshake ended: from scratch, from a ticket, or not well. */
  tlsHandshake(result: 'full' | 'resumed' | 'failed'): void;
  /** A whole frame came, of so many bytes. */
  frameReceived(bytes: number): void;
  /** A frame was queued for a device, of so many bytes. */
  frameSent(bytes: number): void;
  /** Bytes that were no frame, or a frame that was not allowed. */
  protocolError(): void;
  /** A socket went over its queue limit (+1), or is no longer over it (-1). */
  slowSockets(change: 1 | -1): void;
  /** The certificate files were read again. False: broken, the ones before stay in use. */
  certificateReload(ok: boolean): void;
  /** Wall-clock ms at which the certificate in use ends. */
  certificateExpires(wallMs: number): void;
}

/** Counts nothing. */
export const NO_METRICS: LinkMetrics = {
  accepted() {},
  refused() {},
  opened() {},
  closed() {},
  tlsHandshake() {},
  frameReceived() {},
  frameSent() {},
  protocolError() {},
  slowSockets() {},
  certificateReload() {},
  certificateExpires() {},
};
