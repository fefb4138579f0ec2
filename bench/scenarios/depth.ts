/** What the store does when much is stored: appends and reads of random owners, in turn with a store that is empty. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../child.js';
import type { Measured, StoreSetup } from '../load/store-process.js';
import { type Figure, less, median, more, NOTHING_WRONG, plain } from '../report/result.js';
import type { Run } from '../run.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const DEPTHS = [1_000_000, 10_000_000];
const SMALL_DEPTHS = [50_000];
const CALLERS = 1_000;
const APPENDS = 50_000;
const READS = 20_000;
const ROUNDS = 5;
const SMALL_SCALE = 0.02;

/** Records that each owner has who is read from, in both stores: as many as there are owners to ten million. */
const READ_EACH = 10;
/** Such owners of the store that is otherwise empty. */
const READABLE = 20_000;

interface Measures {
  readonly appends: Measured[];
  readonly reads: Measured[];
}

export const depth: Scenario = {
  about: 'append and read rates with 1 and 10 million stored messages, in turn with an empty store',
  defaults: { devices: 1_000_000, payloadBytes: 300 },
  small: { devices: 5_000 },
  async run(run) {
    const { small, storeDir, devices } = run.options;
    const kept = storeDir ?? join(run.dir, 'deep');
    const empty = await openStore(run, join(run.dir, 'empty'));
    const deep = await openStore(run, kept);
    const figures: Figure[] = [];
    // With a store that is kept, what lies between is not measured: it is filled once and for all.
    const depths = small
      ? SMALL_DEPTHS
      : DEPTHS.filter((records) => storeDir === null || records !== 1_000_000);
    const readable = Math.min(READABLE, devices / READ_EACH);
    let checked = 0;
    let isFirst = true;
    for (const records of depths) {
      run.progress(`filling to ${records}`);
      await deep.ask('fill', records);
      const none: Measures = { appends: [], reads: [] };
      const much: Measures = { appends: [], reads: [] };
      for (let round = 0; round < (small ? 1 : ROUNDS); round += 1) {
        run.progress(`measuring at ${records}, round ${round + 1}`);
        checked += await measureAppends(run, empty, none);
        checked += await measureAppends(run, deep, much);
      }
      // Owners to read from come after the appends, which are to meet an empty store.
      if (isFirst) await empty.ask('fillOwners', { owners: readable, each: READ_EACH });
      isFirst = false;
      for (let round = 0; round < (small ? 1 : ROUNDS); round += 1) {
        checked += await measureReads(run, empty, none, readable);
        checked += await measureReads(run, deep, much, devices);
      }
      figures.push(
        ...figuresOf(`empty, beside ${nameOf(records)}`, none),
        ...figuresOf(nameOf(records), much),
      );
      const ratio = (kind: keyof Measures): number =>
        median(much[kind].map(({ perSecond }, i) => perSecond / (none[kind][i]?.perSecond ?? Number.NaN)));
      figures.push(
        more(`${nameOf(records)}: appends, of those of the empty store`, ratio('appends'), 'times'),
        more(`${nameOf(records)}: reads, of those of the empty store`, ratio('reads'), 'times'),
      );
    }
    await empty.ask('close');
    await deep.ask('close');
    return { wrong: NOTHING_WRONG, checked, figures, series: [] };
  },
};

function nameOf(records: number): string {
  return `${records / 1e6} million stored`;
}

async function openStore(run: Run, path: string): Promise<Child> {
  const { cores, devices, payloadBytes } = run.options;
  mkdirSync(path, { recursive: true });
  const store = run.child('./load/store-process.js', cores.server);
  await store.ask('open', { path, owners: devices, bodyBytes: payloadBytes } satisfies StoreSetup);
  return store;
}

/** @returns appends that were made. */
async function measureAppends(run: Run, store: Child, { appends }: Measures): Promise<number> {
  const count = APPENDS * (run.options.small ? SMALL_SCALE : 1);
  appends.push(await store.ask<Measured>('append', { callers: CALLERS, count }));
  return count;
}

/** @returns reads that were made. */
async function measureReads(run: Run, store: Child, { reads }: Measures, owners: number): Promise<number> {
  const count = READS * (run.options.small ? SMALL_SCALE : 1);
  reads.push(await store.ask<Measured>('read', { count, owners }));
  return count;
}

function figuresOf(name: string, { appends, reads }: Measures): Figure[] {
  const of = (all: readonly Measured[], value: (one: Measured) => number): number => median(all.map(value));
  const p99 = ({ latencies }: Measured): number => samplesToHistogram(latencies).percentile(99) / 1000;
  const rate = ({ perSecond }: Measured): number => perSecond;
  const cpu = ({ cpuUsEach }: Measured): number => cpuUsEach;
  const pages = ({ pagesEach }: Measured): number => pagesEach;
  return [
    more(`${name}: appends`, of(appends, rate), 'per second'),
    less(`${name}: append p99`, of(appends, p99), 'ms'),
    less(`${name}: CPU per append`, of(appends, cpu), 'us'),
    less(`${name}: pages written per append`, of(appends, pages), 'pages'),
    more(`${name}: reads of one owner`, of(reads, rate), 'per second'),
    less(`${name}: CPU per read`, of(reads, cpu), 'us'),
    less(`${name}: read p99`, of(reads, p99), 'ms'),
    plain(`${name}: file`, (appends.at(-1)?.fileBytes ?? 0) / 2 ** 20, 'MiB'),
  ];
}
