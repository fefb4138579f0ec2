/** The largest trial of kills: every message of every device is counted, not only judged. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { signal, until } from '../faults/cluster.js';
import { play, type Story, strike } from '../faults/run.js';
import type { Trial } from '../faults/trial.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 240_000 };
const USERS = 2_000;
const PER_USER = 10;
const KILLS = 8;
const BATCH = 100;
/** Slow enough that messages are still being sent at the last kill. */
const BATCH_EVERY_MS = 150;

/** Kills a random worker, and waits until another has taken its place. @returns messages in flight. */
async function killWorker(trial: Trial): Promise<number> {
  const { workers } = trial.cluster.pids();
  const victim = workers[Math.floor(Math.random() * workers.length)] ?? 0;
  const inFlight = await strike(trial, 'kill of a worker', () => signal(victim, 'SIGKILL'));
  await until('another worker', 10_000, () => {
    const now = trial.cluster.pids().workers;
    return now.length === workers.length && !now.includes(victim);
  });
  trial.fault('kill of a worker', false);
  return inFlight;
}

/** Persisted messages for every user, in calls of many, at a steady pace. */
async function sendToAll(trial: Trial, users: readonly string[], perUser: number): Promise<void> {
  for (let round = 0; round < perUser; round += 1) {
    for (let from = 0; from < users.length; from += BATCH) {
      const messages = users.slice(from, from + BATCH).map((to) => ({ to, msg: `${to}-${round}` }));
      await Promise.all([trial.sendBatch('news', messages), sleep(BATCH_EVERY_MS)]);
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
      const users = Array.from({ length: userCount }, (_, index) => `u${index}`);
      await trial.addBiz('news');
      for (const user of users) trial.addDevice({ dev: `d-${user}`, user, retryMs: 1_000 }).start();
      await trial.allConnected();
      const sending = sendToAll(trial, users, perUser);
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(700 + Math.random() * 800);
        if ((await killWorker(trial)) === 0)
          complaints.push(`IDLE nothing was in flight at kill ${kill + 1}`);
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
    const outcome = await play(workerLoop(USERS, PER_USER, KILLS));
    t.same(outcome.complaints, []);
    t.equal(outcome.verdict.counts.accepted, USERS * PER_USER, 'every message was accepted');
  },
);

t.test('and a server that takes a returning device to have everything is seen', LIMIT, async (t) => {
  const outcome = await play({ ...workerLoop(100, 60, 2), restMs: 3_000 }, { plant: 'skip-backlog' });
  t.match(outcome.complaints.join('\n'), /^LOST/m);
});
