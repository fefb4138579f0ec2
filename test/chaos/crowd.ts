/** Many quiet devices beside those of a world, in a process of their own, judged by the same history. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../faults/cluster.js';
import type { Traffic } from '../faults/run.js';
import { APP, type Trial, WS } from '../faults/trial.js';
import type { Hosts } from './site.js';

export interface CrowdSetup {
  /** Its part of the history. */
  readonly file: string;
  /** Plain TCP ports of the gateways. */
  readonly ports: readonly number[];
  readonly app: string;
  readonly ws: string;
  readonly size: number;
  readonly heartbeatSec: number;
  readonly retryMs: number;
  readonly perSecond: number;
}

export type CrowdOrder = { readonly do: 'open'; readonly setup: CrowdSetup } | { readonly do: 'flush' };

/** What the crowd's process tells ten times a second. */
export interface CrowdNews {
  /** Messages that the first device has acknowledged since the last news. */
  readonly acked: readonly (readonly [biz: string, msg: string])[];
  /** Messages that devices have taken, each device counted and no repetition. */
  readonly handed: number;
  readonly online: number;
  readonly connects: number;
  readonly gaps: number;
  readonly stale: number;
  readonly kicks: readonly number[];
  readonly flushed?: boolean;
}

export interface Crowd {
  readonly size: number;
  /** Calls to the crowd's users and devices, in turn; ends when each has been sent something. */
  startTraffic(): Traffic;
  /** One record for everybody. */
  sendToAll(): Promise<void>;
  /** Resolves when all are connected and have what is for all of them. @throws when that takes too long. */
  settled(timeoutMs: number): Promise<void>;
  /** How many handshakes there were. */
  connects(): number;
}

/** Also the longest time that a lost wake-up costs. */
export const HEARTBEAT_SEC = 20;
const RETRY_MS = 3_000;
const CONNECTS_PER_SECOND = 500;
const OPENED_MS = 120_000;
const BATCH = 100;
const PAUSE_MS = 300;
/** For everybody, and at once. */
const FOR_ALL = 'wide';

/** Starts the process and connects all its devices. It ends with the trial. */
export async function openCrowd(trial: Trial, hosts: Hosts, size: number): Promise<Crowd> {
  const child = fork(fileURLToPath(new URL('./crowd-process.js', import.meta.url)), { stdio: 'inherit' });
  let last: CrowdNews = { acked: [], handed: 0, online: 0, connects: 0, gaps: 0, stale: 0, kicks: [] };
  let flushed: (() => void) | null = null;
  child.on('message', (news: CrowdNews) => {
    if (news.handed !== last.handed) trial.moved();
    last = news;
    for (const [biz, msg] of news.acked) trial.acknowledged(biz, msg);
    if (news.flushed === true) flushed?.();
  });
  trial.join({
    flush: () =>
      new Promise((resolve, reject) => {
        flushed = resolve;
        if (!child.connected) reject(new Error('the process of the crowd has ended'));
        else child.send({ do: 'flush' } satisfies CrowdOrder);
      }),
    tally: () => last,
    close: () => void child.kill('SIGKILL'),
  });
  const ports = hosts.gateways.map((node) => node.ports.tcp);
  const file = join(trial.cluster.dir, 'history', 'crowd.jsonl');
  const pace = { heartbeatSec: HEARTBEAT_SEC, retryMs: RETRY_MS, perSecond: CONNECTS_PER_SECOND };
  const setup = { file, ports, app: APP, ws: WS, size, ...pace };
  child.send({ do: 'open', setup } satisfies CrowdOrder);
  await until(`${size} devices are connected`, OPENED_MS, () => last.online >= size);

  let forAll = 0;
  let toAll = 0;
  let number = 0;

  /** Every other one by its user, the rest by the device. */
  async function sendSome(): Promise<void> {
    const biz = number % (2 * size) < size ? 'news' : 'box';
    const messages = Array.from({ length: Math.min(BATCH, size - (number % size)) }, () => {
      const to = `c${number % size}`;
      const msg = `c-${number}`;
      number += 1;
      return { to: biz === 'news' ? to : `d-${to}`, msg };
    });
    await trial.sendBatchUntilKnown(biz, messages);
  }

  return {
    size,
    startTraffic() {
      let going = true;
      const loop = (async () => {
        while ((going || number < size) && !trial.isClosed()) {
          await sendSome();
          if (going) await sleep(PAUSE_MS);
        }
      })();
      return {
        sent: () => number,
        async stop() {
          going = false;
          await loop;
        },
      };
    },
    async sendToAll() {
      forAll += 1;
      await trial.sendUntilKnown(FOR_ALL, null, `all-${forAll}`);
      toAll += 1;
    },
    async settled(timeoutMs) {
      const owed = (): number => number + toAll * size;
      await until(
        'the crowd has what is for it',
        timeoutMs,
        () => last.online >= size && last.handed >= owed(),
      );
    },
    connects: () => last.connects,
  };
}
