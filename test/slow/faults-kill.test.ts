/** Processes of the server killed while it works. The history decides, and each check is shown to be able to fail. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { signal, until } from '../faults/cluster.js';
import { play, type Story, startTraffic, strike } from '../faults/run.js';
import type { Trial } from '../faults/trial.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 240_000 };

const USERS = 2_000;
const PER_USER = 10;
const BATCH = 100;

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Kills a random worker, and waits until another has taken its place. */
async function killWorker(trial: Trial, complaints: string[]): Promise<void> {
  const { workers } = trial.cluster.pids();
  const victim = workers[Math.floor(Math.random() * workers.length)] ?? 0;
  await strike(trial, 'kill of a worker', complaints, () => signal(victim, 'SIGKILL'));
  await until('another worker', 10_000, () => {
    const now = trial.cluster.pids().workers;
    return now.length === workers.length && !now.includes(victim);
  });
  trial.fault('kill of a worker', false);
}

/** Persisted messages for every user, in calls of many, at a steady pace. */
async function sendToAll(
  trial: Trial,
  users: readonly string[],
  perUser: number,
  pauseMs: number,
): Promise<void> {
  for (let round = 0; round < perUser; round += 1) {
    for (let from = 0; from < users.length; from += BATCH) {
      const messages = users.slice(from, from + BATCH).map((to) => ({ to, msg: `${to}-${round}` }));
      await Promise.all([trial.sendBatch('news', messages), sleep(pauseMs)]);
    }
  }
}

function workerLoop(userCount: number, perUser: number, kills: number): Story {
  return {
    restMs: 30_000,
    check: { requireDecided: true },
    // The product's own time-out: while a thousand devices shake hands again, an ack may wait its turn.
    cluster: { config: { delivery: { ackTimeoutMs: 10_000 } } },
    async tell(trial) {
      const complaints: string[] = [];
      const users = named('u', userCount);
      await trial.addBiz('news');
      for (const user of users) trial.addDevice({ dev: `d-${user}`, user, retryMs: 1_000 }).start();
      await trial.allConnected();
      const sending = sendToAll(trial, users, perUser, 60);
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(700 + Math.random() * 800);
        await killWorker(trial, complaints);
      }
      await sending;
      await trial.allConnected();
      await until('nothing is in flight', 20_000, () => trial.inFlight() === 0).catch(() => undefined);
      const handedOver = trial.devices.reduce((sum, device) => sum + device.tally.handedOver, 0);
      const expected = userCount * perUser;
      if (handedOver !== expected)
        complaints.push(`PAST_SDK ${handedOver} of ${expected} messages handed over`);
      return complaints;
    },
  };
}

t.test(
  'workers killed in a loop under 2,000 TLS devices lose, reorder and repeat nothing',
  LIMIT,
  async (t) => {
    const outcome = await play(workerLoop(USERS, PER_USER, 8));
    t.same(outcome.complaints, []);
    t.ok(outcome.verdict.counts.accepted === USERS * PER_USER, 'every message was accepted');
  },
);

t.test('and a server that takes a returning device to have everything is seen', LIMIT, async (t) => {
  const outcome = await play({ ...workerLoop(100, 60, 2), restMs: 3_000 }, 'skip-backlog');
  t.match(outcome.complaints.join('\n'), /^LOST/m);
});

function killEverything(rounds: number): Story {
  return {
    restMs: 20_000,
    async tell(trial, cluster) {
      const complaints: string[] = [];
      const users = named('u', 100);
      await trial.addBiz('news');
      for (const user of users) trial.addDevice({ dev: `d-${user}`, user, retryMs: 500 }).start();
      await trial.allConnected();
      const traffic = startTraffic(trial, 'news', users, { callers: 32, pauseMs: 0 });
      for (let round = 0; round < rounds; round += 1) {
        await sleep(1_000 + Math.random() * 500);
        let killed = Promise.resolve();
        await strike(trial, 'kill of everything', complaints, () => {
          killed = cluster.killAll();
        });
        await killed;
        await cluster.start();
        trial.fault('kill of everything', false);
      }
      await sleep(1_000);
      await traffic.stop();
      await trial.allConnected();
      return complaints;
    },
  };
}

t.test('a server killed as a whole in mid-write has everything that it said it has', LIMIT, async (t) => {
  t.same((await play(killEverything(3))).complaints, []);
});

t.test('and a server that answers before its commit is durable is seen', LIMIT, async (t) => {
  const outcome = await play({ ...killEverything(2), restMs: 3_000 }, 'answer-before-durable');
  t.match(outcome.complaints.join('\n'), /^(LOST|ID_REUSE)/m);
});

function killControl(rounds: number): Story {
  return {
    check: { maxLatencyMs: 3_000 },
    async tell(trial, cluster) {
      const complaints: string[] = [];
      const users = named('u', 100);
      await trial.addBiz('news');
      await trial.addBiz('order', { multi: false });
      // No heartbeat of a device comes in time to make a forgotten announcement good.
      for (const user of users) trial.addDevice({ dev: `d-${user}`, user, heartbeatSec: 60 }).start();
      await trial.allConnected();
      const traffic = startTraffic(trial, 'news', users, { callers: 8 });
      const orders = startTraffic(trial, 'order', users, { callers: 4, prefix: 'o' });
      for (let round = 0; round < rounds; round += 1) {
        await sleep(1_000);
        const { control } = cluster.pids();
        await strike(trial, 'kill of control', complaints, () => signal(control, 'SIGKILL'));
        await until('another control process', 10_000, () => ![0, control].includes(cluster.pids().control));
        await cluster.ready();
        trial.fault('kill of control', false);
      }
      await sleep(1_500);
      await Promise.all([traffic.stop(), orders.stop()]);
      const lost = trial.devices.filter((device) => device.tally.connects !== 1).length;
      if (lost > 0) complaints.push(`SOCKETS ${lost} devices lost their connections`);
      return complaints;
    },
  };
}

t.test('a killed control process costs no connection and no message', LIMIT, async (t) => {
  t.same((await play(killControl(3))).complaints, []);
});

t.test('and workers that do not announce their sessions again are seen', LIMIT, async (t) => {
  const outcome = await play({ ...killControl(1), restMs: 8_000 }, 'never-announce');
  t.match(outcome.complaints.join('\n'), /^(SLOW|LOST)/m);
});
