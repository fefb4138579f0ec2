/** A result as one page that needs nothing else: a table and plots as inline SVG. */
import type { Point, Result, Series } from './result.js';
import { showNumber } from './table.js';

const WIDTH = 640;
const HEIGHT = 240;
const LEFT = 64;
const BOTTOM = 36;
const TOP = 12;
const RIGHT = 12;
const TICKS = 5;

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function resultPage(result: Result): string {
  const { scenario, startedAt, commit, machine, valid, checked, wrong } = result;
  const about: [string, string][] = [
    ['started', startedAt],
    ['commit', commit],
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`],
    ['node', machine.node],
    ['load average before, after', `${machine.loadAtStart}, ${result.loadAtEnd}`],
    ['cores', result.cores],
    ['options', JSON.stringify(result.options)],
    ['not the default', JSON.stringify(result.settings)],
    ['messages checked', showNumber(checked)],
    ['wrong', JSON.stringify(wrong)],
  ];
  const figures = valid
    ? `<table><tr><th>figure</th><th>value</th><th>unit</th><th></th></tr>${result.figures.map(figureRow).join('')}</table>
${result.series.map(plot).join('\n')}`
    : '<p class="wrong">Messages were delivered wrongly: no figures are reported.</p>';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(scenario)} ${escapeHtml(commit)}</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b2430}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums}.wrong{color:#b00020;font-weight:600}
figure{margin:1.5rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}
svg text{font-size:11px;fill:#55606e}svg .grid{stroke:#e3e7ec}svg .line{fill:none;stroke:#1463c4;stroke-width:2}
</style></head><body>
<h1>${escapeHtml(scenario)}</h1>
<table>${about.map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>
${figures}
</body></html>
`;
}

function figureRow({ name, value, unit, note }: Result['figures'][number]): string {
  return `<tr><td>${escapeHtml(name)}</td><td class="number">${showNumber(value)}</td><td>${escapeHtml(unit)}</td><td>${escapeHtml(note ?? '')}</td></tr>`;
}

function plot({ name, xUnit, yUnit, points }: Series): string {
  if (points.length < 2) return '';
  const [minX, maxX] = range(points.map(([x]) => x));
  const maxY = Math.max(...points.map(([, y]) => y)) || 1;
  const x = (value: number): number => LEFT + ((value - minX) / (maxX - minX || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / maxY) * (HEIGHT - BOTTOM - TOP);
  const place = ([px, py]: Point): string => `${x(px).toFixed(1)},${y(py).toFixed(1)}`;
  const marks = Array.from({ length: TICKS }, (_, i) => i / (TICKS - 1));
  const grid = marks.map((share) => {
    const at = y(share * maxY).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${short(share * maxY)}</text>`;
  });
  const feet = marks.map((share) => {
    const value = minX + share * (maxX - minX);
    return `<text x="${x(value).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(value)}</text>`;
  });
  return `<figure><figcaption>${escapeHtml(name)}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(name)}">
${grid.join('')}${feet.join('')}
<text x="${LEFT}" y="${HEIGHT - 4}">${escapeHtml(xUnit)}</text><text x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">${escapeHtml(yUnit)}</text>
<polyline class="line" points="${points.map(place).join(' ')}"/></svg></figure>`;
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function short(value: number): string {
  return showNumber(Number(value.toPrecision(3)));
}
