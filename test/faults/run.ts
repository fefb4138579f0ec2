/** Runs one story of a fault from an empty server to the judged history, and says what was wrong. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { CheckOptions, Verdict } from '../history/verdict.js';
import { type Cluster, type ClusterOptions, createCluster } from './cluster.js';
import { beginTrial, note, type Trial } from './trial.js';

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
  const gaps = trial.devices.reduce((sum, device) => sum + device.tally.gaps, 0);
  const stale = trial.devices.reduce((sum, device) => sum + device.tally.stale, 0);
  const broken = trial.devices.flatMap((device) => device.tally.kicks).filter((code) => code >= 4_400);
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

/** Plays the story, with a planted bug if one is named. */
export async function play(story: Story, plant?: string): Promise<Outcome> {
  if (plant !== undefined) note(`the same with a planted bug: ${plant}`);
  const planted = plant === undefined ? {} : { plant };
  const cluster = await createCluster({ ...story.cluster, ...planted });
  let trial: Trial | undefined;
  let passed = false;
  try {
    await cluster.start();
    trial = await beginTrial(cluster);
    const own = await story.tell(trial, cluster);
    const verdict = await trial.judge(story.check, story.restMs);
    const counted = await wrongInCounters(cluster, verdict);
    const complaints = [...own, ...wrongAtDevices(trial), ...wrongWith(verdict), ...counted];
    passed = complaints.length === 0 || plant !== undefined;
    return { verdict, complaints };
  } finally {
    trial?.close();
    if (!passed) note(`end of the server's log:\n${cluster.log().split('\n').slice(-30).join('\n')}`);
    await cluster.dispose();
  }
}

/**
 * Strikes while messages are in flight; a fault with nothing in flight proves nothing.
 *
 * @param hurt what the fault does, in the same step as the count.
 */
export async function strike(
  trial: Trial,
  name: string,
  complaints: string[],
  hurt: () => void,
): Promise<void> {
  const deadline = performance.now() + MOMENT_MS;
  while (trial.inFlight() === 0 && performance.now() < deadline) await nextTurn();
  const inFlight = trial.fault(name, true);
  hurt();
  if (inFlight === 0) complaints.push(`IDLE nothing was in flight at ${name}`);
}

export interface Traffic {
  /** Messages whose calls have ended. */
  sent(): number;
  /** No new calls; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/**
 * Calls that go on until they are stopped, each repeated until its outcome is known.
 *
 * @param callers how many go on side by side.
 * @param pauseMs between two calls of one caller.
 */
export function startTraffic(
  trial: Trial,
  biz: string,
  targets: readonly string[],
  { callers = 8, pauseMs = 5, pad = '', prefix = 'm' } = {},
): Traffic {
  let going = true;
  let next = 0;
  let sent = 0;
  const loops = Array.from({ length: callers }, async () => {
    while (going && !trial.isClosed()) {
      const number = next;
      next += 1;
      await trial.sendUntilKnown(biz, targets[number % targets.length] ?? '', `${prefix}${number}`, { pad });
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
