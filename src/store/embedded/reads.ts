/** The reading half of the store, the same in the writer and in every reading process. */
import type { DeviceRecord, Oplog, ReaderKey, StreamKey } from '../../core/model.js';
import type { DeadLetter, MessageEvent, Page, ReadLimit, Store } from '../../core/ports.js';
import { cursorsOfRows } from '../cursors.js';
import { deviceOfRow } from '../device-row.js';
import type { OnCorrupt } from '../options.js';
import { decodeRecord, readId, unseal } from '../record.js';
import { readCounters } from './counters.js';
import { type Environment, freshSnapshot, readRange, type Table } from './environment.js';
import { committedLast, headsOf } from './heads.js';
import {
  behind,
  docKey,
  eventsKey,
  hashOf,
  lettersKey,
  ownerPrefix,
  ReaderTag,
  readerKey,
  recordKey,
  streamPrefix,
  Tag,
  tagKey,
} from './keys.js';
import type { Names } from './names.js';
import { EMPTY_TAIL, findEntry, parseTail } from './tail.js';

/** What a process that does not write can answer by itself. */
export type StoreReads = Pick<
  Store,
  | 'readAfter'
  | 'newest'
  | 'heads'
  | 'find'
  | 'cursors'
  | 'device'
  | 'events'
  | 'deadLetters'
  | 'doc'
  | 'docs'
  | 'conservation'
>;

interface Reading {
  readonly environment: Environment;
  readonly names: Names;
  readonly onCorrupt: OnCorrupt;
}

/** Letters looked at for one page when a bizType is asked for. */
const MAX_LETTERS_SCANNED = 5_000;

/** Every answer is of one fresh snapshot, read without an await in between. */
export function createReads(reading: Reading): StoreReads {
  const fresh = async <T>(read: () => T): Promise<T> => {
    freshSnapshot(reading.environment);
    return read();
  };
  return {
    readAfter: (stream, after, limit) => fresh(() => readAfter(reading, stream, after, limit)),
    newest: (stream, after, keep) => fresh(() => newest(reading, stream, after, keep)),
    heads: (instance, owners) => fresh(() => owners.flatMap((owner) => headsOf(reading, instance, owner))),
    find: (stream, by) => fresh(() => find(reading, stream, by)),
    cursors: (reader) => fresh(() => cursors(reading, reader)),
    device: (instance, by) => fresh(() => device(reading, instance, by)),
    events: (stream, id) => fresh(() => events(reading, stream, id)),
    deadLetters: (instance, query) => fresh(() => deadLetters(reading, instance, query)),
    doc: (collection, key) => fresh(() => doc(reading, docKey(collection, key)) ?? null),
    docs: (collection, prefix, limit, after = '') =>
      fresh(() => docs(reading, collection, { prefix, after }, limit)),
    conservation: () =>
      fresh(() =>
        readCounters(reading.environment).map(({ instance, biz, counter }) => ({
          instance: reading.names.instanceName(instance),
          biz: reading.names.bizName(biz),
          ...counter,
        })),
      ),
  };
}

/** Null for a stream that no row was ever written under. */
function prefixOf(reading: Reading, stream: StreamKey): Buffer | null {
  const instance = reading.names.instance(stream.instance);
  const biz = reading.names.biz(stream.biz);
  if (instance === undefined || biz === undefined) return null;
  return streamPrefix(instance, stream.kind, stream.owner, biz);
}

function decoded(reading: Reading, key: Buffer, prefix: Buffer, value: Buffer): Oplog | null {
  const oplog = decodeRecord(readId(key, prefix.length + 1), value);
  if (oplog === null) reading.onCorrupt(`record ${key.toString('hex')}`);
  return oplog;
}

function readAfter(reading: Reading, stream: StreamKey, after: number, limit: ReadLimit): Page {
  const prefix = prefixOf(reading, stream);
  if (prefix === null) return { oplogs: [], through: after, more: false };
  const oplogs: Oplog[] = [];
  let through = after;
  let bytes = 0;
  const range = { start: recordKey(prefix, after + 1), end: tagKey(prefix, Tag.TAIL) };
  for (const { key, value } of reading.environment.streams.getRange(range)) {
    // A page that is full learns from the next record, still unread, that there is more.
    if (oplogs.length >= Math.max(1, limit.records)) return { oplogs, through, more: true };
    const oplog = decoded(reading, key, prefix, value);
    if (oplog !== null) {
      bytes += oplog.body.length;
      if (oplogs.length > 0 && bytes > limit.bytes) return { oplogs, through, more: true };
      oplogs.push(oplog);
    }
    through = readId(key, prefix.length + 1);
  }
  return { oplogs, through: Math.max(through, committedLast(reading.environment, prefix)), more: false };
}

function newest(reading: Reading, stream: StreamKey, after: number, keep: number) {
  const prefix = prefixOf(reading, stream);
  if (prefix === null) return { after, passed: 0 };
  const { streams } = reading.environment;
  const start = recordKey(prefix, Number.MAX_SAFE_INTEGER);
  const first = recordKey(prefix, after + 1);
  const range = { start, end: recordKey(prefix, after), reverse: true, offset: keep, limit: 1 };
  for (const key of streams.getKeys(range)) {
    const position = readId(key, prefix.length + 1);
    const passed = streams.getKeysCount({ start: first, end: recordKey(prefix, position + 1) });
    return { after: position, passed };
  }
  return { after, passed: 0 };
}

function find(
  reading: Reading,
  stream: StreamKey,
  by: { readonly id: number } | { readonly thirdMsgId: string },
): Oplog | null {
  const prefix = prefixOf(reading, stream);
  if (prefix === null) return null;
  const { streams } = reading.environment;
  const id = 'id' in by ? by.id : idOfThirdMsgId(streams, prefix, by.thirdMsgId);
  const key = recordKey(prefix, id);
  const value = streams.get(key);
  return value === undefined ? null : decoded(reading, key, prefix, value);
}

/** 0 for a thirdMsgId that is not known, or waits for its time. */
function idOfThirdMsgId(streams: Table, prefix: Buffer, thirdMsgId: string): number {
  const value = streams.get(tagKey(prefix, Tag.TAIL));
  const tail = (value === undefined ? null : parseTail(value)) ?? { ...EMPTY_TAIL, spilled: true };
  return findEntry(tail, prefix, hashOf(thirdMsgId), (key) => streams.get(key))?.id ?? 0;
}

/** A sealed row; undefined when it is missing or damaged. */
function doc(reading: Reading, key: Buffer): unknown {
  const value = reading.environment.meta.get(key);
  return value === undefined ? undefined : unsealed(reading, key, value);
}

function unsealed(reading: Reading, key: Buffer, value: Buffer): unknown {
  const row = unseal(value);
  if (row === undefined) reading.onCorrupt(`row ${key.toString('hex')}`);
  return row;
}

function readerRow(reading: Reading, reader: ReaderKey, tag: number): unknown {
  const instance = reading.names.instance(reader.instance);
  if (instance === undefined) return undefined;
  const key = readerKey(instance, reader.kind, reader.id, tag);
  const value = reading.environment.streams.get(key);
  return value === undefined ? undefined : unsealed(reading, key, value);
}

function cursors(reading: Reading, reader: ReaderKey) {
  const rows = readerRow(reading, reader, ReaderTag.CURSORS);
  return rows === undefined ? [] : cursorsOfRows(rows);
}

function device(
  reading: Reading,
  instanceName: string,
  by: { readonly deviceId: string } | { readonly adToken: string },
): DeviceRecord | null {
  const instance = reading.names.instance(instanceName);
  if (instance === undefined) return null;
  const id =
    'deviceId' in by
      ? by.deviceId
      : reading.environment.streams.get(ownerPrefix(instance, 'T', by.adToken))?.toString('utf8');
  if (id === undefined) return null;
  const row = readerRow(reading, { instance: instanceName, kind: 'd', id }, ReaderTag.DEVICE);
  return row === undefined ? null : deviceOfRow(row);
}

function events(reading: Reading, stream: StreamKey, id: number): MessageEvent[] {
  const prefix = prefixOf(reading, stream);
  if (prefix === null) return [];
  return rowsBetween<MessageEvent>(reading, eventsKey(prefix, id), eventsKey(prefix, id + 1));
}

function rowsBetween<T>(reading: Reading, start: Buffer, end: Buffer): T[] {
  return readRange(reading.environment.streams, start, end, 0x1_0000_0000)
    .map(({ key, value }) => unsealed(reading, key, value))
    .filter((row) => row !== undefined) as T[];
}

function deadLetters(
  reading: Reading,
  instanceName: string,
  query: { readonly biz?: string; readonly after?: string; readonly limit: number },
) {
  const instance = reading.names.instance(instanceName);
  const letters: DeadLetter[] = [];
  if (instance === undefined) return { letters, next: '' };
  const all = lettersKey(instance, 0).subarray(0, 5);
  const after = query.after ? Buffer.from(query.after, 'base64url') : null;
  const start = after?.subarray(0, 5).equals(all) ? Buffer.concat([after, Buffer.from([0])]) : all;
  let scanned = 0;
  let last = '';
  for (const { key, value } of reading.environment.meta.getRange({ start, end: behind(all) })) {
    if (letters.length >= query.limit || scanned >= MAX_LETTERS_SCANNED) return { letters, next: last };
    scanned++;
    last = key.toString('base64url');
    const letter = unsealed(reading, key, value) as DeadLetter | undefined;
    if (letter && (query.biz === undefined || letter.stream.biz === query.biz)) letters.push(letter);
  }
  return { letters, next: '' };
}

function docs(
  reading: Reading,
  collection: string,
  { prefix, after }: { readonly prefix: string; readonly after: string },
  limit: number,
) {
  const first = docKey(collection, prefix);
  const end = behind(first);
  // The next key in the order of bytes is the same with a zero behind it.
  const next = after === '' ? first : Buffer.concat([docKey(collection, after), Buffer.from([0])]);
  const start = Buffer.compare(first, next) < 0 ? next : first;
  if (Buffer.compare(start, end) >= 0) return [];
  const nameAt = 1 + Buffer.byteLength(collection) + 1;
  return readRange(reading.environment.meta, start, end, limit).flatMap(({ key, value }) => {
    const row = unsealed(reading, key, value);
    return row === undefined ? [] : [{ key: key.toString('utf8', nameAt), value: row }];
  });
}
