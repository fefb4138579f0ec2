/**
 * Counters of pushes, kept as things happen: one document for each day of an instance, and one for
 * each task. A query reads at most one document a day, however many messages there were.
 */
import { LRUCache } from 'lru-cache';
import type { CounterAdd, CounterStore, DocWrite } from '../../core/ports.js';
import { normalizeOs } from '../../core/targeting.js';
import { localDate } from '../schedules/zone.js';
import { type CountedKind, taskMs } from './message-id.js';

export const DAY_COUNTS = 'push-counts';
export const TASK_COUNTS = 'push-task-counts';
/** `day/instance/message/report/device`. */
const REPORTS = 'push-reports';

/** What is counted, each once for a message and device. */
export const MEASURES = ['total', 'pushed', 'arrived', 'opened', 'ignored', 'noChannel'] as const;
export type Measure = (typeof MEASURES)[number];

export const PLATFORMS = ['ANDROID', 'IOS', 'HARMONYOS', 'OTHER'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Vendor channels, and the own one: `ANDROID` and `HARMONYOS`. */
export type ChannelLabel = 'IOS' | 'FCM' | 'HMS' | 'MIUI' | 'OPPO' | 'VIVO' | 'ANDROID' | 'HARMONYOS';

export interface Counted {
  readonly instance: string;
  readonly taskId: string;
  readonly kind: CountedKind;
  readonly platform: Platform;
  readonly channel: ChannelLabel;
}

export interface Counts {
  add(what: Counted, by: Partial<Record<Measure, number>>): void;
  /** Counts a report of a device unless it was counted before. @returns false when it was */
  once(what: Counted, measure: Measure, messageId: string, deviceId: string): Promise<boolean>;
  /** Documents that are written with the next counts; a killed process loses them with those. */
  note(writes: readonly DocWrite[]): void;
  /** Day of a push, `2026-11-30`. */
  dayOf(atMs: number): string;
  /** Writes what was counted; resolves when all of it is durable or the store did not take it. */
  flush(): Promise<void>;
  /** One bounded step of forgetting. @returns true when there may be more */
  forget(): Promise<boolean>;
}

export interface CountsOptions {
  readonly store: CounterStore;
  /** IANA name: whose days are counted. */
  readonly timeZone: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Something waits to be written. Called for each count, so it has to be cheap. */
  readonly onWaiting: () => void;
}

const DAY_MS = 86_400_000;
/** A query spans 90 days, the first and the last included. */
export const KEPT_DAYS = 91;
/** Messages are valid for 30 days at most; later reports are not counted. */
export const REPORTED_DAYS = 31;
/** No zone changes its offset in the middle of a quarter of an hour. */
const QUARTER_MS = 900_000;
const STEP = 500;

export function platformOf(os: string): Platform {
  switch (normalizeOs(os)) {
    case 'android':
      return 'ANDROID';
    case 'ios':
      return 'IOS';
    case 'harmony':
      return 'HARMONYOS';
    default:
      return 'OTHER';
  }
}

/** The channel of what goes over the device's own connection. */
export function ownChannel(platform: Platform): ChannelLabel {
  return platform === 'OTHER' ? 'ANDROID' : platform;
}

export function createCounts(options: CountsOptions): Counts {
  const { store, now, timeZone } = options;
  const days = new LRUCache<number, string>({ max: 1000 });
  let adds = new Map<string, CounterAdd & { readonly by: Record<string, number> }>();
  let marks = new Map<string, DocWrite>();
  /** Being written, and not to be read yet. */
  let marksUnderWay = new Map<string, DocWrite>();
  let flushing: Promise<void> = Promise.resolve();

  const dayOf = (atMs: number): string => {
    const quarter = Math.floor(atMs / QUARTER_MS);
    const known = days.get(quarter);
    if (known !== undefined) return known;
    const { year, month, day } = localDate(timeZone, atMs);
    const text = [year, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
    days.set(quarter, text);
    return text;
  };
  const addTo = (collection: string, key: string, name: string, count: number): void => {
    const place = `${collection}/${key}`;
    const add = adds.get(place) ?? { collection, key, by: {} };
    add.by[name] = (add.by[name] ?? 0) + count;
    adds.set(place, add);
    options.onWaiting();
  };
  const count = (what: Counted, measure: Measure, by: number): void => {
    const { instance, taskId, kind, platform, channel } = what;
    addTo(
      DAY_COUNTS,
      `${instance}/${dayOf(taskMs(taskId))}`,
      `${kind}.${platform}.${channel}.${measure}`,
      by,
    );
    // Only these are asked for by task; one document for each of a million simple pushes helps nobody.
    if (kind === 'MULTIPLE' || kind === 'BROADCAST')
      addTo(TASK_COUNTS, `${instance}/${taskId}`, `${kind}.${platform}.${channel}.${measure}`, by);
  };
  /** What the store did not take is counted with what comes next. */
  const write = async (): Promise<void> => {
    const [takenAdds, takenMarks] = [adds, marks];
    adds = new Map();
    marks = new Map();
    marksUnderWay = takenMarks;
    try {
      if (takenMarks.size > 0) await store.saveDocs([...takenMarks.values()]);
      takenMarks.clear();
      if (takenAdds.size > 0) await store.addCounters([...takenAdds.values()]);
    } catch (error) {
      for (const { collection, key, by } of takenAdds.values())
        for (const [name, value] of Object.entries(by)) addTo(collection, key, name, value);
      for (const [name, mark] of takenMarks) marks.set(name, mark);
      options.onWaiting();
      throw error;
    }
  };
  return {
    add(what, by) {
      for (const [measure, value] of Object.entries(by))
        if (value !== 0) count(what, measure as Measure, value);
    },
    async once(what, measure, messageId, deviceId) {
      const device = Buffer.from(deviceId).toString('base64url');
      const key = `${dayOf(taskMs(what.taskId))}/${what.instance}/${messageId}/${measure}/${device}`;
      const isKnown = (): boolean => marks.has(key) || marksUnderWay.has(key);
      // Asked again after the wait, in which a write may have ended and another report have come.
      if (isKnown() || (await store.doc(REPORTS, key)) !== null || isKnown()) return false;
      marks.set(key, { collection: REPORTS, key, value: 1 });
      count(what, measure, 1);
      return true;
    },
    note(writes) {
      for (const write of writes) marks.set(`${write.collection}/${write.key}`, write);
      options.onWaiting();
    },
    dayOf,
    flush() {
      flushing = flushing.catch(() => undefined).then(write);
      return flushing;
    },
    async forget() {
      const firstReport = dayOf(now() - REPORTED_DAYS * DAY_MS);
      const reports = await store.docs(REPORTS, '', STEP);
      const old = reports.filter(({ key }) => key < firstReport);
      await store.saveDocs(old.map(({ key }) => ({ collection: REPORTS, key, value: null })));
      const firstDay = dayOf(now() - KEPT_DAYS * DAY_MS);
      const firstTaskMs = now() - KEPT_DAYS * DAY_MS;
      const days = await forgetKeys(store, DAY_COUNTS, (name) => name < firstDay);
      const tasks = await forgetKeys(store, TASK_COUNTS, (name) => taskMs(name) < firstTaskMs);
      return old.length === STEP || days || tasks;
    },
  };
}

/** Of every instance the oldest. @returns whether there may be more */
export async function forgetKeys(
  store: CounterStore,
  collection: string,
  isOld: (name: string) => boolean,
): Promise<boolean> {
  let more = false;
  for (let after = ''; ; ) {
    const [first] = await store.docs(collection, '', 1, after);
    if (first === undefined) return more;
    const instance = first.key.slice(0, first.key.lastIndexOf('/') + 1);
    const docs = await store.docs(collection, instance, STEP);
    const old = docs.filter(({ key }) => isOld(key.slice(instance.length)));
    if (old.length > 0) await store.saveDocs(old.map(({ key }) => ({ collection, key, value: null })));
    more ||= old.length === STEP;
    after = `${instance}\u{10ffff}`;
  }
}
