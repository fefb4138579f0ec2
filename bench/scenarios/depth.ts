/** What the store does when much is stored: appends and reads with 0, 1 and 10 million records of random owners. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured, StoreSetup } from '../load/store-process.js';
import { type Figure, less, more, NOTHING_WRONG, plain } from '../report/result.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const DEPTHS = [0, 1_000_000, 10_000_000];
const SMALL_DEPTHS = [0, 20_000];
const CALLERS = 1_000;
const APPENDS = 100_000;
const READS = 20_000;

export const depth: Scenario = {
  about: 'append and read rates with 0, 1 and 10 million stored messages',
  defaults: { devices: 1_000_000, payloadBytes: 300 },
  small: { devices: 5_000 },
  async run(run) {
    const { small, devices, payloadBytes, cores } = run.options;
    const path = join(run.dir, 'store');
    mkdirSync(path);
    const store = run.child('./load/store-process.js', cores.server);
    await store.ask('open', { path, owners: devices, bodyBytes: payloadBytes } satisfies StoreSetup);
    const scale = small ? 0.02 : 1;
    const figures: Figure[] = [];
    let empty: { append: number; read: number } | null = null;
    let checked = 0;
    for (const records of small ? SMALL_DEPTHS : DEPTHS) {
      run.progress(`filling to ${records}`);
      await store.ask('fill', records);
      run.progress(`measuring at ${records}`);
      const append = await store.ask<Measured>('append', { callers: CALLERS, count: APPENDS * scale });
      const read = await store.ask<Measured>('read', { count: READS * scale });
      checked += (APPENDS + READS) * scale;
      const name = `${records / 1e6} million stored`;
      const p99 = (samples: Uint32Array): number => samplesToHistogram(samples).percentile(99) / 1000;
      figures.push(
        more(`${name}: appends`, append.perSecond, 'per second'),
        less(`${name}: append p99`, p99(append.latencies), 'ms'),
        less(`${name}: CPU per append`, append.cpuUsEach, 'us'),
        more(`${name}: reads of one owner`, read.perSecond, 'per second'),
        less(`${name}: read p99`, p99(read.latencies), 'ms'),
        plain(`${name}: file`, append.fileBytes / 2 ** 20, 'MiB'),
      );
      if (empty === null) empty = { append: append.perSecond, read: read.perSecond };
      else
        figures.push(
          more(`${name}: appends, of those of the empty store`, append.perSecond / empty.append, 'times'),
          more(`${name}: reads, of those of the empty store`, read.perSecond / empty.read, 'times'),
        );
    }
    await store.ask('close');
    return { wrong: NOTHING_WRONG, checked, figures, series: [] };
  },
};
