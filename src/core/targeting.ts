/** Who may see a record: os, app version, uid range, validity. docs/protocol.md 5.7. */
import type { Audience, Filter, Oplog } from './model.js';

/** What a filter is held against. Parsed once a connection, not once a record. */
export interface Subject {
  /** Normalized with `normalizeOs`; empty when the device did not say. */
  readonly os: string;
  /** Null when the device's version is not a version: then no version filter matches. */
  readonly version: readonly number[] | null;
  /** Null when the reader's id is shorter than three characters or has no usable digits. */
  readonly uid: number | null;
  /** `boundSince` of the device. */
  readonly boundMs: number;
}

const MAX_VERSION_PARTS = 6;

/**
 * Parses a dotted version of one to six integer parts, each at most nine digits.
 * By hand: a regular expression over outside input would be one more thing to bound.
 *
 * @returns null when the text is not such a version.
 */
export function parseVersion(text: string): readonly number[] | null {
  const parts: number[] = [];
  let value = 0;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (digits === 0 || parts.length === MAX_VERSION_PARTS) return null;
      parts.push(value);
      value = 0;
      digits = 0;
    } else if (code >= 48 && code <= 57 && digits < 9) {
      value = value * 10 + (code - 48);
      digits++;
    } else {
      return null;
    }
  }
  return parts;
}

/** Compares part by part as integers; missing parts count as 0. Negative when `a` is older. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < MAX_VERSION_PARTS; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `ios`, `android` or `harmony` in any case and under the names in use (`HarmonyOS`); else lower case as given. */
export function normalizeOs(text: string): string {
  const os = text.toLowerCase();
  return os.startsWith('harmony') ? 'harmony' : os;
}

/**
 * The number 00..99 made of the third- and second-last characters of a reader's id; a letter
 * counts by its character code modulo 10 (mPaaS MSS, CreateOpenGlobalData).
 */
export function uidNumber(id: string): number | null {
  if (id.length < 3) return null;
  return digitOf(id.charCodeAt(id.length - 3)) * 10 + digitOf(id.charCodeAt(id.length - 2));
}

function digitOf(code: number): number {
  return code >= 48 && code <= 57 ? code - 48 : code % 10;
}

/** Whether the record's filter lets the subject see it. Validity is `isExpired`. */
export function matches(filter: Filter | null, subject: Subject): boolean {
  if (filter === null) return true;
  if (filter.os !== undefined && filter.os !== subject.os) return false;
  if (filter.audience !== undefined && !matchesAudience(filter.audience, subject.boundMs)) return false;
  return matchesVersion(filter, subject) && matchesUid(filter, subject);
}

function matchesAudience(audience: Audience, boundMs: number): boolean {
  if (boundMs === 0) return audience.neverBound === true;
  if (boundMs > 0) return audience.boundSinceMs !== undefined && boundMs >= audience.boundSinceMs;
  return audience.unboundSinceMs !== undefined && -boundMs >= audience.unboundSinceMs;
}

function matchesVersion(filter: Filter, subject: Subject): boolean {
  if (filter.minVersion === undefined && filter.maxVersion === undefined) return true;
  if (subject.version === null) return false;
  return (
    bound(filter.minVersion, (min) => compareVersions(subject.version ?? [], min) >= 0) &&
    bound(filter.maxVersion, (max) => compareVersions(subject.version ?? [], max) <= 0)
  );
}

/** A bound that is no version matches nobody: the API refuses it, so only damage could bring it here. */
function bound(text: string | undefined, holds: (version: readonly number[]) => boolean): boolean {
  if (text === undefined) return true;
  const version = parseVersion(text);
  return version !== null && holds(version);
}

function matchesUid(filter: Filter, subject: Subject): boolean {
  if (filter.uids === undefined && filter.minUid === undefined && filter.maxUid === undefined) return true;
  if (subject.uid === null) return false;
  if (filter.uids !== undefined) return filter.uids.includes(subject.uid);
  return subject.uid >= (filter.minUid ?? 0) && subject.uid <= (filter.maxUid ?? 99);
}

/** True from `expiresMs` on: such a record is never written to a socket. */
export function isExpired(oplog: Oplog, wallMs: number): boolean {
  return wallMs >= oplog.expiresMs;
}
