/** What the analysis answers, from the counters. */
import type { CounterStore } from '../../core/ports.js';
import {
  type ChannelLabel,
  type Counts,
  DAY_COUNTS,
  KEPT_DAYS,
  type Measure,
  TASK_COUNTS,
} from './counts.js';
import type { CountedKind } from './message-id.js';
import { type CountedTask, listTasks, readTask, type TaskQuery } from './tasks.js';

export type Sums = Readonly<Record<Measure, number>>;

export interface IndexQuery {
  readonly instance: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Null for all. */
  readonly platform: string | null;
  readonly channel: ChannelLabel | null;
  readonly kind: CountedKind | null;
  readonly taskId: string | null;
}

/** The vendor's kinds: pushes of Mobile Push are counted, and not part of its analysis. */
const MPS_KINDS = ['SIMPLE', 'TEMPLATE', 'MULTIPLE', 'BROADCAST'];

/** Ninety times 24 hours in which the clocks are put forward can touch one day more. */
const MAX_DAYS = KEPT_DAYS + 1;

export async function sumIndex(
  store: CounterStore,
  counts: Pick<Counts, 'dayOf'>,
  query: IndexQuery,
): Promise<Sums> {
  const { instance, taskId } = query;
  const [first, last] = [counts.dayOf(query.fromMs), counts.dayOf(query.toMs)];
  if (taskId !== null) return sum([await store.doc(TASK_COUNTS, `${instance}/${taskId}`)], query);
  const days = await store.docs(DAY_COUNTS, `${instance}/`, MAX_DAYS, `${instance}/${justBefore(first)}`);
  const inside = days.filter(({ key }) => key.slice(instance.length + 1) <= last);
  return sum(
    inside.map(({ value }) => value),
    query,
  );
}

/** Between a day and the one before it, in the order of the keys. What is kept for longer is not read. */
function justBefore(day: string): string {
  const last = day.length - 1;
  return `${day.slice(0, last)}${String.fromCharCode(day.charCodeAt(last) - 1)}\u{10ffff}`;
}

export async function sumTask(store: CounterStore, instance: string, taskId: string): Promise<Sums> {
  const doc = await store.doc(TASK_COUNTS, `${instance}/${taskId}`);
  return sum([doc], { platform: null, channel: null, kind: null });
}

function sum(docs: readonly unknown[], query: Pick<IndexQuery, 'platform' | 'channel' | 'kind'>): Sums {
  const sums = { total: 0, pushed: 0, arrived: 0, opened: 0, ignored: 0, noChannel: 0 };
  for (const doc of docs) {
    for (const [name, count] of Object.entries((doc ?? {}) as Record<string, number>)) {
      const [kind = '', platform, channel, measure] = name.split('.');
      const isAsked =
        (query.kind === null ? MPS_KINDS.includes(kind) : kind === query.kind) &&
        (query.platform === null || platform === query.platform) &&
        (query.channel === null || channel === query.channel);
      if (isAsked && measure !== undefined && measure in sums) sums[measure as Measure] += count;
    }
  }
  return sums;
}

/** Percent with two digits; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

/** What the actions ask. */
export interface AnalysisQueries {
  index(query: IndexQuery): Promise<Sums>;
  tasks(query: TaskQuery): Promise<CountedTask[]>;
  /** Null when it is not known. */
  task(instance: string, taskId: string): Promise<{ readonly task: CountedTask; readonly sums: Sums } | null>;
}

/** Counts of this process are written first, so that a caller sees what it did. */
export function createAnalysisQueries(store: CounterStore, counts: Counts): AnalysisQueries {
  return {
    async index(query) {
      await counts.flush();
      return sumIndex(store, counts, query);
    },
    tasks: (query) => listTasks(store, query),
    async task(instance, taskId) {
      const task = await readTask(store, instance, taskId);
      if (task === null) return null;
      await counts.flush();
      return { task, sums: await sumTask(store, instance, taskId) };
    },
  };
}
