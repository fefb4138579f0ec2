/** The simulated devices as the scenarios see them: spread over processes, counted together. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from './child.js';
import type { FleetRules } from './load/device.js';
import type { FleetNews, FleetSetup, FleetState } from './load/fleet-process.js';
import type { LonglinkRules } from './load/longlink.js';
import { emptyTally, type Tally } from './load/tally.js';
import { CONNECTIONS_PER_PROCESS } from './machine.js';
import type { Point } from './report/result.js';

/** Devices that `openWithin` opens at a time, and how far it goes ahead of those that are online. */
const OPEN_STEP = 2_000;
const OPEN_AHEAD = 2_000;
const SETTLE_MS = 60_000;

export interface FleetOptions {
  readonly run: string;
  readonly devices: number;
  /** Number of the first device. */
  readonly firstDevice: number;
  readonly rules: FleetRules;
  readonly protocol: FleetSetup['protocol'];
  readonly longlink: LonglinkRules;
  readonly pingMs: number;
  readonly cores: readonly number[] | null;
  /** Directory for histories, or null. */
  readonly history: string | null;
}

export interface DeviceFleet {
  readonly devices: number;
  /** Microseconds: from due to received, of messages for one and for all; and of connecting. */
  readonly delays: RecordableHistogram;
  readonly globalDelays: RecordableHistogram;
  readonly connectTimes: RecordableHistogram;
  /** Messages received a second, over the time of the run. */
  readonly received: Point[];
  tally(): Tally;
  /** Forgets the delays so far; the counts stay. */
  resetDelays(): void;
  /** Connects all devices at a rate and waits until they are online. */
  open(perSecond: number, timeoutMs: number): Promise<void>;
  /**
   * Connects the devices in their order, never more than some thousands ahead of those that are online, for
   * so long at most. @returns how many are online then: the first ones, without a gap.
   */
  openWithin(perSecond: number, limitMs: number): Promise<number>;
  churn(atOnce: number, seconds: number): Promise<void>;
  /** Every device writes so many bytes that mean nothing; resolves when all are handed to the kernel or queued. */
  burst(bytes: number, perSecond: number): Promise<void>;
  until(what: string, timeoutMs: number, condition: (tally: Tally) => boolean): Promise<void>;
  /** Up-to-date counts, instead of those of the last tenth of a second. */
  refresh(): Promise<Tally>;
  states(): Promise<FleetState[]>;
  cut(): Promise<void>;
  close(): Promise<void>;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Part {
  readonly child: Child;
  readonly first: number;
  readonly count: number;
  tally: Tally;
}

export async function startFleet(options: FleetOptions): Promise<DeviceFleet> {
  const { devices } = options;
  const delays = createHistogram();
  const globalDelays = createHistogram();
  const connectTimes = createHistogram();
  const received: Point[] = [];
  const parts: Part[] = [];
  const startedMs = performance.now();
  let lastPoint = { atMs: startedMs, received: 0 };

  const take = (part: Part, news: FleetNews): void => {
    part.tally = news.tally;
    recordAll(delays, news.delays);
    recordAll(globalDelays, news.globalDelays);
    recordAll(connectTimes, news.connectTimes);
    const atMs = performance.now();
    if (atMs - lastPoint.atMs < 500) return;
    const count = sum(parts).received;
    const rate = (count - lastPoint.received) / ((atMs - lastPoint.atMs) / 1000);
    received.push([(atMs - startedMs) / 1000, Math.max(0, Math.round(rate))]);
    lastPoint = { atMs, received: count };
  };

  for (let first = 0; first < devices; first += CONNECTIONS_PER_PROCESS) {
    const count = Math.min(CONNECTIONS_PER_PROCESS, devices - first);
    const child = startChild({
      module: './load/fleet-process.js',
      cores: options.cores,
      onNews: (_name, news) => take(part, news as FleetNews),
    });
    const part: Part = { child, first, count, tally: emptyTally() };
    parts.push(part);
  }
  const all = <T>(name: string, args?: unknown): Promise<T[]> =>
    Promise.all(parts.map(({ child }) => child.ask<T>(name, args)));
  await Promise.all(parts.map((part) => part.child.ask('setup', setupOf(options, part))));

  const fleet: DeviceFleet = {
    devices,
    delays,
    globalDelays,
    connectTimes,
    received,
    tally: () => sum(parts),
    resetDelays() {
      for (const histogram of [delays, globalDelays, connectTimes]) histogram.reset();
    },
    async open(perSecond, timeoutMs) {
      const opened = parts.map(({ child, count }) =>
        child.ask('open', { from: 0, count, perSecond: (perSecond * count) / devices }),
      );
      await Promise.all(opened);
      await fleet.until(`${devices} devices online`, timeoutMs, ({ online }) => online >= devices);
    },
    async openWithin(perSecond, limitMs) {
      const end = performance.now() + limitMs;
      let opened = 0;
      for (const { child, count } of parts)
        for (let from = 0; from < count && performance.now() < end; from += OPEN_STEP) {
          const step = Math.min(OPEN_STEP, count - from);
          await child.ask('open', { from, count: step, perSecond });
          opened += step;
          await fleet.until(
            `${opened} devices online`,
            SETTLE_MS,
            ({ online }) => online >= opened - OPEN_AHEAD,
          );
        }
      await fleet.until(`${opened} devices online`, SETTLE_MS, ({ online }) => online >= opened);
      return opened;
    },
    async churn(atOnce, seconds) {
      await all('churn', { atOnce: Math.ceil(atOnce / parts.length), seconds });
    },
    async burst(bytes, perSecond) {
      await all('burst', { bytes, perSecond: perSecond / parts.length });
    },
    async until(what, timeoutMs, condition) {
      const deadline = performance.now() + timeoutMs;
      while (!condition(await fleet.refresh())) {
        if (performance.now() > deadline)
          throw new Error(`${what}: not within ${timeoutMs} ms; ${JSON.stringify(sum(parts))}`);
        await sleep(20);
      }
    },
    async refresh() {
      await Promise.all(parts.map(async (part) => take(part, await part.child.ask<FleetNews>('news'))));
      return sum(parts);
    },
    states: () => all<FleetState>('state'),
    async cut() {
      await all('cut');
    },
    async close() {
      await all('close');
    },
    async flush() {
      await all('flush');
    },
    async stop() {
      await Promise.all(parts.map(({ child }) => child.stop()));
    },
  };
  return fleet;
}

function setupOf(options: FleetOptions, { first, count }: Part): FleetSetup {
  const { run, rules, protocol, longlink, pingMs, history } = options;
  const file = history === null ? null : `${history}/devices-${options.firstDevice + first}.jsonl`;
  return { run, rules, protocol, longlink, history: file, first: options.firstDevice + first, count, pingMs };
}

function recordAll(histogram: RecordableHistogram, values: Uint32Array): void {
  for (const value of values) histogram.record(Math.max(1, value));
}

function sum(parts: readonly Part[]): Tally {
  const total = emptyTally();
  for (const { tally } of parts) {
    const { kickCodes, ...counts } = tally;
    for (const [name, count] of Object.entries(counts)) total[name as keyof typeof counts] += count;
    for (const [code, count] of Object.entries(kickCodes))
      total.kickCodes[code] = (total.kickCodes[code] ?? 0) + count;
  }
  return total;
}
