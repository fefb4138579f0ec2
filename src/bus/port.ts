/**
 * The bus between control and link workers as its users see it. `local.ts` keeps it inside one
 * process, `socket.ts` carries it over a unix socket. Both deliver in order and at most once; a
 * message is handled in the turn after it was sent, never inside the call that sends it.
 */
import type { ToControl, ToWorker } from './messages.js';

/** Leaves `seq` out of each member: the bus numbers questions itself. */
type Unnumbered<M> = M extends { readonly seq: number } ? Omit<M, 'seq'> : never;

/** What a worker asks of control, and what control answers. */
export type WorkerQuestion = Unnumbered<Exclude<ToControl, { type: 'fenced' | 'metrics' }>>;
export type ControlAnswer = Extract<ToWorker, { type: 'attached' | 'done' }>;
/** What a worker says without an answer. */
export type WorkerNotice = Exclude<ToControl, { readonly seq: number } | { readonly type: 'join' }>;

/** What control asks of a worker, and what the worker answers. */
export type ControlQuestion = Unnumbered<Exclude<ToWorker, { type: 'attached' | 'done' }>>;
export type WorkerAnswer = Extract<ToControl, { type: 'fenced' | 'metrics' }>;
/** What control says without an answer, or in answer to a question. */
export type ControlNotice = Exclude<ToWorker, { type: 'fence' | 'metricsRequest' }>;

/** A worker's end. */
export interface WorkerBus {
  /** False while control is away: then notices are dropped and questions answered null at once. */
  connected(): boolean;
  send(message: WorkerNotice | WorkerAnswer): void;
  /**
   * Asks control. `answer` is called exactly once and in the order of the bus, so that an answer is
   * handled before whatever control sent after it; with null when the connection was lost or
   * `timeoutMs` passed: the outcome is unknown.
   */
  ask(question: WorkerQuestion, timeoutMs: number, answer: (reply: ControlAnswer | null) => void): void;
  close(): Promise<void>;
}

/** What a worker does with what comes in. */
export interface WorkerBusHandler {
  onMessage(message: Exclude<ToWorker, ControlAnswer>): void;
  /** Control is there (again): every session must be announced. */
  onUp(): void;
  /** Control is gone; questions under way have been answered null. `reason` is empty for an orderly end. */
  onDown(reason: string): void;
}

/** Control's end. */
export interface ControlBus {
  /** Queues for the worker. A wake is a hint and is dropped, and counted, when the worker is behind. */
  send(worker: number, message: ControlNotice): void;
  /** As `WorkerBus.ask`, towards one worker. */
  ask(
    worker: number,
    question: ControlQuestion,
    timeoutMs: number,
    answer: (reply: WorkerAnswer | null) => void,
  ): void;
  /** Numbers of the workers that have joined. */
  workers(): number[];
  stats(): BusStats;
  close(): Promise<void>;
}

/** What control does with what comes in. */
export interface ControlBusHandler {
  onJoin(worker: number, pid: number): void;
  /** The worker is gone, or its connection was given up, for a reason: its routes are void. */
  onLeave(worker: number, reason: string): void;
  onMessage(worker: number, message: Exclude<ToControl, WorkerAnswer | { type: 'join' }>): void;
}

/** Counters since the bus was made, and the queue now. */
export interface BusStats {
  /** Wakes not sent because their worker was behind. */
  readonly droppedWakes: number;
  /** Connections given up because even messages that must not be dropped piled up. */
  readonly overflows: number;
  readonly sent: number;
  readonly received: number;
  /** Messages waiting for workers now. */
  readonly queued: number;
}

/** Bounds of a bus. */
export interface BusLimits {
  /** Messages waiting for one peer from which on wakes are dropped. */
  readonly wakeQueue: number;
  /** Messages waiting for one peer at which its connection is given up. */
  readonly hardQueue: number;
}

export const DEFAULT_BUS_LIMITS: BusLimits = { wakeQueue: 10_000, hardQueue: 200_000 };
