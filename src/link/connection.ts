/**
 * One device socket, and what its owner may do with it. An idle connection is this object and
 * Node's socket, nothing more: all connections share one context, one wheel and one set of
 * handlers (handlers.ts), and a Buffer exists only while a frame is half received.
 */
import type { Socket } from 'node:net';
import { CloseCode } from '../core/codes.js';
import type { Now } from '../core/ports.js';
import { dropPartial, encodeServerFrame, type PartialHolder } from '../wire/frames.js';
import type { LinkContext, Origin } from './context.js';
import type { WheelItem } from './wheel.js';

/** How far a connection has come. The order matters: a later phase has the greater number. */
export const Phase = { PROXY: 0, TLS: 1, HELLO: 2, OPEN: 3, CLOSING: 4, CLOSED: 5 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

const NEVER = Number.POSITIVE_INFINITY;
/** After a Kick the device has so long to read it and close. */
const CLOSE_GRACE_MS = 1000;
/** At so many times its queue limit a connection is cut: its owner went on writing. */
const OVERRUN_FACTOR = 4;

/** Where a socket keeps its connection. */
export const connectionOf = Symbol('connection');
/** A socket that knows its connection: handlers are shared and find it through `this`. */
export type DeviceSocket<S> = Socket & { [connectionOf]?: Connection<S> | undefined };

/** State of one device socket. All fields but `session` are written by link/ only. */
export class Connection<S> implements WheelItem<Connection<S>>, PartialHolder {
  readonly link: LinkContext<S>;
  readonly origin: Origin;
  /** Wall-clock ms at accept. */
  readonly connectedMs: number;
  socket: DeviceSocket<S>;
  /** The client's address: behind a proxy the one that the proxy named. */
  address: string;
  /** The owner's own. */
  session: S | null = null;
  phase: Phase = Phase.HELLO;
  /** Monotonic ms of the last frame, at first of the accept. */
  lastInMono: number;
  /** Why it ended, or BYE. */
  closeCode: CloseCode = CloseCode.BYE;

  wheelPrev: Connection<S> | null = null;
  wheelNext: Connection<S> | null = null;
  wheelSlot = -1;
  dueMono = 0;
  partial: Buffer | null = null;
  partialBytes = 0;
  /** Neighbours in the list of all connections. */
  older: Connection<S> | null;
  newer: Connection<S> | null = null;

  /** Deadline of link/ itself, by phase: handshake, Hello, slow reader, close. */
  deadlineMono = NEVER;
  /** The owner's. */
  ownerDueMono = NEVER;
  /** Frame-rate allowance, see rate.ts. */
  framesUsedUntil = 0;
  /** Over its queue limit, and not drained since. */
  stalled = false;
  corked = false;
  /** Counted by admission: in all, and under its address. */
  counted = false;
  addressCounted = false;
  /** The owner was told `opened`. */
  announced = false;

  constructor(link: LinkContext<S>, origin: Origin, socket: DeviceSocket<S>, address: string, now: Now) {
    this.link = link;
    this.origin = origin;
    this.socket = socket;
    this.address = address;
    this.connectedMs = now.wall;
    this.lastInMono = now.mono;
    this.older = link.newest;
    if (link.newest !== null) link.newest.newer = this;
    link.newest = this;
  }
}

/**
 * Queues a frame for the device. What is written in one turn of the event loop goes out together.
 * Does nothing before the Hello and once the connection is closing.
 */
export function write<S>(conn: Connection<S>, bytes: Uint8Array): void {
  if (conn.phase !== Phase.OPEN) return;
  const { socket, link } = conn;
  if (!conn.corked) {
    conn.corked = true;
    socket.cork();
    if (link.corked.push(conn) === 1) process.nextTick(uncorkAll, link);
  }
  link.metrics.frameSent(bytes.length);
  if (!socket.write(bytes) && socket.writableLength >= link.limits.maxQueuedBytes) overfull(conn);
}

function uncorkAll<S>(link: LinkContext<S>): void {
  for (const conn of link.corked) {
    conn.corked = false;
    conn.socket.uncork();
  }
  link.corked.length = 0;
}

function overfull<S>(conn: Connection<S>): void {
  const { limits, metrics, now } = conn.link;
  if (!conn.stalled) {
    conn.stalled = true;
    metrics.slowSockets(1);
    conn.socket.once('drain', onDrain);
    setDeadline(conn, now().mono + limits.slowReaderTimeoutMs);
  } else if (conn.socket.writableLength >= OVERRUN_FACTOR * limits.maxQueuedBytes) {
    closeWith(conn, CloseCode.SLOW_READER);
  }
}

function onDrain<S>(this: DeviceSocket<S>): void {
  const conn = this[connectionOf];
  if (conn === undefined || conn.phase !== Phase.OPEN) return;
  endStall(conn);
  setDeadline(conn, NEVER);
  try {
    conn.link.owner.drained(conn);
  } catch (error) {
    fault(conn, error);
  }
}

function endStall<S>(conn: Connection<S>): void {
  if (!conn.stalled) return;
  conn.stalled = false;
  conn.link.metrics.slowSockets(-1);
}

/** Bytes written that the kernel has not taken yet. */
export function queuedBytes<S>(conn: Connection<S>): number {
  return conn.socket.writableLength;
}

/**
 * Bytes that may still be queued. Zero from the write that reached the limit until the owner hears
 * `drained`; at least 1 at all other times, so that who stops at zero will hear when to go on.
 */
export function room<S>(conn: Connection<S>): number {
  if (conn.stalled || conn.phase !== Phase.OPEN) return 0;
  return Math.max(1, conn.link.limits.maxQueuedBytes - conn.socket.writableLength);
}

/** Asks for `owner.due` at a monotonic time; replaces the earlier wish. Infinity takes it back. */
export function setDue<S>(conn: Connection<S>, atMonoMs: number): void {
  if (conn.phase >= Phase.CLOSING) return;
  conn.ownerDueMono = atMonoMs;
  rearm(conn);
}

/** Sets the deadline of the connection's phase. For link/ only. */
export function setDeadline<S>(conn: Connection<S>, atMonoMs: number): void {
  if (conn.phase === Phase.CLOSED) return;
  conn.deadlineMono = atMonoMs;
  rearm(conn);
}

function rearm<S>(conn: Connection<S>): void {
  conn.link.wheel.schedule(conn, Math.min(conn.deadlineMono, conn.ownerDueMono));
}

/**
 * Ends the connection: sends a Kick, then closes; cuts it when the device has not closed a second
 * later. From now on the owner hears only `closed`. The first code given counts.
 *
 * @param retryAfterMs Told to the device; 0 leaves it to the device's own back-off.
 * @param redirect `host:port` to come back to, or empty.
 */
export function closeWith<S>(conn: Connection<S>, code: CloseCode, retryAfterMs = 0, redirect = ''): void {
  if (conn.phase >= Phase.CLOSING) return;
  if (conn.phase < Phase.HELLO) {
    cut(conn, code);
    return;
  }
  conn.closeCode = code;
  conn.phase = Phase.CLOSING;
  conn.ownerDueMono = NEVER;
  dropPartial(conn);
  const reason = closeName(code);
  conn.socket.end(encodeServerFrame({ type: 'kick', code, reason, retryAfterMs, redirect }));
  setDeadline(conn, conn.link.now().mono + CLOSE_GRACE_MS);
}

/** Ends a connection that its owner failed on: the others of the worker go on. */
export function fault<S>(conn: Connection<S>, error: unknown): void {
  const { log, admission } = conn.link;
  log.error({ err: error, address: conn.address }, 'connection not served');
  closeWith(conn, CloseCode.UNAVAILABLE, admission.retryAfterMs());
}

/** Ends the connection without a word: before the TLS handshake no frame can be sent. */
export function cut<S>(conn: Connection<S>, code: CloseCode): void {
  if (conn.phase < Phase.CLOSING) conn.closeCode = code;
  if (conn.phase < Phase.CLOSED) conn.phase = Phase.CLOSING;
  conn.socket.destroy();
}

const NAMES = new Map<number, string>(Object.entries(CloseCode).map(([name, code]) => [code, name]));

/** The name of a close code, for logs and metrics. */
export function closeName(code: CloseCode): string {
  return NAMES.get(code) ?? String(code);
}

/** The wheel's turn: a deadline of the connection or of its owner has passed. */
export function onDue<S>(conn: Connection<S>, monoMs: number): void {
  if (monoMs >= conn.deadlineMono) {
    conn.deadlineMono = NEVER;
    if (conn.phase === Phase.CLOSING) cut(conn, conn.closeCode);
    else miss(conn);
  } else if (monoMs >= conn.ownerDueMono) {
    conn.ownerDueMono = NEVER;
    try {
      conn.link.owner.due(conn, conn.link.now());
    } catch (error) {
      fault(conn, error);
    }
  }
  if (conn.wheelSlot < 0 && conn.phase < Phase.CLOSED) rearm(conn);
}

function miss<S>(conn: Connection<S>): void {
  const code = conn.phase === Phase.OPEN ? CloseCode.SLOW_READER : CloseCode.HELLO_TIMEOUT;
  closeWith(conn, code, conn.link.admission.retryAfterMs());
}

/** Forgets a connection whose socket is gone, and tells the owner. For link/ only. */
export function release<S>(conn: Connection<S>): void {
  if (conn.phase === Phase.CLOSED) return;
  const { link, older, newer } = conn;
  conn.phase = Phase.CLOSED;
  link.wheel.cancel(conn);
  dropPartial(conn);
  endStall(conn);
  if (newer === null) link.newest = older;
  else newer.older = older;
  if (older !== null) older.newer = newer;
  conn.newer = null;
  conn.older = null;
  if (conn.counted) link.admission.leave();
  else link.lingering -= 1;
  if (conn.addressCounted) link.admission.leaveAddress(conn.address);
  if (!conn.announced) return;
  link.metrics.closed(conn.origin.name, closeName(conn.closeCode));
  try {
    link.owner.closed(conn, conn.closeCode);
  } catch (error) {
    link.log.error({ err: error, address: conn.address }, 'connection not ended well');
  }
}
