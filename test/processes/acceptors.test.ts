/** Full workers leave connections to those that have room. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { createAcceptors } from '../../src/processes/control-acceptors.js';
import { type Cluster, createCluster, signal, until } from '../faults/cluster.js';
import { RawDevice } from '../history/device.js';
import { openRecorder } from '../history/recorder.js';

function acceptorsOf(workers: readonly number[]) {
  const told: string[] = [];
  const acceptors = createAcceptors((worker, rest) => told.push(`${worker} ${rest ? 'rests' : 'accepts'}`));
  for (const worker of workers) acceptors.onListening(worker);
  return { acceptors, news: () => told.splice(0) };
}

t.test('a full worker rests until it has room', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2, 3]);
  acceptors.onFull(2, true);
  t.strictSame(news(), ['2 rests']);
  acceptors.onFull(2, true);
  t.strictSame(news(), [], 'it is told once');
  acceptors.onFull(2, false);
  t.strictSame(news(), ['2 accepts']);
  t.equal(acceptors.count(), 3);
});

/**
 * Both were told in one moment: the port was closed everywhere, node:cluster opened it again while the other still
 * had it, and kept a handle bound to nothing. No worker could be started from then on.
 */
t.test('one goes on when all are full, and rests when another is known to accept', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2]);
  acceptors.onFull(1, true);
  acceptors.onFull(2, true);
  t.strictSame(news(), ['1 rests']);
  acceptors.onFull(1, false);
  t.strictSame(news(), ['1 accepts'], 'nobody knows whether its ports are open');
  acceptors.onListening(1);
  t.strictSame(news(), ['2 rests']);
  const alone = acceptorsOf([7]);
  alone.acceptors.onFull(7, true);
  t.strictSame(alone.news(), []);
});

t.test('the last that accepts leaves: one that rests accepts, until another comes', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2]);
  acceptors.onFull(1, true);
  news();
  acceptors.onLeave(2);
  t.strictSame(news(), ['1 accepts']);
  acceptors.onListening(4);
  t.strictSame(news(), ['1 rests']);
  acceptors.onLeave(1);
  acceptors.onLeave(4);
  t.equal(acceptors.count(), 0);
});

t.test('a worker that says again that it is full, to a new control, rests again', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2]);
  acceptors.onFull(1, true);
  acceptors.onListening(1);
  t.strictSame(news(), ['1 rests', '1 rests']);
});

t.test('what a worker says of before it was told to rest changes nothing', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2, 3]);
  acceptors.onFull(1, true);
  acceptors.onFull(1, false);
  acceptors.onFull(1, true);
  t.strictSame(news(), ['1 rests', '1 accepts', '1 rests']);
  acceptors.onListening(1);
  t.strictSame(news(), ['1 rests'], 'it is told once more');
  acceptors.onFull(2, true);
  acceptors.onFull(3, true);
  t.strictSame(news(), ['2 rests'], 'and does not count as one that accepts');
});

function makeDevices(t: Test, cluster: Cluster, length: number): RawDevice[] {
  const recorder = openRecorder(join(cluster.dir, 'history.jsonl'));
  const devices = Array.from(
    { length },
    (_, index) =>
      new RawDevice({
        port: () => cluster.ports.tcp,
        tls: false,
        ws: 'default',
        app: 'demo',
        dev: `device-${index}`,
        user: null,
        recorder,
        retryMs: 300,
      }),
  );
  t.teardown(() => {
    for (const device of devices) device.stop();
    recorder.close();
  });
  return devices;
}

const WORKERS = 3;
const EACH = 100;

/** With 200,000 devices on 13 workers, those that were full had the least to do, and refused 28,000 connections. */
t.test('three workers take as many devices as they hold together', async (t) => {
  const cluster = await createCluster({
    workers: WORKERS,
    config: { demoInstance: true, link: { maxConnections: EACH, retryAfterMinMs: 10, retryAfterMaxMs: 300 } },
  });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const devices = makeDevices(t, cluster, WORKERS * EACH + 20);
  const online = (): number => devices.filter((device) => device.connection !== null).length;
  const kicks = (): number[] => devices.flatMap((device) => device.tally.kicks);
  // A worker calls itself full at 98: so many find room whoever accepts them, and one at least is full.
  const fitting = devices.slice(0, WORKERS * (EACH - 2));
  // With two on their way at most, a worker is told to rest before its hundredth comes.
  const queue = fitting.values();
  const startNext = async (): Promise<void> => {
    for (const device of queue) {
      device.start();
      await device.connected();
    }
  };
  await Promise.all([startNext(), startNext()]);
  t.strictSame(kicks(), [], 'none that fits was refused');

  for (const device of devices.slice(fitting.length)) device.start();
  await until('a refusal', 10_000, () => kicks().length > 0);
  t.ok(kicks().every((code) => code === CloseCode.SERVER_FULL));
  t.ok(online() <= WORKERS * EACH);
  for (const device of devices.slice(fitting.length)) device.stop();

  const [victim = 0] = cluster.pids().workers;
  signal(victim, 'SIGKILL');
  await until('all are back on the others and the new one', 30_000, () => online() === fitting.length);

  const told = (): number => cluster.log().split('a worker accepts again').length;
  const before = told();
  for (const device of fitting) device.stop();
  await until('those that rested accept again', 10_000, () => told() > before);
  for (const device of fitting) device.start();
  await until('all are online once more', 30_000, () => online() === fitting.length);
});

/** node:cluster keeps what it made while the port was not to be had, and no worker could be started again. */
t.test('a port that another program had for a while is open in old and new workers again', async (t) => {
  const each = 50;
  const cluster = await createCluster({
    workers: 2,
    config: {
      demoInstance: true,
      link: { maxConnections: each, retryAfterMinMs: 10, retryAfterMaxMs: 300 },
    },
  });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  // One of the two is full, whichever the system gives them to, and the other is needed for the rest.
  const devices = makeDevices(t, cluster, 2 * each - 2);
  const resting = (): string | undefined =>
    /"worker":(\d+),"msg":"a full worker leaves/.exec(cluster.log())?.[1];
  const online = devices.values();
  for (const device of online) {
    device.start();
    await device.connected();
    if (resting() !== undefined) break;
  }
  // Who answers for the metrics has been told before.
  t.equal((await cluster.admin('GET', '/metrics')).status, 200);
  const { workers } = cluster.pids();
  const [full = 0, other = 0] = resting() === '1' ? workers : workers.toReversed();

  signal(full, 'SIGSTOP');
  signal(other, 'SIGKILL');
  const squatter = createServer((socket) => socket.destroy());
  await until('the port free', 5_000, () => listens(squatter, cluster.ports.tcp));
  signal(full, 'SIGCONT');
  await until('a failure', 10_000, () => cluster.log().includes('cannot listen again'));
  squatter.close();

  for (const device of online) device.start();
  await until('all are online', 20_000, () => devices.every(({ connection }) => connection !== null));
});

async function listens(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  }
}
