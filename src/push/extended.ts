/** Extended parameters of a push: mPaaS MPS guide, 6.1.1, and its server API. */
import { parseVersion } from '../core/targeting.js';
import { PushRefusal } from './codes.js';

/** Kept by the system: a caller must not set them. */
const SYSTEM = ['notifyType', 'action', 'silent', 'pushType', 'templateCode', 'channel', 'taskId'];
/** They have a meaning for the server or a vendor channel, and do not reach the app; `badge` alone does. */
const MEANINGFUL = new Set([
  ...['min_version', 'max_version', 'sound', 'mutable-content', 'Icon', 'fcm'],
  ...['badge_add_num', 'badge_class', 'big_text'],
]);

export interface CheckedExtended {
  /** What reaches the app. */
  readonly own: ReadonlyMap<string, string>;
  /** Inclusive bounds, as filters take them. */
  readonly minVersion?: string;
  readonly maxVersion?: string;
}

/** @throws {PushRefusal} 3044, 3058, 3059 */
export function checkExtended(extended: ReadonlyMap<string, string>): CheckedExtended {
  const taken = SYSTEM.find((key) => extended.has(key));
  if (taken !== undefined) throw new PushRefusal('3044', `${taken} is kept by the system`);
  const add = extended.get('badge_add_num');
  if (add !== undefined && !/^\d{1,3}$/.test(add)) throw new PushRefusal('3058');
  if (add !== undefined && (extended.get('badge_class') ?? '') === '') throw new PushRefusal('3059');
  const min = readBound(extended, 'min_version');
  const max = readBound(extended, 'max_version');
  return {
    own: new Map([...extended].filter(([key]) => !MEANINGFUL.has(key))),
    ...(min === null ? {} : { minVersion: versionAfter(min) }),
    ...(max === null ? {} : { maxVersion: versionBefore(max) }),
  };
}

function readBound(extended: ReadonlyMap<string, string>, key: string): readonly number[] | null {
  const text = extended.get(key) ?? '';
  if (text === '') return null;
  const version = parseVersion(text);
  if (version === null) throw new PushRefusal('3044', `${key} is no version`);
  return version;
}

const PARTS = 6;
/** Versions have at most nine digits a part. */
const HIGHEST = 999_999_999;

/** The lowest version above one: the bounds of a push are exclusive, those of a filter inclusive. */
export function versionAfter(version: readonly number[]): string {
  const parts = padded(version);
  for (let at = PARTS - 1; at >= 0; at -= 1) {
    if ((parts[at] ?? 0) < HIGHEST) {
      parts[at] = (parts[at] ?? 0) + 1;
      break;
    }
    parts[at] = 0;
  }
  return parts.join('.');
}

/** The highest version below one. Below 0 there is none: then 0 itself, which no app has. */
export function versionBefore(version: readonly number[]): string {
  const parts = padded(version);
  if (parts.every((part) => part === 0)) return '0';
  for (let at = PARTS - 1; at >= 0; at -= 1) {
    if ((parts[at] ?? 0) > 0) {
      parts[at] = (parts[at] ?? 0) - 1;
      break;
    }
    parts[at] = HIGHEST;
  }
  return parts.join('.');
}

function padded(version: readonly number[]): number[] {
  return Array.from({ length: PARTS }, (_, index) => version[index] ?? 0);
}
