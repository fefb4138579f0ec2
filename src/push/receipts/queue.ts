/**
 * Receipts on their way: kept in the store until the tenant's endpoint has taken them. Each instance
 * has a queue and calls of its own, so that a slow endpoint holds up nobody else; receipts of one
 * message go out one after the other, in order.
 */
import { randomBytes } from 'node:crypto';
import { type DocStore, StoreUnavailable } from '../../core/ports.js';
import type { Receipt } from './receipt.js';

const QUEUE = 'push-receipts';
const DEAD = 'push-receipts-dead';
/** Receipts of one instance that are held in memory; the others wait in the store. */
const WINDOW = 500;
/** Dead receipts of one instance that stay listed; the oldest go first. */
const MAX_DEAD = 1000;
const PUMP_EVERY_MS = 250;
/** While receipts are dropped, what waits is counted anew, but not more often: it is all read for that. */
const RECOUNT_EVERY_MS = 10_000;

export type ReceiptResult = 'queued' | 'delivered' | 'retried' | 'dead' | 'dropped';

export interface QueueLimits {
  /** Calls to one instance's endpoint at once. */
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** Pause after the first failure; doubled with each. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Receipts of one instance that may wait; more are dropped and counted. */
  readonly maxQueued: number;
}

export interface QueueOptions extends QueueLimits {
  readonly store: DocStore;
  /** Rejects when the endpoint did not take it. */
  readonly deliver: (receipt: Receipt) => Promise<void>;
  /** False: what waits is dropped. */
  readonly isOn: (instance: string) => boolean;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly onResult: (result: ReceiptResult, count: number) => void;
  readonly onError: (error: unknown) => void;
}

/** A receipt that was given up. */
export interface DeadReceipt {
  readonly receipt: Receipt;
  readonly attempts: number;
  readonly deadMs: number;
  /** Why the last attempt failed. */
  readonly reason: string;
}

export interface ReceiptQueue {
  /** Sends from now on, what other processes have left in the store too. Called again, it looks for that anew. */
  resume(instances: readonly string[]): Promise<void>;
  /** Sends no more, but takes what is added: another node sends it. What is under way ends. */
  rest(): Promise<void>;
  /** Resolves when they are durable. */
  add(receipts: readonly Receipt[]): Promise<void>;
  /** The newest first. */
  dead(instance: string): Promise<DeadReceipt[]>;
  waiting(): number;
  /** No further call begins; resolves when those under way have ended. */
  stop(): Promise<void>;
}

interface Entry {
  readonly key: string;
  readonly receipt: Receipt;
  attempts: number;
  nextMs: number;
  running: boolean;
}

interface Queue {
  readonly instance: string;
  /** In order. */
  readonly entries: Map<string, Entry>;
  /** The store may hold more than `entries`. */
  more: boolean;
  loading: boolean;
  /** Keys that ended while it was loading: what is read may still show them. */
  readonly ended: Set<string>;
  running: number;
  /** In the store, as far as is known here. */
  count: number;
  /** When all of it was last counted. */
  countedMs: number;
}

export function createReceiptQueue(options: QueueOptions): ReceiptQueue {
  const { store, now, onResult } = options;
  const queues = new Map<string, Queue>();
  const underWay = new Set<Promise<void>>();
  let lastNumber = 0;
  // Several nodes may take the same number in one moment.
  const boot = `-${randomBytes(4).toString('hex')}`;
  let sending = true;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;

  const queueOf = (instance: string): Queue => {
    const known = queues.get(instance);
    if (known !== undefined) return known;
    const state = { more: false, loading: false, running: 0, count: 0, countedMs: 0 };
    const queue: Queue = { instance, entries: new Map(), ended: new Set(), ...state };
    queues.set(instance, queue);
    return queue;
  };

  const load = async (queue: Queue): Promise<void> => {
    queue.loading = true;
    try {
      queue.more = false;
      const docs = await store.docs(QUEUE, `${queue.instance}/`, WINDOW);
      if (!sending) return;
      for (const { key, value } of docs) {
        const { receipt, attempts, nextMs } = value as Pick<Entry, 'receipt' | 'attempts' | 'nextMs'>;
        const entry = { key, receipt, attempts, nextMs, running: false };
        if (!queue.entries.has(key) && !queue.ended.has(key)) queue.entries.set(key, entry);
      }
      if (docs.length === WINDOW) queue.more = true;
      queue.count = Math.max(queue.count, queue.entries.size);
    } catch (error) {
      queue.more = true;
      if (!(error instanceof StoreUnavailable)) options.onError(error);
    } finally {
      queue.loading = false;
      queue.ended.clear();
    }
  };

  const pump = (queue: Queue): void => {
    if (stopped || !sending) return;
    // As long as something waits, it is looked at again: for retries whose time has come.
    if (timer === null && isWaiting(queue)) timer = setTimeout(pumpAll, PUMP_EVERY_MS).unref();
    if (queue.more && !queue.loading && queue.entries.size < WINDOW / 2) {
      void load(queue).then(() => pump(queue));
      return;
    }
    for (const entry of ready(queue, options.concurrency, now())) {
      entry.running = true;
      queue.running += 1;
      const work = run(options, queue, entry)
        .catch((error) => {
          // Its document is as it was; it is tried again after a while.
          entry.nextMs = now() + options.firstRetryMs;
          if (!(error instanceof StoreUnavailable)) options.onError(error);
        })
        .finally(() => {
          entry.running = false;
          queue.running -= 1;
          underWay.delete(work);
          // Another node may take it up, so it is read again before it is sent again.
          if (!sending) queue.entries.delete(entry.key);
          pump(queue);
        });
      underWay.add(work);
    }
  };
  const pumpAll = (): void => {
    timer = null;
    for (const queue of queues.values()) if (isWaiting(queue)) pump(queue);
  };

  return {
    async resume(instances) {
      const hasRested = !sending;
      sending = true;
      for (const instance of instances) {
        const queue = queueOf(instance);
        if (hasRested || isInDoubt(options, queue)) await recount(options, queue);
        if (queue.entries.size >= WINDOW / 2) queue.more = true;
        else if (!queue.loading) await load(queue);
        pump(queue);
      }
    },
    async rest() {
      sending = false;
      for (const { entries } of queues.values())
        for (const { key, running } of entries.values()) if (!running) entries.delete(key);
      for (const queue of queues.values()) if (isInDoubt(options, queue)) await recount(options, queue);
    },
    async add(receipts) {
      const entries: Entry[] = [];
      for (const receipt of receipts) {
        const queue = queueOf(receipt.instance);
        if (queue.count >= options.maxQueued) {
          onResult('dropped', 1);
          continue;
        }
        queue.count += 1;
        lastNumber = Math.max(lastNumber + 1, Math.floor(now()) * 1000);
        const key = `${receipt.instance}/${String(lastNumber).padStart(16, '0')}${boot}`;
        entries.push({ key, receipt, attempts: 0, nextMs: 0, running: false });
      }
      if (entries.length === 0) return;
      try {
        await store.saveDocs(entries.map(queued));
      } catch (error) {
        for (const { receipt } of entries) queueOf(receipt.instance).count -= 1;
        throw error;
      }
      onResult('queued', entries.length);
      for (const entry of entries) {
        const queue = queueOf(entry.receipt.instance);
        if (!sending) continue;
        // A load may have found it already.
        if (queue.entries.has(entry.key)) continue;
        if (queue.more || queue.loading || queue.entries.size >= WINDOW) queue.more = true;
        else queue.entries.set(entry.key, entry);
        pump(queue);
      }
    },
    async dead(instance) {
      const docs = await store.docs(DEAD, `${instance}/`, MAX_DEAD * 2);
      return docs.map(({ value }) => value as DeadReceipt).reverse();
    },
    waiting: () => (sending ? [...queues.values()].reduce((sum, { count }) => sum + count, 0) : 0),
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await Promise.all(underWay);
    },
  };
}

function isWaiting({ count, more }: Queue): boolean {
  return count > 0 || more;
}

/** Not yet counted, or to be dropped from. */
function isInDoubt({ maxQueued, now }: QueueOptions, { count, countedMs }: Queue): boolean {
  return countedMs === 0 || (count >= maxQueued && now() - countedMs >= RECOUNT_EVERY_MS);
}

/** Other processes add and send too, so that only the store knows. */
async function recount({ store, maxQueued, now }: QueueOptions, queue: Queue): Promise<void> {
  queue.countedMs = now();
  queue.count = (await store.docs(QUEUE, `${queue.instance}/`, maxQueued)).length;
}

function queued({ key, receipt, attempts, nextMs }: Entry) {
  return { collection: QUEUE, key, value: { receipt, attempts, nextMs } };
}

/** Entries whose time has come, none of them behind an earlier one of its message. */
function ready({ entries, running }: Queue, concurrency: number, nowMs: number): Entry[] {
  const found: Entry[] = [];
  const seen = new Set<string>();
  for (const entry of entries.values()) {
    if (running + found.length >= concurrency) break;
    const isFirst = !seen.has(entry.receipt.message);
    seen.add(entry.receipt.message);
    if (isFirst && !entry.running && entry.nextMs <= nowMs) found.push(entry);
  }
  return found;
}

async function run(options: QueueOptions, queue: Queue, entry: Entry): Promise<void> {
  const { store, now, onResult } = options;
  const done = { collection: QUEUE, key: entry.key, value: null };
  const isOn = options.isOn(queue.instance);
  const reason = isOn ? await attempt(options, entry.receipt) : null;
  if (reason === null) {
    await store.saveDocs([done]);
    onResult(isOn ? 'delivered' : 'dropped', 1);
  } else if (entry.attempts + 1 < options.maxAttempts) {
    entry.attempts += 1;
    entry.nextMs = now() + Math.min(options.firstRetryMs * 2 ** (entry.attempts - 1), options.maxRetryMs);
    await store.saveDocs([queued(entry)]);
    onResult('retried', 1);
    return;
  } else {
    const dead: DeadReceipt = {
      receipt: entry.receipt,
      attempts: entry.attempts + 1,
      deadMs: now(),
      reason,
    };
    await store.saveDocs([done, { collection: DEAD, key: entry.key, value: dead }]);
    await trimDead(store, queue.instance);
    onResult('dead', 1);
  }
  if (queue.loading) queue.ended.add(entry.key);
  queue.entries.delete(entry.key);
  queue.count -= 1;
}

/** @returns why it failed, or null */
async function attempt({ deliver }: QueueOptions, receipt: Receipt): Promise<string | null> {
  try {
    await deliver(receipt);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function trimDead(store: DocStore, instance: string): Promise<void> {
  const docs = await store.docs(DEAD, `${instance}/`, MAX_DEAD * 2);
  const old = docs.slice(0, Math.max(0, docs.length - MAX_DEAD));
  if (old.length > 0) await store.saveDocs(old.map(({ key }) => ({ collection: DEAD, key, value: null })));
}
