/**
 * Fields 2 to 5 of an Oplog: encoded once when a message is accepted, stored, and put on the wire
 * behind the id without being parsed. proto/longlink.proto, Oplog.
 */
import { longlink } from '#proto';
import type { EncodeOplogBody } from '../core/ports.js';
import { toSafe } from './values.js';

/** What a stored body says. */
export interface OplogBody {
  readonly payload: Uint8Array;
  /** True when the caller gave binary data, false when payload is UTF-8 text. */
  readonly binary: boolean;
  readonly thirdMsgId: string;
  /** Wall-clock ms. */
  readonly acceptedMs: number;
}

/** Encodes the wire fields of an oplog but its id. */
export const encodeOplogBody: EncodeOplogBody = (data) =>
  longlink.Oplog.encode({
    payload: data.payload,
    binary: data.binary,
    thirdMsgId: data.thirdMsgId,
    acceptedMs: data.acceptedMs,
  }).finish();

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
