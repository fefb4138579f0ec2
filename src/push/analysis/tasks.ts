/** Multiple and broadcast pushes as the analysis lists them. */
import type { CounterStore } from '../../core/ports.js';
import { type CountedKind, taskMs } from './message-id.js';

export const TASKS = 'push-tasks';

export interface CountedTask {
  readonly instance: string;
  readonly taskId: string;
  readonly kind: CountedKind;
  readonly name: string;
  readonly templateId: string;
  readonly templateName: string;
  /** When all of it was taken, or 0 while that is under way. */
  readonly endedMs: number;
}

export interface TaskQuery {
  readonly instance: string;
  readonly fromMs: number;
  /** Empty for all. */
  readonly taskId: string;
  readonly name: string;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

const STEP = 500;

export async function saveTask(store: CounterStore, task: CountedTask): Promise<void> {
  await store.saveDocs([{ collection: TASKS, key: `${task.instance}/${task.taskId}`, value: task }]);
}

export async function readTask(
  store: CounterStore,
  instance: string,
  taskId: string,
): Promise<CountedTask | null> {
  if (!/^\d{1,16}$/.test(taskId)) return null;
  return (await store.doc(TASKS, `${instance}/${taskId}`)) as CountedTask | null;
}

/** The oldest first; ids are times, so the list is read from where it begins. */
export async function listTasks(store: CounterStore, query: TaskQuery): Promise<CountedTask[]> {
  const { instance, fromMs, taskId, name, page, size } = query;
  const isAsked = (task: CountedTask): boolean =>
    (name === '' || task.name === name) && taskMs(task.taskId) >= fromMs;
  if (taskId !== '') {
    const task = await readTask(store, instance, taskId);
    return task !== null && page === 1 && isAsked(task) ? [task] : [];
  }
  const found: CountedTask[] = [];
  let after = `${instance}/${String(Math.max(0, Math.floor(fromMs) * 1000 - 1)).padStart(16, '0')}`;
  while (found.length < page * size) {
    const docs = await store.docs(TASKS, `${instance}/`, STEP, after);
    found.push(...docs.map(({ value }) => value as CountedTask).filter(isAsked));
    after = docs.at(-1)?.key ?? after;
    if (docs.length < STEP) break;
  }
  return found.slice((page - 1) * size, page * size);
}
