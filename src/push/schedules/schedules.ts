/** Scheduled and looping pushes: made, listed and cancelled. src/push/schedules/firing.ts sends them. */

import { randomBytes } from 'node:crypto';
import type { DocStore } from '../../core/ports.js';
import { PushRefusal } from '../codes.js';
import type { Push } from '../push.js';
import type { InTurn } from '../turns.js';
import {
  allTasks,
  changedTask,
  newTask,
  openTasks,
  readTask,
  type ScheduleChild,
  type ScheduleTask,
} from './documents.js';
import { encodePush, firstMessage, type StoredPush } from './stored-push.js';
import { plannedTimes, StrategyType } from './strategy.js';

/** Kinds of pushes, as the list of schedules numbers them. */
export const PushKind = { SIMPLE: 0, TEMPLATE: 1, MULTIPLE: 2, BROADCAST: 3 } as const;
export type PushKind = (typeof PushKind)[keyof typeof PushKind];

export interface Strategy {
  /** 1 at a fixed time, 2 in a loop. */
  readonly type: number;
  /** `StrategyContent`, not yet checked. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** A planned time, as callers see it. */
export interface PlannedPush {
  /** Of a loop the child's own; of a push at a fixed time the task's. */
  readonly uniqueId: string;
  readonly task: ScheduleTask;
  readonly child: ScheduleChild;
}

export interface ScheduleQuery {
  readonly instance: string;
  /** Planned times, both included. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: number | null;
  /** A task, then with all its children, or a child; null for all. */
  readonly uniqueId: string | null;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

/** What ids are taken for. A push at a fixed time has one id, which is both. */
export type IdKind = 'task' | 'child' | 'either';

export interface Schedules {
  /**
   * Keeps a push for later; resolves when it is durable.
   *
   * @returns id of the task, 32 hex characters
   * @throws {PushRefusal} when it could not be pushed now either, the strategy is wrong, or too many wait
   */
  create(kind: PushKind, strategy: Strategy, push: StoredPush): Promise<string>;
  /** By planned time. */
  list(query: ScheduleQuery): Promise<{ readonly total: number; readonly pushes: readonly PlannedPush[] }>;
  /**
   * Cancels what has not begun.
   *
   * @returns true for each id of which anything was cancelled
   */
  cancel(instance: string, ids: readonly string[], as: IdKind): Promise<boolean[]>;
  /**
   * Cancels what has not begun of a task or a child, and names what has been sent of it.
   *
   * @returns null when there is no such task
   * @throws {PushRefusal} 9000 while some of it is being sent
   */
  withdraw(instance: string, id: string): Promise<Withdrawn | null>;
}

export interface Withdrawn {
  /** Whether anything was. */
  readonly cancelled: boolean;
  /** Ids of the pushes that it has become. */
  readonly pushed: readonly string[];
}

export interface SchedulesOptions {
  readonly store: DocStore;
  readonly push: Pick<Push, 'check'>;
  /** One after the other, and shared with the firing: a push is either cancelled or sent. */
  readonly inTurn: InTurn;
  /** IANA name: whose days and times of day loops mean. */
  readonly timeZone: string;
  /** Tasks of one app that may wait. */
  readonly maxPending: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

const TASK_ID_BYTES = 16;
/** A child's id is its task's with its number, from 1, in place of the last digits. */
const INDEX_DIGITS = 3;
const ID = /^[0-9a-f]{32}$/;

export function createSchedules(options: SchedulesOptions): Schedules {
  const { store, push: service, inTurn, now } = options;
  return {
    create(kind, { type, content }, push) {
      const [task, messages] = push.args;
      service.check(task, Array.isArray(messages) ? messages : [messages]);
      const times = plannedTimes(type, content, options.timeZone, now());
      return inTurn(async () => {
        const open = await openTasks(store, task.instance, options.maxPending);
        if (open.length >= options.maxPending) {
          throw new PushRefusal('3028', `${options.maxPending} scheduled pushes are waiting already`);
        }
        const shown = firstMessage(push)?.content;
        const made: ScheduleTask = {
          id: newTaskId(),
          instance: task.instance,
          kind,
          deliveryType: task.deliveryType,
          strategyType: type,
          title: shown?.title ?? '',
          content: shown?.content ?? '',
          expiredSeconds: task.expiredSeconds,
          createdMs: now(),
          children: times.map((atMs) => ({ atMs, state: 'pending', outcome: '' })),
        };
        await store.saveDocs(newTask(made, encodePush(push)));
        return made.id;
      });
    },
    async list(query) {
      const tasks = await tasksOf(store, query);
      const found = tasks.flatMap((task) => plannedOf(task)).filter((planned) => isAsked(planned, query));
      found.sort((a, b) => a.child.atMs - b.child.atMs || (a.uniqueId < b.uniqueId ? -1 : 1));
      const start = (query.page - 1) * query.size;
      return { total: found.length, pushes: found.slice(start, start + query.size) };
    },
    withdraw: (instance, id) => inTurn(() => withdrawOne(options, instance, id)),
    async cancel(instance, ids, as) {
      const done: boolean[] = [];
      for (const id of ids) done.push(await inTurn(() => cancelOne(options, instance, id, as)));
      return done;
    },
  };
}

async function tasksOf(store: DocStore, { instance, uniqueId }: ScheduleQuery): Promise<ScheduleTask[]> {
  if (uniqueId === null) return allTasks(store, instance);
  const task = ID.test(uniqueId) ? await readTask(store, instance, taskIdOf(uniqueId)) : null;
  return task === null ? [] : [task];
}

function isAsked({ uniqueId, task, child }: PlannedPush, query: ScheduleQuery): boolean {
  return (
    child.state !== 'cancelled' &&
    child.atMs >= query.fromMs &&
    child.atMs <= query.toMs &&
    (query.kind === null || task.kind === query.kind) &&
    (query.uniqueId === null || query.uniqueId === task.id || query.uniqueId === uniqueId)
  );
}

function plannedOf(task: ScheduleTask): PlannedPush[] {
  return task.children.map((child, index) => ({ uniqueId: uniqueIdOf(task, index), task, child }));
}

async function cancelOne(
  { store, now }: SchedulesOptions,
  instance: string,
  id: string,
  as: IdKind,
): Promise<boolean> {
  const task = ID.test(id) ? await readTask(store, instance, taskIdOf(id)) : null;
  if (task === null) return false;
  const isMeant = (index: number): boolean =>
    (as !== 'child' && id === task.id) || (as !== 'task' && id === uniqueIdOf(task, index));
  const children = task.children.map((child, index): ScheduleChild => {
    const cancelled = child.state === 'pending' && isMeant(index);
    return cancelled ? { ...child, state: 'cancelled' } : child;
  });
  if (children.every((child, index) => child === task.children[index])) return false;
  await store.saveDocs(changedTask(task, { ...task, children }, now()));
  return true;
}

async function withdrawOne(
  options: SchedulesOptions,
  instance: string,
  id: string,
): Promise<Withdrawn | null> {
  const task = ID.test(id) ? await readTask(options.store, instance, taskIdOf(id)) : null;
  if (task === null) return null;
  const meant = task.children.filter((_, index) => id === task.id || id === uniqueIdOf(task, index));
  if (meant.length === 0) return null;
  if (meant.some(({ state }) => state === 'firing')) throw new PushRefusal('9000', 'it is being sent now');
  const cancelled = await cancelOne(options, instance, id, 'either');
  const pushed = meant.flatMap(({ state, outcome }) => (state === 'fired' ? [outcome] : []));
  return { cancelled, pushed };
}

/** Of the child at `index`, from 0. */
export function uniqueIdOf(task: Pick<ScheduleTask, 'id' | 'strategyType'>, index: number): string {
  if (task.strategyType === StrategyType.FIXED) return task.id;
  return task.id.slice(0, -INDEX_DIGITS) + (index + 1).toString(16).padStart(INDEX_DIGITS, '0');
}

function newTaskId(): string {
  return taskIdOf(randomBytes(TASK_ID_BYTES).toString('hex'));
}

function taskIdOf(uniqueId: string): string {
  return uniqueId.slice(0, -INDEX_DIGITS) + '0'.repeat(INDEX_DIGITS);
}
