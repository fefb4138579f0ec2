/** All that a stopped store holds, a step at a time, in an order that stays the same. */
import type { ReaderKey, StreamKey } from '../../core/model.js';
import type { DeadLetter, MessageEvent } from '../../core/ports.js';
import { cursorsOfRows } from '../cursors.js';
import { deviceOfRow } from '../device-row.js';
import { decodeRecord, readId, unseal } from '../record.js';
import type { StoredItem } from '../transfer.js';
import { requestOfRow } from '../waiting.js';
import { decodeCounter } from './counters.js';
import { type Environment, lastTransaction, openEnvironment, readRange } from './environment.js';
import { checkFormat } from './format.js';
import { FIRST_STREAM_KIND, HASH_BYTES, Meta, metaKey, parseStreamRow, ReaderTag, Tag } from './keys.js';
import { lockDirectory } from './lock.js';
import { createNames, type Names } from './names.js';
import { decodeEntry, parseTail } from './tail.js';

const ROWS = 500;
const ENTRY_BYTES = HASH_BYTES + 14;
const OWNER_AT = 5;
const START = Buffer.from([0]);

export interface ExportStep {
  readonly items: readonly StoredItem[];
  /** Rows read; a damaged one gives no item. */
  readonly rows: number;
  readonly damaged: readonly string[];
  /** Pass to go on behind this step; null at the end. */
  readonly next: string | null;
}

export interface StoreExport {
  /** Differs when anything was written. */
  readonly version: number;
  /** Rows in all. */
  readonly rows: number;
  /** @param position empty for the beginning. */
  step(position: string): ExportStep;
  close(): Promise<void>;
}

/** @throws {Error} when there is no store, or a server has it open. */
export function openExport(directory: string): StoreExport {
  const unlock = lockDirectory(directory);
  let environment: Environment;
  try {
    environment = openEnvironment(directory, 'reader');
    checkFormat(environment);
  } catch (error) {
    unlock();
    throw error;
  }
  const { streams, meta, root } = environment;
  const names = createNames(environment);
  const count = (table: typeof streams) => (table.getStats() as { readonly entryCount: number }).entryCount;
  return {
    version: lastTransaction(environment),
    rows: count(streams) + count(meta),
    step: (position) => step(environment, names, position),
    async close() {
      await root.close();
      unlock();
    },
  };
}

/** A position is the table, how many requests waited before it, and the key behind which to go on. */
function step(environment: Environment, names: Names, position: string): ExportStep {
  const [table = 's', order = '0', key = ''] = position === '' ? [] : position.split('/');
  const start = key === '' ? START : Buffer.concat([Buffer.from(key, 'base64url'), START]);
  const source = table === 's' ? environment.streams : environment.meta;
  const rows = readRange(source, start, Buffer.alloc(64, 0xff), ROWS);
  const damaged: string[] = [];
  const items: StoredItem[] = [];
  let waiting = Number(order);
  for (const row of rows) {
    const found = table === 's' ? itemsOfStreams(names, row) : itemsOfMeta(names, row, waiting);
    if (found === null) damaged.push(row.key.toString('hex'));
    else items.push(...found);
    if (table === 'm' && row.key[0] === Meta.DUE) waiting++;
  }
  const last = rows.at(-1);
  const isEnd = last === undefined || rows.length < ROWS;
  const next = isEnd
    ? table === 's'
      ? 'm/0/'
      : null
    : `${table}/${waiting}/${last.key.toString('base64url')}`;
  return { items, rows: rows.length, damaged, next };
}

interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Null for a damaged row. */
function itemsOfStreams(names: Names, { key, value }: Row): StoredItem[] | null {
  if ((key[4] ?? 0) < FIRST_STREAM_KIND) return itemsOfReader(names, { key, value });
  const row = parseStreamRow(key);
  const stream: StreamKey = {
    instance: names.instanceName(row.instance),
    kind: row.kind,
    owner: row.owner,
    biz: names.bizName(row.biz),
  };
  switch (row.tag) {
    case Tag.RECORD: {
      const oplog = decodeRecord(row.id, value);
      return oplog === null ? null : [{ kind: 'record', stream, oplog }];
    }
    case Tag.EVENT: {
      const event = unseal(value) as MessageEvent | undefined;
      return event === undefined ? null : [{ kind: 'event', event }];
    }
    case Tag.DEDUPE:
      return [thirdMsgId(stream, value, 0)];
    case Tag.TAIL: {
      const tail = parseTail(value);
      if (tail === null) return null;
      const items: StoredItem[] = [{ kind: 'stream', stream, last: tail.last }];
      for (let at = 0; at < tail.entries.length; at += ENTRY_BYTES)
        items.push(thirdMsgId(stream, tail.entries, at));
      return items;
    }
    default:
      return null;
  }
}

function thirdMsgId(stream: StreamKey, entries: Buffer, at: number): StoredItem {
  const hash = Buffer.from(entries.subarray(at, at + HASH_BYTES));
  return { kind: 'thirdMsgId', stream, hash, ...decodeEntry(entries, at) };
}

/** Ways from Ad-tokens to devices are left out: the device records name their tokens. */
function itemsOfReader(names: Names, { key, value }: Row): StoredItem[] | null {
  const letter = String.fromCharCode(key[4] ?? 0);
  if (letter === 'T') return [];
  const end = key.indexOf(0, OWNER_AT);
  const row = unseal(value);
  if (row === undefined) return null;
  if (key[end + 1] === ReaderTag.DEVICE) return [{ kind: 'device', record: deviceOfRow(row) }];
  const reader: ReaderKey = {
    instance: names.instanceName(key.readUInt32BE(0)),
    kind: letter === 'D' ? 'd' : 'u',
    id: key.toString('utf8', OWNER_AT, end),
  };
  return [{ kind: 'cursors', reader, cursors: cursorsOfRows(row) }];
}

function itemsOfMeta(names: Names, { key, value }: Row, order: number): StoredItem[] | null {
  switch (key[0]) {
    case Meta.VALUE:
      return key.equals(metaKey(Meta.VALUE, 'idFloor')) ? [{ kind: 'idFloor', id: readId(value, 0) }] : [];
    case Meta.INSTANCE:
    case Meta.BIZ:
      return [];
    case Meta.COUNTERS: {
      const [instance, biz] = [names.instanceName(key.readUInt32BE(1)), names.bizName(key.readUInt16BE(5))];
      return [{ kind: 'counters', counters: { instance, biz, ...decodeCounter(value) } }];
    }
  }
  const row = unseal(value);
  if (row === undefined) return null;
  switch (key[0]) {
    case Meta.LETTER:
      return [{ kind: 'letter', letter: row as DeadLetter }];
    case Meta.DUE:
      return [{ kind: 'waiting', request: requestOfRow(row), order }];
    case Meta.DOC: {
      const [collection = '', ...parts] = key.toString('utf8', 1).split('\0');
      return [{ kind: 'document', collection, key: parts.join('\0'), value: row }];
    }
    default:
      return null;
  }
}
