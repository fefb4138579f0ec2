/**
 * The load harness. `npm run bench -- NAME [options]`; bench/README.md says what each scenario means.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseCores, describeCommit, describeMachine, loadAverage } from './machine.js';
import { compareResults, readResult } from './report/compare.js';
import { resultPage } from './report/html.js';
import { isRight, type Result } from './report/result.js';
import { showResult } from './report/table.js';
import { createRun, type Run, type RunOptions } from './run.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';
import { costsOf, showSize } from './size.js';
import { runTable } from './table.js';

const USAGE = `npm run bench -- NAME [options]

${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}
  smoke       every scenario in small: is it right, not how fast
  table       every promised figure beside its reference; --rows NAME,NAME, --budget SECONDS
  compare     A.json B.json: two results side by side
  size        [RESULT.json...] what a deployment takes: --devices N --tls-share X --messages-per-second Y

  --devices N --seconds N --payload BYTES   sizes (each scenario has its own)
  --tls                       devices speak TLS 1.3
  --enqueue lines|requests|both   how throughput sends
  --small                     the rows of the table as smoke runs them, to try them
  --quick                     peers with fewer devices and rounds, within five minutes
  --pin auto|none|S:L         cores of the server and of the load, such as 0:1
  --set KEY=VALUE             a setting of the server that is not its default
  --out DIR                   where results go (bench/results/local)
  --history DIR               write histories for the checker (test/history/check.ts)
  --store DIR                 a store that depth fills once and keeps
  --profile DIR               CPU profiles of the server's processes
  --limit SECONDS             the run is given up after so long (900)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    devices: { type: 'string' },
    seconds: { type: 'string' },
    payload: { type: 'string' },
    tls: { type: 'boolean' },
    enqueue: { type: 'string', default: 'both' },
    quick: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    pin: { type: 'string', default: 'auto' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: join('bench', 'results', 'local') },
    history: { type: 'string' },
    store: { type: 'string' },
    rows: { type: 'string' },
    budget: { type: 'string', default: '1320' },
    profile: { type: 'string' },
    limit: { type: 'string', default: '900' },
    'tls-share': { type: 'string', default: '1' },
    'messages-per-second': { type: 'string', default: '100' },
    'connects-per-day': { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

/** Sizes of a first look. */
const QUICK = { devices: 1_000 };

function number(text: string, least = Number.MIN_VALUE): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new RangeError(`not a number, or too small: ${text}`);
  return value;
}

function optionsFor(scenario: Scenario, small: boolean): RunOptions {
  const sizes = { devices: 1_000, seconds: 10, payloadBytes: 300, tls: false, ...scenario.defaults };
  return {
    ...sizes,
    ...(small ? scenario.small : {}),
    ...(values.quick ? QUICK : {}),
    ...(values.devices === undefined ? {} : { devices: number(values.devices) }),
    ...(values.seconds === undefined ? {} : { seconds: number(values.seconds) }),
    ...(values.payload === undefined ? {} : { payloadBytes: number(values.payload) }),
    ...(values.tls === undefined ? {} : { tls: values.tls }),
    small,
    quick: values.quick,
    enqueue: enqueueWays(values.enqueue),
    cores: chooseCores(values.pin),
    profileDir: values.profile ?? null,
    historyDir: values.history ?? null,
    storeDir: values.store ?? null,
    settings: Object.fromEntries(
      values.set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
    ),
  };
}

function enqueueWays(way: string): RunOptions['enqueue'] {
  if (way === 'lines' || way === 'requests' || way === 'both') return way;
  throw new RangeError(`--enqueue ${way}: lines, requests or both`);
}

let present: Run | null = null;

async function perform(
  name: string,
  scenario: Scenario,
  small: boolean,
  more: Partial<RunOptions> = {},
  limitSeconds: number | null = null,
): Promise<Result> {
  const options = { ...optionsFor(scenario, small), ...more };
  const startedAt = new Date();
  const machine = describeMachine();
  const run = createRun(options);
  present = run;
  let limit: NodeJS.Timeout | undefined;
  try {
    const outcome = await Promise.race([
      scenario.run(run),
      new Promise<never>((_, reject) => {
        const seconds = limitSeconds ?? number(values.limit);
        limit = setTimeout(
          () => reject(new Error(`not done within ${Math.round(seconds)} s`)),
          seconds * 1000,
        );
      }),
    ]);
    await run.rest();
    const { devices, seconds, payloadBytes, tls } = options;
    const valid = isRight(outcome.wrong);
    return {
      scenario: name,
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      commit: describeCommit(),
      machine,
      loadAtEnd: loadAverage(),
      options: { devices, seconds, payloadBytes, tls, enqueue: options.enqueue, quick: options.quick },
      settings: run.settings(),
      cores: `server ${options.cores.server ?? 'any'}, load ${options.cores.load ?? 'any'}`,
      ...outcome,
      ...(valid ? {} : { figures: [], series: [] }),
      valid,
    };
  } finally {
    clearTimeout(limit);
    await run.end();
    present = null;
  }
}

async function giveUp(why: string, code: number): Promise<void> {
  console.error(`\n${why}`);
  await present?.end();
  process.exit(code);
}

function save(result: Result): string {
  mkdirSync(values.out, { recursive: true });
  const name = `${result.scenario}-${result.startedAt.slice(0, 19).replaceAll(':', '')}`;
  writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(values.out, `${name}.html`), resultPage(result));
  return join(values.out, name);
}

/** @param names Scenarios to run; all when empty. */
async function smoke(names: readonly string[]): Promise<number> {
  let failed = 0;
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = performance.now();
    let verdict = 'ok';
    try {
      const result = await perform(name, scenario, true);
      if (!result.valid) verdict = `WRONG ${JSON.stringify(result.wrong)}`;
      else if (result.checked === 0) verdict = 'WRONG: nothing was checked';
    } catch (error) {
      verdict = `FAILED ${error instanceof Error ? error.stack : String(error)}`;
    }
    if (verdict !== 'ok') failed += 1;
    console.log(`${name.padEnd(12)} ${verdict} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
  return failed === 0 ? 0 : 1;
}

async function table(): Promise<number> {
  const failed = await runTable({
    out: values.out,
    names: values.rows?.split(',') ?? [],
    budgetSeconds: number(values.budget),
    perform({ scenario: name, sizes, settings = {} }, limitSeconds) {
      const scenario = SCENARIOS[name];
      if (scenario === undefined) throw new RangeError(`no scenario ${name}`);
      const size = values.small ? { tls: sizes.tls ?? false } : sizes;
      return perform(name, scenario, values.small, { ...size, settings }, limitSeconds);
    },
  });
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const [name = '', ...files] = positionals;
  if (name === '' || values.help) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  if (name === 'compare') {
    const [a = '', b = ''] = files;
    console.log(compareResults(readResult(a), readResult(b)));
    return 0;
  }
  if (name === 'size') {
    const demand = {
      devices: number(values.devices ?? '100000'),
      tlsShare: Math.min(1, number(values['tls-share'], 0)),
      messagesPerSecond: number(values['messages-per-second']),
      connectsPerDay: number(values['connects-per-day']),
    };
    console.log(showSize(demand, costsOf(files.map(readResult))));
    return 0;
  }
  if (name === 'smoke') return smoke(files);
  if (name === 'table') return table();
  const scenario = SCENARIOS[name];
  if (scenario === undefined)
    throw new RangeError(`no scenario ${name}; ${basename(process.argv[1] ?? '')} --help`);
  const result = await perform(name, scenario, false);
  console.log(showResult(result));
  console.log(`\n${save(result)}.json, .html`);
  return result.valid ? 0 : 1;
}

process.on('unhandledRejection', (error) => {
  // A row of the table that was given up leaves work behind that fails then; the next rows are not its.
  if (positionals[0] === 'table') console.error(String(error));
  else void giveUp(String(error), 1);
});
process.on('SIGINT', () => void giveUp('stopped', 130));
process.on('SIGTERM', () => void giveUp('stopped', 143));
process.on('SIGHUP', () => void giveUp('stopped', 129));
process.exitCode = await main();
