/**
 * Stored bytes of one oplog, and of the small JSON rows beside it. Pure; shared by the drivers.
 *
 * Record, big-endian:
 *   0 version u8 (1)      1 flags u8          2 CRC-32 u32
 *   6 acceptedMs u48     12 expiresMs u48    18 thirdMsgId length u16, UTF-8
 *   then, as the flags say: resendOf u64, filter length u16 and JSON; then the body to the end.
 * The CRC covers the id (it lies in the key, and a record under a wrong key is corrupt, too)
 * and everything but the CRC itself.
 */
import { crc32 } from 'node:zlib';
import type { Filter, Oplog } from '../core/model.js';

const RECORD_VERSION = 1;
const FLAG_TRACED = 1;
const FLAG_RESEND = 2;
const FLAG_FILTER = 4;
const HEADER_BYTES = 20;
const CRC_AT = 2;
const CRC_END = 6;

/** Writes a safe integer as u64, big-endian. */
export function writeId(target: Buffer, id: number, at: number): number {
  target.writeUInt32BE(Math.floor(id / 0x1_0000_0000), at);
  target.writeUInt32BE(id % 0x1_0000_0000, at + 4);
  return at + 8;
}

/** Reads a u64 that `writeId` wrote. */
export function readId(source: Buffer, at: number): number {
  return source.readUInt32BE(at) * 0x1_0000_0000 + source.readUInt32BE(at + 4);
}

/** A Buffer over the same bytes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The id and what comes before the CRC. */
const beforeCrc = Buffer.alloc(8 + CRC_AT);

function recordCrc(id: number, bytes: Buffer): number {
  const at = writeId(beforeCrc, id, 0);
  beforeCrc[at] = bytes[0] ?? 0;
  beforeCrc[at + 1] = bytes[1] ?? 0;
  return crc32(bytes.subarray(CRC_END), crc32(beforeCrc));
}

/** @throws {RangeError} when the thirdMsgId or the filter is longer than 65,535 bytes. */
export function encodeRecord(oplog: Oplog): Buffer {
  const filter = oplog.filter === null ? '' : JSON.stringify(oplog.filter);
  const thirdBytes = Buffer.byteLength(oplog.thirdMsgId);
  const filterBytes = Buffer.byteLength(filter);
  if (thirdBytes > 0xffff || filterBytes > 0xffff) throw new RangeError('thirdMsgId or filter too long');
  const hasResend = oplog.resendOf !== 0;
  const size =
    HEADER_BYTES +
    thirdBytes +
    (hasResend ? 8 : 0) +
    (filterBytes > 0 ? 2 + filterBytes : 0) +
    oplog.body.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] = RECORD_VERSION;
  bytes[1] =
    (oplog.traced ? FLAG_TRACED : 0) | (hasResend ? FLAG_RESEND : 0) | (filterBytes > 0 ? FLAG_FILTER : 0);
  bytes.writeUIntBE(oplog.acceptedMs, 6, 6);
  bytes.writeUIntBE(oplog.expiresMs, 12, 6);
  bytes.writeUInt16BE(thirdBytes, 18);
  let at = HEADER_BYTES;
  at += bytes.write(oplog.thirdMsgId, at);
  if (hasResend) at = writeId(bytes, oplog.resendOf, at);
  if (filterBytes > 0) {
    at = bytes.writeUInt16BE(filterBytes, at);
    at += bytes.write(filter, at);
  }
  bytes.set(oplog.body, at);
  bytes.writeUInt32BE(recordCrc(oplog.id, bytes), CRC_AT);
  return bytes;
}

/** The record, or null when its bytes are not what was written. The body shares `stored`. */
export function decodeRecord(id: number, stored: Uint8Array): Oplog | null {
  const bytes = asBuffer(stored);
  if (bytes.length < HEADER_BYTES || bytes[0] !== RECORD_VERSION) return null;
  if (bytes.readUInt32BE(CRC_AT) !== recordCrc(id, bytes)) return null;
  const flags = bytes[1] ?? 0;
  let at = HEADER_BYTES;
  const thirdMsgId = bytes.toString('utf8', at, at + bytes.readUInt16BE(18));
  at += bytes.readUInt16BE(18);
  let resendOf = 0;
  if (flags & FLAG_RESEND) {
    resendOf = readId(bytes, at);
    at += 8;
  }
  let filter: Filter | null = null;
  if (flags & FLAG_FILTER) {
    const length = bytes.readUInt16BE(at);
    filter = JSON.parse(bytes.toString('utf8', at + 2, at + 2 + length)) as Filter;
    at += 2 + length;
  }
  return {
    id,
    acceptedMs: bytes.readUIntBE(6, 6),
    expiresMs: bytes.readUIntBE(12, 6),
    thirdMsgId,
    filter,
    traced: (flags & FLAG_TRACED) !== 0,
    resendOf,
    body: bytes.subarray(at),
  };
}

/** When a stored record ends, without checking the rest of it; a corrupt one may say anything. */
export function recordExpiresMs(stored: Uint8Array): number {
  return stored.length < HEADER_BYTES ? 0 : asBuffer(stored).readUIntBE(12, 6);
}

const SEAL_BYTES = 5;
const SEAL_VERSION = 1;

/** JSON with a version byte and a CRC-32 in front. */
export function seal(value: unknown): Buffer {
  const json = JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(SEAL_BYTES + Buffer.byteLength(json));
  bytes[0] = SEAL_VERSION;
  bytes.write(json, SEAL_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(SEAL_BYTES)), 1);
  return bytes;
}

/** What `seal` was given, or undefined when the bytes are damaged. */
export function unseal(stored: Uint8Array): unknown {
  const bytes = asBuffer(stored);
  if (bytes.length < SEAL_BYTES || bytes[0] !== SEAL_VERSION) return undefined;
  const json = bytes.subarray(SEAL_BYTES);
  if (bytes.readUInt32BE(1) !== crc32(json)) return undefined;
  return JSON.parse(json.toString('utf8'));
}
