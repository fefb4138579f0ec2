/** A worker's end of the socket bus: connects to control, and again whenever control comes back. */
import { connect } from 'node:net';
import type { ToWorker } from './messages.js';
import { createPeer, type Peer } from './peer.js';
import {
  type BusLimits,
  type ControlAnswer,
  DEFAULT_BUS_LIMITS,
  type WorkerBus,
  type WorkerBusHandler,
} from './port.js';
import { createQuestions } from './questions.js';

const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 500;

export interface BusClientOptions {
  /** Path of control's unix socket. */
  readonly path: string;
  /** This worker's number, never used by another worker since the supervisor started. */
  readonly worker: number;
  readonly handler: WorkerBusHandler;
  readonly limits?: BusLimits;
}

/** Starts connecting at once; `onUp` tells when control is there. */
export function createBusClient(options: BusClientOptions): WorkerBus {
  const { handler, limits = DEFAULT_BUS_LIMITS } = options;
  const questions = createQuestions<ControlAnswer>();
  let peer: Peer | null = null;
  let closed = false;
  let retryMs = RETRY_MIN_MS;
  let retryTimer: NodeJS.Timeout | null = null;
  let onEnded: (() => void) | null = null;

  const dispatch = (message: ToWorker, ageMs: number): void => {
    if (message.type === 'attached' || message.type === 'done') {
      questions.settle(message.seq, message);
    } else if (message.type === 'lease') {
      // The time it lay in the socket of a frozen worker is gone from it: without this, waking up
      // would renew the lease before the fences behind it are read.
      const forMs = message.forMs - ageMs;
      if (forMs > 0) handler.onMessage({ ...message, forMs });
    } else {
      handler.onMessage(message);
    }
  };

  const open = (): void => {
    retryTimer = null;
    const socket = connect(options.path);
    const created = createPeer(socket, limits, {
      onFrame(messages, ageMs) {
        for (const message of messages as ToWorker[]) dispatch(message, ageMs);
      },
      onClose(reason) {
        const wasUp = peer !== null;
        peer = null;
        questions.failAll();
        if (wasUp) handler.onDown(reason);
        if (closed) {
          onEnded?.();
          return;
        }
        retryTimer = setTimeout(open, retryMs * (0.5 + Math.random()));
        retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
      },
    });
    socket.on('connect', () => {
      if (closed) {
        created.destroy();
        return;
      }
      retryMs = RETRY_MIN_MS;
      peer = created;
      created.push({ type: 'join', worker: options.worker, pid: process.pid }, false);
      handler.onUp();
    });
  };
  open();

  return {
    connected: () => peer !== null,
    send(message) {
      peer?.push(message, false);
    },
    ask(question, timeoutMs, answer) {
      if (peer === null) {
        setImmediate(answer, null);
        return;
      }
      peer.push({ ...question, seq: questions.open(timeoutMs, answer) }, false);
    },
    close() {
      closed = true;
      if (retryTimer !== null) clearTimeout(retryTimer);
      if (peer === null) return Promise.resolve();
      const ended = new Promise<void>((resolve) => {
        onEnded = resolve;
      });
      peer.end();
      return ended;
    },
  };
}
