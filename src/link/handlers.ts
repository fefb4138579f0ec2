/** What happens on a device socket. One set of functions for all connections: `this` is the socket. */
import { CloseCode } from '../core/codes.js';
import type { Now } from '../core/ports.js';
import { type ChunkCursor, decodeClientFrame, dropPartial, takeFrame, WireError } from '../wire/frames.js';
import {
  type Connection,
  closeWith,
  connectionOf,
  cut,
  type DeviceSocket,
  fault,
  Phase,
  release,
  setDeadline,
} from './connection.js';
import { Detour } from './detour.js';
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from './proxy-protocol.js';
import { takeOne } from './rate.js';

/** Most refused connections that are told so at one time; more are closed without a word. */
export const MAX_LINGERING = 200;

/** Starts the connection: the PROXY header first where the listener wants one. */
export function begin<S>(conn: Connection<S>): void {
  const { limits } = conn.link;
  watch(conn.socket, conn);
  if (conn.origin.proxyProtocol) {
    conn.phase = Phase.PROXY;
    setDeadline(conn, conn.lastInMono + limits.tlsHandshakeTimeoutMs);
    listen(conn.socket);
    return;
  }
  enterAddress(conn);
}

/** Tells a connection that was not let in why, if it is plain TCP, and closes it. */
export function turnAway<S>(conn: Connection<S>, code: CloseCode): void {
  const { link } = conn;
  link.lingering += 1;
  watch(conn.socket, conn);
  if (conn.origin.tlsServer !== null || link.lingering > MAX_LINGERING) cut(conn, code);
  else kick(conn, code);
}

function watch<S>(socket: DeviceSocket<S>, conn: Connection<S>): void {
  socket[connectionOf] = conn;
  socket.on('error', onError);
  socket.on('close', onClose);
}

function enterAddress<S>(conn: Connection<S>): void {
  const { admission, limits } = conn.link;
  const { tlsServer } = conn.origin;
  conn.addressCounted = admission.enterAddress(conn.address);
  if (!conn.addressCounted) {
    admission.refused('ADDRESS_LIMIT', conn.address);
    if (tlsServer !== null) cut(conn, CloseCode.ADDRESS_LIMIT);
    else kick(conn, CloseCode.ADDRESS_LIMIT);
  } else if (tlsServer === null) {
    open(conn);
  } else {
    conn.phase = Phase.TLS;
    setDeadline(conn, conn.lastInMono + limits.tlsHandshakeTimeoutMs);
    // Node's way to put TLS on an accepted socket.
    tlsServer.emit('connection', limits.leanTls ? new Detour(conn.socket) : conn.socket);
  }
}

/** Refuses on plain TCP. What still comes is read: unread bytes would reset the connection before the Kick is seen. */
function kick<S>(conn: Connection<S>, code: CloseCode): void {
  conn.phase = Phase.HELLO;
  listen(conn.socket);
  closeWith(conn, code, conn.link.admission.retryAfterMs());
}

function listen<S>(socket: DeviceSocket<S>): void {
  if (socket.listenerCount('data') === 0) socket.on('data', onData);
}

/** The TLS handshake is done: frames are read from the TLS socket from now on. */
export function secured<S>(conn: Connection<S>, socket: DeviceSocket<S>): void {
  const raw = conn.socket;
  raw[connectionOf] = undefined;
  raw.removeListener('error', onError);
  raw.removeListener('close', onClose);
  conn.socket = socket;
  watch(socket, conn);
  open(conn);
}

function open<S>(conn: Connection<S>): void {
  const { limits, owner, metrics } = conn.link;
  conn.phase = Phase.HELLO;
  setDeadline(conn, conn.lastInMono + limits.helloTimeoutMs);
  listen(conn.socket);
  conn.announced = true;
  metrics.opened(conn.origin.name);
  try {
    owner.opened(conn);
  } catch (error) {
    fault(conn, error);
  }
}

function onData<S>(this: DeviceSocket<S>, chunk: Buffer): void {
  const conn = this[connectionOf];
  // While closing, what still comes is read and dropped, so that the end of the stream is seen.
  if (conn === undefined || conn.phase >= Phase.CLOSING) return;
  try {
    if (conn.phase === Phase.PROXY) receiveProxyHeader(conn, chunk);
    else receive(conn, chunk);
  } catch (error) {
    fail(conn, error);
  }
}

/** Any error closes only this connection. */
function fail<S>(conn: Connection<S>, error: unknown): void {
  if (!(error instanceof WireError)) {
    fault(conn, error);
    return;
  }
  const { log, admission, metrics } = conn.link;
  metrics.protocolError();
  log.debug({ address: conn.address, code: error.code, error: error.message }, 'bad frame');
  closeWith(conn, error.code, admission.retryAfterMs());
}

function receiveProxyHeader<S>(conn: Connection<S>, chunk: Buffer): void {
  const { socket, link } = conn;
  const seen = conn.partial === null ? chunk : Buffer.concat([conn.partial, chunk]);
  let header: ReturnType<typeof parseProxyHeader>;
  try {
    header = parseProxyHeader(seen);
  } catch (error) {
    link.admission.refused('PROXY_HEADER', conn.address);
    throw error;
  }
  if (header === null) {
    conn.partial = Buffer.from(seen.subarray(0, MAX_PROXY_HEADER_BYTES));
    return;
  }
  dropPartial(conn);
  if (header.address !== null) conn.address = header.address;
  const rest = seen.subarray(header.headerBytes);
  if (conn.origin.tlsServer === null) {
    enterAddress(conn);
    if (rest.length > 0) receive(conn, rest);
    return;
  }
  socket.removeListener('data', onData);
  socket.pause();
  if (rest.length > 0) socket.unshift(rest);
  enterAddress(conn);
}

function receive<S>(conn: Connection<S>, chunk: Buffer): void {
  const { link } = conn;
  const now = link.now();
  const cursor: ChunkCursor = { chunk, offset: 0 };
  while (conn.phase < Phase.CLOSING) {
    const bytes =
      conn.phase === Phase.OPEN
        ? takeFrame(conn, cursor, link.limits.maxFrameBytes)
        : takeFrame(conn, cursor, link.limits.maxBytesBeforeHello, CloseCode.HELLO_TOO_LONG);
    if (bytes === null) return;
    receiveFrame(conn, bytes, now);
  }
}

function receiveFrame<S>(conn: Connection<S>, bytes: Buffer, now: Now): void {
  const { link } = conn;
  const used = takeOne(link.frameRate, conn.framesUsedUntil, now.mono);
  if (used < 0) throw new WireError(CloseCode.FRAME_RATE, 'too many frames a second');
  conn.framesUsedUntil = used;
  const frame = decodeClientFrame(bytes, link.decodeLimits);
  if ((frame.type === 'hello') !== (conn.phase === Phase.HELLO)) {
    throw new WireError(CloseCode.PROTOCOL_ERROR, `${frame.type} is not allowed here`);
  }
  conn.lastInMono = now.mono;
  link.metrics.frameReceived(bytes.length);
  if (frame.type === 'hello') {
    const waitMs = link.admission.enterDevice(`${frame.workspaceId}_${frame.appId}`, frame.deviceId);
    if (waitMs > 0) {
      link.admission.refused('FLAPPING', conn.address);
      closeWith(conn, CloseCode.FLAPPING, waitMs);
      return;
    }
    conn.phase = Phase.OPEN;
    setDeadline(conn, Number.POSITIVE_INFINITY);
  }
  link.owner.frame(conn, frame, now);
}

/** `close` follows every error; what the error was does not matter to the owner. */
function onError<S>(this: DeviceSocket<S>, error: Error): void {
  const conn = this[connectionOf];
  conn?.link.log.debug({ address: conn.address, error: error.message }, 'socket error');
}

function onClose<S>(this: DeviceSocket<S>): void {
  const conn = this[connectionOf];
  if (conn !== undefined) release(conn);
}
