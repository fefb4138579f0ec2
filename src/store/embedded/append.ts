/** Plans that add records: dedupe, id, record and trim in one commit. delivery rules 1 to 4. */
import type { Filter, Oplog, StreamKey } from '../../core/model.js';
import type { AppendRequest, AppendResult, DueAppend } from '../../core/ports.js';
import { checkRequest, checkStream, DEDUPE_MS, nextId } from '../options.js';
import { encodeRecord, readId, seal, unseal, writeId } from '../record.js';
import type { Batch } from './batch.js';
import { readRange } from './environment.js';
import { dedupeKey, dueKey, Meta, metaKey, recordKey } from './keys.js';
import {
  endRecords,
  headOf,
  raiseStreamFloor,
  retainedIds,
  streamRef,
  type WriterState,
} from './writer-state.js';

/** A request that waits for its time, as stored. */
interface DueRow {
  readonly stream: StreamKey;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
  readonly expiresMs: number;
  readonly notBeforeMs: number;
  readonly filter: Filter | null;
  readonly traced: boolean;
  readonly resendOf: number;
  readonly keepNewest: number;
  /** Base64. */
  readonly body: string;
}

export function planAppend(
  state: WriterState,
  batch: Batch,
  requests: readonly AppendRequest[],
): AppendResult[] {
  return requests.map((request) => {
    checkRequest(request);
    const { prefix } = streamRef(state, batch, request.stream);
    const remembered = isRemembered(request);
    const key = remembered ? dedupeKey(prefix, request.thirdMsgId) : null;
    const first = key === null ? undefined : batch.streams.get(key);
    if (first !== undefined) {
      const acceptedMs = first.readUIntBE(8, 6);
      if (request.acceptedMs < acceptedMs + DEDUPE_MS)
        return { status: 'duplicate', id: readId(first, 0), acceptedMs };
    }
    if (request.notBeforeMs > request.acceptedMs) {
      if (key !== null) batch.streams.put(key, dedupeValue(0, request.acceptedMs));
      keepAside(batch, request);
      return { status: 'scheduled' };
    }
    return { status: 'stored', ...appendOne(state, batch, request, request.acceptedMs, key) };
  });
}

/** A dead letter sent again carries the thirdMsgId of the first; no thirdMsgId, no memory of it. */
function isRemembered(request: { readonly resendOf: number; readonly thirdMsgId: string }): boolean {
  return request.resendOf === 0 && request.thirdMsgId !== '';
}

export function dedupeValue(id: number, acceptedMs: number): Buffer {
  const value = Buffer.allocUnsafe(14);
  writeId(value, id, 0);
  value.writeUIntBE(acceptedMs, 8, 6);
  return value;
}

function appendOne(
  state: WriterState,
  batch: Batch,
  request: AppendRequest,
  idMs: number,
  dedupe: Buffer | null,
): { readonly oplog: Oplog; readonly prev: number; readonly trimmed: number } {
  const ref = streamRef(state, batch, request.stream);
  const head = headOf(state, ref);
  const prev = head.last;
  const id = nextId(prev, idMs, state.idFloor);
  const { acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body } = request;
  const oplog: Oplog = { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body };
  batch.streams.put(recordKey(ref.prefix, id), encodeRecord(oplog));
  if (dedupe !== null) batch.streams.put(dedupe, dedupeValue(id, acceptedMs));
  state.counters.accepted(ref.instance, ref.biz);
  const appended = batch.appended.get(ref.name);
  if (appended) appended.push(id);
  else batch.appended.set(ref.name, [id]);
  head.last = id;
  if (head.count >= 0) head.count++;
  let trimmed = 0;
  if (request.keepNewest > 0) {
    if (head.count < 0) head.count = [...retainedIds(state, batch, ref)].length;
    trimmed = Math.max(0, head.count - request.keepNewest);
    if (trimmed > 0)
      endRecords(state, batch, ref, firstOf(retainedIds(state, batch, ref), trimmed), 'trimmed');
  }
  return { oplog, prev, trimmed };
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
  const row: DueRow = { ...request, body: Buffer.from(request.body).toString('base64') };
  // The number keeps apart what is due and was accepted in one millisecond, in the order of the calls.
  let n = 0;
  while (batch.meta.get(dueKey(request.notBeforeMs, request.acceptedMs, n)) !== undefined) n++;
  batch.meta.put(dueKey(request.notBeforeMs, request.acceptedMs, n), seal(row));
}

/** Appends what is due; its id comes from the time it is due, and it is counted as accepted now. */
export function planAppendDue(state: WriterState, batch: Batch, wallMs: number, max: number): DueAppend[] {
  const start = metaKey(Meta.DUE);
  const due = readRange(state.environment.meta, start, dueKey(Math.floor(wallMs) + 1, 0, 0), max);
  const done: DueAppend[] = [];
  for (const { key, value } of due) {
    if (batch.meta.touched(key)) continue;
    batch.meta.remove(key);
    const row = unseal(value) as DueRow | undefined;
    if (row === undefined) {
      state.options.onCorrupt(`due ${key.toString('hex')}`);
      continue;
    }
    const request: AppendRequest = { ...row, body: Buffer.from(row.body, 'base64') };
    const { prefix } = streamRef(state, batch, row.stream);
    const dedupe = isRemembered(row) ? dedupeKey(prefix, row.thirdMsgId) : null;
    const { oplog, prev } = appendOne(state, batch, request, wallMs, dedupe);
    done.push({ stream: row.stream, oplog, prev });
  }
  return done;
}

/** @throws {RangeError} for a floor that is no id. */
export function planRaiseFloor(state: WriterState, batch: Batch, stream: StreamKey, floor: number): void {
  checkStream(stream);
  if (!Number.isSafeInteger(floor) || floor < 0) throw new RangeError(`not an oplog id: ${floor}`);
  const ref = streamRef(state, batch, stream);
  const head = headOf(state, ref);
  if (floor <= head.last) return;
  raiseStreamFloor(batch, ref, floor);
  head.last = floor;
}
