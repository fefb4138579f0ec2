/**
 * Joins a Sync frame from stored oplog bodies by hand: one size pass, one allocation, no parsing.
 * The bytes are those that the generated encoder would write; a test holds the two equal.
 */
import type { ServerFrame } from '../core/frames.js';
import type { Oplog } from '../core/model.js';
import { OWNER_NUMBER } from './values.js';
import { numberSize, putNumber, putVarint, varintSize } from './varint.js';

type SyncFrame = Extract<ServerFrame, { type: 'sync' }>;

// Field number and wire type of each field. proto/longlink.proto: ServerFrame 3, Sync 1-9, Oplog 1.
const TAG_FRAME_SYNC = 0x1a;
const TAG_OWNER = 0x08;
const TAG_BIZ = 0x12;
const TAG_BIND_SEQ = 0x18;
const TAG_FROM = 0x20;
const TAG_THROUGH = 0x28;
const TAG_OPLOG = 0x32;
const TAG_TRANSIENT = 0x38;
const TAG_LATE = 0x40;
const TAG_SERVER_POINT = 0x48;
const TAG_OPLOG_ID = 0x08;

/** Bytes of a Sync frame with its length prefix. Ids are safe integers. */
export function encodeSync(frame: SyncFrame): Buffer {
  const bizBytes = Buffer.byteLength(frame.biz);
  const syncBytes = sizeOfSync(frame, bizBytes);
  const frameBytes = 1 + varintSize(syncBytes) + syncBytes;
  const out = Buffer.allocUnsafe(varintSize(frameBytes) + frameBytes);
  let at = putVarint(out, 0, frameBytes);
  out[at++] = TAG_FRAME_SYNC;
  at = putVarint(out, at, syncBytes);
  at = putNumber(out, at, TAG_OWNER, OWNER_NUMBER[frame.kind]);
  if (bizBytes > 0) {
    out[at++] = TAG_BIZ;
    at = putVarint(out, at, bizBytes);
    at += out.write(frame.biz, at, bizBytes, 'utf8');
  }
  at = putNumber(out, at, TAG_BIND_SEQ, frame.bindSeq);
  at = putNumber(out, at, TAG_FROM, frame.from);
  at = putNumber(out, at, TAG_THROUGH, frame.through);
  for (const oplog of frame.oplogs) {
    out[at++] = TAG_OPLOG;
    at = putVarint(out, at, sizeOfOplog(oplog));
    at = putNumber(out, at, TAG_OPLOG_ID, oplog.id);
    out.set(oplog.body, at);
    at += oplog.body.length;
  }
  at = putNumber(out, at, TAG_TRANSIENT, frame.transient ? 1 : 0);
  at = putNumber(out, at, TAG_LATE, frame.late ? 1 : 0);
  putNumber(out, at, TAG_SERVER_POINT, frame.serverPoint ? 1 : 0);
  return out;
}

function sizeOfSync(frame: SyncFrame, bizBytes: number): number {
  let size = numberSize(OWNER_NUMBER[frame.kind]) + numberSize(frame.bindSeq);
  if (bizBytes > 0) size += 1 + varintSize(bizBytes) + bizBytes;
  size += numberSize(frame.from) + numberSize(frame.through);
  for (const oplog of frame.oplogs) {
    const bytes = sizeOfOplog(oplog);
    size += 1 + varintSize(bytes) + bytes;
  }
  return size + (frame.transient ? 2 : 0) + (frame.late ? 2 : 0) + (frame.serverPoint ? 2 : 0);
}

function sizeOfOplog(oplog: Oplog): number {
  return numberSize(oplog.id) + oplog.body.length;
}
