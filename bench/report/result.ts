/** The result of one run: what is written as JSON, shown, drawn and compared. */
import type { Histogram } from 'node:perf_hooks';
import type { Machine } from '../machine.js';

export type Point = readonly [x: number, y: number];

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Which way is better, for comparisons; null where neither is. */
  readonly better: 'more' | 'less' | null;
  /** What the row has to say beside the number, such as a setting that is not the default. */
  readonly note?: string;
}

export interface Series {
  readonly name: string;
  readonly xUnit: string;
  readonly yUnit: string;
  readonly points: readonly Point[];
}

/** What was delivered wrongly. A run with any of these has no figures. */
export interface Wrong {
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly crossed: number;
  readonly ghost: number;
}

export const NOTHING_WRONG: Wrong = { lost: 0, duplicated: 0, reordered: 0, crossed: 0, ghost: 0 };

/** What a scenario gives. */
export interface Outcome {
  readonly wrong: Wrong;
  /** Messages that were checked. */
  readonly checked: number;
  readonly figures: readonly Figure[];
  readonly series: readonly Series[];
}

export interface Result extends Outcome {
  readonly scenario: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly commit: string;
  readonly machine: Machine;
  /** One-minute load average when the run had ended, the run itself in it. */
  readonly loadAtEnd: number;
  readonly options: Readonly<Record<string, unknown>>;
  /** Settings of the server that are not its defaults, and on which cores it and the load ran. */
  readonly settings: Readonly<Record<string, string>>;
  readonly cores: string;
  readonly valid: boolean;
}

export function isRight(wrong: Wrong): boolean {
  return Object.values(wrong).every((count) => count === 0);
}

export function addWrong(a: Wrong, b: Wrong): Wrong {
  return {
    lost: a.lost + b.lost,
    duplicated: a.duplicated + b.duplicated,
    reordered: a.reordered + b.reordered,
    crossed: a.crossed + b.crossed,
    ghost: a.ghost + b.ghost,
  };
}

export function more(name: string, value: number, unit: string, note?: string): Figure {
  return { name, value: rounded(value), unit, better: 'more', ...(note === undefined ? {} : { note }) };
}

export function less(name: string, value: number, unit: string, note?: string): Figure {
  return { name, value: rounded(value), unit, better: 'less', ...(note === undefined ? {} : { note }) };
}

/** A number that is neither good nor bad. */
export function plain(name: string, value: number, unit: string, note?: string): Figure {
  return { name, value: rounded(value), unit, better: null, ...(note === undefined ? {} : { note }) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Four digits are more than any of these is worth. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : 0;
}

const SHARES = [50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100];
const SHOWN = [50, 99, 99.9];

/** The same figures of several rounds, each as their median. */
export function medians(rounds: readonly (readonly Figure[])[]): Figure[] {
  const [first = []] = rounds;
  return first.map((figure, at) => ({
    ...figure,
    value: median(rounds.map((round) => round[at]?.value ?? Number.NaN)),
  }));
}

/** Figures and the curve of a histogram of microseconds, in ms. */
export function delayFigures(name: string, histogram: Histogram): { figures: Figure[]; series: Series[] } {
  if (histogram.count === 0) return { figures: [], series: [] };
  const at = (share: number): number => histogram.percentile(share) / 1000;
  return {
    figures: SHOWN.map((share) => less(`${name} p${share}`, at(share), 'ms')),
    series: [
      {
        name: `${name} by share`,
        xUnit: 'number of nines',
        yUnit: 'ms',
        points: SHARES.filter((share) => share < 100).map((share) => [
          -Math.log10(1 - share / 100),
          at(share),
        ]),
      },
    ],
  };
}
