/** Collects what acks, retries and ends leave to be written, and hands it to the one writer in batches. */
import type { Logger } from 'pino';
import type { CursorUpdate, DeadLetter, MessageEvent, Now, Store } from '../core/ports.js';
import { type Session, takeProgress } from '../core/session.js';

export interface ProgressOptions {
  readonly store: Pick<Store, 'saveProgress'>;
  readonly worker: number;
  readonly now: () => Now;
  /** Longest time that an ack waits to be written, ms. */
  readonly flushMs: number;
  readonly log: Logger;
}

export interface Progress {
  /** The session has changed cursors: they are taken within `flushMs`. */
  markDirty(session: Session): void;
  /** Takes a session's changed cursors now, before what they are keyed by changes. */
  take(session: Session): void;
  dead(letter: DeadLetter): void;
  event(event: MessageEvent): void;
  /** Hands over what was taken. */
  sendTaken(): void;
  /** Takes and hands over everything, and waits until it is durable or has failed. */
  settle(): Promise<void>;
}

/** Entries kept for another try while the writer is away; beyond, the oldest are given up. */
const MAX_KEPT = 50_000;

export function createProgress(options: ProgressOptions): Progress {
  const { store, now, worker, log } = options;
  let sessions: Session[] = [];
  let cursors: CursorUpdate[] = [];
  let dead: DeadLetter[] = [];
  let events: MessageEvent[] = [];
  let timer: NodeJS.Timeout | null = null;
  const writing = new Set<Promise<void>>();

  function plan(): void {
    timer ??= setTimeout(sendAll, options.flushMs);
  }

  function take(session: Session): void {
    if (session.dirty === null) return;
    for (const update of takeProgress(session, now())) cursors.push(update);
    plan();
  }

  function sendAll(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const dirty = sessions;
    sessions = [];
    for (const session of dirty) take(session);
    sendTaken();
  }

  function sendTaken(): void {
    if (cursors.length + dead.length + events.length === 0) return;
    const batch = { cursors, dead, events };
    cursors = [];
    dead = [];
    events = [];
    const written = store.saveProgress(batch).catch((error: unknown) => {
      log.warn({ err: error, cursors: batch.cursors.length }, 'progress not written yet');
      // A lost cursor costs a duplicate; merging is monotonic, so an old one does no harm later.
      cursors = [...batch.cursors, ...cursors].slice(-MAX_KEPT);
      dead = [...batch.dead, ...dead].slice(-MAX_KEPT);
      events = [...batch.events, ...events].slice(-MAX_KEPT);
      plan();
    });
    writing.add(written);
    void written.finally(() => writing.delete(written));
  }

  return {
    markDirty(session) {
      sessions.push(session);
      plan();
    },
    take,
    dead(letter) {
      dead.push(letter);
      plan();
    },
    event(event) {
      events.push({ ...event, worker });
      plan();
    },
    sendTaken,
    async settle() {
      sendAll();
      await Promise.all(writing);
    },
  };
}
