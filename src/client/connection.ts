/** One socket from connect to close: bytes and frames, the handshake deadline, and the heartbeat. */
import type { Socket } from 'node:net';
import type { ClientFrame } from '../core/frames.js';
import {
  decodeServerFrame,
  encodeClientFrame,
  type PartialHolder,
  type ReceivedFrame,
  takeFrame,
} from '../wire/frames.js';
import { type Endpoint, openSocket } from './endpoint.js';

type KickFrame = Extract<ReceivedFrame, { type: 'kick' }>;

/** Longest frame that a device takes from a server: a whole batch of the largest payloads fits. */
const MAX_FRAME_BYTES = 4 << 20;
/** Frames received and not yet handled, beyond which the socket is not read. */
const MAX_QUEUED_FRAMES = 64;
/** A timer that is later than this was not late by load: the machine was suspended. */
const SLEEP_MS = 5_000;
/** How long a Bye may take to leave. */
const BYE_MS = 1_000;

export interface ConnectionEnd {
  /** Present when the server said why. */
  readonly kick: KickFrame | null;
  readonly welcomed: boolean;
  /** Length of the silence in ms after which it was found dead, or 0 when it ended otherwise. */
  readonly silentMs: number;
  readonly detail: string;
}

export interface ConnectionHandlers {
  /** The socket is open: time for the Hello. */
  ready(): void;
  /** Every frame but Pong and Kick, one after the other. A rejection ends the connection. */
  frame(frame: ReceivedFrame): Promise<void>;
  /** An answer came to a Ping sent after `idleMs` of silence. */
  pong(idleMs: number): void;
  /** Called once, last. */
  end(end: ConnectionEnd): void;
  tap?(direction: 'in' | 'out', frame: ReceivedFrame | ClientFrame): void;
}

export interface Connection {
  /** Whether the server has accepted it and it has not ended. */
  readonly welcomed: boolean;
  send(frame: ClientFrame): void;
  /** Sets after how long without sending anything the device pings. */
  setPingAfter(ms: number): void;
  /** Says Bye and ends. */
  bye(): void;
}

interface State {
  readonly socket: Socket;
  readonly handlers: ConnectionHandlers;
  readonly pongTimeoutMs: number;
  readonly holder: PartialHolder;
  readonly queue: ReceivedFrame[];
  handling: boolean;
  welcomed: boolean;
  over: boolean;
  kick: KickFrame | null;
  detail: string;
  /** The handshake deadline; after it, the next look at the heartbeat; at the end, the Bye. */
  timer: NodeJS.Timeout | null;
  pingAfterMs: number;
  lastSentMs: number;
  /** Idle time before the Ping that waits for an answer, or 0. */
  pingedAfterMs: number;
  /** Wall-clock ms at which the timer is to fire. */
  dueMs: number;
  /** The machine slept before the Ping: a dead connection says nothing about the network then. */
  slept: boolean;
  silentMs: number;
}

/** Connects at once. */
export function createConnection(
  endpoint: Endpoint,
  rules: { readonly handshakeTimeoutMs: number; readonly pongTimeoutMs: number },
  handlers: ConnectionHandlers,
): Connection {
  const socket = openSocket(endpoint, () => {
    if (!state.over) handlers.ready();
  });
  const state: State = {
    socket,
    handlers,
    pongTimeoutMs: rules.pongTimeoutMs,
    holder: { partial: null, partialBytes: 0 },
    queue: [],
    handling: false,
    welcomed: false,
    over: false,
    kick: null,
    detail: '',
    timer: setTimeout(() => abort(state, 'no answer from the server'), rules.handshakeTimeoutMs),
    pingAfterMs: 0,
    lastSentMs: 0,
    pingedAfterMs: 0,
    dueMs: 0,
    slept: false,
    silentMs: 0,
  };
  socket.on('data', (chunk) => receive(state, chunk));
  socket.on('end', () => abort(state, 'the server closed the connection'));
  socket.on('error', (error) => {
    // A NAT box that has forgotten the connection may answer the Ping with a reset.
    noteSilence(state);
    abort(state, error.message);
  });
  socket.on('close', () => finish(state));
  return {
    get welcomed() {
      return state.welcomed && !state.over;
    },
    send: (frame) => send(state, frame),
    setPingAfter(ms) {
      state.pingAfterMs = ms;
      watch(state);
    },
    bye: () => bye(state),
  };
}

function send(state: State, frame: ClientFrame): void {
  if (state.over || state.socket.destroyed) return;
  state.handlers.tap?.('out', frame);
  state.lastSentMs = performance.now();
  state.socket.write(encodeClientFrame(frame));
}

function receive(state: State, chunk: Buffer): void {
  if (state.over) return;
  if (state.pingedAfterMs > 0) answered(state);
  const cursor = { chunk, offset: 0 };
  try {
    for (;;) {
      const bytes = takeFrame(state.holder, cursor, MAX_FRAME_BYTES);
      if (bytes === null) break;
      route(state, decodeServerFrame(bytes));
    }
  } catch (error) {
    abort(state, error instanceof Error ? error.message : String(error));
  }
}

/** Any byte after a Ping proves the connection alive. */
function answered(state: State): void {
  state.handlers.pong(state.pingedAfterMs);
  state.pingedAfterMs = 0;
  watch(state);
}

function route(state: State, frame: ReceivedFrame): void {
  state.handlers.tap?.('in', frame);
  if (frame.type === 'pong') return;
  if (frame.type === 'kick') {
    state.kick = frame;
    abort(state, `${frame.code} ${frame.reason}`.trim());
    return;
  }
  if (!state.welcomed) {
    // The server speaks first of the acceptance; anything else before it is not for this version.
    if (frame.type !== 'welcome') return;
    state.welcomed = true;
  }
  state.queue.push(frame);
  if (state.queue.length > MAX_QUEUED_FRAMES) state.socket.pause();
  if (!state.handling) void handleQueue(state);
}

async function handleQueue(state: State): Promise<void> {
  state.handling = true;
  try {
    for (let frame = state.queue.shift(); frame !== undefined; frame = state.queue.shift()) {
      await state.handlers.frame(frame);
      if (state.queue.length <= MAX_QUEUED_FRAMES / 2 && state.socket.isPaused()) state.socket.resume();
    }
  } catch (error) {
    state.queue.length = 0;
    abort(state, error instanceof Error ? error.message : String(error));
  }
  state.handling = false;
}

/** Looks at the heartbeat again when there may be something to do. */
function watch(state: State): void {
  if (state.over || !state.welcomed || state.pingAfterMs === 0) return;
  if (state.timer !== null) clearTimeout(state.timer);
  const waitMs =
    state.pingedAfterMs > 0 ? state.pongTimeoutMs : state.lastSentMs + state.pingAfterMs - performance.now();
  state.dueMs = Date.now() + Math.max(waitMs, 1);
  state.timer = setTimeout(() => beat(state), Math.max(waitMs, 1));
}

function beat(state: State): void {
  const idleMs = performance.now() - state.lastSentMs;
  if (state.pingedAfterMs > 0) {
    // A socket that we do not read cannot show us a Pong.
    if (!state.socket.isPaused()) {
      noteSilence(state);
      abort(state, 'no answer to a heartbeat');
      return;
    }
  } else if (idleMs >= state.pingAfterMs - 1) {
    state.pingedAfterMs = state.pingAfterMs;
    state.slept = Date.now() - state.dueMs > SLEEP_MS;
    send(state, { type: 'ping', clientTimeMs: Date.now() });
  }
  watch(state);
}

function noteSilence(state: State): void {
  if (!state.slept) state.silentMs = state.pingedAfterMs;
}

function bye(state: State): void {
  if (state.over) return;
  if (!state.welcomed) {
    abort(state, '');
    return;
  }
  send(state, { type: 'bye' });
  state.detail = '';
  state.socket.end();
  if (state.timer !== null) clearTimeout(state.timer);
  state.timer = setTimeout(() => state.socket.destroy(), BYE_MS);
  settle(state);
}

function abort(state: State, detail: string): void {
  if (state.detail === '') state.detail = detail;
  state.socket.destroy();
}

function finish(state: State): void {
  if (state.timer !== null) clearTimeout(state.timer);
  state.timer = null;
  settle(state);
}

/** Reports the end, once. After a Bye that is before the socket is gone. */
function settle(state: State): void {
  if (state.over) return;
  state.over = true;
  state.queue.length = 0;
  const { kick, welcomed, silentMs, detail } = state;
  state.handlers.end({ kick, welcomed, silentMs, detail });
}
