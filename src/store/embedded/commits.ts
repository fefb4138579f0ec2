/**
 * Group commit. Plans wait in a queue; one at a time, a commit takes as many as it may, runs them in
 * the order of the calls against the committed state, and answers all of them when it is durable.
 *
 * A plan reads and decides; it writes only into its batch. So a plan that throws is left out and the
 * others are run again, and what was planned becomes one transaction or nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../../core/ports.js';
import type { Batch } from './batch.js';
import type { Disk } from './disk.js';
import type { Gate } from './opening.js';

export interface CommitOptions {
  /** Who opens the store for reading does so between two commits. */
  readonly gate: Pick<Gate, 'letIn'>;
  /** Longest time a commit may take before the store is given up. */
  readonly commitTimeoutMs: number;
  /** Called once, when nothing can be promised any more: the process has to end. */
  readonly onFatal: (error: Error) => void;
}

/** What the plans share beside the batch, and must forget when their commit does not happen. */
export interface SharedState {
  /** @throws {Error} when the store is not what the last commit left. */
  begin(): Batch;
  /** Adds to the batch what the plans changed in memory. */
  finish(batch: Batch): void;
  reload(): void;
  readonly disk: Disk;
}

export interface PlanCost {
  /** Roughly the leaf pages it touches. */
  readonly weight: number;
  /** Adds records, and is refused when the disk is nearly full. */
  readonly grows: boolean;
}

export interface Commits {
  /** Runs `plan` in the next commit that has room; resolves with its result when that is durable. */
  submit<T>(plan: (batch: Batch) => T, cost?: PlanCost): Promise<T>;
  /** Lets readers in before the next commit, or now when there is none. */
  letIn(): void;
  /** Resolves when nothing waits any more; later plans are refused. */
  close(): Promise<void>;
}

interface Job extends PlanCost {
  readonly plan: (batch: Batch) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * In a deep store every record of a random owner costs a page and a share of the branch pages above
 * it, so larger commits are cheaper a record; but LMDB keeps the pages of a commit in a sorted array,
 * and inserts into it.
 */
const MAX_COMMIT_WEIGHT = 2_000;
/** Waiting for a commit; beyond, callers are refused at once instead of growing the queue. */
const MAX_WAITING_WEIGHT = 100_000;
/** Planning makes way for the rest of the event loop after so long. */
const PLAN_SLICE_MS = 5;
const SMALL = { weight: 1, grows: false };

export function createCommits(state: SharedState, options: CommitOptions): Commits {
  let waiting: Job[] = [];
  let waitingWeight = 0;
  let refusal: StoreUnavailable | null = null;
  let running: Promise<void> | null = null;
  let isAsked = false;

  const fail = (error: Error) => {
    refusal = new StoreUnavailable('the store has failed', { cause: error });
    for (const job of waiting.splice(0)) job.reject(refusal);
    options.onFatal(error);
  };

  const run = async () => {
    // Lets the callers of this turn of the event loop in.
    await nextTurn();
    while (waiting.length > 0 || isAsked) {
      const jobs = take();
      try {
        if (isAsked) {
          isAsked = false;
          await options.gate.letIn();
        }
        if (jobs.length > 0) await commitJobs(state, jobs, options.commitTimeoutMs);
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        const rejection = new StoreUnavailable(failure.message, { cause: failure });
        for (const job of jobs) job.reject(rejection);
        fail(failure);
      }
    }
    // In the same step as the last look at the queue: whoever comes after it starts a new run.
    running = null;
  };

  const take = (): Job[] => {
    let weight = 0;
    let count = 0;
    for (const job of waiting) {
      if (count > 0 && weight + job.weight > MAX_COMMIT_WEIGHT) break;
      weight += job.weight;
      count++;
    }
    waitingWeight -= weight;
    const jobs = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return jobs;
  };

  return {
    submit<T>(plan: (batch: Batch) => T, cost: PlanCost = SMALL): Promise<T> {
      if (refusal) return Promise.reject(refusal);
      if (waitingWeight > 0 && waitingWeight + cost.weight > MAX_WAITING_WEIGHT)
        return Promise.reject(new StoreUnavailable('too many writes are waiting'));
      waitingWeight += cost.weight;
      return new Promise<T>((resolve, reject) => {
        waiting.push({ ...cost, plan, resolve: resolve as (value: unknown) => void, reject });
        running ??= run();
      });
    },
    letIn() {
      isAsked = true;
      if (refusal === null) running ??= run();
    },
    async close() {
      refusal ??= new StoreUnavailable('the store is closed');
      await running;
    },
  };
}

/** @throws {Error} when nobody knows what became of the commit, or nothing can be committed any more. */
async function commitJobs(state: SharedState, jobs: readonly Job[], timeoutMs: number): Promise<void> {
  const planned = await plan(state, withRoom(state, jobs));
  if (planned === null) return;
  await commitWithin(planned.batch, timeoutMs);
  for (const { job, result } of planned.done) job.resolve(result);
}

/** Refuses what the disk has no room for. */
function withRoom({ disk }: SharedState, jobs: readonly Job[]): readonly Job[] {
  const room = disk.room();
  if (room === 'plenty') return jobs;
  const refused = jobs.filter((job) => room === 'none' || job.grows);
  for (const job of refused) job.reject(new StoreUnavailable(disk.explain()));
  return jobs.filter((job) => !refused.includes(job));
}

interface Planned {
  readonly batch: Batch;
  readonly done: readonly { readonly job: Job; readonly result: unknown }[];
}

/** Runs the plans; null when none is left. One that throws is told so and the others start over. */
async function plan(state: SharedState, jobs: readonly Job[]): Promise<Planned | null> {
  let left = jobs;
  while (left.length > 0) {
    const batch = state.begin();
    const thrower = await planInto(batch, left);
    if (!('job' in thrower)) {
      state.finish(batch);
      return { batch, done: thrower.done };
    }
    thrower.job.reject(thrower.error);
    state.reload();
    left = left.filter((job) => job !== thrower.job);
  }
  return null;
}

/** Nothing is committed while this makes way, so every plan still finds what the first one found. */
async function planInto(
  batch: Batch,
  jobs: readonly Job[],
): Promise<Pick<Planned, 'done'> | { readonly job: Job; readonly error: Error }> {
  const done: { job: Job; result: unknown }[] = [];
  let sliceEndMs = performance.now() + PLAN_SLICE_MS;
  for (const job of jobs) {
    if (performance.now() > sliceEndMs) {
      await nextTurn();
      sliceEndMs = performance.now() + PLAN_SLICE_MS;
    }
    try {
      done.push({ job, result: job.plan(batch) });
    } catch (error) {
      return { job, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
  return { done };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the batch is durable. */
async function commitWithin(batch: Batch, timeoutMs: number): Promise<void> {
  const late = new AbortController();
  const timeout = delay(timeoutMs, 'timeout' as const, { signal: late.signal }).catch(() => 'aborted');
  try {
    const first = await Promise.race([batch.commit(), timeout]);
    if (first === 'timeout') throw new Error(`no commit within ${timeoutMs} ms`);
  } catch (error) {
    const cause = await commitCause(error);
    throw cause === error ? error : new Error(`a commit failed: ${String(cause)}`, { cause });
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
