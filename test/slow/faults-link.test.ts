/** Links and devices that misbehave: half open, not reading, dying before their acks, served by a frozen worker. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type Cluster, signal, until } from '../faults/cluster.js';
import { openProxy } from '../faults/proxy.js';
import { play, type Story, startTraffic, strike } from '../faults/run.js';
import { recordDeadLetters, type Trial } from '../faults/trial.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 120_000 };

const KIB = 1_024;
const MIB = KIB * KIB;

/** Resident memory of a process, bytes. */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * KIB;
}

const BACKLOG = 6_000;

/** A device that stops reading while 20 MB wait for it, beside one that reads. */
const slowReader: Story = {
  cluster: {
    workers: 1,
    config: {
      link: { maxQueuedBytes: 65_536, slowReaderTimeoutMs: 2_000, heartbeatSec: 60 },
      delivery: { windowRecords: 10_000, windowBytes: 16 * MIB, batchBytes: 65_536, ackTimeoutMs: 60_000 },
    },
  },
  restMs: 30_000,
  async tell(trial, cluster) {
    const complaints: string[] = [];
    await trial.addBiz('news');
    const slow = trial.addDevice({ dev: 'slow', user: 'ann', retryMs: 200 });
    const healthy = trial.addDevice({ dev: 'healthy', user: 'bob' });
    slow.start();
    healthy.start();
    await trial.allConnected();
    await sleep(500);
    const traffic = startTraffic(trial, 'news', ['bob'], { callers: 2, prefix: 'bob' });
    const pad = 'x'.repeat(3_900);
    let before = 0;
    let highest = 0;
    for (let from = 0; from < BACKLOG; from += 500) {
      const calls = Array.from({ length: 500 }, (_, index) =>
        trial.send('news', 'ann', `m${from + index}`, { pad }),
      );
      if (from === 500) {
        // A worker that has not worked yet grows by its first traffic alone.
        before = residentBytes(cluster.pids().workers[0] ?? 0);
        await strike(trial, 'slow reader', complaints, () => slow.setReading(false));
      }
      await Promise.all(calls);
      highest = Math.max(highest, residentBytes(cluster.pids().workers[0] ?? 0));
    }
    await sleep(3_500);
    highest = Math.max(highest, residentBytes(cluster.pids().workers[0] ?? 0));
    const grown = (highest - before) / MIB;
    if (grown > 48) complaints.push(`MEMORY the worker grew by ${grown.toFixed(0)} MiB`);
    const open = await sessionsOf(cluster, 'slow');
    if (open > 0) complaints.push('SLOW_READER was not disconnected');
    slow.setReading(true);
    trial.fault('slow reader', false);
    await traffic.stop();
    await until('the slow device has come back', 10_000, () => slow.tally.connects > 1).catch(
      () => undefined,
    );
    return complaints;
  },
};

/** Live sessions of a device, as the server's own list has them. */
async function sessionsOf(cluster: Cluster, dev: string): Promise<number> {
  const answer = await cluster.admin('GET', `/v1/instances/test_faults/devices/${dev}`);
  const { sessions = [] } = JSON.parse(answer.body) as { readonly sessions?: readonly unknown[] };
  return sessions.length;
}

t.test('a device that does not read is disconnected, and costs no memory until then', LIMIT, async (t) => {
  t.same((await play(slowReader)).complaints, []);
});

t.test('and a server without a limit on what it queues is seen', LIMIT, async (t) => {
  const outcome = await play({ ...slowReader, restMs: 3_000 }, 'no-queue-limit');
  t.match(outcome.complaints.join('\n'), /^(MEMORY|SLOW_READER)/m);
});

/** A link that takes bytes and gives none, again and again, for a device with data waiting. */
const halfOpen = (rounds: number): Story => ({
  // The product's own attempt rules: a black hole must not use them up.
  cluster: { config: { delivery: { attemptBackoffMs: [0, 60_000, 300_000], ackTimeoutMs: 300 } } },
  async tell(trial, cluster) {
    const complaints: string[] = [];
    const proxy = await openProxy(() => cluster.ports.tls);
    await trial.addBiz('news');
    const device = trial.addDevice({
      dev: 'far',
      user: 'ann',
      heartbeatSec: 1,
      retryMs: 100,
      port: () => proxy.port,
    });
    device.start();
    await trial.allConnected();
    for (let round = 0; round < rounds; round += 1) {
      await device.connected();
      proxy.freeze();
      const sending = trial.send('news', 'ann', `m${round}`);
      await strike(trial, 'half-open link', complaints, () => undefined);
      await sending;
      const closedAfterMs = await proxy.serverClosed(4_000);
      if (closedAfterMs === null) complaints.push('HALF_OPEN the server held the dead link');
      else if (closedAfterMs > 2_500) complaints.push(`HALF_OPEN the dead link was held ${closedAfterMs} ms`);
      device.drop();
      proxy.thaw();
      trial.fault('half-open link', false);
    }
    await device.connected();
    await until('nothing is in flight', 5_000, () => trial.inFlight() === 0).catch(() => undefined);
    proxy.close();
    device.stop();
    trial.devices.splice(trial.devices.indexOf(device), 1);
    trial.addDevice({ dev: 'witness', user: 'ann' }).start();
    await trial.allConnected();
    return complaints;
  },
});

t.test('a half-open link ends within one and a half heartbeats, and burns no attempts', LIMIT, async (t) => {
  t.same((await play(halfOpen(7))).complaints, []);
});

t.test('and a server that waits for dead links for ever is seen', LIMIT, async (t) => {
  t.match(
    (await play({ ...halfOpen(2), restMs: 3_000 }, 'no-heartbeat')).complaints.join('\n'),
    /^HALF_OPEN/m,
  );
});

/** A device that dies on the oldest message, every time, before it can acknowledge anything. */
const diesBeforeAck: Story = {
  cluster: { config: { delivery: { maxAttempts: 6, attemptBackoffMs: [0] } } },
  async tell(trial) {
    const complaints: string[] = [];
    let deaths = 0;
    await trial.addBiz('news');
    const device = trial.addDevice({
      dev: 'fragile',
      user: 'ann',
      retryMs: 100,
      answer(sync) {
        const poisoned = sync.oplogs.some((oplog) => oplog.thirdMsgId === 'poison');
        if (!poisoned || deaths >= 12) return 'ack';
        deaths += 1;
        return 'die';
      },
    });
    await sendWhileAway(trial);
    await strike(trial, 'device dying before its ack', complaints, () => device.start());
    await until('the rest has come', 20_000, () => trial.inFlight() <= 1).catch(() => undefined);
    await sleep(500);
    trial.fault('device dying before its ack', false);
    await device.connected();
    const letters = await recordDeadLetters(trial, 'news');
    if (letters !== 1) complaints.push(`DEAD_LETTERS ${letters} instead of one`);
    if (deaths > 6) complaints.push(`ATTEMPTS the device died ${deaths} times`);
    return complaints;
  },
};

async function sendWhileAway(trial: Trial): Promise<void> {
  await trial.send('news', 'ann', 'poison');
  for (let index = 0; index < 10; index += 1) await trial.send('news', 'ann', `after${index}`);
}

t.test(
  'a device that dies before its ack is tried six times, and its other data arrives',
  LIMIT,
  async (t) => {
    const outcome = await play({ ...diesBeforeAck, restMs: 3_000 });
    t.same(outcome.complaints, []);
  },
);

t.test('and a server that forgets its attempts is seen', LIMIT, async (t) => {
  const outcome = await play({ ...diesBeforeAck, restMs: 3_000 }, 'forget-attempts');
  t.match(outcome.complaints.join('\n'), /^OVER_ATTEMPTS/m);
});

/** The device's worker stands still; the device comes back on another; the first one wakes. */
const frozenWorker: Story = {
  cluster: { workers: 2, config: { link: { heartbeatSec: 60 } } },
  async tell(trial, cluster) {
    const complaints: string[] = [];
    const users = Array.from({ length: 20 }, (_, index) => `u${index}`);
    await trial.addBiz('news');
    for (const user of users) trial.addDevice({ dev: `d-${user}`, user }).start();
    await trial.allConnected();
    const traffic = startTraffic(trial, 'news', users, { callers: 8 });
    await sleep(1_000);
    let frozen = 0;
    for (const worker of cluster.pids().workers) {
      const received = trial.devices.map((device) => device.tally.handedOver);
      frozen = worker;
      await strike(trial, 'frozen worker', complaints, () => signal(frozen, 'SIGSTOP'));
      await sleep(1_000);
      if (trial.devices.some((device, index) => device.tally.handedOver === received[index])) break;
      // Every device is on the other one.
      signal(frozen, 'SIGCONT');
      trial.fault('frozen worker', false);
    }
    const twins = trial.devices.map((device) => device.twin());
    for (const twin of twins) twin.start();
    await until('all twins are connected', 15_000, () => twins.every((twin) => twin.connection !== null));
    await sleep(7_000);
    const before = trial.devices.map((device) => device.tally.handedOver + device.tally.duplicates);
    signal(frozen, 'SIGCONT');
    await sleep(2_000);
    await traffic.stop();
    trial.fault('frozen worker', false);
    const stale = trial.devices.filter(
      (device, index) => device.tally.handedOver + device.tally.duplicates !== before[index],
    );
    if (stale.length > 0) complaints.push(`STALE_LEASE ${stale.length} replaced connections were sent data`);
    const left = trial.devices.filter((device) => device.connection !== null).length;
    if (left > 0) complaints.push(`NOT_FENCED ${left} replaced connections are still up`);
    trial.devices.splice(0, trial.devices.length, ...twins);
    return complaints;
  },
};

t.test('a worker that was frozen sends nothing stale when it wakes', LIMIT, async (t) => {
  t.same((await play(frozenWorker)).complaints, []);
});

t.test('and a worker that does not heed its lease is seen', LIMIT, async (t) => {
  const outcome = await play({ ...frozenWorker, restMs: 3_000 }, 'ignore-lease');
  t.match(outcome.complaints.join('\n'), /^STALE_LEASE/m);
});
