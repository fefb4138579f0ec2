/** What is shown and written of a run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { judgementOf, type RowResult } from './drive.js';
import { ROWS } from './table.js';

/** A row, and what became of its planted bug. */
export interface Finding {
  readonly result: RowResult;
  /** Runs with the planted bug; null when none was made. */
  readonly control: Control | null;
}

export interface Control {
  readonly bug: string;
  /** The complaint by which the row saw it, or empty. */
  readonly seenBy: string;
  /** Complaints of the same bug without the fault: it must take the fault to bring it out. */
  readonly calm: readonly string[];
}

const HEAD = [
  'fault',
  'struck',
  'in flight',
  'messages',
  'back after (median, longest)',
  'planted bug',
  'verdict',
];

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function recovery({ recoveryMs }: RowResult): string {
  if (recoveryMs.length === 0) return '-';
  return `${seconds(median(recoveryMs))}, ${seconds(Math.max(...recoveryMs))}`;
}

/** True when the bug was seen, and only because of the fault. */
export function isSeen(control: Control): boolean {
  return control.seenBy !== '' && control.calm.length === 0;
}

function controlText(control: Control | null): string {
  if (control === null) return '-';
  if (control.seenBy === '') return `${control.bug}: NOT SEEN`;
  const calm = control.calm.length === 0 ? '' : ', also without the fault';
  return `${control.bug}: ${control.seenBy}${calm}`;
}

function verdictText({ result, control }: Finding): string {
  const judgement = judgementOf(result);
  if (judgement === 'skipped') return `skipped: ${result.skipped}`;
  if (judgement === 'does not count') return 'does not count: nothing was in flight';
  if (judgement === 'holds' && control !== null && !isSeen(control)) return 'does not count: see planted bug';
  return judgement;
}

/** True for a finding that nobody need look at: it holds, or could not be run here. */
export function isGood(finding: Finding): boolean {
  const verdict = verdictText(finding);
  return verdict === 'holds' || verdict.startsWith('skipped');
}

function cells(finding: Finding): string[] {
  const { result, control } = finding;
  const struck = result.idle > 0 ? `${result.struck} (${result.idle} idle)` : String(result.struck);
  return [
    ...[result.row, struck, String(result.inFlight), String(result.messages), recovery(result)],
    ...[controlText(control), verdictText(finding)],
  ];
}

/** The findings as a table for a terminal. */
export function textTable(findings: readonly Finding[]): string {
  const rows = [HEAD, ...findings.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** What was wrong, one line each. */
export function complaintLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ result }) => result.complaints.map((text) => `${result.row}: ${text}`));
}

export function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ', with local changes';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}

/** Where and of what a run was. */
export function stampLine(startedAt: Date): string {
  const cores = cpus().length;
  return `Commit ${commit()}, ${startedAt.toISOString().slice(0, 16)}Z, ${cores} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}.`;
}

/** The findings of a store as a section of docs/reliability-results.md. */
export function matrixSection(
  findings: readonly Finding[],
  stamp: string,
  trafficMs: number,
  rows: number,
): string {
  const total = (pick: (result: RowResult) => number): number =>
    findings.reduce((sum, { result }) => sum + pick(result), 0);
  const bad = findings.filter((finding) => !isGood(finding));
  const skipped = findings.filter(({ result }) => result.skipped !== '');
  const table = [HEAD, HEAD.map(() => '---'), ...findings.map(cells)].map((row) => `| ${row.join(' | ')} |`);
  const wrong = bad.map((finding) => {
    const first = finding.result.complaints[0] ?? verdictText(finding);
    return `- \`${finding.result.row}\`: ${first.replaceAll('\n', ' ')}`;
  });
  return [
    stamp,
    `${findings.length} of ${rows} faults with ${seconds(trafficMs)} of traffic each, ${total((r) => r.struck)} blows,`,
    `${total((r) => r.messages)} messages (${total((r) => r.accepted)} accepted, ${total((r) => r.receipts)} received).`,
    `${findings.length - bad.length - skipped.length} hold, ${bad.length} do not, ${skipped.length} skipped.`,
    '',
    ...table,
    '',
    bad.length === 0 ? 'Every row that was run holds.' : 'What does not hold:',
    ...(bad.length === 0 ? [] : ['', ...wrong]),
  ].join('\n');
}

const INTRODUCTION = `# Reliability results

Written by \`npm run chaos -- --matrix\` and \`--soak\`; what each fault does and what must hold is listed by
\`npm run chaos -- --list\`. A row counts when its fault struck with messages in flight, the history was
judged valid (\`test/history/\`), and its planted bug was seen with the fault and not without it. *Back
after*: from the moment the fault is lifted (for a kill: struck) until new messages to ten users came through.`;

/** Puts a section into the file, in the place of the one with the same title. */
export function writeSection(file: string, title: string, body: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : INTRODUCTION;
  const [, ...sections] = before.split('\n## ');
  const others = sections.filter((section) => section.split('\n')[0] !== title);
  const all = [...others.map((section) => section.trim()), `${title}\n\n${body}`].sort();
  writeFileSync(file, `${[INTRODUCTION, ...all].join('\n\n## ')}\n`);
}

/** The fault table. */
export function listText(): string {
  const lines = ROWS.map((row) => {
    const needs = row.needs.length === 0 ? '' : `\n    needs ${row.needs.join(', ')}`;
    return [
      `${row.name} (${row.group}; ${row.stores.join(', ')})`,
      `    ${row.what}`,
      `    must hold: ${row.holds}`,
      `    planted bug: ${row.plant.bug}${needs}`,
    ].join('\n');
  });
  return lines.join('\n');
}
