/** The plan that takes messages back before their time. */
import type { Oplog } from '../../core/model.js';
import type { Revoked, RevokeRequest } from '../../core/ports.js';
import { decodeRecord, unseal } from '../record.js';
import type { Batch } from './batch.js';
import { behind, dueAcceptedMs, dueKey, hashOf, Meta, metaKey, recordKey } from './keys.js';
import { findEntry } from './tail.js';
import { endRecords, type StreamRef, streamRef, tailOf, type WriterState } from './writer-state.js';

export function planRevoke(
  state: WriterState,
  batch: Batch,
  requests: readonly RevokeRequest[],
): (Revoked | null)[] {
  return requests.map((request) => {
    const { stream, thirdMsgId, sinceMs } = request;
    const known =
      state.names.instance(stream.instance) !== undefined && state.names.biz(stream.biz) !== undefined;
    if (!known) return null;
    const ref = streamRef(state, batch, stream);
    const first = findEntry(tailOf(state, batch, ref), ref.prefix, hashOf(thirdMsgId), batch.streams.get);
    if (first === undefined || first.acceptedMs < sinceMs) return null;
    if (first.id === 0)
      return { ...first, oplog: null, waited: forget(state, batch, request, first.acceptedMs) };
    return { ...first, oplog: end(state, batch, ref, first.id), waited: false };
  });
}

/** Null when the record has ended before, or is damaged; the damaged one ends, too. */
function end(state: WriterState, batch: Batch, ref: StreamRef, id: number): Oplog | null {
  const stored = batch.record(recordKey(ref.prefix, id));
  if (stored === undefined) return null;
  const oplog = decodeRecord(id, stored);
  if (oplog === null) state.options.onCorrupt(`record ${recordKey(ref.prefix, id).toString('hex')}`);
  endRecords(state, batch, ref, [id], 'revoked');
  return oplog;
}

/**
 * Takes away what waits for its time. The keys of all that waits are looked at, and the rows of those
 * that were accepted in the same millisecond: that call is rare, and appending must not pay for an index.
 */
function forget(state: WriterState, batch: Batch, request: RevokeRequest, acceptedMs: number): boolean {
  for (const key of waitingKeys(state, batch, acceptedMs)) {
    const stored = batch.meta.get(key);
    const row = stored === undefined ? undefined : (unseal(stored) as RevokeRequest | undefined);
    if (row === undefined || row.thirdMsgId !== request.thirdMsgId) continue;
    const { instance, kind, owner, biz } = row.stream;
    const { stream } = request;
    if (instance !== stream.instance || kind !== stream.kind || owner !== stream.owner) continue;
    if (biz !== stream.biz) continue;
    batch.meta.remove(key);
    return true;
  }
  return false;
}

function* waitingKeys({ environment }: WriterState, batch: Batch, acceptedMs: number): Generator<Buffer> {
  const start = metaKey(Meta.DUE);
  for (const key of environment.meta.getKeys({ start, end: behind(start) }))
    if (dueAcceptedMs(key) === acceptedMs) yield key;
  // What this very commit keeps aside is not in the table yet.
  for (const [times, count] of batch.dueNumbers) {
    const [notBeforeMs, accepted] = times.split(' ').map(Number);
    if (accepted !== acceptedMs || notBeforeMs === undefined) continue;
    for (let n = 0; n < count; n++) yield dueKey(notBeforeMs, acceptedMs, n);
  }
}
