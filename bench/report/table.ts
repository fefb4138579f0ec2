/** Results as text. */
import type { Figure, Result } from './result.js';

export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function showNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(value);
}

export function figureRow({ name, value, unit, note }: Figure): string[] {
  return [name, showNumber(value), unit, note ?? ''];
}

/** One run for the terminal. A run that delivered anything wrongly shows no speed. */
export function showResult(result: Result): string {
  const { scenario, commit, machine, cores, settings, wrong, checked, valid, figures } = result;
  const lines = [
    `${scenario}   ${result.startedAt}   ${Math.round(result.seconds)} s`,
    `commit ${commit}, node ${machine.node}, ${machine.cores} cores (${machine.cpu}), load average ${machine.loadAtStart} before, ${result.loadAtEnd} after`,
    `cores: ${cores}`,
    ...Object.entries(settings).map(([key, value]) => `not the default: ${key}=${value}`),
    `options: ${JSON.stringify(result.options)}`,
    `checked ${showNumber(checked)} messages: ${Object.entries(wrong)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}`,
    '',
  ];
  if (!valid) return [...lines, 'WRONG: no figures are reported'].join('\n');
  return [...lines, columns(figures.map(figureRow))].join('\n');
}
