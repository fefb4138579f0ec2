/** The analysis put together: what pushes, acknowledgements and devices tell it. */
import { LRUCache } from 'lru-cache';
import { type CounterStore, StoreUnavailable } from '../../core/ports.js';
import { PUSH_BIZ } from '../../core/push-streams.js';
import type { EndedPush } from '../receipts/acks.js';
import { serverTimeZone } from '../schedules/zone.js';
import {
  type Counts,
  createCounts,
  forgetKeys,
  KEPT_DAYS,
  ownChannel,
  platformOf,
  REPORTED_DAYS,
} from './counts.js';
import { type MessageIds, openMessageIds, taskMs } from './message-id.js';
import { type CountedTask, readTask, saveTask, TASKS } from './tasks.js';

/** What a device reports of a message. */
export const REPORT_KINDS = ['arrived', 'opened', 'ignored'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export interface DeviceReport {
  readonly instance: string;
  readonly deviceId: string;
  readonly os: string;
  readonly kind: ReportKind;
  /** `k` of the message. */
  readonly messageId: string;
}

export interface AnalysisOptions {
  readonly store: CounterStore;
  /** IANA name, or empty for that of the machine. */
  readonly timeZone: string;
  /** The payload of a stored record. */
  readonly payloadOf: (body: Uint8Array) => Uint8Array;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Longest time that something counted waits to be written, ms. */
  readonly flushMs: number;
  /** A device's report was counted. */
  readonly onCounted: (kind: ReportKind) => void;
  readonly onError: (error: unknown) => void;
}

export interface Analysis {
  readonly ids: MessageIds;
  readonly counts: Counts;
  /** Whether pushes of a bizType are counted when devices acknowledge them. */
  wants(biz: string): boolean;
  /** Counts what devices have acknowledged. */
  onEnded(ended: readonly EndedPush[]): void;
  /** @returns false for an id that no message of the instance has, or a message too old */
  report(report: DeviceReport): Promise<boolean>;
  /** Notes a multiple or broadcast push for the list of tasks. */
  noteTask(task: CountedTask): Promise<void>;
  task(instance: string, taskId: string): Promise<CountedTask | null>;
  /** Writes what was counted. */
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;
const FORGET_EVERY_MS = 600_000;
/** `{"k":"` stands before the id. */
const ID_AT = 6;
const ID_CHARACTERS = 32;

export async function startAnalysis(options: AnalysisOptions): Promise<Analysis> {
  const { store, now } = options;
  const ids = await openMessageIds(store);
  let flushing: NodeJS.Timeout | null = null;
  const counts = createCounts({
    ...{ store, now, timeZone: options.timeZone || serverTimeZone() },
    onWaiting() {
      if (flushing === null) flushing = setTimeout(flush, options.flushMs).unref();
    },
  });
  const flush = (): void => {
    flushing = null;
    void counts.flush().catch(failed);
  };
  const failed = (error: unknown): void => {
    if (!(error instanceof StoreUnavailable)) options.onError(error);
  };
  const forget = async (): Promise<void> => {
    while (await counts.forget());
    const firstMs = now() - KEPT_DAYS * DAY_MS;
    while (await forgetKeys(store, TASKS, (taskId) => taskMs(taskId) < firstMs));
  };
  const forgetting = setInterval(() => void forget().catch(failed), FORGET_EVERY_MS).unref();
  // A broadcast is acknowledged by a million devices: its id is read once.
  const origins = new LRUCache<string, ReturnType<MessageIds['read']> & object>({ max: 10_000 });

  const originOf = (instance: string, messageId: string) => {
    const name = `${instance}/${messageId}`;
    const known = origins.get(name);
    if (known !== undefined) return known;
    const origin = ids.read(instance, messageId);
    if (origin !== null) origins.set(name, origin);
    return origin;
  };
  return {
    ids,
    counts,
    wants: (biz) => biz === PUSH_BIZ.device || biz === PUSH_BIZ.user || biz === PUSH_BIZ.all,
    onEnded(ended) {
      for (const { stream, oplog, device, status } of ended) {
        if (status !== 'Acked') continue;
        const payload = Buffer.from(options.payloadOf(oplog.body));
        const origin = originOf(stream.instance, payload.toString('latin1', ID_AT, ID_AT + ID_CHARACTERS));
        if (origin === null) continue;
        const platform = platformOf(device.os);
        const what = { ...origin, instance: stream.instance, platform, channel: ownChannel(platform) };
        // Whom a broadcast reaches is known when it has arrived.
        const all = origin.kind === 'BROADCAST' ? { total: 1, pushed: 1 } : {};
        counts.add(what, { ...all, arrived: 1 });
      }
    },
    async report({ instance, deviceId, os, kind, messageId }) {
      const origin = originOf(instance, messageId);
      const oldestMs = now() - (REPORTED_DAYS - 1) * DAY_MS;
      if (origin === null || taskMs(origin.taskId) < oldestMs) return false;
      // What a stream brings is counted by its acknowledgement, which no device forgets.
      if (kind === 'arrived' && !origin.reported) return true;
      const platform = platformOf(os);
      const what = { ...origin, instance, platform, channel: ownChannel(platform) };
      if (await counts.once(what, kind, messageId, deviceId)) options.onCounted(kind);
      return true;
    },
    noteTask: (task) => saveTask(store, task),
    task: (instance, taskId) => readTask(store, instance, taskId),
    async stop() {
      clearInterval(forgetting);
      if (flushing !== null) clearTimeout(flushing);
      await counts.flush().catch(failed);
    },
  };
}
