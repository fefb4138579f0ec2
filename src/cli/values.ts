/** Texts of the command line, read as what they mean. */
import { DAY_MS } from '../core/model.js';
import { usageError } from './command-error.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** `500ms`, `30s`, `15m`, `12h`, `7d`, in ms. @throws {CommandError} */
export function duration(text: string, option: string): number {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw usageError(`--${option}: ${text} is no duration such as 30s, 12h or 7d`);
  }
  return Number(match[1]) * unit;
}

/** `+12h` from now, an ISO time, or ms since 1970. @throws {CommandError} */
export function instant(text: string, option: string, nowMs: number): number {
  if (text.startsWith('+')) return nowMs + duration(text.slice(1), option);
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(ms)) {
    throw usageError(`--${option}: ${text} is no time such as +12h, 2027-01-31T08:00:00Z or 1798700000000`);
  }
  return ms;
}

/** @throws {CommandError} */
export function yesOrNo(text: string, option: string): boolean {
  if (['yes', 'true', 'on'].includes(text)) return true;
  if (['no', 'false', 'off'].includes(text)) return false;
  throw usageError(`--${option}: say yes or no`);
}

/** @throws {CommandError} */
export function wholeNumber(text: string, option: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw usageError(`--${option}: ${text} is no whole number`);
  return value;
}

/** @throws {CommandError} when it is missing */
export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw usageError(`${name} is missing`);
  return value;
}
