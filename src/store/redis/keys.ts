/**
 * The key layout of the Redis store, all of it in this file. `P` is the configured prefix.
 *
 * Keys of an owner begin with `P:{shard}:kind:instance:owner` (src/redis/owner-key.ts); the reader of the
 * same kind and name has the same beginning, so that the script which ends a record of a single-device
 * stream reads its user's cursor in the same step.
 *
 *   …:h             hash, one field a bizType: last id, a bound below which no record of the stream
 *                   expires, first and last bucket of thirdMsgIds, in decimal with spaces between.
 *                   One read has the heads of all streams of the owner. Lives 60 days past the last append.
 *   …:r:biz         list of the records in the order of their ids: id as u64, then the bytes of record.ts
 *                   (their checksum is made with id 0: the id is given by the script). Lives 30 days past
 *                   the end of its last record; the sweep ends them in time and counts them.
 *   …:m:biz:bucket  hash, one field a thirdMsgId (12 bytes of its SHA-256): the id, and acceptedMs where
 *                   the id does not tell it; `0 acceptedMs name` while it waits. One for each ten days of
 *                   acceptance, so that they are forgotten as a whole. Lives 42 days.
 *   …:e:biz:id      list of the logged events of a message, sealed JSON. Lives 31 days, or goes with it.
 *   …:k             cursors of the reader: a stamp of 8 bytes, then sealed JSON. Lives 90 days past the
 *                   last write: by then every record that they speak of is gone.
 *   …:v             device record, sealed JSON (kind `d`). Lives 400 days past the last write.
 *   …:a             id of the device that has the Ad-token (kind `t`). Lives as long.
 *   …:routes        src/cluster.
 *
 * Keys of a shard begin with `P:{shard}`:
 *
 *   …:c                  hash of counters: `instance:biz:field`. The sum over the shards is the equation.
 *   …:n                  number given last to what waits
 *   …:q, …:w             what waits for its time: sorted set of names by the time they are due, and hash
 *                        of name to sealed JSON. A name is acceptedMs and a number, so that those due in
 *                        one millisecond keep the order of the calls.
 *   …:l:instance:k, :v   dead letters of an instance (in the shard of its name): sorted set of names, and
 *                        hash of name to sealed JSON. Lives 60 days past the last.
 *
 * Documents lie in one slot, because they are written together; they are the small ones:
 *
 *   P:{docs}:k:collection      sorted set of the keys, all of one score: ordered by their bytes
 *   P:{docs}:v:collection      hash of key to sealed JSON, or `#` for counters
 *   P:{docs}:n:collection:key  hash of counters
 *
 *   P:{store}:format           version of this layout
 *   P:{store}:floor            below this no id is given out, in any stream
 *   P:{store}:letters          set of the instances that have dead letters
 *   P:{store}:migration        how far `longlink migrate` has come; gone when it is done
 *
 * Why lists: a stream of one small record costs about 200 bytes as a list and 5,000 as a Redis stream
 * (which takes 4 KiB at once); a list is counted and trimmed by index, and found in by halving.
 */
import { hash } from 'node:crypto';
import type { OwnerKind, ReaderKey, StreamKey } from '../../core/model.js';
import { DAY_MS } from '../../core/model.js';
import type { DeadLetter } from '../../core/ports.js';
import { escapePart, ownerKey, shardKey, shardOf } from '../../redis/owner-key.js';

export const FORMAT_VERSION = 1;

/** For how many ms after their last write keys are kept; the script files have those of the streams. */
export const KEPT_MS = {
  events: 31 * DAY_MS,
  cursors: 90 * DAY_MS,
  device: 400 * DAY_MS,
  letters: 60 * DAY_MS,
  head: 60 * DAY_MS,
} as const;

const HASH_BYTES = 12;

/** The names of one stream in keys and counters. */
export interface StreamRef {
  readonly stream: StreamKey;
  /** Beginning of the owner's keys. */
  readonly base: string;
  /** Beginning of the shard's keys. */
  readonly shard: string;
  readonly biz: string;
  /** Beginning of the stream's fields among the counters. */
  readonly counter: string;
}

export function streamRef(prefix: string, stream: StreamKey): StreamRef {
  const { instance, kind, owner } = stream;
  const biz = escapePart(stream.biz);
  return {
    stream,
    base: ownerKey(prefix, instance, kind, owner),
    shard: shardKey(prefix, shardOf(instance, kind, owner)),
    biz,
    counter: `${escapePart(instance)}:${biz}`,
  };
}

export function headsKey(prefix: string, instance: string, kind: OwnerKind, owner: string): string {
  return `${ownerKey(prefix, instance, kind, owner)}:h`;
}

export function eventsKey(ref: StreamRef, id: number): string {
  return `${ref.base}:e:${ref.biz}:${id}`;
}

export function cursorsKey(prefix: string, { instance, kind, id }: ReaderKey): string {
  return `${ownerKey(prefix, instance, kind, id)}:k`;
}

export function deviceKey(prefix: string, instance: string, deviceId: string): string {
  return `${ownerKey(prefix, instance, 'd', deviceId)}:v`;
}

export function tokenKey(prefix: string, instance: string, adToken: string): string {
  return `${ownerKey(prefix, instance, 't', adToken)}:a`;
}

export function lettersKey(prefix: string, instance: string): string {
  return `${shardKey(prefix, shardOf(instance, 'g', ''))}:l:${escapePart(instance)}`;
}

/** A name whose order is that of the times. */
export function letterName(letter: DeadLetter): string {
  const { stream, id, reader } = letter;
  const parts = [stream.kind, stream.owner, stream.biz, String(id), reader.kind + reader.id];
  return `${lettersFrom(letter.deadMs)} ${parts.map(escapePart).join(':')}`;
}

/** What the names of letters from this time on are not below. */
export function lettersFrom(deadMs: number): string {
  return String(Math.max(0, Math.floor(deadMs))).padStart(15, '0');
}

export function docsKey(prefix: string): string {
  return `${prefix}:{docs}`;
}

/** @throws {RangeError} for a collection with a NUL, which no driver takes. */
export function collectionPart(collection: string): string {
  if (collection.includes('\0')) throw new RangeError('a collection holds a NUL');
  return escapePart(collection);
}

export function storeKey(prefix: string, what: 'format' | 'floor' | 'letters' | 'migration'): string {
  return `${prefix}:{store}:${what}`;
}

/**
 * What stands for a thirdMsgId. 96 bits of SHA-256: a collision would drop a message as a duplicate, and
 * whoever chooses a thirdMsgId must not be able to make one.
 */
export function hashOf(thirdMsgId: string): Buffer {
  return hash('sha256', thirdMsgId, 'buffer').subarray(0, HASH_BYTES);
}

/** A prefix as a glob pattern of SCAN, taken literally. */
export function literally(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&');
}
