/** Pushes through the signed API to users' devices: batches at the highest rate, then single ones at a pace. */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDevice } from '../../src/client/device.js';
import type { Device } from '../../src/client/device-options.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { freePort } from '../../test/free-port.js';
import { APP, WORKSPACE } from '../load/longlink.js';
import { createPushCaller, type PushCaller } from '../load/push-caller.js';
import { delayFigures, more, NOTHING_WRONG, plain } from '../report/result.js';
import type { Run } from '../run.js';
import { type Server, usageOf } from '../server.js';
import { ARRIVE_MS, cpuFigures } from './common.js';
import type { Scenario } from './scenario.js';

/** Targets of one PushMultiple. */
const BATCH = 100;
/** Calls under way at once. */
const CALLERS = 8;
/** Share of the highest rate at which latency is looked at, by single calls; and at most so many a second. */
const PACE = 0.3;
const MOST_SINGLE = 300;
const TASK = { TaskName: 'bench', DeliveryType: '3', ExpiredSeconds: '3600' };

/** What the devices have had. */
interface Received {
  count: number;
  duplicated: number;
  reordered: number;
  /** By user, the number of the last message. */
  readonly last: Map<number, number>;
  /** When a message was due, by user and number; taken out when it arrives. */
  readonly due: Map<string, number>;
}

export const push: Scenario = {
  about: 'pushes by the signed API to users, batches and single ones (devices of the SDK, in this process)',
  defaults: { devices: 1_000, seconds: 10 },
  small: { devices: 100, seconds: 1 },
  async run(run) {
    const port = await freePort();
    const server = await run.server({ 'openapi.enabled': 'true', 'openapi.port': String(port) });
    const caller = await createPushCaller(server, port, CALLERS);
    run.defer(async () => caller.close());
    await caller.call('CreateTemplate', { TemplateName: 'bench', Title: 'T', Content: 'C' });
    const received: Received = { count: 0, duplicated: 0, reordered: 0, last: new Map(), due: new Map() };
    const delays = createHistogram();
    await openDevices(run, server, received, (us) => delays.record(Math.max(1, Math.round(us))));
    const next = new Map<number, number>();

    const before = usageOf(server);
    const started = performance.now();
    const batches = await sendBatches(run, caller, next, received);
    await arrivedAll(run, received, batches);
    const perSecond = batches / ((performance.now() - started) / 1000);
    const cpu = cpuFigures(server, before, batches, 'push');

    delays.reset();
    const pace = Math.min(MOST_SINGLE, perSecond * PACE);
    const singles = await sendSingles(run, caller, next, received, pace);
    await arrivedAll(run, received, batches + singles);
    const { figures, series } = delayFigures('single pushes: due to device', delays);
    const wrong = { ...NOTHING_WRONG, duplicated: received.duplicated, reordered: received.reordered };
    return {
      wrong: { ...wrong, lost: batches + singles - received.count },
      checked: received.count,
      figures: [
        more('batches: pushes delivered', perSecond, 'per second'),
        ...cpu,
        plain('single pushes', pace, 'per second'),
        ...figures,
      ],
      series,
    };
  },
};

async function openDevices(
  run: Run,
  server: Server,
  received: Received,
  record: (us: number) => void,
): Promise<void> {
  const devices = await Promise.all(
    Array.from({ length: run.options.devices }, async (_, user) => {
      const device: Device = await openDevice({
        endpoint: { host: '127.0.0.1', port: server.ports.tcp, tls: null },
        workspaceId: WORKSPACE,
        appId: APP,
        os: 'android',
        storage: createMemoryStorage(),
        handlers: {
          message(message) {
            take(received, user, Number(message.thirdMsgId), record);
            device.report(message);
          },
          command() {},
          state() {},
          error() {},
        },
      });
      device.register(PUSH_BIZ.user);
      device.setUser(`user${user}`, 's');
      return device;
    }),
  );
  run.defer(() => Promise.all(devices.map((device) => device.close())));
  for (const device of devices) device.connect();
  const deadline = performance.now() + ARRIVE_MS;
  while (devices.some(({ state }) => state !== 'connected')) {
    if (performance.now() > deadline) throw new Error('the devices did not connect');
    await sleep(20);
  }
}

function take(received: Received, user: number, number: number, record: (us: number) => void): void {
  const key = `${user} ${number}`;
  const due = received.due.get(key);
  const last = received.last.get(user) ?? 0;
  if (due === undefined) {
    received.duplicated += 1;
    return;
  }
  received.due.delete(key);
  if (number < last) received.reordered += 1;
  received.last.set(user, Math.max(last, number));
  received.count += 1;
  record((performance.now() - due) * 1000);
}

/** The next message of a user, due now. */
function nextOf(next: Map<number, number>, received: Received, user: number, dueMs: number): number {
  const number = (next.get(user) ?? 0) + 1;
  next.set(user, number);
  received.due.set(`${user} ${number}`, dueMs);
  return number;
}

/** Each caller has users of its own, so that what one user gets is in the order of the calls. */
async function sendBatches(
  run: Run,
  caller: PushCaller,
  next: Map<number, number>,
  received: Received,
): Promise<number> {
  const { devices, seconds } = run.options;
  const end = performance.now() + seconds * 1000;
  let sent = 0;
  const own = Math.max(1, Math.floor(devices / CALLERS));
  const work = async (first: number): Promise<void> => {
    for (let at = 0; performance.now() < end; ) {
      const users = Array.from({ length: Math.min(BATCH, own) }, (_, index) => first + ((at + index) % own));
      at = (at + users.length) % own;
      const targets = users.flatMap((user, index) => [
        [`TargetMsg.${index + 1}.Target`, `user${user}`],
        [`TargetMsg.${index + 1}.MsgKey`, String(nextOf(next, received, user, performance.now()))],
      ]);
      await caller.call('PushMultiple', { ...TASK, TemplateName: 'bench', ...Object.fromEntries(targets) });
      sent += users.length;
      run.progress(`${sent} pushes`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, index) => work(index * own)));
  return sent;
}

async function sendSingles(
  run: Run,
  caller: PushCaller,
  next: Map<number, number>,
  received: Received,
  perSecond: number,
): Promise<number> {
  const { devices, seconds } = run.options;
  const total = Math.max(1, Math.floor(perSecond * seconds));
  const startMs = performance.now();
  const calls: Promise<void>[] = [];
  for (let at = 0; at < total; at += 1) {
    const dueMs = startMs + (at * 1000) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const user = at % devices;
    const target = { [`user${user}`]: String(nextOf(next, received, user, dueMs)) };
    const shown = { Title: 'T', Content: 'C', TargetMsgkey: JSON.stringify(target) };
    calls.push(caller.call('PushSimple', { ...TASK, ...shown }));
  }
  await Promise.all(calls);
  return total;
}

async function arrivedAll(run: Run, received: Received, count: number): Promise<void> {
  const deadline = performance.now() + ARRIVE_MS;
  while (received.count < count && performance.now() < deadline) {
    run.progress(`${received.count} of ${count} pushes`);
    await sleep(5);
  }
}
