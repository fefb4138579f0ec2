/** Devices and callers of every kind, as every run has them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startCalls, type Traffic } from '../faults/run.js';
import type { Trial } from '../faults/trial.js';

export interface WorldOptions {
  /** Each fifth user has a second device. */
  readonly users: number;
  readonly callers: number;
  /** Between two calls of one caller. */
  readonly pauseMs: number;
  readonly heartbeatSec: number;
  /** A device comes back after a random time up to this. */
  readonly retryMs: number;
  /** Pushes by the signed APIs among the calls. */
  readonly pushes: boolean;
  /** Data for everybody among the calls. */
  readonly globals: boolean;
  /** Data that becomes valid later, and data with one reader for all devices of a user, among the calls. */
  readonly special: boolean;
}

export const DEFAULT_WORLD: WorldOptions = {
  users: 80,
  callers: 12,
  pauseMs: 30,
  heartbeatSec: 5,
  retryMs: 500,
  pushes: true,
  globals: true,
  special: true,
};

/** Users whose next message is watched to say when a run has recovered. */
const WATCHED = 10;
/** Data for later becomes valid after so long. */
const LATER_MS = 1_500;

export interface World {
  readonly users: readonly string[];
  startTraffic(): Traffic;
  /** Sends to some users; resolves when their devices have it, with false when they do not in time. */
  recovered(timeoutMs: number): Promise<boolean>;
}

/** BizTypes of every kind. */
async function addData(trial: Trial): Promise<void> {
  await trial.addBiz('news');
  await trial.addBiz('order', { multi: false });
  await trial.addBiz('box', { dim: 'device' });
  await trial.addBiz('live', { persist: false, prompt: false });
  await trial.addBiz('front', { scope: 'global', dim: 'device', prompt: false });
  await trial.addBiz('wide', { scope: 'global', dim: 'device', liveGlobal: true });
  await trial.addBiz('later', { prompt: false });
  await trial.addBiz('$push.user');
  await trial.addBiz('$push.device', { dim: 'device' });
}

/** Connects all devices. */
export async function openWorld(trial: Trial, options: WorldOptions): Promise<World> {
  const users = Array.from({ length: options.users }, (_, index) => `u${index}`);
  await addData(trial);
  const { heartbeatSec, retryMs } = options;
  users.forEach((user, index) => {
    const names = index % 5 === 0 ? [`d-${user}`, `e-${user}`] : [`d-${user}`];
    for (const dev of names) trial.addDevice({ dev, user, heartbeatSec, retryMs }).start();
  });
  await trial.allConnected(60_000);

  /** Of forty calls: half to users, the rest of every other kind. */
  async function callOne(number: number): Promise<unknown> {
    const user = users[(number * 7) % users.length] ?? '';
    const turn = number % 40;
    const msg = `m${number}`;
    if (turn === 0 && options.globals) return trial.sendUntilKnown('wide', null, msg);
    if (turn === 1 && options.globals) return trial.sendUntilKnown('front', null, msg);
    if (turn > 1 && turn < 4 && options.special)
      return trial.sendUntilKnown('later', user, msg, { vs: Date.now() + LATER_MS });
    if (turn > 3 && turn < 8 && options.pushes)
      return turn < 6 ? trial.push('user', user, msg) : trial.push('device', `d-${user}`, msg);
    if (turn > 7 && turn < 12) return trial.send('live', user, msg);
    if (turn > 11 && turn < 18) return trial.sendUntilKnown('box', `d-${user}`, msg);
    if (turn > 17 && turn < 24 && options.special) return trial.sendUntilKnown('order', user, msg);
    return trial.sendUntilKnown('news', user, msg);
  }

  let probes = 0;
  async function probe(user: string, deadline: number): Promise<boolean> {
    probes += 1;
    const msg = `probe${probes}`;
    const sending = trial.sendUntilKnown('news', user, msg);
    while (!trial.isAcked('news', msg)) {
      if (performance.now() > deadline || trial.isClosed()) return false;
      await sleep(5);
    }
    await sending;
    return true;
  }

  return {
    users,
    startTraffic: () => startCalls(trial, options, callOne),
    async recovered(timeoutMs) {
      const startMs = performance.now();
      const step = Math.max(1, Math.floor(users.length / WATCHED));
      const watched = users.filter((_, index) => index % step === 0);
      const came = await Promise.all(watched.map((user) => probe(user, startMs + timeoutMs)));
      return came.every(Boolean);
    },
  };
}
