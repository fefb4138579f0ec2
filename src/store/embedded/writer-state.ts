/** What the writing process keeps in memory between commits: heads, names, counters, the floor. */
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
import type { Environment } from './environment.js';
import { committedLast } from './heads.js';
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

/** Streams whose head is remembered; more than one commit can ever touch. */
const MAX_HEADS = 200_000;
const ID_FLOOR = metaKey(Meta.VALUE, 'idFloor');

export interface HeadState {
  /** The last id of the stream, or its floor. */
  last: number;
  /** Retained records, or -1 when nobody has counted yet. */
  count: number;
}

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
  readonly heads: LRUCache<string, HeadState>;
  idFloor: number;
}

export function createWriterState(environment: Environment, options: StoreOptions, disk: Disk): WriterState {
  const counters = createCounters(environment);
  const names = createNames(environment);
  const state: WriterState = {
    environment,
    options,
    names,
    counters,
    heads: new LRUCache({ max: MAX_HEADS }),
    idFloor: readIdFloor(environment),
    begin() {
      environment.root.resetReadTxn();
      return createBatch(environment);
    },
    finish: (batch) => {
      counters.flush(batch.meta.put);
    },
    disk,
    reload() {
      names.reload();
      counters.reload();
      state.heads.clear();
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

export function headOf(state: WriterState, ref: StreamRef): HeadState {
  const known = state.heads.get(ref.name);
  if (known !== undefined) return known;
  const head = { last: committedLast(state.environment, ref.prefix), count: -1 };
  state.heads.set(ref.name, head);
  return head;
}

/** Oldest retained ids of a stream, this batch's changes included. */
export function* retainedIds(state: WriterState, batch: Batch, ref: StreamRef): Generator<number> {
  const { streams } = state.environment;
  const range = { start: tagKey(ref.prefix, Tag.RECORD), end: tagKey(ref.prefix, Tag.FLOOR) };
  for (const key of streams.getKeys(range))
    if (!batch.streams.touched(key)) yield readId(key, ref.prefix.length + 1);
  for (const id of batch.appended.get(ref.name) ?? [])
    if (batch.streams.get(recordKey(ref.prefix, id)) !== undefined) yield id;
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

/**
 * Removes records for good, each counted once. The last id of an emptied stream stays as its floor:
 * ids never go back, and a device that stands there is not taken for one that knows more than we do.
 */
export function endRecords(
  state: WriterState,
  batch: Batch,
  ref: StreamRef,
  ids: readonly number[],
  reason: EndReason,
): void {
  const lastEnded = ids.at(-1);
  if (lastEnded === undefined) return;
  const consumed = consumedThrough(state, batch, ref);
  for (const id of ids) {
    batch.streams.remove(recordKey(ref.prefix, id));
    state.counters.ended(ref.instance, ref.biz, id <= consumed ? 'consumed' : reason);
  }
  const head = headOf(state, ref);
  if (head.count >= 0) head.count -= ids.length;
  if (lastEnded === head.last) raiseStreamFloor(batch, ref, lastEnded);
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

/** Persists that ids up to `floor` are taken. */
export function raiseStreamFloor(batch: Batch, ref: StreamRef, floor: number): void {
  const value = Buffer.allocUnsafe(8);
  writeId(value, floor, 0);
  batch.streams.put(tagKey(ref.prefix, Tag.FLOOR), value);
}
