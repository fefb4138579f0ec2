/** What all connections of a worker share: one object, referred to by each of them. */
import type { Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { CloseCode } from '../core/codes.js';
import type { ClientFrame } from '../core/frames.js';
import type { Now } from '../core/ports.js';
import type { DecodeLimits } from '../wire/frames.js';
import type { Admission } from './admission.js';
import type { Connection } from './connection.js';
import type { LinkMetrics } from './metrics.js';
import type { Rate } from './rate.js';
import type { Wheel } from './wheel.js';

/** Limits of one connection. The names are those of the configuration's section `link`. */
export interface ConnectionLimits {
  /** Time for the TLS handshake, and for the PROXY header. */
  readonly tlsHandshakeTimeoutMs: number;
  /** TLS bytes take the way of detour.ts: less memory for a connection, more processor time for a byte. */
  readonly leanTls: boolean;
  /** Time from accept to a whole Hello. */
  readonly helloTimeoutMs: number;
  /** Longest Hello, without its length prefix. */
  readonly maxBytesBeforeHello: number;
  /** Longest frame after the Hello, without its length prefix. */
  readonly maxFrameBytes: number;
  /** Frames a second of one device, averaged over ten seconds. */
  readonly framesPerSecond: number;
  /** Unsent bytes at which a connection has no more room. */
  readonly maxQueuedBytes: number;
  /** A connection without room for so long is closed (SLOW_READER). */
  readonly slowReaderTimeoutMs: number;
  /** Sync points of one frame. */
  readonly maxSubscriptions: number;
}

/**
 * Who uses the connections: what the frames mean, and for how long silence is allowed.
 * `S` is what the owner keeps on a connection, in `session`.
 */
export interface ConnectionOwner<S> {
  /** Bytes can flow; the Hello is awaited. */
  opened(conn: Connection<S>): void;
  /**
   * A frame came; the first is a Hello, and no other one is. Nothing in it aliases a socket's
   * buffer. A WireError thrown here closes the connection with its code. Anything else that this
   * or another function of the owner throws is logged and closes it with UNAVAILABLE.
   */
  frame(conn: Connection<S>, frame: ClientFrame, now: Now): void;
  /**
   * The connection is gone; called once for each that was opened, after the last other call.
   *
   * @param why What `closeWith` was given, or BYE when the device went by itself.
   */
  closed(conn: Connection<S>, why: CloseCode): void;
  /** A connection without room has sent all that was queued. */
  drained(conn: Connection<S>): void;
  /** The time set with `setDue` has come. It is used up: set the next one. */
  due(conn: Connection<S>, now: Now): void;
}

/** A listener as its connections see it. */
export interface Origin {
  readonly name: string;
  /** Does the handshakes; it does not listen itself. Null for plain TCP. */
  readonly tlsServer: TlsServer | null;
  readonly proxyProtocol: boolean;
}

/** Shared by all connections of a worker. */
export interface LinkContext<S> {
  readonly owner: ConnectionOwner<S>;
  readonly limits: ConnectionLimits;
  readonly decodeLimits: DecodeLimits;
  readonly frameRate: Rate;
  readonly now: () => Now;
  readonly wheel: Wheel<Connection<S>>;
  readonly admission: Admission;
  readonly metrics: LinkMetrics;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Newest of all connections, linked through their own fields. */
  newest: Connection<S> | null;
  /** Refused connections that are still being told so. */
  lingering: number;
  /** Connections whose writes of this turn wait for its end. */
  readonly corked: Connection<S>[];
}
