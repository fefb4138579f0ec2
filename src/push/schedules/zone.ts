/** Local times of a time zone, by the zone data that Node brings along (Intl). */

/** A date of the calendar; month and day from 1. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface LocalTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The time zone of the machine. */
export function serverTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The date that calendars in the zone show at a moment. */
export function localDate(zone: string, atMs: number): LocalDate {
  const shown = new Date(atMs + offsetMs(zone, atMs));
  return dateOf(shown);
}

/** The date so many days later. */
export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  return dateOf(new Date(Date.UTC(year, month - 1, day + days)));
}

/** 1 for Monday to 7 for Sunday. */
export function weekday({ year, month, day }: LocalDate): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
}

/** Whole days from one date to another. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  const utc = ({ year, month, day }: LocalDate): number => Date.UTC(year, month - 1, day);
  return Math.round((utc(to) - utc(from)) / DAY_MS);
}

/**
 * The moment at which clocks in the zone show a date and time. Of two such moments (clocks go back)
 * the first; where there is none (clocks go forward) as much later as the clocks go: `02:30` becomes
 * `03:30`. It is the rule "compatible" of ECMAScript's Temporal.
 */
export function momentOf(zone: string, date: LocalDate, time: LocalTime): number {
  const shown = Date.UTC(date.year, date.month - 1, date.day, time.hour, time.minute, time.second);
  const before = shown - offsetMs(zone, shown - DAY_MS);
  const after = shown - offsetMs(zone, shown + DAY_MS);
  const fits = [before, after].filter((moment) => moment + offsetMs(zone, moment) === shown);
  return fits.length === 0 ? before : Math.min(...fits);
}

/** What clocks in the zone show, minus UTC. */
function offsetMs(zone: string, atMs: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - Math.floor(atMs / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

function dateOf(utc: Date): LocalDate {
  return { year: utc.getUTCFullYear(), month: utc.getUTCMonth() + 1, day: utc.getUTCDate() };
}
