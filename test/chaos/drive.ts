/** Drives one row of the fault table: a world, blow after blow, rest, and the verdict. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, type ClusterOptions, merge } from '../faults/cluster.js';
import { play, type Story, strike } from '../faults/run.js';
import { note, type Trial } from '../faults/trial.js';
import type { CheckOptions } from '../history/verdict.js';
import { HEARTBEAT_SEC, openCrowd } from './crowd.js';
import { missing } from './needs.js';
import type { Blow, NodeCount, Row, Run, StoreKind } from './row.js';
import { type Hosts, makeSite } from './site.js';
import { DEFAULT_WORLD, openWorld, type World } from './world.js';

/** Between the end of a blow and the next one, at least and at most. */
const CALM_MS = [700, 2_000] as const;
const RECOVERY_MS = 30_000;
/** A connected device has what is for it within this, after the last fault. */
const MAX_LATENCY_MS = 10_000;
const REST_MS = 25_000;
/** A run with a planted bug may never come to rest. */
const PLANTED_REST_MS = 4_000;
/** So long is waited with a planted bug, which often keeps messages from ever coming through. */
const PLANTED_RECOVERY_MS = 5_000;

/** Beside a crowd: its own calls are most of the traffic, and what is for everybody comes from it. */
const CROWD_WORLD = { callers: 6, globals: false, heartbeatSec: HEARTBEAT_SEC };
/** Thousands that come back together take their time, and an ack may wait its turn. */
const CROWD_CLUSTER: ClusterOptions = { config: { delivery: { ackTimeoutMs: 10_000 } } };
const CROWD_LATENCY_MS = 45_000;
const CROWD_RECOVERY_MS = 60_000;
const CROWD_REST_MS = 60_000;

export interface RunOptions {
  readonly store: StoreKind;
  /** Time with traffic, ms. */
  readonly trafficMs: number;
  readonly seed: number;
  /** Instead of the row's number of users. */
  readonly users?: number | undefined;
  /** Instead of the row's number of nodes. */
  readonly nodes?: NodeCount | undefined;
  /** Quiet devices beside those of the world. */
  readonly crowd?: number | undefined;
  /** Plants the row's bug. */
  readonly planted?: boolean;
  /** The fault never strikes: shows that it is the fault that brings a planted bug out. */
  readonly calm?: boolean;
  /** Directory that the history is kept in. */
  readonly keepIn?: string | undefined;
  /** Ends the run before its time. */
  readonly signal?: AbortSignal | undefined;
  /** @param share 0 to 1 of the time with traffic. */
  onProgress?(share: number, what: string): void;
}

export interface RowResult {
  readonly row: string;
  readonly store: StoreKind;
  readonly seed: number;
  /** Why the row was not run, or empty. */
  readonly skipped: string;
  readonly struck: number;
  /** Blows with nothing in flight. */
  readonly idle: number;
  /** Messages in flight at all blows together. */
  readonly inFlight: number;
  readonly messages: number;
  readonly accepted: number;
  readonly receipts: number;
  /** From the end of each blow until messages came through again. */
  readonly recoveryMs: readonly number[];
  readonly complaints: readonly string[];
  readonly seconds: number;
}

/** A small generator, so that a seed gives the same choices again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Tally {
  struck: number;
  idle: number;
  inFlight: number;
  readonly recoveryMs: number[];
  readonly complaints: string[];
}

const NOTHING = {
  ...{ struck: 0, idle: 0, inFlight: 0, messages: 0, accepted: 0, receipts: 0 },
  ...{ recoveryMs: [], complaints: [], seconds: 0 },
};

function recoveryLimitMs(row: Row, run: Run, isPlanted: boolean): number {
  // A bug that is seen by this limit has all of it.
  if (isPlanted && !row.plant.seen.test('NOT_RECOVERED')) return PLANTED_RECOVERY_MS;
  return Math.max(row.recoveryMs ?? RECOVERY_MS, run.crowd === null ? 0 : CROWD_RECOVERY_MS);
}

/** One blow, from the waiting for a good moment to the first messages that come through again. */
async function strikeOnce(row: Row, run: Run, blow: Blow, tally: Tally, isPlanted: boolean): Promise<void> {
  // Struck while it is on its way to thousands.
  const toAll = run.crowd?.sendToAll();
  const inFlight = await strike(run.trial, row.name, () => blow.inject());
  tally.struck += 1;
  tally.inFlight += inFlight;
  if (inFlight === 0) tally.idle += 1;
  await sleep(blow.lastsMs);
  const healMs = performance.now();
  await blow.heal();
  run.trial.fault(row.name, false);
  const limitMs = recoveryLimitMs(row, run, isPlanted);
  if (await run.world.recovered(limitMs)) tally.recoveryMs.push(performance.now() - healMs);
  else run.complain(`NOT_RECOVERED nothing came through for ${limitMs} ms`);
  await toAll;
}

/** Blows until the time is over. */
async function strikeAll(row: Row, run: Run, blow: Blow, tally: Tally, options: RunOptions): Promise<void> {
  const startMs = performance.now();
  const isWhole = options.planted !== true && options.calm !== true;
  const least = isWhole ? (row.leastBlows ?? 0) : 0;
  const goesOn = (): boolean => {
    const spentMs = performance.now() - startMs;
    options.onProgress?.(Math.min(1, spentMs / options.trafficMs), `${row.name}: ${tally.struck} blows`);
    const isOver = spentMs >= options.trafficMs && tally.struck >= least;
    return !isOver && options.signal?.aborted !== true;
  };
  const [shortest, longest] = row.calmMs ?? CALM_MS;
  do {
    await sleep(shortest + run.random() * (longest - shortest));
    const mayStrike = options.calm !== true && tally.struck < (row.blows ?? Number.POSITIVE_INFINITY);
    if (mayStrike) await strikeOnce(row, run, blow, tally, options.planted === true);
  } while (goesOn());
}

/** Global data for the foreground comes with the next connection. */
async function gather(trial: Trial): Promise<void> {
  for (const device of trial.devices) device.drop();
  await trial.allConnected(60_000);
}

function clusterOf(row: Row, isCrowded: boolean): ClusterOptions {
  if (!isCrowded) return row.cluster ?? {};
  return { ...row.cluster, config: merge(CROWD_CLUSTER.config ?? {}, row.cluster?.config ?? {}) };
}

function checkOf(row: Row, isCrowded: boolean): Partial<CheckOptions> {
  const check = { maxLatencyMs: MAX_LATENCY_MS, noAttemptDrops: true, ...row.check };
  const { maxLatencyMs } = check;
  return isCrowded ? { ...check, maxLatencyMs: Math.max(maxLatencyMs ?? 0, CROWD_LATENCY_MS) } : check;
}

function storyOf(row: Row, options: RunOptions, tally: Tally, site: () => Hosts): Story {
  const random = randomOf(options.seed);
  const isCrowded = options.crowd !== undefined;
  const restMs = options.planted === true ? PLANTED_REST_MS : isCrowded ? CROWD_REST_MS : REST_MS;
  return {
    cluster: clusterOf(row, isCrowded),
    check: checkOf(row, isCrowded),
    restMs,
    losesCounters: row.losesCounters ?? false,
    async tell(trial: Trial, cluster: Cluster) {
      // What waits for the foreground comes with the reconnect at the end, which is a fault of its own.
      const calm = options.calm === true ? { globals: false } : {};
      const crowded = isCrowded ? CROWD_WORLD : {};
      const wanted = { ...DEFAULT_WORLD, ...row.world, ...crowded, ...calm };
      const world: World = await openWorld(trial, { ...wanted, users: options.users ?? wanted.users });
      const complain = (text: string): void => void tally.complaints.push(text);
      const hosts = site();
      const crowd = options.crowd === undefined ? null : await openCrowd(trial, hosts, options.crowd);
      const first = hosts.gateways[0] ?? cluster;
      const run: Run = { trial, cluster: first, hosts, world, crowd, complain, random };
      const traffic = [world.startTraffic(), ...(crowd === null ? [] : [crowd.startTraffic()])];
      const blow = await row.arm(run);
      await strikeAll(row, run, blow, tally, options);
      await Promise.all(traffic.map((calls) => calls.stop()));
      if (options.calm === true) return tally.complaints;
      await blow.finish?.();
      await gather(trial);
      await crowd?.settled(restMs).catch((error: Error) => complain(`UNSETTLED ${error.message}`));
      return tally.complaints;
    },
  };
}

/** Runs one row; one that this machine cannot run is skipped with the reason. */
export async function runRow(row: Row, options: RunOptions): Promise<RowResult> {
  const about = { row: row.name, store: options.store, seed: options.seed };
  const absent = missing(row.needs);
  if (absent.length > 0) return { ...about, skipped: `needs ${absent.join(', ')}`, ...NOTHING };
  const startMs = performance.now();
  const tally: Tally = { struck: 0, idle: 0, inFlight: 0, recoveryMs: [], complaints: [] };
  const scratch = mkdtempSync(join(tmpdir(), 'longlink-chaos-'));
  const stage = row.stage?.(scratch);
  let site: Hosts | undefined;
  const siteOf = (): Hosts => {
    if (site === undefined) throw new Error('no site');
    return site;
  };
  try {
    const story = storyOf(row, options, tally, siteOf);
    const cluster = { ...story.cluster, ...stage?.cluster };
    const staging = {
      plant: options.planted === true ? row.plant.bug : undefined,
      keepIn: options.keepIn,
      async makeSite(told: Story, plant: string | undefined) {
        const { gateways, apis } = options.nodes ?? row.nodes ?? { gateways: 1, apis: 0 };
        const wanted = { store: options.store, gateways, apis, level: row.level ?? 'R1' } as const;
        site = await makeSite(wanted, told, plant);
        return site;
      },
    };
    const { verdict, complaints } = await play({ ...story, cluster }, staging);
    const { messages, accepted, receipts } = verdict.counts;
    const seconds = (performance.now() - startMs) / 1_000;
    return { ...about, ...tally, skipped: '', messages, accepted, receipts, complaints, seconds };
  } catch (error) {
    // A run that could not be finished is one that does not hold, whatever broke.
    const why = error instanceof Error ? error.message : String(error);
    note(`${row.name} broke off: ${error instanceof Error ? error.stack : why}`);
    const seconds = (performance.now() - startMs) / 1_000;
    return {
      ...about,
      ...NOTHING,
      ...tally,
      skipped: '',
      complaints: [...tally.complaints, `BROKE_OFF ${why}`],
      seconds,
    };
  } finally {
    stage?.clear();
    rmSync(scratch, { recursive: true, force: true });
  }
}

export type Judgement = 'holds' | 'does not hold' | 'does not count' | 'skipped';

/** A blow with nothing in flight proves nothing, and a row with such a blow does not count. */
export function judgementOf(result: RowResult): Judgement {
  if (result.skipped !== '') return 'skipped';
  if (result.complaints.length > 0) return 'does not hold';
  return result.struck > 0 && result.idle === 0 ? 'holds' : 'does not count';
}
