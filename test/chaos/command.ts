/** The chaos command: options, the runs one after the other, and what is printed. */
import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { divertNotes } from '../faults/trial.js';
import { type RowResult, runRow } from './drive.js';
import {
  type Control,
  complaintLines,
  type Finding,
  isGood,
  isSeen,
  listText,
  matrixSection,
  stampLine,
  textTable,
  writeSection,
} from './report.js';
import { type NodeCount, type Row, STORES, type StoreKind } from './row.js';
import { runSoak } from './soak.js';
import { rowOf, rowsFor } from './table.js';

const HELP = `npm run chaos -- [options]

Starts servers, devices and callers of every kind, breaks something again and again, heals it, brings all
to rest, and judges from the recorded history whether a promise was broken.

  --store NAME        embedded (default), redis, sentinel or cluster
  --faults A,B,C      which faults; all that apply to the store when left out
  --minutes N         time with traffic of each fault (1; 0.3 with --matrix; 60 with --soak)
  --seed S            the same choices and pauses again; the machine's own timing is not repeated
  --devices N         users with devices, instead of each fault's own number
  --nodes G+A         so many gateways and API nodes, instead of each fault's own number; not for embedded
  --crowd N           so many quiet devices beside them, each with some messages of its own
  --control           also with each fault's planted bug, which must be seen, and not without the fault
  --plant             only with the planted bug: the run must end red
  --matrix            all faults of the store, with --control; writes docs/reliability-results.md
  --soak              moderate load and faults for long; memory and descriptors of each process
  --results FILE      where --matrix and --soak write, instead of docs/reliability-results.md; without
                      --matrix: what was run is written there, too
  --out DIR           where histories are kept, instead of a new directory
  --list              the faults, what must hold, and what they need
  --help

Ctrl-C ends the present run in order and prints what there is; a second one ends at once.
Exit code: 0 all holds, 1 something does not, 2 wrong use, 130 interrupted.
`;

const OPTIONS = {
  store: { type: 'string', default: 'embedded' },
  faults: { type: 'string' },
  minutes: { type: 'string' },
  seed: { type: 'string' },
  devices: { type: 'string' },
  nodes: { type: 'string' },
  crowd: { type: 'string' },
  control: { type: 'boolean', default: false },
  plant: { type: 'boolean', default: false },
  matrix: { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  results: { type: 'string' },
  out: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export interface Settings {
  readonly store: StoreKind;
  readonly rows: readonly Row[];
  readonly trafficMs: number;
  readonly seed: number;
  readonly users: number | undefined;
  readonly nodes: NodeCount | undefined;
  readonly crowd: number | undefined;
  readonly out: string;
  readonly results: string;
  readonly signal: AbortSignal;
}

const MINUTE_MS = 60_000;
/** A planted bug is looked for so long, and longer when it has not been seen by then. */
const CONTROL_MS = 8_000;
const SECOND_CONTROL_MS = 25_000;
const CALM_MS = 5_000;
const BAR = 24;

/** A line that replaces itself, on a terminal only. */
function showProgress(share: number, text: string): void {
  if (!process.stderr.isTTY) return;
  const done = Math.round(share * BAR);
  process.stderr.write(`\r\x1b[K[${'#'.repeat(done)}${'-'.repeat(BAR - done)}] ${text}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function positive(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`not a number above 0: ${text}`);
  return value;
}

function storeOf(name: string): StoreKind {
  const store = STORES.find((candidate) => candidate === name);
  if (store === undefined) throw new RangeError(`no store is called ${name}; there are ${STORES.join(', ')}`);
  return store;
}

function nodesOf(text: string | undefined, store: StoreKind): NodeCount | undefined {
  if (text === undefined) return undefined;
  const [, gateways, apis] = /^([1-9]\d?)\+(\d\d?)$/.exec(text) ?? [];
  if (gateways === undefined) throw new RangeError(`not a number of nodes, such as 3+2: ${text}`);
  if (store === 'embedded') throw new RangeError('the embedded store is that of one node');
  return { gateways: Number(gateways), apis: Number(apis) };
}

/** Of the section of the results: runs of another size stand beside the usual ones. */
function titleOf({ store, nodes, crowd }: Settings): string {
  const count = nodes === undefined ? '' : `, ${nodes.gateways} gateways and ${nodes.apis} API nodes`;
  return `Store: ${store}${count}${crowd === undefined ? '' : `, ${crowd} devices more`}`;
}

/** Complaints of the row with its bug planted. */
function runPlanted(row: Row, settings: Settings, trafficMs: number, calm: boolean): Promise<RowResult> {
  const { store, seed, users, nodes, crowd, out, signal } = settings;
  const name = calm ? `${row.name}-calm` : `${row.name}-planted`;
  const keepIn = join(out, name);
  return runRow(row, {
    ...{ store, trafficMs, seed, users, nodes, crowd, planted: true, calm, keepIn, signal },
  });
}

/** Plants the row's bug: with the fault it must be seen, without the fault not. */
export async function checkControl(row: Row, settings: Settings): Promise<Control> {
  const seen = (result: RowResult): string => row.plant.seen.exec(result.complaints.join('\n'))?.[0] ?? '';
  let seenBy = seen(await runPlanted(row, settings, CONTROL_MS, false));
  // Some bugs need luck: a second, longer run before a row is called blind.
  if (seenBy === '' && !settings.signal.aborted)
    seenBy = seen(await runPlanted(row, settings, SECOND_CONTROL_MS, false));
  const calm = await runPlanted(row, settings, CALM_MS, true);
  const seenCalm = calm.complaints.filter((text) => row.plant.seen.test(text));
  return { bug: row.plant.bug, seenBy, calm: seenCalm };
}

/** Runs the rows one after the other. */
export async function runAll(
  settings: Settings,
  withControl: boolean,
  onFinding: (findings: readonly Finding[]) => void = () => undefined,
): Promise<Finding[]> {
  const { store, rows, trafficMs, seed, users, nodes, crowd, out, signal } = settings;
  const findings: Finding[] = [];
  for (const [index, row] of rows.entries()) {
    if (signal.aborted) break;
    const onProgress = (share: number, what: string): void =>
      showProgress((index + share) / rows.length, `${index + 1}/${rows.length} ${what}`);
    const keepIn = join(out, row.name);
    const size = { users, nodes, crowd };
    const result = await runRow(row, { store, trafficMs, seed, ...size, keepIn, signal, onProgress });
    const wanted = withControl && result.skipped === '' && !signal.aborted;
    const control = wanted ? await checkControl(row, settings) : null;
    findings.push({ result, control });
    clearProgress();
    const known = findings.map((finding) => ({ ...finding }));
    writeFileSync(join(out, 'results.json'), JSON.stringify(known, null, 2));
    console.log(textTable(findings.slice(-1)).split('\n')[1]);
    onFinding(findings);
  }
  return findings;
}

/** Only planted bugs: says which were seen. */
async function runPlants(settings: Settings): Promise<number> {
  let blind = 0;
  for (const row of settings.rows) {
    if (settings.signal.aborted) break;
    const control = await checkControl(row, settings);
    if (!isSeen(control)) blind += 1;
    const calm = control.calm.length === 0 ? '' : `; without the fault too: ${control.calm[0]}`;
    console.log(`${row.name}, ${control.bug}: ${control.seenBy === '' ? 'NOT SEEN' : control.seenBy}${calm}`);
  }
  // Red is what is asked for here.
  return blind === 0 ? 1 : 0;
}

function settle(values: Record<string, string | boolean | undefined>, signal: AbortSignal): Settings {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const store = storeOf(text('store') ?? 'embedded');
  const rows = text('faults')?.split(',').map(rowOf) ?? rowsFor(store);
  const foreign = rows.filter((row) => !row.stores.includes(store));
  if (foreign.length > 0)
    throw new RangeError(`not for ${store}: ${foreign.map((row) => row.name).join(', ')}`);
  const minutes = values.soak === true ? 60 : values.matrix === true ? 0.3 : 1;
  const trafficMs = positive(text('minutes'), minutes) * MINUTE_MS;
  const out = text('out') ?? mkdtempSync(join(tmpdir(), 'longlink-chaos-history-'));
  mkdirSync(out, { recursive: true });
  return {
    ...{ store, rows, out, signal, trafficMs },
    seed: positive(text('seed'), 1 + Math.floor(Math.random() * 1_000_000)),
    users: text('devices') === undefined ? undefined : positive(text('devices'), 1),
    nodes: nodesOf(text('nodes'), store),
    crowd: text('crowd') === undefined ? undefined : Math.ceil(positive(text('crowd'), 1)),
    results: text('results') ?? 'docs/reliability-results.md',
  };
}

/** The first Ctrl-C asks for an orderly end. */
function heedInterruption(controller: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      process.stderr.write('\nending the present run; once more to end at once\n');
    });
  }
}

/** @returns the exit code. */
export async function chaos(args: readonly string[]): Promise<number> {
  let settings: Settings;
  let values: Record<string, string | boolean | undefined>;
  const interruption = new AbortController();
  try {
    values = parseArgs({ args: [...args], options: OPTIONS }).values;
    if (values.help === true || values.list === true) {
      process.stdout.write(values.help === true ? HELP : `${listText()}\n`);
      return 0;
    }
    settings = settle(values, interruption.signal);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  heedInterruption(interruption);
  const { out, seed, store, signal } = settings;
  divertNotes((text) => appendFileSync(join(out, 'notes.txt'), `${text}\n`));
  console.log(`${store}, seed ${seed}; histories are kept in ${out}`);
  if (values.soak === true) return runSoak(settings, (share, what) => showProgress(share, what));
  if (values.plant === true) return runPlants(settings);
  const stamp = stampLine(new Date());
  const { rows, trafficMs, results } = settings;
  const withControl = values.control === true || values.matrix === true;
  // After each row: a run that is ended early has said what it found until then.
  const findings = await runAll(settings, withControl, (found) => {
    if (values.matrix !== true && values.results === undefined) return;
    writeSection(results, titleOf(settings), matrixSection(found, stamp, trafficMs, rows.length));
  });
  console.log(`\n${textTable(findings)}`);
  for (const line of complaintLines(findings)) console.log(line);
  console.log(`\nhistories: ${out}`);
  if (signal.aborted) return 130;
  return findings.every(isGood) ? 0 : 1;
}
