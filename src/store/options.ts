/** What every driver is given and checks alike. */
import { MAX_RETENTION_MS, type StreamKey } from '../core/model.js';
import type { AppendRequest } from '../core/ports.js';

/** Told of a stored row whose checksum is wrong; the row is skipped. `where` names it for a log. */
export type OnCorrupt = (where: string) => void;

export interface StoreOptions {
  /** True for single-device streams: what their user's cursor has passed ended as `consumed`. */
  readonly isSingleReader: (instance: string, biz: string) => boolean;
  readonly onCorrupt: OnCorrupt;
}

/** A thirdMsgId is remembered so long from its acceptance, whatever became of the record. */
export const DEDUPE_MS = MAX_RETENTION_MS;
/** Dead letters are listed so long. */
export const DEAD_LETTER_MS = MAX_RETENTION_MS;

/**
 * The id rule: strictly increasing in the stream, and never below what was given out before a
 * restart, a restore or the end of the stream's records (`idFloor`).
 *
 * @throws {RangeError} past Number.MAX_SAFE_INTEGER, in the year 2255 or for a broken clock.
 */
export function nextId(last: number, wallMs: number, idFloor: number): number {
  const id = Math.max(last + 1, wallMs * 1000, idFloor);
  if (!Number.isSafeInteger(id)) throw new RangeError(`no oplog id after ${last} at ${wallMs}`);
  return id;
}

/** @throws {RangeError} for an owner that would run into the next key, or a floor that is no id. */
export function checkStream(stream: StreamKey): void {
  if (stream.owner.includes('\0')) throw new RangeError('an owner holds a NUL');
}

/** @throws {RangeError} for times that cannot be stored. */
export function checkRequest(request: AppendRequest): void {
  checkStream(request.stream);
  for (const ms of [request.acceptedMs, request.expiresMs, request.notBeforeMs]) {
    if (!Number.isSafeInteger(ms) || ms < 0 || ms >= 2 ** 48) throw new RangeError(`not a time in ms: ${ms}`);
  }
}
