/** What the store does when much is stored: appends and reads with 0, 1 and 10 million records of random owners. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../child.js';
import type { Measured, StoreSetup } from '../load/store-process.js';
import { type Figure, less, median, more, NOTHING_WRONG, plain } from '../report/result.js';
import type { Run } from '../run.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const DEPTHS = [0, 1_000_000, 10_000_000];
const SMALL_DEPTHS = [0, 20_000];
const CALLERS = 1_000;
const APPENDS = 50_000;
const READS = 20_000;
const ROUNDS = 5;
const SMALL_SCALE = 0.02;

interface Level {
  readonly append: number;
  readonly read: number;
}

export const depth: Scenario = {
  about: 'append and read rates with 0, 1 and 10 million stored messages',
  defaults: { devices: 1_000_000, payloadBytes: 300 },
  small: { devices: 5_000 },
  async run(run) {
    const { small, cores, storeDir } = run.options;
    const fresh = join(run.dir, 'store');
    const kept = storeDir ?? fresh;
    mkdirSync(fresh);
    mkdirSync(kept, { recursive: true });
    const store = run.child('./load/store-process.js', cores.server);
    const figures: Figure[] = [];
    // With a store that is kept, what lies between is not measured: it is filled once and for all.
    const depths = small
      ? SMALL_DEPTHS
      : DEPTHS.filter((records) => storeDir === null || records !== 1_000_000);
    await openAt(run, store, fresh);
    const empty = await measureLevel(run, store, 0, figures);
    let open = fresh;
    for (const records of depths.slice(1)) {
      if (open !== kept) {
        await store.ask('close');
        await openAt(run, store, kept);
        open = kept;
      }
      run.progress(`filling to ${records}`);
      await store.ask('fill', records);
      const level = await measureLevel(run, store, records, figures);
      const name = nameOf(records);
      figures.push(
        more(`${name}: appends, of those of the empty store`, level.append / empty.append, 'times'),
        more(`${name}: reads, of those of the empty store`, level.read / empty.read, 'times'),
      );
    }
    await store.ask('close');
    const rounds = small ? 1 : ROUNDS;
    const checked = depths.length * rounds * (APPENDS + READS) * (small ? SMALL_SCALE : 1);
    return { wrong: NOTHING_WRONG, checked, figures, series: [] };
  },
};

function nameOf(records: number): string {
  return `${records / 1e6} million stored`;
}

async function openAt(run: Run, store: Child, path: string): Promise<void> {
  const { devices, payloadBytes } = run.options;
  await store.ask('open', { path, owners: devices, bodyBytes: payloadBytes } satisfies StoreSetup);
}

async function measureLevel(run: Run, store: Child, records: number, figures: Figure[]): Promise<Level> {
  const { small } = run.options;
  const scale = small ? SMALL_SCALE : 1;
  const appends: Measured[] = [];
  const reads: Measured[] = [];
  for (let round = 0; round < (small ? 1 : ROUNDS); round += 1) {
    run.progress(`measuring at ${records}, round ${round + 1}`);
    appends.push(await store.ask<Measured>('append', { callers: CALLERS, count: APPENDS * scale }));
    reads.push(await store.ask<Measured>('read', { count: READS * scale }));
  }
  const of = (all: readonly Measured[], value: (one: Measured) => number): number => median(all.map(value));
  const p99 = ({ latencies }: Measured): number => samplesToHistogram(latencies).percentile(99) / 1000;
  const level = {
    append: of(appends, ({ perSecond }) => perSecond),
    read: of(reads, ({ perSecond }) => perSecond),
  };
  const name = nameOf(records);
  figures.push(
    more(`${name}: appends`, level.append, 'per second'),
    less(`${name}: append p99`, of(appends, p99), 'ms'),
    less(
      `${name}: CPU per append`,
      of(appends, ({ cpuUsEach }) => cpuUsEach),
      'us',
    ),
    less(
      `${name}: pages written per append`,
      of(appends, ({ pagesEach }) => pagesEach),
      'pages',
    ),
    more(`${name}: reads of one owner`, level.read, 'per second'),
    less(`${name}: read p99`, of(reads, p99), 'ms'),
    plain(`${name}: file`, (appends.at(-1)?.fileBytes ?? 0) / 2 ** 20, 'MiB'),
  );
  return level;
}
