/** When a scheduled push goes out: `StrategyContent` of the mPaaS MPS server API. */
import { PushRefusal } from '../codes.js';
import {
  addDays,
  daysBetween,
  type LocalDate,
  type LocalTime,
  localDate,
  momentOf,
  weekday,
} from './zone.js';

export const StrategyType = { NOW: 0, FIXED: 1, LOOP: 2 } as const;

/** A loop ends at most so many days after today. */
const MAX_LOOP_DAYS = 180;
/** Times beyond year 9999 are mistakes: microseconds, mostly. */
const LATEST_MS = Date.UTC(10_000, 0) - 1;

const CircleType = { DAY: 1, WEEK: 2, MONTH: 3 } as const;

type Content = Readonly<Record<string, unknown>>;

/**
 * The times of a schedule, ascending; those of a loop that are past already are left out.
 *
 * @param zone time zone of the loop's days and of its time of day
 * @throws {PushRefusal} 3028
 */
export function plannedTimes(type: number, content: Content, zone: string, nowMs: number): number[] {
  return type === StrategyType.FIXED ? [fixedTime(content, nowMs)] : loopTimes(content, zone, nowMs);
}

function fixedTime(content: Content, nowMs: number): number {
  const atMs = Math.floor(momentIn(content, 'fixedTime') / 1000) * 1000;
  if (atMs <= nowMs) throw refusal('fixedTime is past');
  return atMs;
}

function loopTimes(content: Content, zone: string, nowMs: number): number[] {
  const today = localDate(zone, nowMs);
  const first = localDate(zone, momentIn(content, 'startTime'));
  const last = localDate(zone, momentIn(content, 'endTime'));
  if (daysBetween(today, first) < 0 || daysBetween(today, last) < 0) {
    throw refusal('startTime and endTime must not lie before today');
  }
  if (daysBetween(first, last) < 0) throw refusal('endTime must not lie before startTime');
  if (daysBetween(today, last) > MAX_LOOP_DAYS) {
    throw refusal(`endTime must not lie more than ${MAX_LOOP_DAYS} days after today`);
  }
  const time = timeIn(content);
  const isMeant = dayFilter(content);
  const times: number[] = [];
  for (let days = daysBetween(first, last), date = first; days >= 0; days -= 1, date = addDays(date, 1)) {
    const atMs = isMeant(date) ? momentOf(zone, date, time) : 0;
    if (atMs > nowMs) times.push(atMs);
  }
  if (times.length === 0) throw refusal('the loop has no time that is still to come');
  return times;
}

/** A month without the day is passed over. */
function dayFilter(content: Content): (date: LocalDate) => boolean {
  switch (numberIn(content.circleType)) {
    case CircleType.DAY:
      return () => true;
    case CircleType.WEEK: {
      const days = circleValues(content, 7);
      return (date) => days.has(weekday(date));
    }
    case CircleType.MONTH: {
      const days = circleValues(content, 31);
      return (date) => days.has(date.day);
    }
    default:
      throw refusal('circleType must be 1, 2 or 3');
  }
}

function circleValues({ circleValue }: Content, most: number): ReadonlySet<number> {
  const values = Array.isArray(circleValue) ? circleValue.map(numberIn) : [];
  const good = values.filter((value) => value !== null && value >= 1 && value <= most);
  if (values.length === 0 || good.length < values.length) {
    throw refusal(`circleValue must be a list of numbers from 1 to ${most}`);
  }
  return new Set(good.filter((value) => value !== null));
}

function timeIn({ time }: Content): LocalTime {
  const match = typeof time === 'string' ? /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/.exec(time) : null;
  if (match === null) throw refusal('time must be HH:mm:ss');
  return { hour: Number(match[1]), minute: Number(match[2]), second: Number(match[3]) };
}

function momentIn(content: Content, field: string): number {
  const value = numberIn(content[field]);
  if (value === null || value > LATEST_MS) throw refusal(`${field} must be a time in ms since 1970`);
  return value;
}

/** Whole numbers, as text too: some callers write all values as text. */
function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function refusal(detail: string): PushRefusal {
  return new PushRefusal('3028', `StrategyContent: ${detail}`);
}
