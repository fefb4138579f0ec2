/**
 * The table of all figures that are promised: one row a figure, with its reference in the same run.
 * Rows that are done are kept in a file, so that a run which was given up goes on where it stopped.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommit, describeMachine, type Machine } from './machine.js';
import { isRight, medians, type Result } from './report/result.js';
import { showNumber } from './report/table.js';
import { type Cell, ROWS, type Row } from './table-rows.js';

/** A row that takes so many times as long as it should is given up. */
const PATIENCE = 2.5;
/** The last row may end so much after the budget: begun in good time, it is worth its figures. */
const PATIENT_SECONDS = 120;

interface Kept {
  readonly machine: Machine;
  readonly results: Record<string, Result>;
}

export interface TableOptions {
  /** Directory of the results, and the name of the machine in their names. */
  readonly out: string;
  /** Names of rows to run, all when empty; done ones are not run again, unless they are named here. */
  readonly names: readonly string[];
  /** No row is begun that would probably end later than so many seconds from now. */
  readonly budgetSeconds: number;
  /** @param limitSeconds after which the row is given up, and the next one begun. */
  perform(row: Row, limitSeconds: number): Promise<Result>;
}

/** Runs what is not done yet, and writes the table after each row. @returns rows that failed. */
export async function runTable(options: TableOptions): Promise<number> {
  const file = join(options.out, `${nameOfRun()}.json`);
  const commit = describeCommit();
  mkdirSync(options.out, { recursive: true });
  const kept = open(file);
  const started = performance.now();
  let failed = 0;
  for (const row of ROWS) {
    const isNamed = options.names.includes(row.name);
    const before = kept.results[row.name];
    const isDone = before?.valid === true && sameCommit(before.commit, commit);
    if (options.names.length > 0 ? !isNamed : isDone) continue;
    const left = options.budgetSeconds - (performance.now() - started) / 1000;
    if (row.seconds > left) {
      console.log(`${row.name}: left out, ${Math.round(left)} s are left and it takes about ${row.seconds}`);
      continue;
    }
    try {
      console.log(`\n${row.name}: begun ${new Date().toISOString().slice(11, 19)}, about ${row.seconds} s`);
      const limitSeconds = Math.min(left + PATIENT_SECONDS, row.mostSeconds ?? row.seconds * PATIENCE);
      const result = await performRuns(row, limitSeconds, options.perform);
      kept.results[row.name] = result;
      if (!isRight(result.wrong)) failed += 1;
      console.log(showRow(row, result).join('\n'));
    } catch (error) {
      failed += 1;
      console.log(`${row.name}: FAILED ${error instanceof Error ? error.message : String(error)}`);
    }
    writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
    for (const page of [file.replace(/json$/, 'md'), join(options.out, 'TABLE.md')])
      writeFileSync(page, markdown(kept));
  }
  console.log(`\n${file.replace(/json$/, '{json,md}')}`);
  return failed;
}

/** @returns the medians of the row's runs; the first that is wrong ends them. */
async function performRuns(
  row: Row,
  limitSeconds: number,
  perform: TableOptions['perform'],
): Promise<Result> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const first = await perform(row, limitSeconds);
  const results = [first];
  let last = first;
  while (last.valid && results.length < (row.runs ?? 1)) {
    last = await perform(row, limitSeconds - seconds());
    results.push(last);
  }
  if (!last.valid) return last;
  return {
    ...first,
    seconds: seconds(),
    loadAtEnd: last.loadAtEnd,
    checked: results.reduce((sum, { checked }) => sum + checked, 0),
    figures: medians(results.map(({ figures }) => figures)),
  };
}

/** Day and machine. */
function nameOfRun(): string {
  const { cores, cpu } = describeMachine();
  const words =
    cpu
      .replace(/\([^)]*\)/g, '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return [new Date().toISOString().slice(0, 10), `${cores}-cores`, ...words.slice(0, 3)].join('-');
}

/** A plus stands for changes that are not committed, and the results of the table itself are such. */
function sameCommit(a: string, b: string): boolean {
  return a.replace('+', '') === b.replace('+', '');
}

function open(file: string): Kept {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  return {
    machine: describeMachine(),
    results: {},
  };
}

function showRow(row: Row, result: Result): string[] {
  if (!result.valid) return [`${row.name}: WRONG ${JSON.stringify(result.wrong)}`];
  const lines = cellsOf(row, result).map(({ title, value, reach, reached }) => {
    const aim = reach === '' ? '' : ` (${reach}${reached === '' ? '' : `: ${reached}`})`;
    return `${title}: ${value}${aim}`;
  });
  return [...lines, `${row.name}: ${Math.round(result.seconds)} s`];
}

interface Shown {
  readonly title: string;
  readonly value: string;
  readonly reach: string;
  /** Yes or no, or nothing where there is nothing to reach. */
  readonly reached: string;
}

function cellsOf(row: Row, result: Result): Shown[] {
  if (row.cells === 'all')
    return result.figures.map(({ name, value, unit, note }) => ({
      title: name,
      value: `${showNumber(value)} ${unit}${note === undefined ? '' : `, ${note}`}`,
      reach: '',
      reached: '',
    }));
  return row.cells.flatMap((cell) => {
    const found = result.figures.find(({ name }) => name === cell.figure);
    // Where a peer is not installed, nothing stands beside ours.
    if (found === undefined) return [{ ...cell, value: 'not measured', reached: '' }];
    const value = `${showNumber(found.value)} ${found.unit}`;
    return [{ title: cell.title, value, reach: cell.reach, reached: judge(cell, found.value) }];
  });
}

function judge({ least, most }: Cell, value: number): string {
  if (least === undefined && most === undefined) return '';
  return value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY)
    ? 'yes'
    : 'no';
}

function markdown({ machine, results }: Kept): string {
  const lines = [
    '# Every promised figure beside its reference',
    '',
    `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Linux ${machine.kernel}; server on one half of the cores, load on the other. Made by \`npm run bench -- table\`; every row is one run, its references in the same.`,
    '',
    '| figure | measured | to reach | reached |',
    '|---|---|---|---|',
  ];
  for (const row of ROWS) {
    const result = results[row.name];
    if (result === undefined) {
      lines.push(`| ${row.name} | not run | | |`);
      continue;
    }
    if (!result.valid) lines.push(`| ${row.name} | WRONG: no figures | | no |`);
    const shown = result.valid ? cellsOf(row, result) : [];
    for (const { title, value, reach, reached } of shown)
      lines.push(
        `| ${row.cells === 'all' ? `${row.name}, ${title}` : title} | ${value} | ${reach} | ${reached} |`,
      );
  }
  return `${[...lines, '', '## Runs', '', ...runsOf(results)].join('\n')}\n`;
}

function runsOf(results: Kept['results']): string[] {
  const lines = [
    '| row | rounds | size | not the default | begun | took | load average before, after | commit |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const { name, rounds } of ROWS) {
    const result = results[name];
    if (result === undefined) continue;
    const { devices, tls } = result.options;
    const size = `${showNumber(Number(devices))}${tls === true ? ', TLS' : ''}`;
    const set = Object.entries(result.settings).map(([key, value]) => `${key}=${value}`);
    const load = `${result.machine.loadAtStart}, ${result.loadAtEnd}`;
    const took = `${Math.round(result.seconds)} s`;
    const begun = result.startedAt.slice(0, 16);
    const commit = result.commit.replace('+', '');
    lines.push(`| ${[name, rounds, size, set.join(', '), begun, took, load, commit].join(' | ')} |`);
  }
  return lines;
}
