/** Plans that add records: dedupe, id, record and trim in one commit. delivery rules 1 to 4. */
import type { Oplog, StreamKey } from '../../core/model.js';
import type { AppendRequest, AppendResult, DueAppend } from '../../core/ports.js';
import { checkRequest, checkStream, DEDUPE_MS, nextId } from '../options.js';
import { encodeRecord, seal, unseal } from '../record.js';
import { requestOfRow, waitingRow } from '../waiting.js';
import type { Batch } from './batch.js';
import { readRange } from './environment.js';
import { dueKey, hashOf, Meta, metaKey, recordKey } from './keys.js';
import { findEntry, remember, type Tail } from './tail.js';
import {
  changeCount,
  endRecords,
  retainedIds,
  type StreamRef,
  streamRef,
  tailOf,
  type WriterState,
} from './writer-state.js';

export function planAppend(
  state: WriterState,
  batch: Batch,
  requests: readonly AppendRequest[],
): AppendResult[] {
  return requests.map((request) => {
    checkRequest(request);
    const ref = streamRef(state, batch, request.stream);
    const tail = tailOf(state, batch, ref);
    const hash = isRemembered(request) ? hashOf(request.thirdMsgId) : null;
    const first = hash === null ? undefined : findEntry(tail, ref.prefix, hash, batch.streams.get);
    if (first !== undefined && request.acceptedMs < first.acceptedMs + DEDUPE_MS)
      return { status: 'duplicate', ...first };
    if (request.notBeforeMs > request.acceptedMs) {
      const waiting = { id: 0, acceptedMs: request.acceptedMs };
      if (hash !== null)
        batch.putTail(ref.name, ref.prefix, remember(batch, ref.prefix, tail, hash, waiting));
      keepAside(batch, request);
      return { status: 'scheduled' };
    }
    return { status: 'stored', ...appendOne(state, batch, ref, request, request.acceptedMs, tail, hash) };
  });
}

/** A dead letter sent again carries the thirdMsgId of the first; no thirdMsgId, no memory of it. */
function isRemembered(request: { readonly resendOf: number; readonly thirdMsgId: string }): boolean {
  return request.resendOf === 0 && request.thirdMsgId !== '';
}

/** @param idMs The time that the id carries. */
function appendOne(
  state: WriterState,
  batch: Batch,
  ref: StreamRef,
  request: AppendRequest,
  idMs: number,
  tail: Tail,
  hash: Buffer | null,
): { readonly oplog: Oplog; readonly prev: number; readonly trimmed: number } {
  const id = nextId(tail.last, idMs, state.idFloor);
  const { acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body } = request;
  const oplog: Oplog = { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body };
  batch.append(recordKey(ref.prefix, id), encodeRecord(oplog));
  const told = hash === null ? tail : remember(batch, ref.prefix, tail, hash, { id, acceptedMs });
  batch.putTail(ref.name, ref.prefix, { last: id, spilled: told.spilled, entries: told.entries });
  state.counters.accepted(ref.instance, ref.biz);
  const appended = batch.appended.get(ref.name);
  if (appended) appended.push(id);
  else batch.appended.set(ref.name, [id]);
  changeCount(state, ref, 1);
  const trimmed = request.keepNewest > 0 ? trim(state, batch, ref, request.keepNewest) : 0;
  return { oplog, prev: tail.last, trimmed };
}

/** Ends the oldest records over `keep`. A stream is counted once, then its length is remembered. */
function trim(state: WriterState, batch: Batch, ref: StreamRef, keep: number): number {
  const known = state.counts.get(ref.name);
  const count = known ?? [...retainedIds(state, batch, ref)].length;
  if (known === undefined) state.counts.set(ref.name, count);
  const excess = Math.max(0, count - keep);
  if (excess > 0) endRecords(state, batch, ref, firstOf(retainedIds(state, batch, ref), excess), 'trimmed');
  return excess;
}

function firstOf(ids: Iterable<number>, count: number): number[] {
  const first: number[] = [];
  for (const id of ids) {
    first.push(id);
    if (first.length === count) break;
  }
  return first;
}

function keepAside(batch: Batch, request: AppendRequest): void {
  // The number keeps apart what is due and was accepted in one millisecond, in the order of the calls.
  const times = `${request.notBeforeMs} ${request.acceptedMs}`;
  let n = batch.dueNumbers.get(times) ?? 0;
  while (batch.meta.get(dueKey(request.notBeforeMs, request.acceptedMs, n)) !== undefined) n++;
  batch.dueNumbers.set(times, n + 1);
  batch.meta.put(dueKey(request.notBeforeMs, request.acceptedMs, n), seal(waitingRow(request)));
}

/** Appends what is due; its id comes from the time it is due, and it is counted as accepted now. */
export function planAppendDue(state: WriterState, batch: Batch, wallMs: number, max: number): DueAppend[] {
  const start = metaKey(Meta.DUE);
  const due = readRange(state.environment.meta, start, dueKey(Math.floor(wallMs) + 1, 0, 0), max);
  const done: DueAppend[] = [];
  for (const { key, value } of due) {
    if (batch.meta.touched(key)) continue;
    batch.meta.remove(key);
    const row = unseal(value);
    if (row === undefined) {
      state.options.onCorrupt(`due ${key.toString('hex')}`);
      continue;
    }
    const request = requestOfRow(row);
    const ref = streamRef(state, batch, request.stream);
    const hash = isRemembered(request) ? hashOf(request.thirdMsgId) : null;
    const tail = tailOf(state, batch, ref);
    const { oplog, prev } = appendOne(state, batch, ref, request, wallMs, tail, hash);
    done.push({ stream: request.stream, oplog, prev });
  }
  return done;
}

/** @throws {RangeError} for a floor that is no id. */
export function planRaiseFloor(state: WriterState, batch: Batch, stream: StreamKey, floor: number): boolean {
  checkStream(stream);
  if (!Number.isSafeInteger(floor) || floor < 0) throw new RangeError(`not an oplog id: ${floor}`);
  const ref = streamRef(state, batch, stream);
  const tail = tailOf(state, batch, ref);
  if (floor <= tail.last) return false;
  batch.putTail(ref.name, ref.prefix, { ...tail, last: floor });
  return true;
}
