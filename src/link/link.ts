/** The device side of a worker, put together: listeners, limits, wheel. */
import type { AddressInfo } from 'node:net';
import { CloseCode } from '../core/codes.js';
import type { Now } from '../core/ports.js';
import { type AdmissionLimits, connectionLimit, createAdmission } from './admission.js';
import type { Certificates } from './certificates.js';
import { type Connection, cut, onDue } from './connection.js';
import type { ConnectionLimits, ConnectionOwner, LinkContext } from './context.js';
import { createListener, type Listener, type ListenerOptions } from './listener.js';
import type { LinkMetrics } from './metrics.js';
import { rateOf } from './rate.js';
import { createWheel } from './wheel.js';

/** The configuration's section `link`, as far as it is used here. */
export interface LinkLimits extends ConnectionLimits, AdmissionLimits {
  /** Here 0 stands for as many as the open files allow. */
  readonly maxConnections: number;
  /** Precision of all deadlines in ms. */
  readonly tickMs: number;
}

export interface LinkOptions<S> {
  readonly listeners: readonly ListenerOptions[];
  readonly limits: LinkLimits;
  /** Limit of open files of this process: `readOpenFileLimit`. */
  readonly openFileLimit: number;
  /** Null when no listener has TLS. Closed by who made them. */
  readonly certificates: Certificates | null;
  readonly owner: ConnectionOwner<S>;
  readonly now: () => Now;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly metrics: LinkMetrics;
  readonly log: LinkContext<S>['log'];
  /** Told when there is hardly room for more connections, and when there is again. */
  readonly onFull: (full: boolean) => void;
  /** Told when all ports are open, at the start and after each rest. */
  readonly onListening: () => void;
}

export interface Link<S> {
  /** Listens on all ports. Rejects when one cannot be had; then none is listening. */
  start(): Promise<{ readonly name: string; readonly address: AddressInfo }[]>;
  /** Leaves new connections to the workers that share the ports, or accepts them again. */
  rest(on: boolean): void;
  /** Accepts no more, for good. Connections and their deadlines go on: the way a drain begins. */
  stopAccepting(): void;
  /** Stops accepting, cuts all connections and stops the wheel. Each owner still hears `closed`. */
  close(): void;
  /** Connections counted against the limit now. */
  count(): number;
  /** Every connection, newest first, those before their Hello included. The visitor may close it. */
  each(visit: (conn: Connection<S>) => void): void;
}

/** Slots of the wheel: with 100 ms ticks a round is 7 minutes, longer than one and a half heartbeats. */
const WHEEL_SLOTS = 4096;
/** Pause after a listener could not be opened again. */
const LISTEN_AGAIN_MS = 1_000;
/**
 * node:cluster keeps a handle of no use for each attempt of a worker while another process had the port, until
 * that worker ends, and gives these to a new worker first.
 */
const FIRST_ATTEMPTS = 20;
/** `framesPerSecond` is an average over so long. */
const FRAME_RATE_WINDOW_MS = 10_000;

export function createLink<S>(options: LinkOptions<S>): Link<S> {
  const { limits, now, random, metrics, log, owner, onFull, onListening } = options;
  const maxConnections = connectionLimit(limits.maxConnections, options.openFileLimit);
  const wheel = createWheel<Connection<S>>({
    tickMs: limits.tickMs,
    slots: WHEEL_SLOTS,
    onDue,
    now: () => now().mono,
  });
  const context: LinkContext<S> = {
    owner,
    limits,
    decodeLimits: { maxPoints: limits.maxSubscriptions },
    frameRate: rateOf(limits.framesPerSecond, 1000, FRAME_RATE_WINDOW_MS),
    now,
    wheel,
    admission: createAdmission({ limits: { ...limits, maxConnections }, now, random, metrics, log, onFull }),
    metrics,
    log,
    newest: null,
    lingering: 0,
    corked: [],
  };
  const listeners: Listener[] = options.listeners.map((one) =>
    createListener(context, one, options.certificates, maxConnections),
  );

  let stopped = false;
  let resting = false;
  let changing: Promise<void> = Promise.resolve();

  function stopAccepting(): void {
    stopped = true;
    for (const listener of listeners) listener.stop();
  }

  /** One change after the other: a listener that is just being opened cannot be closed. */
  function rest(on: boolean): void {
    if (stopped || resting === on) return;
    resting = on;
    changing = changing.then(follow);
  }

  async function follow(): Promise<void> {
    for (const listener of listeners) {
      if (!stopped && !resting) await listenAgain(listener);
      if (stopped || resting) listener.stop();
    }
    if (listeners.every((listener) => listener.isListening())) onListening();
  }

  async function listenAgain(listener: Listener): Promise<void> {
    if (listener.isListening()) return;
    try {
      await listener.start();
    } catch (err) {
      log.error({ err, listener: listener.name }, 'cannot listen again; it is tried again');
      setTimeout(() => {
        changing = changing.then(follow);
      }, LISTEN_AGAIN_MS).unref();
    }
  }

  function each(visit: (conn: Connection<S>) => void): void {
    for (let conn = context.newest; conn !== null; ) {
      const { older } = conn;
      visit(conn);
      conn = older;
    }
  }

  return {
    async start() {
      const started: { name: string; address: AddressInfo }[] = [];
      try {
        for (const listener of listeners) {
          started.push({ name: listener.name, address: await listener.start(FIRST_ATTEMPTS) });
        }
      } catch (error) {
        stopAccepting();
        throw error;
      }
      wheel.start();
      onListening();
      return started;
    },
    rest,
    stopAccepting,
    close() {
      stopAccepting();
      each((conn) => cut(conn, CloseCode.DRAINING));
      wheel.stop();
    },
    count: () => context.admission.count(),
    each,
  };
}
