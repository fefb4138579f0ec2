/** Full workers leave connections to those that have room. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { createAcceptors } from '../../src/processes/control-acceptors.js';
import { createCluster, signal, until } from '../faults/cluster.js';
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

t.test('one goes on when all are full, and rests when another has room again', async (t) => {
  const { acceptors, news } = acceptorsOf([1, 2]);
  acceptors.onFull(1, true);
  acceptors.onFull(2, true);
  t.strictSame(news(), ['1 rests']);
  acceptors.onFull(1, false);
  t.strictSame(news(), ['1 accepts', '2 rests']);
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
  const recorder = openRecorder(join(cluster.dir, 'history.jsonl'));
  const devices = Array.from(
    { length: WORKERS * EACH + 20 },
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
  const online = (): number => devices.filter((device) => device.connection !== null).length;
  const kicks = (): number[] => devices.flatMap((device) => device.tally.kicks);
  // A worker calls itself full at 98: so many find room whoever accepts them.
  const fitting = devices.slice(0, WORKERS * (EACH - 3));
  for (const device of fitting) {
    device.start();
    await sleep(4);
  }
  await until('all that fit are online', 20_000, () => online() === fitting.length);
  t.strictSame(kicks(), [], 'and none was refused');

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
