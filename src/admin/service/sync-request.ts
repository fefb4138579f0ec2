/**
 * The one place where a sync request from outside is checked: `/webapi`, the admin port's enqueue
 * and the signed OpenAPI all call it, so a field means the same and has the same limit everywhere.
 */
import type { SyncResult } from '../../core/codes.js';
import type { SendRequest } from '../../core/delivery.js';
import { MAX_RETENTION_MS } from '../../core/model.js';
import { isReservedBiz } from '../../core/push-streams.js';
import { compareVersions, parseVersion } from '../../core/targeting.js';
import {
  CONTROL,
  decodeBase64,
  isLongerThan,
  LONE_SURROGATE,
  optionalString,
  parseOs,
  parseTime,
  parseUid,
  parseUids,
  readVersion,
  UnusableField,
  unusable,
} from './field-values.js';

/** Longest fields, in code points where it is text: UTF-16 units would refuse an emoji early. */
export interface SyncLimits {
  readonly bizType: number;
  readonly linkToken: number;
  readonly thirdMsgId: number;
  readonly payload: number;
  /** Base64 characters. */
  readonly binaryPayload: number;
  readonly osType: number;
  /** Of appMinVersion and appMaxVersion. */
  readonly version: number;
}

/** mPaaS MSS guide, 5.2: the column "longest". */
export const DEFAULT_SYNC_LIMITS: SyncLimits = {
  bizType: 30,
  linkToken: 100,
  thirdMsgId: 100,
  payload: 4096,
  binaryPayload: 4096,
  osType: 10,
  version: 20,
};

/** A code point takes at most 12 bytes in JSON, escaped as a surrogate pair. */
const ESCAPED_BYTES = 12;
/** Room for the other fields and for unknown ones. */
const OTHER_FIELDS_BYTES = 16_384;

/** Bytes of the longest body that can be right. */
export function maxBodyBytesOf(limits: SyncLimits): number {
  return Math.max(limits.payload * ESCAPED_BYTES, limits.binaryPayload) + OTHER_FIELDS_BYTES;
}

/** Which call was made, and what it needs beside the body. */
export interface SyncCall {
  readonly instance: string;
  readonly global: boolean;
  /** Wall-clock ms now. */
  readonly nowMs: number;
  readonly limits: SyncLimits;
}

/**
 * Turns the fields of a request into what delivery takes. Unknown fields are not looked at.
 * An empty string or null counts as absent (Java back ends send both).
 *
 * @throws {UnusableField} naming the field, and the limit where there is one.
 */
export function parseSyncRequest(body: unknown, call: SyncCall): SendRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new UnusableField('ARGS_IS_NULL', 'body', 'the body must be a JSON object');
  }
  const fields = body as Readonly<Record<string, unknown>>;
  const { limits } = call;
  const biz = identifier(fields, 'bizType', limits.bizType, 'ARGS_IS_NULL', 'ARGS_IS_NULL');
  if (isReservedBiz(biz)) throw new UnusableField('BIZ_NOT_ONLINE', 'bizType', 'bizType is reserved');
  const linkToken = call.global
    ? ''
    : identifier(fields, 'linkToken', limits.linkToken, 'ARGS_IS_NULL', 'ARGS_IS_NULL');
  const thirdMsgId = identifier(
    fields,
    'thirdMsgId',
    limits.thirdMsgId,
    'THIRDMSGID_IS_NULL',
    'THIRD_MSG_ID_LONG',
  );
  const data = payloadOf(fields, limits);
  return {
    instance: call.instance,
    biz,
    global: call.global,
    linkToken,
    thirdMsgId,
    ...data,
    ...conditions(fields, call),
  };
}

type Conditions = Pick<
  SendRequest,
  'os' | 'minVersion' | 'maxVersion' | 'validStartMs' | 'validEndMs' | 'minUid' | 'maxUid' | 'uids'
>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The filters and the validity. Most requests have one or two, so absent keys are left out. */
function conditions(fields: Readonly<Record<string, unknown>>, call: SyncCall): Conditions {
  const { limits } = call;
  const found: Writable<Conditions> = {};
  const os = parseOs(fields.osType, limits.osType);
  if (os !== null) found.os = os;
  const minVersion = readVersion(fields.appMinVersion, 'appMinVersion', limits.version);
  if (minVersion !== null) found.minVersion = minVersion;
  const maxVersion = readVersion(fields.appMaxVersion, 'appMaxVersion', limits.version);
  if (maxVersion !== null) found.maxVersion = maxVersion;
  checkVersions(minVersion, maxVersion);
  const start = parseTime(fields.validTimeStart, 'validTimeStart');
  const end = parseTime(fields.validTimeEnd, 'validTimeEnd');
  checkValidity(start, end, call);
  if (start !== null) found.validStartMs = start;
  if (end !== null) found.validEndMs = end;
  if (call.global) readUids(fields, found);
  return found;
}

function checkVersions(min: string | null, max: string | null): void {
  const [low, high] = [parseVersion(min ?? ''), parseVersion(max ?? '')];
  if (low !== null && high !== null && compareVersions(low, high) > 0) {
    throw unusable('appMinVersion', 'appMinVersion must not be above appMaxVersion');
  }
}

/** Data that could never be sent is refused, so that it does not end unseen. */
function checkValidity(start: number | null, end: number | null, call: SyncCall): void {
  if (end !== null && end <= call.nowMs) {
    throw unusable('validTimeEnd', 'validTimeEnd has already passed');
  }
  if (start === null) return;
  const latest = call.nowMs + MAX_RETENTION_MS;
  if (start > latest) {
    throw new UnusableField(
      'ARGS_IS_NULL',
      'validTimeStart',
      'validTimeStart is too far ahead',
      MAX_RETENTION_MS,
    );
  }
  if (end !== null && start >= end) {
    throw unusable('validTimeStart', 'validTimeStart must be before validTimeEnd');
  }
}

/** A required name. No control characters: NUL separates names in store keys. */
function identifier(
  fields: Readonly<Record<string, unknown>>,
  field: string,
  max: number,
  missing: SyncResult,
  long: SyncResult,
): string {
  const value = fields[field];
  if (value === undefined || value === null || value === '') {
    throw new UnusableField(missing, field, `${field} is missing`);
  }
  if (typeof value !== 'string') throw unusable(field, `${field} must be a string`);
  if (isLongerThan(value, max)) {
    throw new UnusableField(long, field, `${field} is longer than ${max} characters`, max);
  }
  if (LONE_SURROGATE.test(value) || CONTROL.test(value)) {
    throw unusable(field, `${field} has a control character or half a surrogate pair`);
  }
  return value;
}

function payloadOf(
  fields: Readonly<Record<string, unknown>>,
  limits: SyncLimits,
): { readonly payload: Uint8Array; readonly binary: boolean } {
  const text = optionalString(fields.payload, 'payload');
  const binary = optionalString(fields.binaryPayload, 'binaryPayload');
  if (text !== null && binary !== null) {
    throw unusable('binaryPayload', 'payload and binaryPayload exclude each other');
  }
  if (text !== null) {
    if (isLongerThan(text, limits.payload)) {
      throw new UnusableField(
        'PAYLOAD_LONG',
        'payload',
        `payload is longer than ${limits.payload} characters`,
        limits.payload,
      );
    }
    if (LONE_SURROGATE.test(text)) throw unusable('payload', 'payload has half a surrogate pair');
    return { payload: Buffer.from(text, 'utf8'), binary: false };
  }
  if (binary === null) throw unusable('payload', 'payload and binaryPayload are both missing');
  if (binary.length > limits.binaryPayload) {
    throw new UnusableField(
      'PAYLOAD_LONG',
      'binaryPayload',
      `binaryPayload is longer than ${limits.binaryPayload} characters`,
      limits.binaryPayload,
    );
  }
  const bytes = decodeBase64(binary);
  if (bytes === null) throw unusable('binaryPayload', 'binaryPayload is not base64');
  return { payload: bytes, binary: true };
}

function readUids(fields: Readonly<Record<string, unknown>>, into: Writable<Conditions>): void {
  const uids = parseUids(fields.uids);
  if (uids !== null) into.uids = uids;
  const min = parseUid(fields.minUid, 'minUid');
  const max = parseUid(fields.maxUid, 'maxUid');
  if (min !== null && max !== null && min > max) throw unusable('minUid', 'minUid must not be above maxUid');
  if (min !== null) into.minUid = min;
  if (max !== null) into.maxUid = max;
}
