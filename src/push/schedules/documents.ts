/**
 * Scheduled pushes as documents of the store. A task's record is small and rewritten at every firing;
 * its push, which may be large, lies beside it and is written once.
 */
import type { DocStore, DocWrite } from '../../core/ports.js';

const TASKS = 'push-schedules';
const BODIES = 'push-schedule-bodies';
/** By planned time: what is next stands first. */
const DUE = 'push-schedule-due';
/** By the time at which a task had nothing left to do. */
const ENDED = 'push-schedule-ended';
/** More tasks of one app are not looked at. */
const MAX_TASKS = 100_000;

/**
 * `pending`; `firing`: its push has begun and is finished whatever happens; and the four ends: `fired`,
 * `cancelled`, `missed` (too late to be of use) and `failed` (the push service refused it).
 */
export type ChildState = 'pending' | 'firing' | 'fired' | 'cancelled' | 'missed' | 'failed';

/** One planned time of a task. */
export interface ScheduleChild {
  readonly atMs: number;
  readonly state: ChildState;
  /** Id of the push it became; result code of a failure; else empty. */
  readonly outcome: string;
}

export interface ScheduleTask {
  /** 32 hex characters; ends in 000. */
  readonly id: string;
  readonly instance: string;
  /** 0 simple, 1 template, 2 multiple, 3 broadcast. */
  readonly kind: number;
  readonly deliveryType: number;
  /** 1 at a fixed time, 2 in a loop. */
  readonly strategyType: number;
  readonly title: string;
  readonly content: string;
  readonly expiredSeconds: number;
  readonly createdMs: number;
  readonly children: readonly ScheduleChild[];
}

/** A planned time that has come. */
export interface DueChild {
  readonly key: string;
  readonly atMs: number;
  readonly instance: string;
  readonly taskId: string;
  readonly index: number;
}

export function isOpen(task: ScheduleTask): boolean {
  return task.children.some(({ state }) => state === 'pending' || state === 'firing');
}

/** Writes of a new task. */
export function newTask(task: ScheduleTask, push: unknown): DocWrite[] {
  return [
    { collection: TASKS, key: taskKey(task.instance, task.id, true), value: task },
    { collection: BODIES, key: `${task.instance}/${task.id}`, value: push },
    ...task.children.map(({ atMs }, index) => ({
      collection: DUE,
      key: dueKey(task, index, atMs),
      value: { atMs, instance: task.instance, taskId: task.id, index },
    })),
  ];
}

/** Writes of a task whose children have changed. */
export function changedTask(before: ScheduleTask, after: ScheduleTask, nowMs: number): DocWrite[] {
  const { instance, id } = after;
  const done = after.children.flatMap(({ atMs, state }, index) => {
    const was = before.children[index]?.state;
    const isOver = state !== 'pending' && state !== 'firing' && (was === 'pending' || was === 'firing');
    return isOver ? [{ collection: DUE, key: dueKey(after, index, atMs), value: null }] : [];
  });
  if (isOpen(after)) return [{ collection: TASKS, key: taskKey(instance, id, true), value: after }, ...done];
  return [
    { collection: TASKS, key: taskKey(instance, id, true), value: null },
    { collection: TASKS, key: taskKey(instance, id, false), value: after },
    { collection: BODIES, key: `${instance}/${id}`, value: null },
    { collection: ENDED, key: `${padded(nowMs)}/${instance}/${id}`, value: { atMs: nowMs, instance, id } },
    ...done,
  ];
}

export async function readTask(store: DocStore, instance: string, id: string): Promise<ScheduleTask | null> {
  const open = await store.doc(TASKS, taskKey(instance, id, true));
  return ((open ?? (await store.doc(TASKS, taskKey(instance, id, false)))) as ScheduleTask | null) ?? null;
}

export async function readBody(store: DocStore, instance: string, id: string): Promise<unknown> {
  return (await store.doc(BODIES, `${instance}/${id}`)) ?? null;
}

/** @param max at most so many */
export async function openTasks(store: DocStore, instance: string, max: number): Promise<ScheduleTask[]> {
  const docs = await store.docs(TASKS, `${instance}/open/`, max);
  return docs.map(({ value }) => value as ScheduleTask);
}

/** Open and ended. */
export async function allTasks(store: DocStore, instance: string): Promise<ScheduleTask[]> {
  const docs = await store.docs(TASKS, `${instance}/`, MAX_TASKS);
  return docs.map(({ value }) => value as ScheduleTask);
}

/** What is due at `nowMs`, the earliest first. */
export async function dueChildren(store: DocStore, nowMs: number, max: number): Promise<DueChild[]> {
  const docs = await store.docs(DUE, '', max);
  const all = docs.map(({ key, value }) => ({ ...(value as Omit<DueChild, 'key'>), key }));
  return all.filter(({ atMs }) => atMs <= nowMs);
}

export function dropDue({ key }: DueChild): DocWrite {
  return { collection: DUE, key, value: null };
}

/** Writes that forget tasks which ended before `beforeMs`; at most `max` of them. */
export async function oldTasks(store: DocStore, beforeMs: number, max: number): Promise<DocWrite[]> {
  const docs = await store.docs(ENDED, '', max);
  return docs.flatMap(({ key, value }) => {
    const { atMs, instance, id } = value as { atMs: number; instance: string; id: string };
    if (atMs >= beforeMs) return [];
    return [
      { collection: ENDED, key, value: null },
      { collection: TASKS, key: taskKey(instance, id, false), value: null },
    ];
  });
}

/** Instances have no slash in their names. */
function taskKey(instance: string, id: string, open: boolean): string {
  return `${instance}/${open ? 'open' : 'ended'}/${id}`;
}

function dueKey({ instance, id }: ScheduleTask, index: number, atMs: number): string {
  return `${padded(atMs)}/${instance}/${id}/${index}`;
}

/** Numbers of one length sort as text. */
function padded(ms: number): string {
  return String(Math.floor(ms)).padStart(15, '0');
}
