/** Time from the API request, when it was due, to the device, at 30 % and 70 % of the highest rate. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from 'node:perf_hooks';
import type { DeviceFleet } from '../fleet.js';
import { USER_BIZ } from '../load/longlink.js';
import { delayFigures, type Figure, less, median, medians, plain, type Series } from '../report/result.js';
import { type Run, type Sender, verify } from '../run.js';
import { arrived, POLITE_PER_SECOND } from './common.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

const LEVELS = [30, 70];
const ROUNDS = 5;
const CONNECTIONS = 256;
/** How long the highest rate is looked for. */
const PROBE_SHARE = 0.5;

const FSYNCS = 200;
const FSYNC_BYTES = 4096;

export const latency: Scenario = {
  about: 'time from the API request to the device at 30 % and 70 % load',
  defaults: { devices: 5_000, seconds: 20, payloadBytes: 300 },
  small: { devices: 200, seconds: 1 },
  async run(run) {
    const { seconds, small } = run.options;
    const server = await run.server();
    const fleet = await run.fleet(server);
    const sender = await run.sender(server);
    await fleet.open(POLITE_PER_SECOND, 120_000);
    const requests = { biz: USER_BIZ, connections: CONNECTIONS };
    await sender.requests({ ...requests, seconds: seconds * PROBE_SHARE, perSecond: 0 });
    const probe = await sender.requests({ ...requests, seconds: seconds * PROBE_SHARE, perSecond: 0 });
    const highest = probe.accepted / probe.seconds;
    const fsyncMs = oneFsync(run.dir, small ? 5 : FSYNCS);
    const figures: Figure[] = [
      plain('highest rate of single requests', highest, 'per second'),
      less('one fsync on the idle disk, median', fsyncMs, 'ms'),
    ];
    const series: Series[] = [];
    for (const level of LEVELS) {
      const rounds: Figure[][] = [];
      for (let round = 0; round < (small ? 1 : ROUNDS); round += 1) {
        run.progress(`${level} % of ${Math.round(highest)} a second: round ${round + 1}`);
        const load = { ...requests, seconds, perSecond: (highest * level) / 100 };
        const measured = await measure(run, fleet, sender, load);
        const [toDevice, answered] = [
          delayFigures(`${level} %: due to device`, fleet.delays),
          delayFigures(`${level} %: due to answered`, measured),
        ];
        const at = (share: number): number => fleet.delays.percentile(share) / 1000;
        rounds.push([
          ...toDevice.figures,
          ...answered.figures,
          less(`${level} %: due to device p50, without one fsync`, Math.max(0, at(50) - fsyncMs), 'ms'),
          less(`${level} %: due to device p99, without two fsyncs`, Math.max(0, at(99) - 2 * fsyncMs), 'ms'),
        ]);
        if (round === 0) series.push(...toDevice.series, ...answered.series);
      }
      figures.push(...medians(rounds));
    }
    return { wrong: await verify(fleet, sender), checked: fleet.tally().received, figures, series };
  },
};

/** Sends at a rate until all has arrived; the fleet has the delays. @returns those until the answer. */
async function measure(
  run: Run,
  fleet: DeviceFleet,
  sender: Sender,
  load: Parameters<Sender['requests']>[0],
): Promise<Histogram> {
  await fleet.refresh();
  fleet.resetDelays();
  const { received } = fleet.tally();
  const sent = await sender.requests(load);
  if (sent.refused > 0) throw new Error(`${sent.refused} requests refused: ${sent.refusals.join(' ')}`);
  await arrived(run, fleet, received, sent.accepted);
  return samplesToHistogram(sent.latencies);
}

/** Writes a page and waits for the disk, again and again. @returns the median, ms. */
function oneFsync(dir: string, count: number): number {
  const file = openSync(join(dir, 'fsync'), 'w');
  const page = Buffer.alloc(FSYNC_BYTES, 0x61);
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const started = performance.now();
    writeSync(file, page, 0, FSYNC_BYTES, at * FSYNC_BYTES);
    fdatasyncSync(file);
    times.push(performance.now() - started);
  }
  closeSync(file);
  return median(times);
}
