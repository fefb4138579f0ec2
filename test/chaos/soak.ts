/** Moderate load with faults for long: does memory grow, are descriptors left open? */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../faults/cluster.js';
import type { Settings } from './command.js';
import { judgementOf, type RowResult, runRow } from './drive.js';
import { stampLine, writeSection } from './report.js';
import { type Blow, type Row, STORES } from './row.js';
import { sameDeviceTwice } from './rows/clients.js';
import { halfOpen, lossyLinks, resets } from './rows/network.js';

const MIB = 1_048_576;
const MINUTE_MS = 60_000;
const SAMPLES = 360;
/** Caches fill and the heap finds its size in the first part of the time. */
const WARM_UP = 0.25;
/** A process may grow by this share of its memory in the rest, or by this much, and still be called flat. */
const FLAT_SHARE = 0.15;
const FLAT_BYTES = 12 * MIB;
const SPARE_DESCRIPTORS = 16;

interface Sample {
  readonly atMs: number;
  /** Memory of its own, without mapped files: the store's file is mapped and grows with the data. */
  readonly ownBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

interface Series {
  readonly role: string;
  readonly pid: number;
  readonly samples: Sample[];
}

interface Trend {
  readonly role: string;
  readonly pid: number;
  readonly firstMib: number;
  readonly lastMib: number;
  readonly residentMib: number;
  /** Of a straight line through the samples after the warm-up. */
  readonly mibPerHour: number;
  readonly descriptorsFirst: number;
  readonly descriptorsLast: number;
  readonly leaks: readonly string[];
}

function sample(pid: number, atMs: number): Sample | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1_024;
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { atMs, ownBytes: bytes('RssAnon'), residentBytes: bytes('VmRSS'), descriptors };
  } catch {
    return null;
  }
}

/** Slope of the straight line closest to the points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** What a process did after the warm-up; its leaks in words. */
export function trendOf({ role, pid, samples }: Series): Trend {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const [early, late] = [warm.slice(0, quarter), warm.slice(-quarter)];
  const perMs = slope(warm.map(({ atMs, ownBytes }) => [atMs, ownBytes]));
  const spanMs = (warm.at(-1)?.atMs ?? 0) - (warm[0]?.atMs ?? 0);
  const own = (part: readonly Sample[]): number => mean(part.map(({ ownBytes }) => ownBytes));
  const open = (part: readonly Sample[]): number => Math.max(...part.map(({ descriptors }) => descriptors));
  const grows = perMs * spanMs > Math.max(FLAT_BYTES, own(warm) * FLAT_SHARE);
  const opens = open(late) > open(early) + SPARE_DESCRIPTORS;
  return {
    ...{ role, pid },
    firstMib: own(early) / MIB,
    lastMib: own(late) / MIB,
    residentMib: mean(late.map(({ residentBytes }) => residentBytes)) / MIB,
    mibPerHour: (perMs * 60 * MINUTE_MS) / MIB,
    descriptorsFirst: open(early),
    descriptorsLast: open(late),
    leaks: [...(grows ? ['memory grows'] : []), ...(opens ? ['descriptors stay open'] : [])],
  };
}

/** Looks at all processes of the server from time to time. */
function watch(cluster: Cluster, everyMs: number): { readonly series: Series[]; stop(): void } {
  const series: Series[] = [];
  const startMs = performance.now();
  const look = (): void => {
    const { supervisor, control, workers } = cluster.pids();
    const all = [
      { role: 'supervisor', pid: supervisor },
      { role: 'control', pid: control },
      ...workers.map((pid) => ({ role: 'worker', pid })),
    ];
    for (const { role, pid } of all) {
      const found = sample(pid, performance.now() - startMs);
      if (found === null) continue;
      let known = series.find((one) => one.pid === pid);
      if (known === undefined) {
        known = { role, pid, samples: [] };
        series.push(known);
      }
      known.samples.push(found);
    }
  };
  const timer = setInterval(look, everyMs);
  return { series, stop: () => clearInterval(timer) };
}

const SOAKED = [resets, sameDeviceTwice, halfOpen, lossyLinks];

/** A row of several faults by turns that kill nothing, so that the processes live long enough to be measured. */
function soakRow(trafficMs: number, take: (series: readonly Series[]) => void): Row {
  return {
    name: 'soak',
    group: 'clients',
    stores: STORES,
    needs: [...new Set(SOAKED.flatMap((row) => row.needs))],
    what: `${SOAKED.map((row) => row.name).join(', ')} by turns`,
    holds: 'memory and descriptors of each process stay what they are',
    plant: { bug: 'skip-backlog', seen: /^LOST/m },
    cluster: { config: { delivery: { attemptBackoffMs: [0, 60_000, 300_000] } } },
    check: { maxLatencyMs: 20_000, graceMs: 6_000 },
    world: { users: 60, callers: 4, pauseMs: 60, retryMs: 1_000 },
    calmMs: [10_000, 30_000],
    async arm(run) {
      const watching = watch(run.cluster, Math.max(1_000, trafficMs / SAMPLES));
      // Twins take the place of devices, so those of half-open links are made first and kept.
      const blows: Blow[] = [];
      for (const row of SOAKED) blows.push(await row.arm(run));
      let turn = 0;
      const present = (): Blow => {
        const blow = blows[turn % blows.length];
        if (blow === undefined) throw new RangeError('no blow');
        return blow;
      };
      return {
        inject: () => present().inject(),
        get lastsMs() {
          return present().lastsMs;
        },
        async heal() {
          await present().heal();
          turn += 1;
        },
        finish() {
          watching.stop();
          take(watching.series);
        },
      };
    },
  };
}

function section(result: RowResult, trends: readonly Trend[], stamp: string, trafficMs: number): string {
  const head = [
    'process',
    'own memory, first and last quarter',
    'resident',
    'slope',
    'descriptors',
    'verdict',
  ];
  const rows = trends.map((trend) => [
    trend.role,
    `${trend.firstMib.toFixed(1)}, ${trend.lastMib.toFixed(1)} MiB`,
    `${trend.residentMib.toFixed(1)} MiB`,
    `${trend.mibPerHour.toFixed(2)} MiB/h`,
    `${trend.descriptorsFirst}, ${trend.descriptorsLast}`,
    trend.leaks.length === 0 ? 'flat' : trend.leaks.join(', '),
  ]);
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [
    stamp,
    `${(trafficMs / MINUTE_MS).toFixed(0)} minutes; ${SOAKED.map((row) => `\`${row.name}\``).join(', ')} by turns,`,
    `${result.struck} blows with ${result.inFlight} messages in flight; ${result.messages} messages,`,
    `${result.accepted} accepted, ${result.receipts} received. The first quarter is warm-up and not counted.`,
    `The history ${judgementOf(result)}${result.complaints.length === 0 ? '.' : `: ${result.complaints[0]}`}`,
    '',
    ...table,
  ].join('\n');
}

/** @returns the exit code. */
export async function runSoak(
  settings: Settings,
  onProgress: (share: number, what: string) => void,
): Promise<number> {
  const { store, trafficMs, seed, users, out, signal, results } = settings;
  let series: readonly Series[] = [];
  const stamp = stampLine(new Date());
  const row = soakRow(trafficMs, (taken) => {
    series = taken;
  });
  const keepIn = join(out, 'soak');
  const result = await runRow(row, { store, trafficMs, seed, users, keepIn, signal, onProgress });
  // What was replaced on the way is no measure of anything.
  const longest = Math.max(0, ...series.map(({ samples }) => samples.length));
  const whole = series.filter(({ samples }) => samples.length >= longest / 2);
  const trends = whole.map(trendOf);
  writeFileSync(join(out, 'soak.json'), JSON.stringify({ result, trends, series }, null, 2));
  const text = section(result, trends, stamp, trafficMs);
  console.log(`\n${text}\n`);
  for (const complaint of result.complaints) console.log(complaint);
  if (signal.aborted) return 130;
  writeSection(results, `Soak: ${store}`, text);
  const flat = trends.length > 0 && trends.every(({ leaks }) => leaks.length === 0);
  return flat && judgementOf(result) === 'holds' ? 0 : 1;
}
