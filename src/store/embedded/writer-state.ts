/** What the writing process keeps in memory between commits: names, counters, lengths, the floor. */
import { LRUCache } from 'lru-cache';
import type { OwnerKind, StreamKey } from '../../core/model.js';
import type { EndReason } from '../../core/ports.js';
import { cursorsOfRows } from '../cursors.js';
import type { StoreOptions } from '../options.js';
import { readId, unseal, writeId } from '../record.js';
import { type Batch, createBatch } from './batch.js';
import type { SharedState } from './commits.js';
import { type Counters, createCounters } from './counters.js';
import type { Disk } from './disk.js';
import { type Environment, freshSnapshot, lastTransaction } from './environment.js';
import { lastRecordId } from './heads.js';
import {
  eventsKey,
  Meta,
  metaKey,
  ReaderTag,
  readerKey,
  recordKey,
  streamPrefix,
  Tag,
  tagKey,
} from './keys.js';
import { createNames, type Names } from './names.js';
import { EMPTY_TAIL, parseTail, type Tail } from './tail.js';

/** Streams whose length is remembered: those that their callers keep short. */
const MAX_COUNTS = 200_000;
const ID_FLOOR = metaKey(Meta.VALUE, 'idFloor');

/** A stream in the terms of the key layout. */
export interface StreamRef {
  readonly key: StreamKey;
  readonly instance: number;
  readonly biz: number;
  readonly prefix: Buffer;
  /** The prefix as a map key. */
  readonly name: string;
}

export interface WriterState extends SharedState {
  readonly environment: Environment;
  readonly options: StoreOptions;
  readonly names: Names;
  readonly counters: Counters;
  /** Retained records by stream prefix, of streams that somebody had to count. */
  readonly counts: LRUCache<string, number>;
  idFloor: number;
}

export function createWriterState(environment: Environment, options: StoreOptions, disk: Disk): WriterState {
  const counters = createCounters(environment);
  const names = createNames(environment);
  // Numbers, counters and the floor are remembered here. The lock does not reach into another container
  // that shares the directory; the number of transactions does. A commit without changes takes none.
  let expected = lastTransaction(environment);
  const state: WriterState = {
    environment,
    options,
    names,
    counters,
    counts: new LRUCache({ max: MAX_COUNTS }),
    idFloor: readIdFloor(environment),
    begin() {
      freshSnapshot(environment);
      const transaction = lastTransaction(environment);
      if (transaction > expected) throw new Error('another process has written to the store');
      expected = transaction;
      return createBatch(environment);
    },
    finish(batch) {
      counters.flush(batch.meta.put);
      if (batch.size() > 0) expected++;
    },
    disk,
    reload() {
      names.reload();
      counters.reload();
      state.counts.clear();
      state.idFloor = readIdFloor(environment);
    },
  };
  return state;
}

/** Below this no id is given out, in any stream. */
export function readIdFloor(environment: Environment): number {
  const stored = environment.meta.get(ID_FLOOR);
  return stored === undefined ? 0 : readId(stored, 0);
}

export function raiseIdFloor(put: (key: Buffer, value: Buffer) => void, floor: number): void {
  const value = Buffer.allocUnsafe(8);
  writeId(value, floor, 0);
  put(ID_FLOOR, value);
}

/** The stream's numbers and prefix; new names are interned in the batch. */
export function streamRef(state: WriterState, batch: Batch, key: StreamKey): StreamRef {
  const instance = state.names.internInstance(key.instance, batch.meta.put);
  const biz = state.names.internBiz(key.biz, batch.meta.put);
  const prefix = streamPrefix(instance, key.kind, key.owner, biz);
  return { key, instance, biz, prefix, name: prefix.toString('latin1') };
}

/** A stream found in the store. */
export function storedRef(
  state: WriterState,
  row: { instance: number; kind: OwnerKind; owner: string; biz: number; prefix: Buffer },
): StreamRef {
  const { kind, owner, instance, biz, prefix } = row;
  const key = { instance: state.names.instanceName(instance), kind, owner, biz: state.names.bizName(biz) };
  return { key, instance, biz, prefix, name: prefix.toString('latin1') };
}

/** The tail of a stream, this batch's changes included. */
export function tailOf(state: WriterState, batch: Batch, ref: StreamRef): Tail {
  const own = batch.tail(ref.name);
  if (own !== undefined) return own;
  const key = tagKey(ref.prefix, Tag.TAIL);
  const value = batch.streams.get(key);
  if (value === undefined) return EMPTY_TAIL;
  const tail = parseTail(value);
  if (tail !== null) return tail;
  state.options.onCorrupt(`tail ${key.toString('hex')}`);
  // Rows of their own may exist; without them a repeated message is stored twice, but never lost.
  return { ...EMPTY_TAIL, last: lastRecordId(state.environment, ref.prefix), spilled: true };
}

/** Notes that a stream's length has changed, if anybody counts. */
export function changeCount(state: WriterState, ref: StreamRef, by: number): void {
  const count = state.counts.get(ref.name);
  if (count !== undefined) state.counts.set(ref.name, count + by);
}

/** Oldest retained ids of a stream, this batch's changes included. */
export function* retainedIds(state: WriterState, batch: Batch, ref: StreamRef): Generator<number> {
  const { streams } = state.environment;
  const range = { start: tagKey(ref.prefix, Tag.RECORD), end: tagKey(ref.prefix, Tag.TAIL) };
  for (const key of streams.getKeys(range))
    if (!batch.streams.touched(key)) yield readId(key, ref.prefix.length + 1);
  for (const id of batch.appended.get(ref.name) ?? [])
    if (!batch.streams.touched(recordKey(ref.prefix, id))) yield id;
}

/** How far the user of a single-device stream has acknowledged it; 0 for other streams. */
export function consumedThrough(state: WriterState, batch: Batch, ref: StreamRef): number {
  const { instance, kind, owner, biz } = ref.key;
  if (kind !== 'u' || !state.options.isSingleReader(instance, biz)) return 0;
  const stored = batch.streams.get(readerKey(ref.instance, 'u', owner, ReaderTag.CURSORS));
  const rows = stored === undefined ? undefined : unseal(stored);
  if (rows === undefined) return 0;
  const own = cursorsOfRows(rows).find((c) => c.kind === 'u' && c.owner === owner && c.biz === biz);
  return own?.acked ?? 0;
}

/** Removes records for good, each counted once. The tail keeps the last id, so ids never go back. */
export function endRecords(
  state: WriterState,
  batch: Batch,
  ref: StreamRef,
  ids: readonly number[],
  reason: EndReason,
): void {
  if (ids.length === 0) return;
  const consumed = consumedThrough(state, batch, ref);
  for (const id of ids) {
    batch.streams.remove(recordKey(ref.prefix, id));
    state.counters.ended(ref.instance, ref.biz, id <= consumed ? 'consumed' : reason);
  }
  changeCount(state, ref, -ids.length);
  removeEvents(state, batch, ref, ids);
}

/** One seek for all: a stream's events are few, and most streams have none. */
function removeEvents(state: WriterState, batch: Batch, ref: StreamRef, ids: readonly number[]): void {
  const start = eventsKey(ref.prefix, ids[0] ?? 0);
  const end = eventsKey(ref.prefix, (ids.at(-1) ?? 0) + 1);
  const ended = new Set(ids);
  for (const key of state.environment.streams.getKeys({ start, end }))
    if (ended.has(readId(key, ref.prefix.length + 1))) batch.streams.remove(key);
}
