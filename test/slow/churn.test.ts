/** A day's trouble in twenty seconds: links that drop, users who switch, reinstalled apps, data of every kind. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { play, type Story } from '../faults/run.js';
import type { Trial } from '../faults/trial.js';
import type { RawDevice } from '../history/device.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 240_000 };
const CHURN_MS = 12_000;
const USERS = ['ann', 'bob', 'cat', 'dan', 'eve'];
const DEVICES = 12;

function pick<T>(from: readonly T[]): T {
  const found = from[Math.floor(Math.random() * from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

/** One thing that happens to a device. */
function trouble(device: RawDevice): void {
  const chance = Math.random();
  if (chance < 0.5) device.drop();
  else if (chance < 0.85) device.switchUser(Math.random() < 0.15 ? null : pick(USERS));
  else device.wipe();
}

async function addData(trial: Trial): Promise<void> {
  await trial.addBiz('news');
  await trial.addBiz('order', { multi: false });
  await trial.addBiz('box', { dim: 'device' });
  await trial.addBiz('live', { persist: false });
  await trial.addBiz('front', { scope: 'global', dim: 'device' });
  await trial.addBiz('wide', { scope: 'global', dim: 'device', liveGlobal: true });
}

/** Calls of every kind, until told to stop. */
async function callAll(trial: Trial, caller: string, goesOn: () => boolean): Promise<void> {
  for (let number = 0; goesOn(); number += 1) {
    const [kind, to] = pick([
      ['news', pick(USERS)],
      ['news', pick(USERS)],
      ['order', pick(USERS)],
      ['box', `d${number % DEVICES}`],
      ['live', pick(USERS)],
      ...(number % 20 === 0
        ? ([
            ['front', null],
            ['wide', null],
          ] as const)
        : []),
    ] as const);
    if (kind === 'live') await trial.send(kind, to, `${kind}-${caller}${number}`);
    else await trial.sendUntilKnown(kind, to, `${kind}-${caller}${number}`);
    await sleep(2);
  }
}

const churn: Story = {
  restMs: 8_000,
  async tell(trial) {
    await addData(trial);
    for (let index = 0; index < DEVICES; index += 1)
      trial.addDevice({ dev: `d${index}`, user: pick(USERS), retryMs: 300 }).start();
    await trial.allConnected();
    const until = performance.now() + CHURN_MS;
    const goesOn = (): boolean => performance.now() < until && !trial.isClosed();
    const calls = ['a', 'b', 'c', 'd'].map((caller) => callAll(trial, caller, goesOn));
    while (goesOn()) {
      await sleep(30);
      const device = pick(trial.devices);
      if (device.connection !== null) trouble(device);
    }
    await Promise.all(calls);
    // Global data that waits for the foreground comes with the next connection.
    for (const device of trial.devices) device.drop();
    await trial.allConnected();
    return [];
  },
};

t.test(
  'devices that drop, switch users and are wiped get all of their own data and nothing else',
  LIMIT,
  async (t) => {
    const outcome = await play(churn);
    t.same(outcome.complaints, [], outcome.complaints.join('; ').slice(0, 500) || 'nothing is wrong');
    t.ok(outcome.verdict.counts.decided > 300);
  },
);

t.test("and a server that goes on with the user's data after a switch is seen", LIMIT, async (t) => {
  const outcome = await play({ ...churn, restMs: 3_000 }, { plant: 'forget-switch' });
  t.match(outcome.complaints.join('\n'), /^(CROSS_TARGET|STALE|LOST|GAP)/m);
});
