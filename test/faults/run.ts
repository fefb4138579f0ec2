/** Runs one story of a fault from an empty server to the judged history, and says what was wrong. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { CheckOptions, Verdict } from '../history/verdict.js';
import { type Cluster, type ClusterOptions, createCluster } from './cluster.js';
import { beginTrial, note, type OtherNodes, type Trial } from './trial.js';

/** How long a fault may wait for a moment with something in flight. */
const MOMENT_MS = 3_000;

export interface Outcome {
  readonly verdict: Verdict;
  /** What was wrong, each with a first word that says of what kind; empty for a trial that was passed. */
  readonly complaints: readonly string[];
}

export interface Story {
  readonly cluster?: ClusterOptions;
  readonly check?: Partial<CheckOptions>;
  /** The fault takes the counters of the conservation equation with it. */
  readonly losesCounters?: boolean;
  /** How long the trial may take to come to rest. */
  readonly restMs?: number;
  /** Sets the bizTypes and devices up, hurts the server, heals it, and returns its own complaints. */
  tell(trial: Trial, cluster: Cluster): Promise<string[]>;
}

function wrongWith(verdict: Verdict): string[] {
  const errors = Object.entries(verdict.errors).map(([kind, { count, examples }]) => {
    return `${kind} ${count} times, for example ${examples[0]}`;
  });
  return [...errors, ...(errors.length === 0 ? verdict.unknownBecause.map((why) => `UNKNOWN ${why}`) : [])];
}

/** What the devices saw beyond the history. */
function wrongAtDevices(trial: Trial): string[] {
  const tallies = [
    ...trial.devices.map(({ tally }) => tally),
    ...trial.parties.map((party) => party.tally()),
  ];
  const gaps = tallies.reduce((sum, tally) => sum + tally.gaps, 0);
  const stale = tallies.reduce((sum, tally) => sum + tally.stale, 0);
  const broken = tallies.flatMap(({ kicks }) => kicks).filter((code) => code >= 4_400);
  return [
    ...(gaps > 0 ? [`GAP ${gaps} batches began after the point of their device`] : []),
    ...(stale > 0 ? [`STALE ${stale} batches of a user no longer bound`] : []),
    ...(broken.length > 0 ? [`KICKED with ${[...new Set(broken)].join(', ')}`] : []),
  ];
}

interface ConservationAnswer {
  readonly counters: readonly { readonly bizType: string; readonly accepted: number; readonly gap: number }[];
}

/**
 * accepted = retained + ended, whatever happened; and what the server counts as accepted lies between
 * what it said it accepted and what it may have without saying so.
 */
async function wrongInCounters(cluster: Cluster, verdict: Verdict): Promise<string[]> {
  const answer = await cluster.admin('GET', '/v1/conservation').catch(() => ({ status: 0, body: '' }));
  if (answer.status !== 200) return [`CONSERVATION no answer: ${answer.status}`];
  const { counters } = JSON.parse(answer.body) as ConservationAnswer;
  const gaps = counters.filter(({ gap }) => gap !== 0);
  const accepted = counters.reduce((sum, counter) => sum + counter.accepted, 0);
  const { persistedAccepted: answered, persisted: called } = verdict.counts;
  const fits = answered <= accepted && accepted <= called;
  return [
    ...gaps.map(({ bizType, gap }) => `CONSERVATION ${bizType} misses ${gap}`),
    ...(fits ? [] : [`CONSERVATION ${accepted} counted, ${answered} answered, ${called} called`]),
  ];
}

/** How a story is played. */
export interface Staging {
  /** Name of a planted bug. */
  readonly plant?: string | undefined;
  /** Directory that the history and the server's log are kept in; left out, they are removed. */
  readonly keepIn?: string | undefined;
  /** Prepares the servers; one of `story.cluster` when left out. The first node is the story's cluster. */
  makeSite?(story: Story, plant: string | undefined): Promise<Site>;
}

/** Servers that work together, and what they need. */
export interface Site {
  readonly first: Cluster;
  readonly others: OtherNodes;
  start(): Promise<void>;
  /** Everything that the servers have written to their logs. */
  log(): string;
  dispose(): Promise<void>;
}

/** A site of one server. */
async function singleSite(story: Story, plant: string | undefined): Promise<Site> {
  const first = await createCluster({ ...story.cluster, ...(plant === undefined ? {} : { plant }) });
  const { start, log, dispose } = first;
  return { first, others: { gateways: [], apis: [], firstIsGateway: true }, start, log, dispose };
}

function keep(site: Site, directory: string): void {
  mkdirSync(directory, { recursive: true });
  cpSync(join(site.first.dir, 'history'), directory, { recursive: true });
  writeFileSync(join(directory, 'server.log'), site.log());
}

/** Plays the story, with a planted bug if one is named. */
export async function play(story: Story, staging: Staging = {}): Promise<Outcome> {
  const { plant, keepIn, makeSite = singleSite } = staging;
  if (plant !== undefined) note(`the same with a planted bug: ${plant}`);
  const site = await makeSite(story, plant);
  let trial: Trial | undefined;
  let passed = false;
  try {
    await site.start();
    trial = await beginTrial(site.first, site.others);
    const own = await story.tell(trial, site.first);
    const verdict = await trial.judge(story.check, story.restMs);
    const counted = story.losesCounters === true ? [] : await wrongInCounters(site.first, verdict);
    const complaints = [...own, ...wrongAtDevices(trial), ...wrongWith(verdict), ...counted];
    passed = complaints.length === 0 || plant !== undefined;
    return { verdict, complaints };
  } finally {
    trial?.close();
    if (!passed) note(`end of the server's log:\n${site.log().split('\n').slice(-30).join('\n')}`);
    if (keepIn !== undefined) keep(site, keepIn);
    await site.dispose();
  }
}

/**
 * Strikes while messages are in flight; a fault with nothing in flight proves nothing.
 *
 * @param hurt what the fault does, in the same step as the count.
 * @returns how many messages were in flight.
 */
export async function strike(trial: Trial, name: string, hurt: () => void | Promise<void>): Promise<number> {
  const deadline = performance.now() + MOMENT_MS;
  while (trial.inFlight() === 0 && performance.now() < deadline) await nextTurn();
  const inFlight = trial.fault(name, true);
  await hurt();
  return inFlight;
}

export interface Traffic {
  /** Messages whose calls have ended. */
  sent(): number;
  /** No new calls; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/**
 * Calls that go on until they are stopped, some callers side by side.
 *
 * @param pauseMs between two calls of one caller.
 * @param callOne makes the call with this number, and returns when its outcome is known.
 */
export function startCalls(
  trial: Trial,
  { callers, pauseMs }: { readonly callers: number; readonly pauseMs: number },
  callOne: (number: number) => Promise<unknown>,
): Traffic {
  let going = true;
  let next = 0;
  let sent = 0;
  const loops = Array.from({ length: callers }, async () => {
    while (going && !trial.isClosed()) {
      const number = next;
      next += 1;
      // A run that broke off ends the trial below its callers.
      await callOne(number).catch((error) => {
        if (!trial.isClosed()) throw error;
      });
      sent += 1;
      await sleep(pauseMs);
    }
  });
  return {
    sent: () => sent,
    async stop() {
      going = false;
      await Promise.all(loops);
    },
  };
}
