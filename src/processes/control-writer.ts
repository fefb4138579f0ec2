/**
 * Writes for the workers, which open the store read-only: cursors, device records, counters. What
 * arrives while a write is under way goes out as one write after it.
 */
import type { ToControl, ToWorker } from '../bus/messages.js';
import type { ProgressBatch, Store } from '../core/ports.js';

export type WriteMessage = Extract<ToControl, { type: 'progress' | 'saveDevice' | 'raiseFloor' }>;

export interface Writer {
  onMessage(worker: number, message: WriteMessage): void;
  /** Runs now, or as soon as the progress taken before this call has been written or has failed. */
  afterProgress(run: () => void): void;
}

export interface WriterOptions {
  readonly store: Store;
  readonly answer: (worker: number, message: Extract<ToWorker, { type: 'done' }>) => void;
  readonly onProgress: (ok: boolean) => void;
  readonly onFloorRaised: (message: Extract<WriteMessage, { type: 'raiseFloor' }>) => void;
  readonly onError: (error: unknown) => void;
}

interface Waiting {
  readonly worker: number;
  readonly seq: number;
}

/** Progress that is written at once, and who waits for it. */
interface Load {
  readonly batches: ProgressBatch[];
  readonly waiting: Waiting[];
  readonly after: (() => void)[];
}

const emptyLoad = (): Load => ({ batches: [], waiting: [], after: [] });

export function createWriter(options: WriterOptions): Writer {
  const { store, answer } = options;
  let next = emptyLoad();
  let current: Load | null = null;

  const attempt = async (write: () => Promise<void>): Promise<boolean> => {
    try {
      await write();
      return true;
    } catch (error) {
      options.onError(error);
      return false;
    }
  };

  const writeProgress = async (): Promise<void> => {
    while (next.batches.length > 0) {
      const load = next;
      current = load;
      next = emptyLoad();
      const ok = await attempt(() => store.saveProgress(merge(load.batches)));
      options.onProgress(ok);
      for (const { worker, seq } of load.waiting) answer(worker, { type: 'done', seq, ok });
      for (const run of load.after) run();
    }
    current = null;
  };

  const writeOne = async ({ worker, seq }: Waiting, write: () => Promise<unknown>): Promise<void> => {
    let value: unknown;
    const ok = await attempt(async () => {
      value = await write();
    });
    answer(worker, { type: 'done', seq, ok, value });
  };

  return {
    onMessage(worker, message) {
      const { seq } = message;
      switch (message.type) {
        case 'progress':
          next.batches.push(message.batch);
          next.waiting.push({ worker, seq });
          if (current === null) void writeProgress();
          return;
        case 'saveDevice':
          void writeOne({ worker, seq }, () => store.saveDevice(message.record));
          return;
        case 'raiseFloor':
          void writeOne({ worker, seq }, async () => {
            const raised = await store.raiseFloor(message.stream, message.floor);
            if (raised) options.onFloorRaised(message);
            return raised;
          });
      }
    },
    afterProgress(run) {
      if (next.batches.length > 0) next.after.push(run);
      else if (current !== null) current.after.push(run);
      else run();
    },
  };
}

function merge(batches: readonly ProgressBatch[]): ProgressBatch {
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) return only;
  return {
    cursors: batches.flatMap((batch) => batch.cursors),
    dead: batches.flatMap((batch) => batch.dead),
    events: batches.flatMap((batch) => batch.events),
  };
}
