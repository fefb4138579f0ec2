/**
 * The table of all figures that are promised: one row a figure, with its reference in the same run.
 * Rows that are done are kept in a file, so that a run which was given up goes on where it stopped.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommit, describeMachine, type Machine } from './machine.js';
import { isRight, type Result } from './report/result.js';
import { showNumber } from './report/table.js';
import type { Sizes } from './scenarios/scenario.js';
import type { Settings } from './server.js';
import { ROWS, type Row } from './table-rows.js';

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
  perform(scenario: string, sizes: Sizes, quick: boolean, settings: Settings): Promise<Result>;
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
      const result = await options.perform(row.scenario, row.sizes, row.quick ?? false, row.settings ?? {});
      kept.results[row.name] = result;
      if (!isRight(result.wrong)) failed += 1;
      console.log(showRow(row, result).join('\n'));
    } catch (error) {
      failed += 1;
      console.log(`${row.name}: FAILED ${error instanceof Error ? error.message : String(error)}`);
    }
    writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
    writeFileSync(file.replace(/json$/, 'md'), markdown(kept));
  }
  console.log(`\n${file.replace(/json$/, '{json,md}')}`);
  return failed;
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
  return cellsOf(row, result).map(
    ({ title, value, reach }) => `${title}: ${value}${reach === '' ? '' : ` (${reach})`}`,
  );
}

function cellsOf(
  row: Row,
  result: Result,
): { readonly title: string; readonly value: string; readonly reach: string }[] {
  return row.cells.flatMap(({ figure, title, reach }) => {
    const found = result.figures.find(({ name }) => name === figure);
    return found === undefined ? [] : [{ title, value: `${showNumber(found.value)} ${found.unit}`, reach }];
  });
}

function markdown({ machine, results }: Kept): string {
  const lines = [
    `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}); server on one half of them, load on the other.`,
    '',
    '| figure | measured | to reach | run | commit | load before |',
    '|---|---|---|---|---|---|',
  ];
  for (const row of ROWS) {
    const result = results[row.name];
    if (result === undefined) continue;
    const run = `${row.name}, ${result.startedAt.slice(0, 16)}`;
    const commit = result.commit.replace('+', '');
    if (!result.valid) lines.push(`| ${row.name} | WRONG: no figures | | ${run} | ${commit} | |`);
    for (const { title, value, reach } of cellsOf(row, result))
      lines.push(`| ${title} | ${value} | ${reach} | ${run} | ${commit} | ${result.machine.loadAtStart} |`);
  }
  const settings = ROWS.flatMap(({ name }) => {
    const set = Object.entries(results[name]?.settings ?? {}).map(([key, value]) => `${key}=${value}`);
    return set.length === 0 ? [] : [`- ${name}: ${set.join(', ')}`];
  });
  return `${[...lines, '', 'Not the default:', '', ...settings].join('\n')}\n`;
}
