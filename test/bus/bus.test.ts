import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createBusClient } from '../../src/bus/client.js';
import { createFrameReader, encodeFrame } from '../../src/bus/framing.js';
import { createLocalBus } from '../../src/bus/local.js';
import type { ToControl, ToWorker } from '../../src/bus/messages.js';
import type {
  BusLimits,
  ControlBus,
  ControlBusHandler,
  WorkerBus,
  WorkerBusHandler,
} from '../../src/bus/port.js';
import { createBusServer } from '../../src/bus/server.js';
import type { CursorUpdate, Wake } from '../../src/core/ports.js';

interface Ends {
  readonly control: ControlBus;
  readonly worker: WorkerBus;
  readonly close: () => Promise<void>;
}

type Make = (control: ControlBusHandler, worker: WorkerBusHandler, limits?: BusLimits) => Promise<Ends>;

const makeLocal: Make = (controlHandler, workerHandler) => {
  const bus = createLocalBus(7);
  const worker = bus.worker(workerHandler);
  const control = bus.control(controlHandler);
  return Promise.resolve({
    control,
    worker,
    close: async () => {
      await worker.close();
      await control.close();
    },
  });
};

const makeSocket: Make = async (controlHandler, workerHandler, limits) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  const bound = limits === undefined ? {} : { limits };
  const control = await createBusServer({ path, handler: controlHandler, ...bound });
  const worker = createBusClient({ path, worker: 7, handler: workerHandler, ...bound });
  return {
    control,
    worker,
    close: async () => {
      await worker.close();
      await control.close();
      rmSync(dir, { recursive: true });
    },
  };
};

const quietWorker: WorkerBusHandler = { onMessage() {}, onUp() {}, onDown() {} };
const quietControl: ControlBusHandler = { onJoin() {}, onLeave() {}, onMessage() {} };

/** Waits for a condition that other turns bring about. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function wake(id: number, body = new Uint8Array(0)): Wake {
  const stream = { instance: 'default_demo', kind: 'u', owner: 'ann', biz: 'PAY' } as const;
  const oplog = {
    id,
    acceptedMs: 1,
    expiresMs: 2,
    thirdMsgId: `m${id}`,
    filter: null,
    traced: false,
    resendOf: 0,
    body,
  };
  return { stream, id, prev: id - 1, oplog, transient: false };
}

for (const [name, make] of [
  ['local', makeLocal],
  ['socket', makeSocket],
] as const) {
  t.test(`${name}: both ends hear of each other, and messages arrive in order`, async (t) => {
    const joined: number[] = [];
    const left: number[] = [];
    const atWorker: ToWorker[] = [];
    const atControl: ToControl[] = [];
    let up = 0;
    const ends = await make(
      {
        onJoin: (worker) => joined.push(worker),
        onLeave: (worker) => left.push(worker),
        onMessage: (worker, message) => {
          t.equal(worker, 7);
          atControl.push(message);
        },
      },
      { ...quietWorker, onMessage: (message) => atWorker.push(message), onUp: () => (up += 1) },
    );
    await until(() => joined.length === 1 && up === 1, 'joined');
    for (let id = 1; id <= 2000; id += 1) {
      ends.control.send(7, { type: 'wake', sessions: [id], wake: wake(id, Buffer.from(`body ${id}`)) });
      ends.worker.send({ type: 'detach', session: id });
    }
    t.equal(atWorker.length, 0, 'nothing is handled inside the call that sends');
    await until(() => atWorker.length === 2000 && atControl.length === 2000, 'all there');
    t.same(
      atWorker.map((m) =>
        m.type === 'wake' ? [m.wake.id, Buffer.from(m.wake.oplog?.body ?? []).toString()] : m,
      ),
      Array.from({ length: 2000 }, (_, at) => [at + 1, `body ${at + 1}`]),
    );
    t.same(
      atControl.map((m) => (m.type === 'detach' ? m.session : m)),
      Array.from({ length: 2000 }, (_, at) => at + 1),
    );
    t.same(ends.control.workers(), [7]);
    await ends.close();
    await until(() => left.length === 1, 'left');
  });

  t.test(`${name}: an answer is handled before what control sent after it`, async (t) => {
    const seen: string[] = [];
    let control: ControlBus | null = null;
    let up = false;
    const ends = await make(
      {
        ...quietControl,
        onMessage(worker, message) {
          if (message.type !== 'raiseFloor') return;
          control?.send(worker, { type: 'done', seq: message.seq, ok: true });
          control?.send(worker, { type: 'kick', session: 1, code: 4008, retryAfterMs: 0, redirect: '' });
        },
      },
      { ...quietWorker, onMessage: (message) => seen.push(message.type), onUp: () => (up = true) },
    );
    control = ends.control;
    await until(() => up, 'up');
    ends.worker.ask({ type: 'raiseFloor', stream: wake(1).stream, floor: 5 }, 1000, (reply) => {
      seen.push(reply?.type === 'done' && reply.ok ? 'answer' : 'wrong');
    });
    await until(() => seen.length === 2, 'both');
    t.same(seen, ['answer', 'kick']);
    await ends.close();
  });

  t.test(`${name}: a question without an answer ends with null, once`, async (t) => {
    let up = false;
    const replies: unknown[] = [];
    const ends = await make(quietControl, { ...quietWorker, onUp: () => (up = true) });
    ends.worker.ask({ type: 'attach', request: attachRequest() }, 1000, (reply) => replies.push(reply));
    t.equal(replies.length, 0, 'not inside the call');
    await until(() => replies.length === 1, 'null at once while control is away');
    await until(() => up, 'up');
    ends.worker.ask({ type: 'attach', request: attachRequest() }, 60, (reply) => replies.push(reply));
    ends.control.ask(7, { type: 'metricsRequest' }, 60, (reply) => replies.push(reply));
    ends.control.ask(99, { type: 'metricsRequest' }, 60_000, (reply) => replies.push(reply));
    await until(() => replies.length === 4, 'timed out');
    ends.worker.ask({ type: 'attach', request: attachRequest() }, 60_000, (reply) => replies.push(reply));
    ends.control.ask(7, { type: 'metricsRequest' }, 60_000, (reply) => replies.push(reply));
    await ends.close();
    await until(() => replies.length === 6, 'failed by the close');
    t.same(replies, [null, null, null, null, null, null]);
  });

  t.test(`${name}: control asks a worker`, async (t) => {
    let worker: WorkerBus | null = null;
    let joined = false;
    const ends = await make(
      { ...quietControl, onJoin: () => (joined = true) },
      {
        ...quietWorker,
        onMessage(message) {
          if (message.type === 'fence') worker?.send({ type: 'fenced', seq: message.seq });
        },
      },
    );
    worker = ends.worker;
    await until(() => joined, 'joined');
    const reply = await new Promise((resolve) => {
      ends.control.ask(7, { type: 'fence', session: 3, epoch: 9, code: 4200 }, 1000, resolve);
    });
    t.match(reply, { type: 'fenced' });
    await ends.close();
  });
}

function attachRequest() {
  return {
    session: 1,
    epoch: 0,
    instance: 'default_demo',
    deviceId: 'd',
    adToken: '',
    user: '',
    bindSeq: 0,
    foreground: true,
    os: 'ios',
    appVersion: '1',
    address: '127.0.0.1',
    connectedMs: 0,
  };
}

t.test('a worker finds control again, and announces itself anew', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  const events: string[] = [];
  const handler = { ...quietControl, onJoin: (worker: number) => events.push(`join ${worker}`) };
  const worker = createBusClient({
    path,
    worker: 3,
    handler: { onMessage() {}, onUp: () => events.push('up'), onDown: () => events.push('down') },
  });
  const first = await createBusServer({ path, handler });
  t.equal(statSync(path).mode & 0o777, 0o600, 'the socket is for this user alone');
  await until(() => events.length === 2, 'first time');
  await first.close();
  await until(() => events.includes('down'), 'down');
  const second = await createBusServer({ path, handler });
  await until(() => events.length === 5, 'second time');
  t.same(events, ['up', 'join 3', 'down', 'up', 'join 3']);
  await worker.close();
  await second.close();
  rmSync(dir, { recursive: true });
});

t.test('a second join under one number takes the place of the first', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  const events: string[] = [];
  const control = await createBusServer({
    path,
    handler: { ...quietControl, onJoin: () => events.push('join'), onLeave: () => events.push('leave') },
  });
  const first = createBusClient({ path, worker: 3, handler: quietWorker });
  await until(() => events.length === 1, 'first');
  const second = createBusClient({ path, worker: 3, handler: quietWorker });
  await until(() => events.length === 3, 'second');
  t.same(events, ['join', 'leave', 'join']);
  await Promise.all([first.close(), second.close()]);
  await control.close();
  rmSync(dir, { recursive: true });
});

t.test('a worker that does not read: wakes are dropped and counted, fences are kept', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  let joined = false;
  const control = await createBusServer({
    path,
    handler: { ...quietControl, onJoin: () => (joined = true) },
    limits: { wakeQueue: 100, hardQueue: 500 },
  });
  const { connect } = await import('node:net');
  const frozen = connect(path);
  frozen.write(encodeFrame([{ type: 'join', worker: 5, pid: 1 }]));
  frozen.pause();
  await until(() => joined, 'joined');
  for (let round = 0; round < 40; round += 1) {
    for (let id = 0; id < 90; id += 1)
      control.send(5, { type: 'wakeAll', wake: wake(id, Buffer.alloc(4096)) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(control.stats().queued <= 100, 'the queue is bounded');
  t.ok(control.stats().droppedWakes > 1000, 'drops are counted');
  const dropped = control.stats().droppedWakes;
  const before = control.stats().queued;
  control.send(5, { type: 'lease', forMs: 3000 });
  t.equal(control.stats().queued, before, 'a lease does not wait');
  control.ask(5, { type: 'fence', session: 1, epoch: 1, code: 4200 }, 60_000, () => {});
  t.equal(control.stats().queued, before + 1, 'a fence does');
  t.equal(control.stats().droppedWakes, dropped, 'no other drop is counted as a wake');

  const read: ToWorker[] = [];
  const reader = createFrameReader((messages) => read.push(...(messages as ToWorker[])));
  frozen.on('data', (chunk: Buffer) => reader(chunk));
  frozen.resume();
  await until(() => read.at(-1)?.type === 'fence', 'the fence, after all that waited before it');
  frozen.destroy();
  await control.close();
  rmSync(dir, { recursive: true });
});

t.test('a worker that never reads again is given up at the hard bound', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  const events: string[] = [];
  const control = await createBusServer({
    path,
    handler: { ...quietControl, onJoin: () => events.push('join'), onLeave: () => events.push('leave') },
    limits: { wakeQueue: 100, hardQueue: 500 },
  });
  const { connect } = await import('node:net');
  const frozen = connect(path);
  frozen.write(encodeFrame([{ type: 'join', worker: 5, pid: 1 }]));
  frozen.pause();
  await until(() => events.length === 1, 'joined');
  const redirect = 'x'.repeat(8192);
  for (let n = 0; n < 2000 && events.length === 1; n += 1) {
    control.send(5, { type: 'kick', session: n, code: 4008, retryAfterMs: 0, redirect });
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => events.length === 2, 'given up');
  t.equal(events[1], 'leave');
  t.equal(control.stats().overflows, 1);
  frozen.destroy();
  await control.close();
  rmSync(dir, { recursive: true });
});

t.test('the time a lease lay in the socket is taken off it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bus-'));
  const path = join(dir, 'bus.sock');
  const leases: number[] = [];
  const control = await createBusServer({
    path,
    handler: {
      ...quietControl,
      onJoin(worker) {
        control.send(worker, { type: 'lease', forMs: 100 });
        control.send(worker, { type: 'lease', forMs: 10_000 });
        // The worker of this test shares the thread: standing still here freezes both.
        setTimeout(() => {
          const end = Date.now() + 150;
          while (Date.now() < end);
        }, 0);
      },
    },
  });
  const worker = createBusClient({
    path,
    worker: 1,
    handler: { ...quietWorker, onMessage: (m) => m.type === 'lease' && leases.push(m.forMs) },
  });
  await until(() => leases.length > 0, 'a lease');
  const late = leases.at(-1) ?? 0;
  t.ok(late <= 10_000 && late > 9000, 'what is left of the long one');
  await worker.close();
  await control.close();
  rmSync(dir, { recursive: true });
});

const CURSOR: CursorUpdate = {
  reader: { instance: 'ws_app', kind: 'd', id: 'phone' },
  cursor: {
    kind: 'u',
    owner: 'anna',
    biz: 'pay',
    acked: 11,
    ackedMs: 12,
    attempts: 13,
    nextAttemptMs: 14,
    attemptOf: 15,
    suspectTo: 17,
    dead: [16, 17],
    recent: [[18, 19]],
  },
};

t.test('frames survive any cut, and records do not keep the frame in memory', (t) => {
  const messages: (ToControl | ToWorker)[] = [
    { type: 'wakeAll', wake: wake(5, new Uint8Array([0, 255, 128])) },
    { type: 'lease', forMs: 3000 },
    { type: 'wake', sessions: [4, 9], wake: { ...wake(6, new Uint8Array(0)), oplog: null, transient: true } },
    { type: 'wake', sessions: [7], wake: wake(8, new Uint8Array([1])) },
    { type: 'progress', seq: 3, batch: { cursors: [CURSOR], dead: [], events: [] } },
  ];
  const bytes = Buffer.concat([encodeFrame(messages), encodeFrame([{ type: 'lease', forMs: 1 }])]);
  for (let size = 1; size <= bytes.length; size += 7) {
    const read: unknown[] = [];
    const reader = createFrameReader((batch) => read.push(...batch));
    for (let at = 0; at < bytes.length; at += size) reader(bytes.subarray(at, at + size));
    t.same(read, [...messages, { type: 'lease', forMs: 1 }]);
    const body = (read[0] as { wake: Wake }).wake.oplog?.body;
    t.equal(body?.buffer.byteLength, 3, 'a buffer of its own');
    t.equal(body?.constructor, Uint8Array);
  }
  const reader = createFrameReader(() => t.fail('no frame'));
  t.throws(() => reader(Buffer.alloc(12, 0xff)), { name: 'BusFrameError' });
  const garbled = encodeFrame([{ type: 'lease', forMs: 1 }]);
  garbled.fill(0x99, 12);
  t.throws(() => createFrameReader(() => {})(garbled), { name: 'BusFrameError' });
  t.end();
});
