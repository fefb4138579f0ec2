/** Cuts a stream of chunks into frames: a varint byte length, then so many bytes. docs/protocol.md 1.1. */
import { CloseCode } from '../core/codes.js';
import { WireError } from './wire-error.js';

/**
 * What a connection keeps between chunks. Null when no frame is half received, which is nearly
 * always: an idle connection holds no Buffer.
 */
export interface PartialHolder {
  /** Start of a frame, its length prefix included. Its capacity may exceed `partialBytes`. */
  partial: Buffer | null;
  /** How many bytes of `partial` are filled. */
  partialBytes: number;
}

/** A chunk being read. One short-lived object per chunk. */
export interface ChunkCursor {
  readonly chunk: Buffer;
  /** Index of the first byte not yet taken. */
  offset: number;
}

/** A varint longer than this cannot be a length. */
const MAX_PREFIX_BYTES = 5;
const MIN_PARTIAL_BYTES = 64;

/**
 * Takes the next whole frame, or keeps the rest of the chunk for the next one.
 *
 * The bytes returned alias the chunk (or a buffer that is given up): copy what is to be kept
 * beyond the handling of the frame.
 *
 * @param maxFrameBytes Longest frame allowed, without its prefix. Checked as soon as the prefix is
 *   complete, before anything is allocated for the frame.
 * @param tooLong Code for a longer one: it differs before and after the Hello.
 * @returns The frame without its prefix, or null when the chunk is used up.
 * @throws {WireError} PROTOCOL_ERROR for a prefix of more than 5 bytes, `tooLong` for a long frame.
 */
export function takeFrame(
  holder: PartialHolder,
  cursor: ChunkCursor,
  maxFrameBytes: number,
  tooLong: CloseCode = CloseCode.FRAME_TOO_LONG,
): Buffer | null {
  if (holder.partial !== null) return completePartial(holder, holder.partial, cursor, maxFrameBytes, tooLong);
  const { chunk, offset } = cursor;
  if (offset >= chunk.length) return null;
  const prefixBytes = prefixLength(chunk, offset, chunk.length);
  if (prefixBytes > 0) {
    const frameBytes = checkedLength(chunk, offset, prefixBytes, maxFrameBytes, tooLong);
    const start = offset + prefixBytes;
    const end = start + frameBytes;
    if (end <= chunk.length) {
      cursor.offset = end;
      return chunk.subarray(start, end);
    }
    append(holder, cursor, chunk.length - offset, prefixBytes + frameBytes);
    return null;
  }
  append(holder, cursor, chunk.length - offset, MIN_PARTIAL_BYTES);
  return null;
}

function completePartial(
  holder: PartialHolder,
  partial: Buffer,
  cursor: ChunkCursor,
  maxFrameBytes: number,
  tooLong: CloseCode,
): Buffer | null {
  let held = partial;
  let prefixBytes = prefixLength(held, 0, holder.partialBytes);
  while (prefixBytes === 0) {
    if (cursor.offset >= cursor.chunk.length) return null;
    held = append(holder, cursor, 1, MIN_PARTIAL_BYTES);
    prefixBytes = prefixLength(held, 0, holder.partialBytes);
  }
  const whole = prefixBytes + checkedLength(held, 0, prefixBytes, maxFrameBytes, tooLong);
  const missing = whole - holder.partialBytes;
  held = append(holder, cursor, Math.min(missing, cursor.chunk.length - cursor.offset), whole);
  if (holder.partialBytes < whole) return null;
  const frame = held.subarray(prefixBytes, whole);
  dropPartial(holder);
  return frame;
}

/** Forgets a half received frame. */
export function dropPartial(holder: PartialHolder): void {
  holder.partial = null;
  holder.partialBytes = 0;
}

/**
 * Moves bytes from the chunk to the holder. Room grows by doubling and never beyond `whole`, so
 * that a prefix announcing a long frame does not by itself take the memory of one.
 */
function append(holder: PartialHolder, cursor: ChunkCursor, count: number, whole: number): Buffer {
  const needed = holder.partialBytes + count;
  let partial = holder.partial;
  if (partial === null || partial.length < needed) {
    const room = Math.max(needed, Math.min(whole, Math.max(2 * needed, MIN_PARTIAL_BYTES)));
    // Not from the shared pool: a few bytes held for long would pin 8 KiB of it.
    const grown = Buffer.allocUnsafeSlow(room);
    if (partial !== null) partial.copy(grown, 0, 0, holder.partialBytes);
    partial = grown;
    holder.partial = partial;
  }
  cursor.chunk.copy(partial, holder.partialBytes, cursor.offset, cursor.offset + count);
  holder.partialBytes = needed;
  cursor.offset += count;
  return partial;
}

/** Bytes of the varint at `start`, or 0 when it goes on past `end`. */
function prefixLength(bytes: Uint8Array, start: number, end: number): number {
  for (let i = 0; i < MAX_PREFIX_BYTES; i += 1) {
    const byte = bytes[start + i];
    if (start + i >= end || byte === undefined) return 0;
    if (byte < 0x80) return i + 1;
  }
  throw new WireError(CloseCode.PROTOCOL_ERROR, `length prefix of more than ${MAX_PREFIX_BYTES} bytes`);
}

function checkedLength(
  bytes: Uint8Array,
  start: number,
  prefixBytes: number,
  maxFrameBytes: number,
  tooLong: CloseCode,
): number {
  let length = 0;
  for (let i = prefixBytes - 1; i >= 0; i -= 1) {
    // Multiplied, not shifted: five bytes hold up to 35 bits.
    length = length * 128 + ((bytes[start + i] ?? 0) & 0x7f);
  }
  if (length > maxFrameBytes) {
    throw new WireError(tooLong, `frame of ${length} bytes, limit ${maxFrameBytes}`);
  }
  return length;
}
