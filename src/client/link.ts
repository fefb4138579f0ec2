/**
 * One connection to the server, kept alive: Hello and Welcome, heartbeats, requests and their
 * results, and coming back after it ended. It knows frames, not messages. docs/protocol.md 2 and 6.
 */
import type { ClientFrame, HelloFrame } from '../core/frames.js';
import type { ReceivedFrame } from '../wire/frames.js';
import { type BackoffRules, comebackOf, DEFAULT_BACKOFF, reconnectDelayMs } from './backoff.js';
import { type Connection, type ConnectionEnd, createConnection } from './connection.js';
import { type Endpoint, redirected } from './endpoint.js';
import {
  afterPong,
  afterSilentDeath,
  type HeartbeatMemory,
  heartbeatWishSec,
  pingAfterSec,
} from './heartbeat.js';

export type Frame<T extends ReceivedFrame['type']> = Extract<ReceivedFrame, { type: T }>;
export type HelloFields = Omit<HelloFrame, 'type' | 'protocol' | 'heartbeatSec'>;
/** A request without its number, which the link gives. */
export type Request = ClientFrame extends infer F
  ? F extends { readonly request: number }
    ? Omit<F, 'request'>
    : never
  : never;

export type LinkState =
  /** Not asked to connect, or told to stay away. */
  | 'idle'
  | 'connecting'
  | 'connected'
  /** Between two attempts. */
  | 'waiting';

export interface LinkRules {
  /** From the first byte of the TCP handshake to the Welcome. */
  readonly handshakeTimeoutMs: number;
  /** Silence after a Ping that proves the connection dead. */
  readonly pongTimeoutMs: number;
  /** A connection that lasted less counts as a failed attempt. */
  readonly stableMs: number;
  readonly requestTimeoutMs: number;
  readonly backoff: BackoffRules;
}

export const DEFAULT_LINK_RULES: LinkRules = {
  handshakeTimeoutMs: 15_000,
  pongTimeoutMs: 15_000,
  stableMs: 10_000,
  requestTimeoutMs: 30_000,
  backoff: DEFAULT_BACKOFF,
};

export interface LinkHandlers {
  /** Fields of the next Hello, asked for at every attempt. */
  hello(): HelloFields;
  /**
   * A frame that is neither Pong nor the Result of a request; the Welcome is the first. Called one
   * after the other: the next frame waits until the promise is done. A rejection ends the connection.
   */
  frame(frame: ReceivedFrame): Promise<void> | void;
  /** @param detail Why, for a person: the error of a failed attempt, the reason of a Kick. */
  state(state: LinkState, detail: string): void;
  /** What was learnt of the network changed: to be kept for the next run. */
  heartbeat(memory: HeartbeatMemory): void;
}

export interface LinkOptions {
  readonly endpoint: Endpoint;
  readonly handlers: LinkHandlers;
  readonly heartbeat: HeartbeatMemory;
  readonly rules?: Partial<LinkRules>;
  /** A number from 0 up to 1. Default Math.random. */
  readonly random?: () => number;
  /** Sees every frame in both directions, before anything is done with it. */
  readonly tap?: (direction: 'in' | 'out', frame: ReceivedFrame | ClientFrame) => void;
}

export interface Link {
  readonly state: LinkState;
  /** Connects, now or when the current back-off ends. Also lifts an order to stay away. */
  open(): void;
  /** Says Bye and disconnects. */
  close(): void;
  /** Sends a frame if connected. @returns whether it was. */
  send(frame: ClientFrame): boolean;
  /**
   * Sends a request and waits for its Result.
   *
   * @param onResult Called in the place of the Result among the frames: the frames behind it wait
   *   until it is done.
   * @throws {Error} (as rejection) when not connected, when the connection ends first, or after
   *   `requestTimeoutMs`.
   */
  request(frame: Request, onResult?: ResultHandler): Promise<Frame<'result'>>;
}

export type ResultHandler = (result: Frame<'result'>) => Promise<void> | void;

const PROTOCOL_VERSION = 1;
/** Taken when a Welcome grants none. */
const UNSAID_HEARTBEAT_SEC = 240;

interface OpenRequest {
  resolve(result: Frame<'result'>): Promise<void>;
  reject(reason: Error): void;
}

interface LinkInternals {
  readonly options: LinkOptions;
  readonly rules: LinkRules;
  readonly random: () => number;
  state: LinkState;
  wanted: boolean;
  endpoint: Endpoint;
  connection: Connection | null;
  connectedAtMs: number;
  failures: number;
  retryTimer: NodeJS.Timeout | null;
  heartbeat: HeartbeatMemory;
  grantedSec: number;
  lastRequest: number;
  readonly requests: Map<number, OpenRequest>;
}

export function createLink(options: LinkOptions): Link {
  const link: LinkInternals = {
    options,
    rules: { ...DEFAULT_LINK_RULES, ...options.rules },
    random: options.random ?? Math.random,
    state: 'idle',
    wanted: false,
    endpoint: options.endpoint,
    connection: null,
    connectedAtMs: 0,
    failures: 0,
    retryTimer: null,
    heartbeat: options.heartbeat,
    grantedSec: 0,
    lastRequest: 0,
    requests: new Map(),
  };
  return {
    get state() {
      return link.state;
    },
    open() {
      link.wanted = true;
      if (link.state === 'idle') attempt(link);
    },
    close: () => leave(link),
    send: (frame) => sendFrame(link, frame),
    request: (frame, onResult) => sendRequest(link, frame, onResult),
  };
}

function setState(link: LinkInternals, state: LinkState, detail: string): void {
  link.state = state;
  link.options.handlers.state(state, detail);
}

function attempt(link: LinkInternals): void {
  link.retryTimer = null;
  try {
    link.connection = connect(link);
  } catch (error) {
    // TLS settings that make no context, above all.
    const detail = error instanceof Error ? error.message : String(error);
    ended(link, { kick: null, welcomed: false, silentMs: 0, detail });
    return;
  }
  setState(link, 'connecting', `${link.endpoint.host}:${link.endpoint.port}`);
}

function connect(link: LinkInternals): Connection {
  const { handlers, tap } = link.options;
  const connection = createConnection(link.endpoint, link.rules, {
    ready() {
      const heartbeatSec = heartbeatWishSec(link.heartbeat);
      connection.send({ type: 'hello', protocol: PROTOCOL_VERSION, heartbeatSec, ...handlers.hello() });
    },
    frame: (frame) => takeFrame(link, frame),
    pong(idleMs) {
      remember(link, afterPong(link.heartbeat, idleMs / 1000, link.grantedSec, Date.now()));
    },
    end: (end) => ended(link, end),
    ...(tap === undefined ? {} : { tap }),
  });
  return connection;
}

function remember(link: LinkInternals, memory: HeartbeatMemory): void {
  if (memory === link.heartbeat) return;
  const changed = memory.currentSec !== link.heartbeat.currentSec;
  link.heartbeat = memory;
  if (!changed) return;
  link.connection?.setPingAfter(pingAfterSec(memory, link.grantedSec) * 1000);
  link.options.handlers.heartbeat(memory);
}

async function takeFrame(link: LinkInternals, frame: ReceivedFrame): Promise<void> {
  if (frame.type === 'result') {
    const waiting = link.requests.get(frame.request);
    if (waiting !== undefined) {
      link.requests.delete(frame.request);
      await waiting.resolve(frame);
      return;
    }
  }
  if (frame.type === 'welcome') {
    link.grantedSec = frame.heartbeatSec === 0 ? UNSAID_HEARTBEAT_SEC : frame.heartbeatSec;
    link.connectedAtMs = performance.now();
    link.connection?.setPingAfter(pingAfterSec(link.heartbeat, link.grantedSec) * 1000);
  }
  await link.options.handlers.frame(frame);
  if (frame.type === 'welcome' && link.state === 'connecting') setState(link, 'connected', '');
}

function leave(link: LinkInternals): void {
  link.wanted = false;
  if (link.retryTimer !== null) clearTimeout(link.retryTimer);
  link.retryTimer = null;
  if (link.connection !== null) link.connection.bye();
  else if (link.state !== 'idle') setState(link, 'idle', '');
}

function sendFrame(link: LinkInternals, frame: ClientFrame): boolean {
  if (link.connection === null || !link.connection.welcomed) return false;
  link.connection.send(frame);
  return true;
}

function sendRequest(
  link: LinkInternals,
  frame: Request,
  onResult: ResultHandler = () => undefined,
): Promise<Frame<'result'>> {
  link.lastRequest += 1;
  const number = link.lastRequest;
  return new Promise((resolve, reject) => {
    if (!sendFrame(link, { ...frame, request: number })) {
      reject(new Error('not connected'));
      return;
    }
    const timer = setTimeout(() => {
      link.requests.delete(number);
      reject(new Error(`no answer to ${frame.type}`));
    }, link.rules.requestTimeoutMs);
    link.requests.set(number, {
      async resolve(result) {
        clearTimeout(timer);
        await onResult(result);
        resolve(result);
      },
      reject(reason) {
        clearTimeout(timer);
        reject(reason);
      },
    });
  });
}

/** The connection is over: notes what it taught, and comes back when and where the server said. */
function ended(link: LinkInternals, end: ConnectionEnd): void {
  link.connection = null;
  for (const waiting of link.requests.values()) waiting.reject(new Error('the connection ended'));
  link.requests.clear();
  if (end.silentMs > 0) remember(link, afterSilentDeath(link.heartbeat, end.silentMs / 1000, Date.now()));
  const lasted = link.connectedAtMs > 0 && performance.now() - link.connectedAtMs >= link.rules.stableMs;
  link.connectedAtMs = 0;
  const failures = lasted ? 0 : link.failures;
  link.failures = failures + 1;
  const comeback = end.kick === null ? 'soon' : comebackOf(end.kick.code);
  if (!link.wanted || comeback === 'stay-away') {
    link.wanted = false;
    setState(link, 'idle', end.detail);
    return;
  }
  const target = end.kick === null ? null : redirected(link.options.endpoint, end.kick.redirect);
  // A redirect holds until an attempt there fails.
  if (target !== null) link.endpoint = target;
  else if (!end.welcomed) link.endpoint = link.options.endpoint;
  const retryAfterMs = end.kick?.retryAfterMs ?? 0;
  const delayMs = reconnectDelayMs(comeback, failures, retryAfterMs, link.random(), link.rules.backoff);
  link.retryTimer = setTimeout(() => attempt(link), delayMs);
  setState(link, 'waiting', end.detail);
}
