/** Two runs side by side. */
import { readFileSync } from 'node:fs';
import type { Result } from './result.js';
import { columns, showNumber } from './table.js';

export function readResult(path: string): Result {
  return JSON.parse(readFileSync(path, 'utf8')) as Result;
}

/** A table of the figures that both have, with the ratio of the second to the first. */
export function compareResults(a: Result, b: Result): string {
  const rows = [['figure', 'A', 'B', 'B / A', '']];
  for (const { name, value, unit, better } of a.figures) {
    const other = b.figures.find((figure) => figure.name === name);
    if (other === undefined) continue;
    const ratio = value === 0 ? Number.NaN : other.value / value;
    const judged = Number.isNaN(ratio) || better === null ? '' : verdict(ratio, better);
    rows.push([`${name} (${unit})`, showNumber(value), showNumber(other.value), ratio.toFixed(2), judged]);
  }
  const heads = [a, b].map(
    (run, i) =>
      `${'AB'[i]}: ${run.scenario}, ${run.startedAt}, commit ${run.commit}, node ${run.machine.node}${run.valid ? '' : ', WRONG'}`,
  );
  return [...heads, '', columns(rows)].join('\n');
}

/** Runs of one thing differ by some percent from each other. */
const NOISE = 0.05;

function verdict(ratio: number, better: 'more' | 'less'): string {
  if (Math.abs(ratio - 1) <= NOISE) return 'the same';
  return ratio > 1 === (better === 'more') ? 'better' : 'worse';
}
