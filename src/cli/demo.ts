/** `longlink demo`: the product in ten seconds, checked while it is shown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ConnectionEvent, createMPSync, type MPSync, type PayloadItem } from '../client/index.js';
import { ExitCode } from '../processes/start-error.js';
import { usageError } from './command-error.js';
import { startDemoRedis } from './demo-redis.js';
import { type DemoServer, startDemoServer } from './demo-server.js';

const HELP = `Usage: longlink demo [options]

Starts a server of its own in a temporary directory, connects two devices of one user over TLS, posts
data while one of them is away, shows it arriving in order on both, and prints what became of one
message. Removes everything again. Exit codes: 0 all as promised, 1 not.

      --store redis   keeps the data in Redis: a redis-server of its own, if one is installed
      --redis URL     in this one, such as redis://user:password@127.0.0.1:6379, under a prefix of its own`;

const USER = 'ann';
const BIZ = 'DEMO-USER';
const WAIT_MS = 20_000;

interface DemoDevice {
  readonly name: string;
  readonly sync: MPSync;
  readonly received: string[];
  /** Waits until so many messages were received. @throws {Error} (as rejection) when they do not come. */
  until(count: number): Promise<void>;
  /** The app is hidden. Resolves when its connection is closed: data posted before could still reach it. */
  goAway(): Promise<void>;
}

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { store: { type: 'string' }, redis: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const store = values.store ?? (values.redis === undefined ? 'embedded' : 'redis');
  if (!['embedded', 'redis'].includes(store)) throw usageError(`no such store: ${store}\n\n${HELP}`);
  if (values.help) {
    console.log(HELP);
    return ExitCode.OK;
  }
  const dir = mkdtempSync(join(tmpdir(), 'longlink-demo-'));
  const cleanUp: (() => Promise<void>)[] = [];
  let failure: unknown = null;
  try {
    await Promise.race([show(dir, store === 'redis' ? (values.redis ?? '') : null, cleanUp), interrupted()]);
  } catch (error) {
    failure = error;
  }
  console.log('');
  for (const action of cleanUp.reverse()) await action();
  rmSync(dir, { recursive: true, force: true });
  if (failure === null) {
    console.log('\nAll as promised.');
    return ExitCode.OK;
  }
  console.error(`\nThe demo failed: ${failure instanceof Error ? failure.message : String(failure)}`);
  return ExitCode.FAULT;
}

/** Rejects at the first signal, so that nothing is left behind. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
    }
  });
}

/** @param redis null for the embedded store, else as of `startDemoRedis`. */
async function show(dir: string, redis: string | null, cleanUp: (() => Promise<void>)[]): Promise<void> {
  const data = redis === null ? null : await startDemoRedis(dir, redis, (stop) => cleanUp.push(stop));
  if (data !== null) console.log(`Data is kept in ${data.what}.`);
  console.log('Starting a server in a temporary directory ...');
  const server = await startDemoServer(dir, data?.settings ?? {}, (stop) => cleanUp.push(stop));
  console.log(`It listens for devices on tls://127.0.0.1:${server.devicePort}\n`);

  const phone = await connect('phone', dir, server, cleanUp);
  const tablet = await connect('tablet', dir, server, cleanUp);

  console.log('\nBoth are online.');
  await post(server, ['1', '2']);
  await both([phone, tablet], 2);

  console.log('\nThe tablet goes away.');
  await tablet.goAway();
  const answered = await post(server, ['3', '4', '5']);
  await phone.until(5);
  if (tablet.received.length !== 2) throw new Error('the tablet received data while it was away');

  console.log('\nThe tablet returns.');
  tablet.sync.appToForeground();
  await both([phone, tablet], 5);
  for (const device of [phone, tablet]) checkOrder(device);
  await showTimeline(server, '4', answered.get('4') ?? 0, [phone, tablet]);
}

async function connect(
  name: string,
  dir: string,
  server: DemoServer,
  cleanUp: (() => Promise<void>)[],
): Promise<DemoDevice> {
  const sync = createMPSync();
  const received: string[] = [];
  let changed = (): void => undefined;
  sync.setup(
    {
      appId: 'demo',
      workspaceId: 'default',
      syncserver: '127.0.0.1',
      syncport: server.devicePort,
      ca: server.certificate,
    },
    { deviceId: name, dataDir: join(dir, name), os: 'android', appVersion: '1.0.0' },
  );
  cleanUp.push(() => sync.shutdown());
  await sync.initialize();
  sync.registerBiz(BIZ, {
    onReceiveMessage(message) {
      const [item] = JSON.parse(message.msgData) as PayloadItem[];
      console.log(`  ${name.padEnd(7)} got ${JSON.stringify(item?.pl)} (oplog ${message.oplogId})`);
      received.push(message.thirdMsgId);
      sync.reportMsgReceived(message);
      changed();
    },
  });
  sync.userId = USER;
  sync.updateUserInfo('SESSION_DEMO');
  sync.addConnectionListener({
    onConnectionStateChanged(event) {
      const detail = event.getExtras();
      console.log(`  ${name.padEnd(7)} ${event.getEventType()}${detail === '' ? '' : ` (${detail})`}`);
    },
  });
  const connected = nextState(sync, 'Connected');
  sync.appToForeground();
  await inTime(`${name} connected`, connected);
  const goAway = async (): Promise<void> => {
    const gone = nextState(sync, 'Disconnected');
    sync.appToBackground();
    await inTime(`${name} disconnected`, gone);
  };
  const until = async (count: number): Promise<void> => {
    while (received.length < count) {
      const next = new Promise<void>((resolve) => {
        changed = resolve;
      });
      await inTime(`${name} received message ${received.length + 1}`, next);
    }
  };
  return { name, sync, received, until, goAway };
}

function nextState(sync: MPSync, state: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = {
      onConnectionStateChanged(event: ConnectionEvent): void {
        if (event.getEventType() !== state) return;
        sync.removeConnectionListener(listener);
        resolve();
      },
    };
    sync.addConnectionListener(listener);
  });
}

/** Posts messages one after the other. @returns when each was answered, wall-clock ms. */
async function post(server: DemoServer, ids: readonly string[]): Promise<Map<string, number>> {
  const answered = new Map<string, number>();
  for (const id of ids) {
    const body = { bizType: BIZ, linkToken: USER, thirdMsgId: id, payload: `message ${id} for ${USER}` };
    const result = await server.send(body);
    answered.set(id, Date.now());
    console.log(`  POST /webapi/sync/single  thirdMsgId ${id}: ${result}`);
    if (result !== 'SUCCESS') throw new Error(`the API answered ${result}`);
  }
  return answered;
}

async function both(devices: readonly DemoDevice[], count: number): Promise<void> {
  await Promise.all(devices.map((device) => device.until(count)));
}

function checkOrder({ name, received }: DemoDevice): void {
  const expected = '1 2 3 4 5';
  const order = received.join(' ');
  if (order !== expected) throw new Error(`${name} received ${order}, not ${expected}`);
  console.log(`  ${name.padEnd(7)} has ${order}: in order, each once`);
}

interface Timeline {
  readonly readers: readonly { readonly id: string; readonly state: string }[];
  readonly steps: readonly { readonly atMs: number; readonly what: string; readonly reader: string }[];
}

/** Acks reach the store in batches, so the last of them may take a moment. */
async function showTimeline(
  server: DemoServer,
  id: string,
  answeredMs: number,
  devices: readonly DemoDevice[],
): Promise<void> {
  const path = `/timeline?bizType=${BIZ}&linkToken=${USER}&thirdMsgId=${id}`;
  const until = performance.now() + WAIT_MS;
  let timeline = (await server.admin(path)) as Timeline;
  while (!isWhole(timeline, devices)) {
    if (performance.now() > until) {
      throw new Error(`the timeline of message ${id} is not whole: ${JSON.stringify(timeline.steps)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    timeline = (await server.admin(path)) as Timeline;
  }
  console.log(`\nWhat became of message ${id}, posted while the tablet was away:`);
  const startMs = timeline.steps[0]?.atMs ?? 0;
  for (const { atMs, what, reader } of timeline.steps) {
    console.log(`  ${`+${atMs - startMs} ms`.padStart(9)}  ${what} ${reader}`.trimEnd());
    if (what !== 'accepted') continue;
    // Nothing is sent or answered before the record is durable.
    const sent = timeline.steps.find((step) => step.what === 'sent')?.atMs ?? answeredMs;
    console.log(`  ${`<= +${Math.min(sent, answeredMs) - startMs} ms`.padStart(9)}  stored, durably`);
  }
}

function isWhole({ readers, steps }: Timeline, devices: readonly DemoDevice[]): boolean {
  return devices.every(
    ({ name }) =>
      readers.some((reader) => reader.id === name && reader.state === 'acked') &&
      ['sent', 'acked'].every((what) => steps.some((step) => step.what === what && step.reader === name)),
  );
}

async function inTime(what: string, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), WAIT_MS);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
