/**
 * The key layout of the embedded store, all of it in this file. Numbers are big-endian, so that
 * bytes sort as they count.
 *
 * Table `streams`, one row group per owner:
 *
 *   [instance u32][kind u8][owner UTF-8][0x00][biz u16][tag u8]...
 *     tag 1  older dedupe entry  [hash of the thirdMsgId, 12 bytes]  -> tail.ts
 *     tag 2  logged event        [oplog id u64][atMs u48][n u32]     -> sealed JSON
 *     tag 3  oplog record        [oplog id u64]                      -> record.ts
 *     tag 4  tail                nothing                             -> tail.ts: last id, newest dedupe entries
 *   kinds `d` `g` `t` `u` are streams; `D` and `U` are what belongs to a reader, a device or a user:
 *   [instance u32][D or U][id UTF-8][0x00][tag u8]
 *     tag 0  device record (sealed JSON)      tag 1  all cursors of the reader (sealed JSON)
 *   [instance u32][T][Ad-token][0x00] -> device id
 *
 * Why so:
 * - LMDB rewrites every page that a commit touches, so with many owners it is the number of different
 *   leaf pages that costs, not the number of keys. An append writes a record and the tail behind it:
 *   neighbours, so with a random owner among millions one leaf and the branch pages above it. A dedupe
 *   row of its own, sorted by hash before the records, lay in another leaf as soon as a stream had
 *   some ten records: at ten million records of a million owners, 1,000 to a commit, an append wrote
 *   4.0 pages and took 119 us of CPU; with the tail 2.7 pages and 88 us (33 us in an empty store).
 * - The tail is the only row that an append reads: head and dedupe in one.
 * - The tail is last among a stream's rows: a seek backwards finds the head of each stream of an owner.
 * - Records of one stream are neighbours in the order of ids: reading after a position is one seek.
 * - Instance and bizType are interned as numbers: the branch pages hold whole keys, and shorter
 *   keys make a shallower tree.
 * - The owner ends in 0x00, which it may not contain: no owner's rows lie between another's.
 * - A handshake reads a device record and its cursors: two neighbours.
 *
 * Table `meta`, small, written in the same commits: see the letters below.
 */
import { hash } from 'node:crypto';
import type { OwnerKind } from '../../core/model.js';
import type { DeadLetter } from '../../core/ports.js';
import { readId, writeId } from '../record.js';

export const Tag = { DEDUPE: 1, EVENT: 2, RECORD: 3, TAIL: 4 } as const;
export const ReaderTag = { DEVICE: 0, CURSORS: 1 } as const;

/** First byte of a key in `meta`. */
export const Meta = {
  /** [name] -> UTF-8 decimal: format version, idFloor. */
  VALUE: 0x6d,
  /** [instance name] -> u32 */
  INSTANCE: 0x69,
  /** [bizType] -> u16 */
  BIZ: 0x62,
  /** [instance u32][biz u16] -> seven u64 (counters.ts) */
  COUNTERS: 0x63,
  /** [collection][0x00][key] -> sealed JSON */
  DOC: 0x64,
  /** [instance u32][deadMs u48][biz u16][kind][owner][0x00][id u64][reader kind][reader id] -> sealed JSON */
  LETTER: 0x6c,
  /** [notBeforeMs u48][acceptedMs u48][n u32] -> sealed JSON */
  DUE: 0x71,
} as const;

/** LMDB's limit with 4 KiB pages, less what lmdb-js keeps for itself. */
export const MAX_KEY_BYTES = 1978;
export const HASH_BYTES = 12;
const OWNER_AT = 5;
/** Stream kinds are lower case; reader rows, upper case, sort before them. */
export const FIRST_STREAM_KIND = 0x61;

/** Everything before the owner's bizTypes: [instance][kind][owner][0x00]. */
export function ownerPrefix(instance: number, kind: OwnerKind | 'D' | 'U' | 'T', owner: string): Buffer {
  const key = Buffer.allocUnsafe(OWNER_AT + Buffer.byteLength(owner) + 1);
  key.writeUInt32BE(instance, 0);
  key[4] = kind.charCodeAt(0);
  key.write(owner, OWNER_AT);
  key[key.length - 1] = 0;
  return key;
}

/** Everything before the tag: the name of a stream in keys. */
export function streamPrefix(instance: number, kind: OwnerKind, owner: string, biz: number): Buffer {
  const ownerBytes = Buffer.byteLength(owner);
  const key = Buffer.allocUnsafe(OWNER_AT + ownerBytes + 3);
  key.writeUInt32BE(instance, 0);
  key[4] = kind.charCodeAt(0);
  key.write(owner, OWNER_AT);
  key[OWNER_AT + ownerBytes] = 0;
  key.writeUInt16BE(biz, OWNER_AT + ownerBytes + 1);
  return key;
}

function tagged(prefix: Buffer, tag: number, more: number): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + 1 + more);
  key.set(prefix, 0);
  key[prefix.length] = tag;
  return key;
}

/** [prefix][tag]: where the rows of a tag begin, and the whole key of a tail. */
export function tagKey(prefix: Buffer, tag: number): Buffer {
  return tagged(prefix, tag, 0);
}

export function recordKey(prefix: Buffer, id: number): Buffer {
  const key = tagged(prefix, Tag.RECORD, 8);
  writeId(key, id, prefix.length + 1);
  return key;
}

/**
 * What stands for a thirdMsgId; the first 12 bytes are used. 96 bits of SHA-256: a collision would drop
 * a message as a duplicate, and whoever chooses a thirdMsgId must not be able to make one.
 */
export function hashOf(thirdMsgId: string): Buffer {
  return hash('sha256', thirdMsgId, 'buffer');
}

/** @param hashed Begins with the hash of a thirdMsgId. */
export function dedupeKey(prefix: Buffer, hashed: Buffer): Buffer {
  const key = tagged(prefix, Tag.DEDUPE, HASH_BYTES);
  key.set(hashed.subarray(0, HASH_BYTES), prefix.length + 1);
  return key;
}

export function eventsKey(prefix: Buffer, id: number): Buffer {
  const key = tagged(prefix, Tag.EVENT, 8);
  writeId(key, id, prefix.length + 1);
  return key;
}

export function eventKey(prefix: Buffer, id: number, atMs: number, n: number): Buffer {
  const key = tagged(prefix, Tag.EVENT, 18);
  const at = writeId(key, id, prefix.length + 1);
  key.writeUIntBE(atMs, at, 6);
  key.writeUInt32BE(n, at + 6);
  return key;
}

/** The parts of a key in `streams` whose kind is a stream's. */
export interface StreamRow {
  readonly instance: number;
  readonly kind: OwnerKind;
  readonly owner: string;
  readonly biz: number;
  readonly tag: number;
  readonly prefix: Buffer;
  /** Oplog id of a record or an event; 0 for other tags. */
  readonly id: number;
}

export function parseStreamRow(key: Buffer): StreamRow {
  const ownerEnd = key.indexOf(0, OWNER_AT);
  const prefix = key.subarray(0, ownerEnd + 3);
  const tag = key[prefix.length] ?? 0;
  const hasId = tag === Tag.RECORD || tag === Tag.EVENT;
  return {
    instance: key.readUInt32BE(0),
    kind: String.fromCharCode(key[4] ?? 0) as OwnerKind,
    owner: key.toString('utf8', OWNER_AT, ownerEnd),
    biz: key.readUInt16BE(ownerEnd + 1),
    tag,
    prefix,
    id: hasId ? readId(key, prefix.length + 1) : 0,
  };
}

/** The first key behind every key that begins with `prefix`. */
export function behind(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  let at = end.length - 1;
  while (at > 0 && end[at] === 0xff) at--;
  end[at] = (end[at] ?? 0) + 1;
  return end.subarray(0, at + 1);
}

export function readerKey(instance: number, kind: 'd' | 'u', id: string, tag: number): Buffer {
  const owner = ownerPrefix(instance, kind === 'd' ? 'D' : 'U', id);
  return tagged(owner, tag, 0);
}

export function metaKey(table: number, name = ''): Buffer {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(name));
  key[0] = table;
  key.write(name, 1);
  return key;
}

export function counterKey(instance: number, biz: number): Buffer {
  const key = Buffer.allocUnsafe(7);
  key[0] = Meta.COUNTERS;
  key.writeUInt32BE(instance, 1);
  key.writeUInt16BE(biz, 5);
  return key;
}

/** @throws {RangeError} for a collection with a NUL. */
export function docKey(collection: string, key: string): Buffer {
  if (collection.includes('\0')) throw new RangeError('a collection holds a NUL');
  return metaKey(Meta.DOC, `${collection}\0${key}`);
}

/** Letters of an instance, from a time on. */
export function lettersKey(instance: number, deadMs: number): Buffer {
  const key = Buffer.allocUnsafe(11);
  key[0] = Meta.LETTER;
  key.writeUInt32BE(instance, 1);
  key.writeUIntBE(deadMs, 5, 6);
  return key;
}

export function letterKey(instance: number, biz: number, letter: DeadLetter): Buffer {
  const stream = streamPrefix(instance, letter.stream.kind, letter.stream.owner, biz);
  const id = Buffer.allocUnsafe(8);
  writeId(id, letter.id, 0);
  const reader = Buffer.from(letter.reader.kind + letter.reader.id);
  return Buffer.concat([lettersKey(instance, letter.deadMs), stream.subarray(4), id, reader]);
}

export function dueKey(notBeforeMs: number, acceptedMs: number, n: number): Buffer {
  const key = Buffer.allocUnsafe(17);
  key[0] = Meta.DUE;
  key.writeUIntBE(notBeforeMs, 1, 6);
  key.writeUIntBE(acceptedMs, 7, 6);
  key.writeUInt32BE(n, 13);
  return key;
}

export function dueAcceptedMs(key: Buffer): number {
  return key.readUIntBE(7, 6);
}
