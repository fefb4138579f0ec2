/**
 * The row behind a stream's records: its last id and its newest thirdMsgIds.
 *
 *   0 CRC-32 u32 of the rest   4 last id u64   12 flags u8 (1: older thirdMsgIds lie in rows of their own)
 *   13 entries: [hash of the thirdMsgId, 12 bytes][id u64][acceptedMs u48]
 */
import { crc32 } from 'node:zlib';
import { readId, writeId } from '../record.js';
import type { Batch } from './batch.js';
import { dedupeKey, HASH_BYTES } from './keys.js';

export interface Tail {
  /** The last id given out, or what a device has seen. */
  readonly last: number;
  readonly spilled: boolean;
  /** Encoded, oldest first. */
  readonly entries: Buffer;
}

/** Under which id and when a thirdMsgId was accepted; id 0 while it waits for its time. */
export interface DedupeEntry {
  readonly id: number;
  readonly acceptedMs: number;
}

/**
 * With more, the oldest move out, all together: a busy stream touches their pages once for many
 * records, and what an append rewrites stays short.
 */
const MAX_ENTRIES = 16;
const ENTRIES_AT = 13;
const ENTRY_BYTES = HASH_BYTES + 14;
const SPILLED = 1;

export const EMPTY_TAIL: Tail = { last: 0, spilled: false, entries: Buffer.alloc(0) };

/** Null when the row is damaged. */
export function parseTail(value: Buffer): Tail | null {
  if (value.length < ENTRIES_AT || value.readUInt32BE(0) !== crc32(value.subarray(4))) return null;
  const spilled = ((value[12] ?? 0) & SPILLED) !== 0;
  return { last: readId(value, 4), spilled, entries: value.subarray(ENTRIES_AT) };
}

export function encodeTail(tail: Tail): Buffer {
  const value = Buffer.allocUnsafe(ENTRIES_AT + tail.entries.length);
  writeId(value, tail.last, 4);
  value[12] = tail.spilled ? SPILLED : 0;
  value.set(tail.entries, ENTRIES_AT);
  value.writeUInt32BE(crc32(value.subarray(4)), 0);
  return value;
}

export function encodeEntry(entry: DedupeEntry, hash: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(ENTRY_BYTES);
  bytes.set(hash.subarray(0, HASH_BYTES), 0);
  writeId(bytes, entry.id, HASH_BYTES);
  bytes.writeUIntBE(entry.acceptedMs, HASH_BYTES + 8, 6);
  return bytes;
}

/** An entry, or the value of a dedupe row, which is an entry, too. */
export function decodeEntry(bytes: Buffer, at = 0): DedupeEntry {
  return {
    id: readId(bytes, at + HASH_BYTES),
    acceptedMs: bytes.readUIntBE(at + HASH_BYTES + 8, 6),
  };
}

/** What the stream remembers of a thirdMsgId; `get` reads a row of `streams`. */
export function findEntry(
  tail: Tail,
  prefix: Buffer,
  hash: Buffer,
  get: (key: Buffer) => Buffer | undefined,
): DedupeEntry | undefined {
  const at = entryAt(tail.entries, hash);
  if (at >= 0) return decodeEntry(tail.entries, at);
  const row = tail.spilled ? get(dedupeKey(prefix, hash)) : undefined;
  return row === undefined ? undefined : decodeEntry(row);
}

function entryAt(entries: Buffer, hash: Buffer): number {
  const first = hash[0];
  // One byte first: to compare the rest is a call out of JavaScript, for up to sixteen entries an append.
  for (let at = 0; at < entries.length; at += ENTRY_BYTES)
    if (entries[at] === first && entries.compare(hash, 0, HASH_BYTES, at, at + HASH_BYTES) === 0) return at;
  return -1;
}

/** The tail with one more entry, in place of an older one of the same thirdMsgId; moves out what is too much. */
export function remember(batch: Batch, prefix: Buffer, tail: Tail, hash: Buffer, entry: DedupeEntry): Tail {
  const at = entryAt(tail.entries, hash);
  const encoded = encodeEntry(entry, hash);
  if (at < 0 && tail.entries.length >= MAX_ENTRIES * ENTRY_BYTES) {
    for (let old = 0; old < tail.entries.length; old += ENTRY_BYTES) {
      const row = Buffer.from(tail.entries.subarray(old, old + ENTRY_BYTES));
      batch.streams.put(dedupeKey(prefix, row), row);
    }
    return { ...tail, spilled: true, entries: encoded };
  }
  if (at < 0) {
    const entries = Buffer.allocUnsafe(tail.entries.length + ENTRY_BYTES);
    entries.set(tail.entries, 0);
    entries.set(encoded, tail.entries.length);
    return { last: tail.last, spilled: tail.spilled, entries };
  }
  const entries = Buffer.from(tail.entries);
  entries.set(encoded, at);
  return { ...tail, entries };
}

/** The entries that are still to be remembered; the same buffer when all are. */
export function keepEntries(tail: Tail, keep: (entry: DedupeEntry) => boolean): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < tail.entries.length; at += ENTRY_BYTES)
    if (keep(decodeEntry(tail.entries, at))) kept.push(tail.entries.subarray(at, at + ENTRY_BYTES));
  return kept.length * ENTRY_BYTES === tail.entries.length ? tail.entries : Buffer.concat(kept);
}
