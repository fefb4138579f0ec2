/** Single values of a request from outside: what each may look like, and how it is refused. */
import type { SyncResult } from '../../core/codes.js';
import { parseVersion } from '../../core/targeting.js';

/** A field that cannot be used. `result` is the code for a caller of `/webapi`. */
export class UnusableField extends Error {
  override readonly name = 'UnusableField';
  readonly result: SyncResult;
  readonly field: string;
  readonly limit: number | undefined;

  constructor(result: SyncResult, field: string, message: string, limit?: number) {
    super(message);
    this.result = result;
    this.field = field;
    this.limit = limit;
  }
}

export const LONE_SURROGATE = /\p{Surrogate}/u;
export const CONTROL = /\p{Cc}/u;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const MAX_UID = 99;
/** A decimal ms time of 13 digits lasts until the year 2286 (mPaaS MSS guide, 5.2: longest 13). */
const DECIMAL_TIME = /^\d{1,13}$/;

/** A refusal for which `/webapi` has no finer code. */
export function unusable(field: string, message: string): UnusableField {
  return new UnusableField('ARGS_IS_NULL', field, message);
}

/** True when the text has more than `max` code points. Counts only when it has to. */
export function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > 2 * max) return true;
  let count = 0;
  for (const _ of text) {
    count += 1;
    if (count > max) return true;
  }
  return false;
}

/** A string, or null when absent or empty. */
export function optionalString(value: unknown, field: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw unusable(field, `${field} must be a string`);
  return value;
}

/**
 * Decodes base64 in the standard or the URL alphabet, padded or not, with line ends
 * (java.util.Base64's MIME encoder writes them). Null for anything else: Buffer.from would skip
 * what it does not know and deliver other bytes than were meant.
 */
export function decodeBase64(text: string): Buffer | null {
  const compact = text.includes('\n') ? text.replace(/\r?\n/g, '') : text;
  if (!BASE64.test(compact)) return null;
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const digits = compact.length - padding;
  if (digits === 0 || digits % 4 === 1 || (padding > 0 && compact.length % 4 !== 0)) return null;
  return Buffer.from(compact, 'base64');
}

/** The operating system as filters name it, or null for all. */
export function parseOs(value: unknown, max: number): string | null {
  const text = optionalString(value, 'osType');
  if (text === null) return null;
  if (isLongerThan(text, max)) {
    throw new UnusableField('ARGS_IS_NULL', 'osType', `osType is longer than ${max} characters`, max);
  }
  switch (text.toLowerCase()) {
    case 'ios':
      return 'ios';
    case 'android':
      return 'android';
    case 'harmony':
    case 'harmonyos':
      return 'harmony';
    default:
      throw unusable('osType', 'osType must be iOS, Android or Harmony');
  }
}

/** A version as the filters take it, or null when absent. */
export function readVersion(value: unknown, field: string, max: number): string | null {
  const text = optionalString(value, field);
  if (text === null) return null;
  if (isLongerThan(text, max)) {
    throw new UnusableField('ARGS_IS_NULL', field, `${field} is longer than ${max} characters`, max);
  }
  if (parseVersion(text) === null) {
    throw unusable(field, `${field} must be up to six numbers of at most nine digits, joined by dots`);
  }
  return text;
}

/** Wall-clock ms from a number or a decimal string; 0 (an unset Java long) and '' are absent. */
export function parseTime(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === '' || value === 0 || value === '0') return null;
  const time = typeof value === 'string' && DECIMAL_TIME.test(value) ? Number(value) : value;
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) {
    throw unusable(field, `${field} must be a time in ms`);
  }
  return time;
}

/** A number 0..99 or its decimal text, or null when absent. */
export function parseUid(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const uid = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value;
  if (typeof uid !== 'number' || !Number.isInteger(uid) || uid < 0 || uid > MAX_UID) {
    throw new UnusableField('ARGS_IS_NULL', field, `${field} must be a number from 0 to ${MAX_UID}`, MAX_UID);
  }
  return uid;
}

/** `"01,02,99"` (mPaaS MSS OpenAPI, CreateOpenGlobalData) or a JSON array of numbers or strings. */
export function parseUids(value: unknown): readonly number[] | null {
  if (value === undefined || value === null || value === '') return null;
  const items = typeof value === 'string' ? value.split(',', MAX_UID + 2) : value;
  if (!Array.isArray(items)) throw unusable('uids', 'uids must be a list of numbers');
  if (items.length > MAX_UID + 1) {
    throw new UnusableField('ARGS_IS_NULL', 'uids', 'uids has too many entries', MAX_UID + 1);
  }
  const uids = new Set<number>();
  for (const item of items) {
    const uid = parseUid(typeof item === 'string' ? item.trim() : item, 'uids');
    if (uid === null) throw unusable('uids', 'uids has an empty entry');
    uids.add(uid);
  }
  return uids.size > 0 ? [...uids] : null;
}
