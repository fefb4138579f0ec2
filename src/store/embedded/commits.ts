/**
 * Group commit. Plans wait in a queue; one at a time, a commit takes as many as it may, runs them in
 * the order of the calls against the committed state, and answers all of them when it is durable.
 *
 * A plan reads and decides; it writes only into its batch. So a plan that throws is left out and the
 * others are run again, and a commit that the disk had no room for leaves nothing behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../../core/ports.js';
import type { Batch } from './batch.js';

export interface CommitOptions {
  /** Longest time a commit may take before the store is given up. */
  readonly commitTimeoutMs: number;
  /** Weight of the plans in one commit. */
  readonly maxWeight: number;
  /** Weight of the plans waiting; more are refused at once. */
  readonly maxWaiting: number;
  /** Called once, when nothing can be promised any more: the process has to end. */
  readonly onFatal: (error: Error) => void;
}

export interface Commits {
  /** Runs `plan` in the next commit that has room; resolves with its result when that is durable. */
  submit<T>(plan: (batch: Batch) => T, weight?: number): Promise<T>;
  /** Resolves when nothing waits any more; later plans are refused. */
  close(): Promise<void>;
}

interface Job {
  readonly weight: number;
  readonly plan: (batch: Batch) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the plans share beside the batch, and must forget when a commit failed. */
export interface SharedState {
  begin(): Batch;
  /** Adds what the plans changed in memory: counters, the floor. */
  finish(batch: Batch): void;
  reload(): void;
}

export function createCommits(state: SharedState, options: CommitOptions): Commits {
  let waiting: Job[] = [];
  let waitingWeight = 0;
  let refusal: StoreUnavailable | null = null;
  let running: Promise<void> | null = null;

  const fail = (error: Error) => {
    refusal = new StoreUnavailable('the store has failed', { cause: error });
    for (const job of waiting.splice(0)) job.reject(refusal);
    options.onFatal(error);
  };

  const run = async () => {
    // Lets the callers of this turn of the event loop in.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const planned = plan(state, take());
      if (planned === null) continue;
      const outcome = await commitWithin(planned.batch, options.commitTimeoutMs);
      if (outcome === 'durable') {
        for (const { job, result } of planned.done) job.resolve(result);
        continue;
      }
      const error = new StoreUnavailable(outcome.message, { cause: outcome.cause });
      for (const { job } of planned.done) job.reject(error);
      if (outcome.full) state.reload();
      else fail(error);
    }
    // In the same step as the last look at the queue: whoever comes after it starts a new run.
    running = null;
  };

  const take = (): Job[] => {
    let weight = 0;
    let count = 0;
    for (const job of waiting) {
      if (count > 0 && weight + job.weight > options.maxWeight) break;
      weight += job.weight;
      count++;
    }
    waitingWeight -= weight;
    const jobs = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return jobs;
  };

  return {
    submit<T>(plan: (batch: Batch) => T, weight = 1): Promise<T> {
      if (refusal) return Promise.reject(refusal);
      if (waitingWeight + weight > options.maxWaiting && waitingWeight > 0)
        return Promise.reject(new StoreUnavailable('too many writes are waiting'));
      waitingWeight += weight;
      return new Promise<T>((resolve, reject) => {
        waiting.push({ weight, plan, resolve: resolve as (value: unknown) => void, reject });
        running ??= run().catch(fail);
      });
    },
    async close() {
      refusal ??= new StoreUnavailable('the store is closed');
      await running;
    },
  };
}

interface Planned {
  readonly batch: Batch;
  readonly done: readonly { readonly job: Job; readonly result: unknown }[];
}

/** Runs the plans; null when none is left. One that throws is told so and the others start over. */
function plan(state: SharedState, jobs: readonly Job[]): Planned | null {
  let left = jobs;
  while (left.length > 0) {
    const batch = state.begin();
    const done: { job: Job; result: unknown }[] = [];
    let thrower: Job | null = null;
    for (const job of left) {
      try {
        done.push({ job, result: job.plan(batch) });
      } catch (error) {
        job.reject(error instanceof Error ? error : new Error(String(error)));
        thrower = job;
        break;
      }
    }
    if (thrower === null) {
      state.finish(batch);
      return { batch, done };
    }
    state.reload();
    left = left.filter((job) => job !== thrower);
  }
  return null;
}

interface CommitFailure {
  readonly message: string;
  readonly cause: unknown;
  /** The disk had no room: nothing was written, and a smaller commit may succeed. */
  readonly full: boolean;
}

async function commitWithin(batch: Batch, timeoutMs: number): Promise<'durable' | CommitFailure> {
  const late = new AbortController();
  const timeout = delay(timeoutMs, 'timeout' as const, { signal: late.signal }).catch(
    () => 'timeout' as const,
  );
  try {
    const first = await Promise.race([batch.commit(), timeout]);
    if (first !== 'timeout') return 'durable';
    return { message: `no commit within ${timeoutMs} ms`, cause: undefined, full: false };
  } catch (error) {
    const cause = await commitCause(error);
    const text = String(cause);
    return { message: `a commit failed: ${text}`, cause, full: isFull(text) };
  } finally {
    late.abort();
  }
}

/** lmdb-js rejects a commit with a general error whose `commitError` is a promise of the true one. */
async function commitCause(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  const later = delay(1000, error, { ref: false });
  return Promise.race([Promise.resolve(error.commitError), later]).catch((cause: unknown) => cause);
}

function isFull(text: string): boolean {
  return /MDB_MAP_FULL|No space left on device|Disk quota exceeded/.test(text);
}
