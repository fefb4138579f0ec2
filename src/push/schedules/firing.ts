/**
 * Sends scheduled pushes when their time has come, each once. What is due is marked as begun, durably,
 * then pushed under business message ids that belong to this one time, then marked as fired. A crash
 * after the first mark lets the next process push again, and the ids that were stored before are not
 * stored again. Between the first mark and the last it cannot be cancelled.
 */
import { type DocStore, StoreUnavailable } from '../../core/ports.js';
import { PushRefusal } from '../codes.js';
import type { Push } from '../push.js';
import type { InTurn } from '../turns.js';
import {
  type ChildState,
  changedTask,
  type DueChild,
  dropDue,
  dueChildren,
  oldTasks,
  readBody,
  readTask,
  type ScheduleChild,
  type ScheduleTask,
} from './documents.js';
import { uniqueIdOf } from './schedules.js';
import { decodePush, pushForOnce, runPush } from './stored-push.js';
import { StrategyType } from './strategy.js';

export type FiringResult = 'fired' | 'missed' | 'failed' | 'retried';

export interface FiringOptions {
  readonly store: DocStore;
  readonly push: Push;
  readonly inTurn: InTurn;
  /** One that is late by more, or whose validity is over, is marked as missed. */
  readonly graceMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly onResult: (result: FiringResult, lateMs: number) => void;
  /** What was no refusal of the push service. */
  readonly onError: (error: unknown) => void;
}

export interface Firing {
  /** One round; @returns how many planned times it has done with. */
  fireDue(): Promise<number>;
  /** Forgets what ended long ago; @returns how many documents went. */
  forgetOld(): Promise<number>;
}

/** Planned times in one round, which takes two commits and those of its pushes. */
export const ROUND = 200;
const KEPT_MS = 30 * 86_400_000;

interface Begun {
  readonly due: DueChild;
  readonly task: ScheduleTask;
}

interface Ended {
  readonly due: DueChild;
  readonly state: 'fired' | 'missed' | 'failed';
  readonly outcome: string;
}

export function createFiring(options: FiringOptions): Firing {
  const { store, inTurn, now, onResult } = options;
  return {
    async fireDue() {
      const due = await dueChildren(store, now(), ROUND);
      if (due.length === 0) return 0;
      const begun = await inTurn(() => begin(options, due));
      const results = await Promise.all(begun.map((one) => pushOnce(options, one)));
      const ended = results.filter((result) => result !== null);
      if (ended.length > 0) await inTurn(() => finish(options, ended));
      for (const { due: one, state } of ended) onResult(state, now() - one.atMs);
      for (let left = begun.length - ended.length; left > 0; left -= 1) onResult('retried', 0);
      return due.length - (begun.length - ended.length);
    },
    forgetOld: () =>
      inTurn(async () => {
        const writes = await oldTasks(store, now() - KEPT_MS, ROUND);
        if (writes.length > 0) await store.saveDocs(writes);
        return writes.length;
      }),
  };
}

/** Marks what is due as begun, or as missed, in one write. @returns what is to be pushed. */
async function begin(options: FiringOptions, due: readonly DueChild[]): Promise<Begun[]> {
  const changes = createChanges(options);
  const begun: DueChild[] = [];
  const missed: DueChild[] = [];
  for (const one of due) {
    const child = await changes.child(one);
    if (child === null) changes.drop(one);
    else if (child.state === 'firing') begun.push(one);
    else if (isTooLate(options, one, await changes.task(one))) {
      changes.set(one, 'missed', '');
      missed.push(one);
    } else {
      changes.set(one, 'firing', '');
      begun.push(one);
    }
  }
  await changes.save();
  for (const one of missed) options.onResult('missed', options.now() - one.atMs);
  const tasks = await Promise.all(begun.map((one) => changes.task(one)));
  return begun.flatMap((one, at) => {
    const task = tasks[at];
    return task == null ? [] : [{ due: one, task }];
  });
}

function isTooLate({ now, graceMs }: FiringOptions, { atMs }: DueChild, task: ScheduleTask | null): boolean {
  const lateMs = now() - atMs;
  return lateMs > graceMs || lateMs >= (task?.expiredSeconds ?? 0) * 1000;
}

/** Null: to be tried again. */
async function pushOnce(options: FiringOptions, { due, task }: Begun): Promise<Ended | null> {
  // The validity counts from the planned time; a push that is finished late gets what is left of it.
  const left = Math.ceil((due.atMs - options.now()) / 1000) + task.expiredSeconds;
  if (left <= 0) return { due, state: 'missed', outcome: '' };
  const suffix = task.strategyType === StrategyType.LOOP ? `@${uniqueIdOf(task, due.index)}` : '';
  try {
    const body = await readBody(options.store, due.instance, due.taskId);
    const push = pushForOnce(decodePush(body), suffix, left, pushIdOf(due));
    return { due, state: 'fired', outcome: await runPush(options.push, push) };
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    // 9000: some of it could not be stored; again, until its validity is over.
    if (error instanceof PushRefusal && error.code === '9000') return null;
    if (!(error instanceof PushRefusal)) options.onError(error);
    return { due, state: 'failed', outcome: error instanceof PushRefusal ? error.code : '9000' };
  }
}

/** In the form of the others: the ms, and three digits that tell tasks of one moment apart. */
function pushIdOf({ taskId, atMs }: DueChild): string {
  return String(Math.floor(atMs) * 1000 + (Number.parseInt(taskId.slice(0, 8), 16) % 1000));
}

async function finish(options: FiringOptions, ended: readonly Ended[]): Promise<void> {
  const changes = createChanges(options);
  for (const { due, state, outcome } of ended) {
    if ((await changes.child(due)) !== null) changes.set(due, state, outcome);
  }
  await changes.save();
}

/** Several changes, perhaps of one task, as one write. */
function createChanges({ store, now }: FiringOptions) {
  const tasks = new Map<string, { readonly before: ScheduleTask; after: ScheduleTask }>();
  const dropped: DueChild[] = [];
  const entryOf = async ({ instance, taskId }: DueChild) => {
    const known = tasks.get(taskId);
    if (known !== undefined) return known;
    const before = await readTask(store, instance, taskId);
    if (before === null) return null;
    const entry = { before, after: before };
    tasks.set(taskId, entry);
    return entry;
  };
  return {
    task: async (due: DueChild): Promise<ScheduleTask | null> => (await entryOf(due))?.after ?? null,
    /** Null when it has ended, or is not there at all. */
    async child(due: DueChild): Promise<ScheduleChild | null> {
      const child = (await entryOf(due))?.after.children[due.index];
      return child?.state === 'pending' || child?.state === 'firing' ? child : null;
    },
    /** @param due was asked for before */
    set(due: DueChild, state: ChildState, outcome: string): void {
      const entry = tasks.get(due.taskId);
      if (entry === undefined) return;
      const { after } = entry;
      const children = after.children.map((child, at) =>
        at === due.index ? { ...child, state, outcome } : child,
      );
      entry.after = { ...after, children };
    },
    drop(due: DueChild): void {
      dropped.push(due);
    },
    async save(): Promise<void> {
      const writes = [...tasks.values()]
        .filter(({ before, after }) => before !== after)
        .flatMap(({ before, after }) => changedTask(before, after, now()));
      const all = [...writes, ...dropped.map(dropDue)];
      if (all.length > 0) await store.saveDocs(all);
    },
  };
}
