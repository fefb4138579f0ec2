/** What only the whole server can show: its processes together, from the ports inwards. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { type Cluster, call, createCluster, signal, until } from '../faults/cluster.js';
import { RawDevice } from '../history/device.js';
import { openRecorder } from '../history/recorder.js';

const BASE = '/v1/instances/default_demo';
const SECRET = 'a-secret-payload-4711';

let cluster: Cluster;
let recorder: ReturnType<typeof openRecorder>;
let sent = 0;
const devices: RawDevice[] = [];

t.before(async () => {
  cluster = await createCluster({ workers: 2, config: { demoInstance: true, log: { level: 'trace' } } });
  await cluster.start();
  recorder = openRecorder(join(cluster.dir, 'history.jsonl'));
});
t.teardown(async () => {
  for (const device of devices) device.stop();
  recorder?.close();
  await cluster?.dispose();
});

/** Connects a device; resolves when it is welcome. */
async function connect(dev: string, user: string): Promise<RawDevice> {
  const port = () => cluster.ports.tls;
  const device = new RawDevice({ port, tls: true, ws: 'default', app: 'demo', dev, user, recorder });
  devices.push(device);
  device.start();
  await device.connected();
  return device;
}

async function send(bizType: string, linkToken: string): Promise<string> {
  sent += 1;
  const data = { bizType, linkToken, thirdMsgId: `m${sent}`, payload: JSON.stringify({ seq: sent, SECRET }) };
  const path = '/webapi/sync/single?instanceId=default_demo';
  const headers = { 'content-type': 'application/json' };
  const answer = await call({ port: cluster.ports.api, method: 'POST', path, headers }, JSON.stringify(data));
  return (JSON.parse(answer.body) as { msg: string }).msg;
}

async function admin(method: string, path: string, body?: unknown): Promise<number> {
  return (await cluster.admin(method, path, body)).status;
}

/** The worker that has a device's connection. */
async function workerOf(dev: string): Promise<number> {
  const { body } = await cluster.admin('GET', `${BASE}/sessions?deviceId=${dev}`);
  return (JSON.parse(body) as { sessions: { worker: number }[] }).sessions[0]?.worker ?? 0;
}

/** Two devices of a user on different workers, the first being the older connection. */
async function onBothWorkers(user: string): Promise<readonly [RawDevice, RawDevice]> {
  const first = await connect(`${user}-0`, user);
  const home = await workerOf(`${user}-0`);
  for (let n = 1; n < 50; n += 1) {
    const other = await connect(`${user}-${n}`, user);
    if ((await workerOf(`${user}-${n}`)) !== home) return [first, other];
    other.stop();
  }
  throw new Error('all connections went to one worker');
}

function handedOver(device: RawDevice, count: number, withinMs: number): Promise<void> {
  return until(`${device.options.dev} has ${count}`, withinMs, () => device.tally.handedOver === count);
}

t.test('what happens to a configuration is in force in every process within a second', async (t) => {
  const [one, two] = await onBothWorkers('ann');
  t.equal(await admin('POST', `${BASE}/configs`, { bizType: 'FRESH' }), 200);
  t.equal(await send('FRESH', 'ann'), 'SUCCESS');
  await Promise.all([handedOver(one, 1, 1000), handedOver(two, 1, 1000)]);
  t.equal(await admin('POST', `${BASE}/configs/FRESH/offline`), 200);
  t.equal(await send('FRESH', 'ann'), 'BIZ_NOT_ONLINE');
  t.equal(await admin('POST', `${BASE}/configs/FRESH/online`), 200);
  t.equal(await send('FRESH', 'ann'), 'SUCCESS');
  await Promise.all([handedOver(one, 2, 1000), handedOver(two, 2, 1000)]);
  for (const device of [one, two]) device.stop();
});

t.test('a deletion that control did not live to finish is finished by the next one', async (t) => {
  const count = 4000;
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({ bizType: 'FRESH', linkToken: `u${n % 1000}`, thirdMsgId: `bulk${n}`, payload: 'p' }),
  );
  const token = readFileSync(join(cluster.dataDir, 'admin.token'), 'utf8').trim();
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` };
  const path = `${BASE}/sync/batch`;
  await call({ port: cluster.ports.admin, method: 'POST', path, headers }, `${lines.join('\n')}\n`);
  const counters = async () => {
    const { body } = await cluster.admin('GET', '/v1/conservation');
    const all = JSON.parse(body) as { counters: { bizType: string; retained: number; deleted: number }[] };
    return all.counters.find(({ bizType }) => bizType === 'FRESH');
  };
  t.equal((await counters())?.retained, count + 2);
  await admin('POST', `${BASE}/configs/FRESH/offline`);
  const startMs = performance.now();
  t.equal(await admin('DELETE', `${BASE}/configs/FRESH`), 200);
  t.ok(performance.now() - startMs < 1000, 'the answer does not wait for the data');
  t.equal(await admin('GET', `${BASE}/configs/FRESH`), 404);
  t.equal(await send('FRESH', 'ann'), 'BIZ_NOT_ONLINE');
  const { control } = cluster.pids();
  signal(control, 'SIGKILL');
  await until('another control', 10_000, () => ![0, control].includes(cluster.pids().control));
  await cluster.ready();
  t.ok(((await counters())?.retained ?? 0) > 0, 'there was something left to do');
  t.equal(await admin('POST', `${BASE}/configs`, { bizType: 'FRESH' }), 409, 'until then the name is taken');
  await until('all is ended', 20_000, async () => (await counters())?.retained === 0);
  t.match(await counters(), { retained: 0, deleted: count + 2, gap: 0 });
  await until('the name is free', 5000, async () => {
    return (await admin('POST', `${BASE}/configs`, { bizType: 'FRESH' })) === 200;
  });
  const late = await connect('late', 'u1');
  t.equal(await send('FRESH', 'u1'), 'SUCCESS');
  await handedOver(late, 1, 5000);
  await sleep(300);
  t.equal(late.tally.handedOver, 1, 'nothing of before comes up under the new name');
  late.stop();
});

t.test(
  'a second connection of a device ends the first within a second, also on another worker',
  async (t) => {
    let older = await connect('twice', 'dora');
    const firstHome = await workerOf('twice');
    let homes = new Set([firstHome]);
    for (let n = 0; n < 50 && homes.size < 2; n += 1) {
      const newer = older.twin();
      devices.push(newer);
      newer.start();
      await newer.connected();
      await until('the older is told', 1000, () => older.tally.kicks.includes(CloseCode.REPLACED));
      homes = new Set([firstHome, await workerOf('twice')]);
      older = newer;
    }
    t.equal(homes.size, 2, 'both workers had it');
    t.equal(await send('DEMO-USER', 'dora'), 'SUCCESS');
    await handedOver(older, 1, 5000);
    older.stop();
  },
);

t.test(
  'the device that came last has single-device data, also when the other is on another worker',
  async (t) => {
    t.equal(await admin('POST', `${BASE}/configs`, { bizType: 'ONE', multiDevice: false }), 200);
    const [first, second] = await onBothWorkers('carl');
    t.equal(await send('ONE', 'carl'), 'SUCCESS');
    await handedOver(second, 1, 5000);
    second.stop();
    t.equal(await send('ONE', 'carl'), 'SUCCESS');
    await handedOver(first, 1, 5000);
    t.equal(second.tally.handedOver, 1);
    first.stop();
  },
);

t.test(
  'data with user consistency waits until the endpoint of the tenant calls the session valid',
  async (t) => {
    let valid = false;
    let asked = 0;
    const endpoint = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ success: true, resultCode: 'OK', result: { sid: 's', valid } }));
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    t.teardown(() => endpoint.close());
    const origin = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
    const change = { validateUrl: `${origin}/check`, validateAllow: [origin] };
    t.equal(await admin('PATCH', BASE, change), 200);
    t.equal(await admin('POST', `${BASE}/configs`, { bizType: 'CHECKED', userConsistency: true }), 200);
    const device = await connect('checked', 'eve');
    await send('CHECKED', 'eve');
    await send('DEMO-USER', 'eve');
    await handedOver(device, 1, 5000);
    await sleep(500);
    t.equal(device.tally.handedOver, 1, 'only what needs no check');
    t.ok(asked > 0, 'the endpoint was asked');
    valid = true;
    // Another user in between: the answer for this one was remembered.
    const other = await connect('checked-2', 'mallory');
    await send('CHECKED', 'mallory');
    await handedOver(other, 1, 5000);
    for (const one of [device, other]) one.stop();
  },
);

t.test('neither payloads nor tokens reach the log, whatever its level', async (t) => {
  const log = cluster.log();
  const token = readFileSync(join(cluster.dataDir, 'admin.token'), 'utf8').trim();
  t.ok(log.length > 1000, 'something is logged');
  t.notOk(log.includes(SECRET));
  t.notOk(log.includes(Buffer.from(SECRET).toString('base64').slice(0, 20)));
  t.notOk(log.includes(token));
  t.notOk(log.includes('PRIVATE KEY'));
});

t.test('an idle server uses less than 1 % of a core', { skip: ticksOf(process.pid) === null }, async (t) => {
  const { supervisor, control, workers } = cluster.pids();
  const used = () => [supervisor, control, ...workers].reduce((sum, pid) => sum + (ticksOf(pid) ?? 0), 0);
  const measured: number[] = [];
  // Cold caches on a machine that has other work to do add to it, and nothing takes away from it: the
  // least of several is the server's own.
  for (let round = 0; round < 4 && !measured.some((percent) => percent < 1); round += 1) {
    await sleep(3000);
    const before = used();
    const idleSec = 20;
    await sleep(idleSec * 1000);
    // Ticks are hundredths of a second: per second, they are per cents of a core.
    measured.push((used() - before) / idleSec);
  }
  t.ok(Math.min(...measured) < 1, `${measured.join(', ')} % of a core`);
});

/** User and system time of a process in clock ticks, or null where the system does not tell. */
function ticksOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return null;
  }
}
