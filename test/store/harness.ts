/** What the tests of the store have in common. */
import type { Test } from 'tap';
import { type Cursor, DAY_MS, type ReaderKey, type StreamKey } from '../../src/core/model.js';
import type { AppendRequest, AppendResult, Store } from '../../src/core/ports.js';
import type { StoreOptions } from '../../src/store/options.js';

/** One store that can be closed and opened again, as a driver's test makes it. */
export interface Harness {
  open(options?: Partial<StoreOptions>): Promise<Store>;
  /** False when nothing outlives a close. */
  readonly durable: boolean;
  dispose(): Promise<void>;
}

export const START_MS = 1_764_000_000_000;
export const ALL = { records: 1_000, bytes: 1_000_000 };
export const INSTANCE = 'ws_app';

export function streamOf(owner: string, biz = 'pay', kind: StreamKey['kind'] = 'u'): StreamKey {
  return { instance: INSTANCE, kind, owner, biz };
}

export function requestOf(
  stream: StreamKey,
  thirdMsgId: string,
  more: Partial<AppendRequest> = {},
): AppendRequest {
  return {
    stream,
    thirdMsgId,
    acceptedMs: START_MS,
    expiresMs: START_MS + 30 * DAY_MS,
    notBeforeMs: 0,
    filter: null,
    traced: false,
    resendOf: 0,
    body: Buffer.from(`body of ${thirdMsgId}`),
    keepNewest: 0,
    ...more,
  };
}

export async function appendOne(
  store: Store,
  stream: StreamKey,
  thirdMsgId: string,
  more: Partial<AppendRequest> = {},
): Promise<AppendResult> {
  const [result] = await store.append([requestOf(stream, thirdMsgId, more)]);
  if (result === undefined) throw new Error('no result for a request');
  return result;
}

export function idOf(result: AppendResult | undefined): number {
  if (result?.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(result)}`);
  return result.oplog.id;
}

export async function idsAfter(store: Store, stream: StreamKey, after = 0): Promise<number[]> {
  return (await store.readAfter(stream, after, ALL)).oplogs.map((oplog) => oplog.id);
}

/** Sweeps until a round over the store has ended everything that is past its time. */
export async function sweepAll(store: Store, wallMs: number): Promise<number> {
  let expired = 0;
  for (let round = 0; round < 2; round++) {
    for (let wrapped = false; !wrapped; ) {
      const step = await store.sweep(wallMs, 7);
      expired += step.expired;
      wrapped = step.wrapped;
    }
  }
  return expired;
}

export function cursorOf(stream: StreamKey, acked: number, more: Partial<Cursor> = {}): Cursor {
  const rest = {
    ackedMs: START_MS,
    attempts: 0,
    nextAttemptMs: 0,
    attemptOf: 0,
    suspectTo: 0,
    dead: [],
    recent: [],
  };
  return { kind: stream.kind, owner: stream.owner, biz: stream.biz, acked, ...rest, ...more };
}

export function progress(reader: ReaderKey, ...cursors: Cursor[]) {
  return { cursors: cursors.map((cursor) => ({ reader, cursor })), dead: [], events: [] };
}

export async function counterOf(store: Store, biz = 'pay') {
  const counters = await store.conservation();
  const found = counters.find((counter) => counter.instance === INSTANCE && counter.biz === biz);
  if (found === undefined) throw new Error(`no counter for ${biz}`);
  return found;
}

/** `accepted = retained + ended`, and retained is what a reader of every stream finds. */
export async function checkConservation(
  test: Test,
  store: Store,
  streams: readonly StreamKey[],
  biz = 'pay',
) {
  const c = await counterOf(store, biz);
  test.equal(c.accepted, c.retained + c.expired + c.consumed + c.trimmed + c.revoked + c.deleted, 'adds up');
  let retained = 0;
  for (const stream of streams) retained += (await idsAfter(store, stream)).length;
  test.equal(c.retained, retained, 'retained is what can be read');
  return c;
}

/** Declares one test on a store of its own. */
export type TestStore = (
  what: string,
  run: (test: Test, store: Store, harness: Harness) => Promise<void>,
  options?: Partial<StoreOptions>,
) => unknown;

/** A record with its bytes as an array: drivers give different kinds of them. */
export function plain<T extends { readonly body: Uint8Array }>(oplog: T) {
  return { ...oplog, body: [...oplog.body] };
}
