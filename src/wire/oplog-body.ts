/**
 * Fields 2 to 5 of an Oplog: encoded once when a message is accepted, stored, and put on the wire
 * behind the id without being parsed. proto/longlink.proto, Oplog.
 */
import { longlink } from '#proto';
import type { EncodeOplogBody } from '../core/ports.js';
import { toSafe } from './values.js';
import { numberSize, putNumber, varintSize } from './varint.js';

/** What a stored body says. */
export interface OplogBody {
  readonly payload: Uint8Array;
  /** True when the caller gave binary data, false when payload is UTF-8 text. */
  readonly binary: boolean;
  readonly thirdMsgId: string;
  /** Wall-clock ms. */
  readonly acceptedMs: number;
}

// Field number and wire type. proto/longlink.proto, Oplog 2 to 5.
const TAG_PAYLOAD = 0x12;
const TAG_BINARY = 0x18;
const TAG_THIRD_MSG_ID = 0x22;
const TAG_ACCEPTED_MS = 0x28;

/**
 * Encodes the wire fields of an oplog but its id, by hand: every message passes here, and the generated
 * encoder makes a chain of objects. A test holds the bytes equal to those that it writes.
 */
export const encodeOplogBody: EncodeOplogBody = ({ payload, binary, thirdMsgId, acceptedMs }) => {
  const idBytes = Buffer.byteLength(thirdMsgId);
  const size =
    (payload.length === 0 ? 0 : 1 + varintSize(payload.length) + payload.length) +
    (binary ? 2 : 0) +
    (idBytes === 0 ? 0 : 1 + varintSize(idBytes) + idBytes) +
    numberSize(acceptedMs);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  if (payload.length > 0) {
    at = putNumber(out, at, TAG_PAYLOAD, payload.length);
    out.set(payload, at);
    at += payload.length;
  }
  at = putNumber(out, at, TAG_BINARY, binary ? 1 : 0);
  if (idBytes > 0) {
    at = putNumber(out, at, TAG_THIRD_MSG_ID, idBytes);
    at += out.write(thirdMsgId, at, idBytes, 'utf8');
  }
  putNumber(out, at, TAG_ACCEPTED_MS, acceptedMs);
  return out;
};

/**
 * Reads a stored body, for the timeline and the admin views. `payload` aliases the input.
 *
 * @throws {Error} when it is no such body: the stored bytes are damaged.
 */
export function decodeOplogBody(body: Uint8Array): OplogBody {
  return toOplogBody(longlink.Oplog.decode(body));
}

/** The fields of a decoded Oplog but its id. */
export function toOplogBody(oplog: longlink.Oplog.$Properties): OplogBody {
  return {
    payload: oplog.payload ?? new Uint8Array(0),
    binary: oplog.binary ?? false,
    thirdMsgId: oplog.thirdMsgId ?? '',
    acceptedMs: toSafe(oplog.acceptedMs),
  };
}
