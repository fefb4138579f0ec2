/** The plan that ends what is past its time, bounded. */
import { MAX_RETENTION_MS } from '../../core/model.js';
import type { SweepResult } from '../../core/ports.js';
import { FOREIGN_CURSOR_MS } from '../cursors.js';
import { DEAD_LETTER_MS, DEDUPE_MS } from '../options.js';
import { recordExpiresMs } from '../record.js';
import type { Batch } from './batch.js';
import { type Environment, readKeys, readRange } from './environment.js';
import { lastRecordId } from './heads.js';
import {
  behind,
  FIRST_STREAM_KIND,
  lettersKey,
  Meta,
  metaKey,
  parseStreamRow,
  recordKey,
  type StreamRow,
  Tag,
  tagKey,
} from './keys.js';
import { decodeEntry, keepEntries, parseTail } from './tail.js';
import { endRecords, raiseIdFloor, storedRef, type WriterState } from './writer-state.js';

/** The last id of a stream is known for so long; then the store-wide floor keeps it from coming again. */
const STREAM_MS = FOREIGN_CURSOR_MS;
const NOTHING = Buffer.from([0]);

export interface Sweeper {
  /** Looks at `budget` rows after where the last call stopped. */
  plan(batch: Batch, wallMs: number, budget: number): SweepResult;
}

/**
 * Walks all rows of all streams. A stream is ordered by acceptance, but validity may differ from
 * record to record and dedupe entries are ordered by hash; all of a small stream lies in one page,
 * so looking at every row reads no page more than skipping would.
 */
export function createSweeper(state: WriterState): Sweeper {
  let position: Buffer = NOTHING;
  return {
    plan(batch, wallMs, budget) {
      const { rows, next } = nextRows(state.environment, position, budget);
      const ended = new Map<string, { readonly row: StreamRow; readonly ids: number[] }>();
      for (const { key, value } of rows) {
        if (batch.streams.touched(key)) continue;
        const row = parseStreamRow(key);
        if (row.tag === Tag.RECORD) {
          if (recordEndMs(row.id, value) > wallMs) continue;
          const name = row.prefix.toString('latin1');
          const known = ended.get(name);
          if (known) known.ids.push(row.id);
          else ended.set(name, { row, ids: [row.id] });
        } else sweepOther(state, batch, key, value, row, wallMs);
      }
      let expired = 0;
      for (const { row, ids } of ended.values()) {
        endRecords(state, batch, storedRef(state, row), ids, 'expired');
        expired += ids.length;
      }
      const wrapped = next === null;
      const letters = wrapped ? sweepLetters(state, batch, wallMs, budget) : 0;
      position = next ?? NOTHING;
      return { scanned: rows.length + letters, expired, wrapped };
    },
  };
}

/** Rows of streams from a position on, reader rows left out; `next` is null at the end of the table. */
function nextRows(environment: Environment, position: Buffer, budget: number) {
  const rows: { readonly key: Buffer; readonly value: Buffer }[] = [];
  let start = position;
  while (rows.length < budget) {
    let jump: Buffer | null = null;
    for (const entry of environment.streams.getRange({ start })) {
      if ((entry.key[4] ?? 0) < FIRST_STREAM_KIND) {
        jump = Buffer.from([...entry.key.subarray(0, 4), FIRST_STREAM_KIND]);
        break;
      }
      rows.push(entry);
      if (rows.length >= budget) break;
    }
    const last = rows.at(-1);
    if (jump === null && rows.length < budget) return { rows, next: null };
    start = jump ?? (last ? Buffer.concat([last.key, NOTHING]) : NOTHING);
  }
  return { rows, next: start };
}

/** A damaged record may name any end; its id still bounds it, for it was never below acceptance. */
function recordEndMs(id: number, value: Buffer): number {
  return Math.min(recordExpiresMs(value), id / 1000 + MAX_RETENTION_MS);
}

function sweepOther(
  state: WriterState,
  batch: Batch,
  key: Buffer,
  value: Buffer,
  row: StreamRow,
  wallMs: number,
): void {
  if (row.tag === Tag.DEDUPE) {
    if (decodeEntry(value).acceptedMs + DEDUPE_MS <= wallMs) batch.streams.remove(key);
  } else if (row.tag === Tag.EVENT) {
    if (batch.record(recordKey(row.prefix, row.id)) === undefined) batch.streams.remove(key);
  } else if (row.tag === Tag.TAIL) {
    sweepTail(state, batch, row, value, wallMs);
  }
}

/** Forgets old thirdMsgIds, and the whole stream when nothing of it is left but a last id long ago. */
function sweepTail(state: WriterState, batch: Batch, row: StreamRow, value: Buffer, wallMs: number): void {
  const name = row.prefix.toString('latin1');
  const tail = parseTail(value);
  if (tail === null || batch.tail(name) !== undefined) return;
  const entries = keepEntries(tail, (entry) => entry.acceptedMs + DEDUPE_MS > wallMs);
  const isOld = tail.last / 1000 + STREAM_MS <= wallMs;
  if (entries.length === 0 && isOld && lastRecordId(state.environment, row.prefix) === 0) {
    batch.streams.remove(tagKey(row.prefix, Tag.TAIL));
    if (tail.last < state.idFloor) return;
    state.idFloor = tail.last + 1;
    raiseIdFloor(batch.meta.put, state.idFloor);
  } else if (entries !== tail.entries) batch.putTail(name, row.prefix, { ...tail, entries });
}

/** Once per round over the streams: the oldest letters of every instance. */
function sweepLetters(state: WriterState, batch: Batch, wallMs: number, budget: number): number {
  const oldest = Math.max(0, Math.floor(wallMs - DEAD_LETTER_MS));
  const names = metaKey(Meta.INSTANCE);
  let removed = 0;
  for (const { value } of readRange(state.environment.meta, names, behind(names), 0x1_0000_0000)) {
    const instance = value.readUInt32BE(0);
    const [start, end] = [lettersKey(instance, 0), lettersKey(instance, oldest + 1)];
    for (const key of readKeys(state.environment.meta, start, end, budget)) {
      batch.meta.remove(key);
      removed++;
    }
  }
  return removed;
}
