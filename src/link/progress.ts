/** Collects what acks, retries and ends leave to be written, and hands it to the one writer in batches. */
import type { Logger } from 'pino';
import type { CursorUpdate, DeadLetter, MessageEvent, Store } from '../core/ports.js';
import { type Session, takeProgress } from '../core/session.js';

export interface ProgressOptions {
  readonly store: Pick<Store, 'saveProgress'>;
  readonly worker: number;
  /** Longest time that what must be known soon waits to be written, ms. */
  readonly soonMs: number;
  /** The same for the rest: one write for all acks of a device in that time. */
  readonly laterMs: number;
  readonly log: Logger;
}

export interface Progress {
  /** The session has changed cursors: they are taken within `soonMs` or `laterMs`. */
  markDirty(session: Session, soon: boolean): void;
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
/** What may be written later is written in so many parts, so that no commit gets the cursors of all devices. */
const LATER_PARTS = 20;

export function createProgress(options: ProgressOptions): Progress {
  const { store, worker, log, soonMs, laterMs } = options;
  let sessions: Session[] = [];
  let cursors: CursorUpdate[] = [];
  let dead: DeadLetter[] = [];
  let events: MessageEvent[] = [];
  let timer: NodeJS.Timeout | null = null;
  const later: Session[][] = Array.from({ length: LATER_PARTS }, () => []);
  let part = 0;
  let waitingLater = 0;
  let isLaterPlanned = false;
  const writing = new Set<Promise<void>>();

  function plan(): void {
    timer ??= setTimeout(sendSoon, soonMs);
  }

  function planLater(): void {
    if (isLaterPlanned) return;
    isLaterPlanned = true;
    setTimeout(sendOldestPart, laterMs / LATER_PARTS);
  }

  function take(session: Session): void {
    if (session.dirty === null) return;
    for (const update of takeProgress(session)) cursors.push(update);
    plan();
  }

  function sendSoon(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const dirty = sessions;
    sessions = [];
    for (const session of dirty) take(session);
    sendTaken();
  }

  /** The parts take turns: the one whose turn comes next was filled longest ago. */
  function sendOldestPart(): void {
    isLaterPlanned = false;
    part = (part + 1) % LATER_PARTS;
    takePart(part);
    sendTaken();
    if (waitingLater > 0) planLater();
  }

  function takePart(index: number): void {
    const dirty = later[index] ?? [];
    later[index] = [];
    waitingLater -= dirty.length;
    for (const session of dirty) take(session);
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
    markDirty(session, soon) {
      if (soon || laterMs <= soonMs) {
        sessions.push(session);
        plan();
        return;
      }
      later[part]?.push(session);
      waitingLater += 1;
      planLater();
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
      later.forEach((_, index) => {
        takePart(index);
      });
      sendSoon();
      await Promise.all(writing);
    },
  };
}
