import { createVerify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { postText } from '../../src/api/validation/post-json.js';
import { openDevice } from '../../src/client/device.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { checkConfig } from '../../src/config.js';
import type { Cursor, DeviceRecord, StreamKey } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { endedBy } from '../../src/push/receipts/acks.js';
import { createEndings } from '../../src/push/receipts/endings.js';
import { createReceiptQueue, type QueueOptions } from '../../src/push/receipts/queue.js';
import type { Receipt } from '../../src/push/receipts/receipt.js';
import { startServer } from '../../src/serve.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { requestOf } from '../store/harness.js';

const NOW = 1_764_000_000_000;

async function until(done: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await sleep(10);
  }
}

interface Received {
  readonly url: string;
  readonly body: string;
  readonly contentType: string;
}

/** An endpoint that answers what it is told. */
async function startEndpoint() {
  const received: Received[] = [];
  const endpoint = { received, status: 200, url: '', origin: '', close: () => server.close() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ url: request.url ?? '', body, contentType: request.headers['content-type'] ?? '' });
      response.writeHead(endpoint.status).end('whatever');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  endpoint.url = `${endpoint.origin}/push/callback?tenant=shop`;
  return endpoint;
}

/** As the guide's own example checks it. */
function isSigned({ url, body }: Received, publicKey: string): boolean {
  const sign = new URL(url, 'http://x').searchParams.get('sign') ?? '';
  const base64 = sign.replaceAll('-', '+').replaceAll('_', '/');
  return createVerify('sha256').update(body, 'utf8').verify(publicKey, base64, 'base64');
}

t.test('a whole server tells the tenant what became of its pushes', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'longlink-receipts-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const endpoint = await startEndpoint();
  t.teardown(endpoint.close);
  const config = checkConfig({
    dataDir,
    workers: 0,
    demoInstance: true,
    listeners: [{ name: 'tcp', port: 0, tls: false }],
    api: { port: 0 },
    openapi: { enabled: true, port: 0 },
    admin: { port: 0 },
    push: { receiptSettleMs: 100, receiptFirstRetryMs: 50 },
    log: { level: 'error' },
  });
  const server = await startServer(config);
  t.teardown(() => server.stop());
  const portOf = (name: string): number => server.addresses.find((one) => one.name === name)?.port ?? 0;
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`http://127.0.0.1:${portOf('admin')}${path}`, {
      method,
      headers: body === undefined ? { authorization: headers.authorization } : headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const callback = '/v1/instances/default_demo/push-callback';
  t.same(await admin('GET', callback), {
    ...{ instance: 'default_demo', url: '', on: false, allow: [], publicKey: '', pushApi: true },
  });
  t.match(await admin('GET', '/v1/instances/no_where/push-callback'), { error: { code: 'NOT_FOUND' } });
  t.match(await admin('PATCH', callback, { on: true }), { error: { code: 'CONFLICT', field: 'url' } });
  t.match(await admin('PATCH', callback, { url: 'ftp://x' }), { error: { code: 'INVALID', field: 'url' } });
  t.match(await admin('PATCH', callback, { allow: ['http://u:p@x'] }), { error: { field: 'allow' } });
  t.match(await admin('POST', `${callback}/test`), { error: { code: 'CONFLICT' } });
  t.match(await admin('PATCH', callback, { url: endpoint.url }), { url: endpoint.url, on: false });

  // A private address is called only when the operator allows it.
  t.match(await admin('POST', `${callback}/test`), { ok: false, error: /not allowed by the operator/ });
  t.equal(endpoint.received.length, 0);
  t.match(await admin('PATCH', callback, { allow: [endpoint.origin] }), { allow: [endpoint.origin] });
  t.match(await admin('POST', `${callback}/test`), { ok: true, error: '' });
  const { publicKey } = (await admin('PATCH', callback, { on: true })) as { publicKey: string };
  t.match(publicKey, /^-----BEGIN PUBLIC KEY-----/);
  t.equal(isSigned(endpoint.received[0] as Received, publicKey), true);
  t.notMatch(JSON.stringify(await admin('GET', '/v1/audit')), /PRIVATE|"tag"/);

  const scope = { instances: ['default_demo'], appKeys: [] };
  const made = await admin('POST', '/v1/access-keys', { tenant: 'shop', scope });
  const { key, secret } = made as unknown as { key: { id: string }; secret: string };
  const [core] = SDK_CORES;
  const push = async (parameters: Record<string, unknown>) => {
    const sdk = { port: portOf('openapi'), keyId: key.id, secret, version: '2020-10-28' };
    const app = { AppId: 'demo', WorkspaceId: 'default', TaskName: 'n', Title: 'T', Content: 'C' };
    const call = { action: 'PushSimple', parameters: { ...app, ExpiredSeconds: 60, ...parameters } };
    return core?.call({ ...sdk, ...call });
  };
  let adToken = '';
  const device = await openDevice({
    endpoint: { host: '127.0.0.1', port: portOf('tcp'), tls: null },
    workspaceId: 'default',
    appId: 'demo',
    os: 'android',
    appVersion: '1.0',
    storage: createMemoryStorage(),
    handlers: { message: (message) => device.report(message), command() {}, state() {}, error() {} },
  });
  t.teardown(() => device.close());
  for (const biz of Object.values(PUSH_BIZ)) device.register(biz);
  device.setUser('ann', 's1');
  device.connect();
  await until(async () => {
    const { sessions } = (await admin('GET', '/v1/instances/default_demo/sessions?user=ann')) as {
      sessions?: { adToken: string }[];
    };
    adToken = sessions?.[0]?.adToken ?? '';
    return adToken !== '';
  });

  endpoint.received.length = 0;
  t.match(await push({ DeliveryType: 1, TargetMsgkey: JSON.stringify({ [adToken]: 'k1' }) }), { ok: true });
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"ann":"k2"}' }), { ok: true });
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"nobody":"k3"}', ExpiredSeconds: 1 }), { ok: true });
  const newer = { ExpiredSeconds: 1, ExtendedParams: '{"min_version":"9.0"}' };
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"ann":"k4"}', ...newer }), { ok: true });
  await until(() => endpoint.received.length >= 4);
  const bodies = endpoint.received.map(({ body }) => JSON.parse(body) as { msgId: string });
  t.same(
    bodies.sort((a, b) => (a.msgId < b.msgId ? -1 : 1)),
    [
      {
        extInfo: { adToken, osType: 'android' },
        ...{ msgId: 'k1', pushSuccess: true, statusCode: '2', statusDesc: 'Acked', targetId: adToken },
      },
      {
        extInfo: { adToken, osType: 'android' },
        ...{ msgId: 'k2', pushSuccess: true, statusCode: '2', statusDesc: 'Acked', targetId: 'ann' },
      },
      {
        extInfo: { adToken: '', osType: '' },
        ...{ msgId: 'k3', pushSuccess: false, statusCode: '1', statusDesc: 'NoBindInfo', targetId: 'nobody' },
      },
      {
        // Passed over: the app is too old for it.
        extInfo: { adToken, osType: 'android' },
        ...{ msgId: 'k4', pushSuccess: false, statusCode: '0', targetId: 'ann' },
        statusDesc: 'DeviceNotOnlineOrNoResponse',
      },
    ],
  );
  for (const one of endpoint.received) {
    t.equal(isSigned(one, publicKey), true);
    t.match(one, { url: /^\/push\/callback\?tenant=shop&sign=/, contentType: /^application\/json/ });
  }
  t.equal(isSigned({ ...(endpoint.received[0] as Received), body: '{}' }, publicKey), false);

  const rotated = (await admin('POST', `${callback}/key`)) as { publicKey: string };
  t.not(rotated.publicKey, publicKey);
  t.match(await admin('PATCH', callback, { pushApi: false, on: false }), { pushApi: false, on: false });
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"ann":"k5"}' }), {
    body: { ResultCode: '3032', ResultMessage: /^REST_API_SWITCH_NOT_OPEN/ },
  });
  const later = { StrategyType: 1, StrategyContent: JSON.stringify({ fixedTime: Date.now() + 60_000 }) };
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"ann":"k6"}', ...later }), {
    body: { ResultCode: '3032' },
  });
  t.match(await admin('PATCH', callback, { pushApi: true }), { pushApi: true });
  t.match(await push({ DeliveryType: 3, TargetMsgkey: '{"ann":"k7"}' }), { ok: true });
  await sleep(500);
  t.equal(endpoint.received.length, 4, 'receipts are off');
});

t.test('the network of the server is not called, unless an operator allows it', async (t) => {
  const endpoint = await startEndpoint();
  t.teardown(endpoint.close);
  const port = new URL(endpoint.origin).port;
  const options = { headers: {}, timeoutMs: 2000, allow: ['http://other:1'] };
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '0x7f000001',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
  ]) {
    for (const origin of [`http://${host}:${port}`, `https://${host}:${port}`, `https://${host}`]) {
      await t.rejects(postText(`${origin}/x`, '{}', options), origin);
    }
  }
  t.equal(endpoint.received.length, 0);
  const allowed = { ...options, allow: [endpoint.origin] };
  await t.resolves(postText(endpoint.url, '{}', allowed));
  endpoint.status = 204;
  await t.resolves(postText(endpoint.url, '{}', allowed));
  endpoint.status = 302;
  await t.rejects(postText(endpoint.url, '{}', allowed), /answered 302/);
});

function receiptOf(message: string, msgId: string, instance = 'w_a'): Receipt {
  return { instance, message, msgId, targetId: 'ann', status: 'Acked', adToken: '', osType: '' };
}

function queueRig(change: Partial<QueueOptions> = {}) {
  const store = change.store ?? createMemoryStore();
  const results: string[] = [];
  const delivered: string[] = [];
  const queue = createReceiptQueue({
    store,
    deliver: async ({ msgId }) => {
      delivered.push(msgId);
    },
    isOn: () => true,
    now: Date.now,
    ...{ concurrency: 4, maxAttempts: 3, firstRetryMs: 20, maxRetryMs: 40, maxQueued: 1000 },
    onResult: (result, count) => results.push(...Array<string>(count).fill(result)),
    onError: (error) => results.push(String(error)),
    ...change,
  });
  return { store, queue, results, delivered };
}

t.test('receipts of one message keep their order through failures', async (t) => {
  const seen: string[] = [];
  let failures = 2;
  const { queue, results } = queueRig({
    deliver: async ({ msgId }) => {
      await sleep(5);
      if (msgId === 'a1' && failures-- > 0) throw new Error('no');
      seen.push(msgId);
    },
  });
  t.teardown(() => queue.stop());
  await queue.add([receiptOf('a', 'a1'), receiptOf('a', 'a2'), receiptOf('b', 'b1'), receiptOf('a', 'a3')]);
  await until(() => queue.waiting() === 0);
  t.same(seen, ['b1', 'a1', 'a2', 'a3']);
  t.same(results.filter((result) => result === 'retried').length, 2);
});

t.test('a receipt that is never taken is given up and listed; the next of its message goes', async (t) => {
  let calls = 0;
  const { queue, results } = queueRig({
    deliver: async ({ msgId }) => {
      calls += 1;
      if (msgId === 'a1') throw new Error('answered 500');
    },
  });
  t.teardown(() => queue.stop());
  await queue.add([receiptOf('a', 'a1'), receiptOf('a', 'a2')]);
  await until(() => queue.waiting() === 0);
  t.equal(calls, 4);
  t.same(results, ['queued', 'queued', 'retried', 'retried', 'dead', 'delivered']);
  t.match(await queue.dead('w_a'), [{ receipt: { msgId: 'a1' }, attempts: 3, reason: 'answered 500' }]);
  t.same(await queue.dead('w_b'), []);
});

t.test('a slow endpoint holds up its own instance only, and gets so many calls at once', async (t) => {
  let running = 0;
  let most = 0;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const quick: string[] = [];
  const { queue } = queueRig({
    deliver: async ({ instance, msgId }) => {
      if (instance === 'quick') return void quick.push(msgId);
      running += 1;
      most = Math.max(most, running);
      await held;
      running -= 1;
    },
  });
  t.teardown(() => queue.stop());
  await queue.add(Array.from({ length: 700 }, (_, at) => receiptOf(`m${at}`, `m${at}`, 'slow')));
  await queue.add([receiptOf('q', 'q1', 'quick')]);
  await until(() => quick.length === 1);
  t.equal(running, 4);
  release();
  await until(() => queue.waiting() === 0);
  t.equal(most, 4);
});

t.test('a receipt that is taken while more are loaded is not sent again', async (t) => {
  const store = createMemoryStore();
  // What was read lies about for a while, and the endpoint is quicker.
  const slow: Store = {
    ...store,
    async docs(collection, prefix, limit) {
      const docs = await store.docs(collection, prefix, limit);
      await sleep(30);
      return docs;
    },
  };
  const { queue, delivered } = queueRig({ store: slow, maxQueued: 5000 });
  t.teardown(() => queue.stop());
  const many = Array.from({ length: 1500 }, (_, at) => receiptOf(`m${at}`, `m${at}`));
  await queue.add(many);
  await until(() => queue.waiting() === 0, 30_000);
  t.equal(delivered.length, 1500);
  t.equal(new Set(delivered).size, 1500);
});

t.test('what waits is taken up by the next process, and bounded', async (t) => {
  const store = createMemoryStore();
  const first = queueRig({
    store,
    deliver: () => Promise.reject(new Error('down')),
    maxQueued: 600,
    maxAttempts: 100,
  });
  const many = Array.from({ length: 610 }, (_, at) => receiptOf(`m${at}`, `m${at}`));
  await first.queue.add(many);
  t.equal(first.queue.waiting(), 600);
  t.equal(first.results.filter((result) => result === 'dropped').length, 10);
  await first.queue.stop();
  const second = queueRig({ store });
  t.teardown(() => second.queue.stop());
  await second.queue.resume(['w_a']);
  await until(() => second.queue.waiting() === 0);
  t.same(new Set(second.delivered), new Set(many.slice(0, 600).map(({ msgId }) => msgId)));
  t.equal(second.delivered.length, 600);
  // Switched off: what waits is dropped.
  const third = queueRig({ store, isOn: () => false });
  t.teardown(() => third.queue.stop());
  await third.queue.add([receiptOf('a', 'a1')]);
  await until(() => third.queue.waiting() === 0);
  t.same(third.results, ['queued', 'dropped']);
  t.same(third.delivered, []);
});

const DEVICE: DeviceRecord = {
  ...{
    instance: 'w_a',
    deviceId: 'd1',
    adToken: 'f'.repeat(64),
    keyHash: new Uint8Array(32).fill(1),
    os: 'Android',
  },
  ...{ appVersion: '2.0', model: '', user: 'ann', createdMs: 1, seenMs: 1 },
};
const STREAM: StreamKey = { instance: 'w_a', kind: 'u', owner: 'ann', biz: PUSH_BIZ.user };
const READER = { instance: 'w_a', kind: 'd', id: 'd1' } as const;

async function append(store: Store, thirdMsgId: string, more: object = {}): Promise<number> {
  const [result] = await store.append([requestOf(STREAM, thirdMsgId, { ...more, acceptedMs: NOW })]);
  if (result?.status !== 'stored') throw new Error('not stored');
  return result.oplog.id;
}

function cursorAt(acked: number, change: Partial<Cursor> = {}): Cursor {
  const at = { kind: 'u', owner: 'ann', biz: PUSH_BIZ.user, acked, ackedMs: NOW } as const;
  return {
    ...at,
    attempts: 0,
    nextAttemptMs: 0,
    attemptOf: 0,
    suspectTo: 0,
    dead: [],
    recent: [[acked, NOW]],
    ...change,
  };
}

t.test('one cursor tells of all that it passes, but not of what was never sent', async (t) => {
  const store = createMemoryStore();
  await store.saveDevice(DEVICE);
  const first = await append(store, 'k1');
  await append(store, 'k2', { filter: { minVersion: '3' } });
  const dead = await append(store, 'k3');
  await append(store, 'k4', { expiresMs: NOW - 1 });
  const last = await append(store, 'k5', { filter: { os: 'android', minVersion: '1.9' } });
  const letter = {
    ...{
      stream: STREAM,
      id: dead,
      reader: READER,
      attempts: 6,
      deadMs: NOW,
      reason: 'attempts',
      resentAs: 0,
    },
  };
  const batch = {
    cursors: [
      { reader: READER, cursor: cursorAt(first) },
      { reader: READER, cursor: cursorAt(last, { dead: [dead] }) },
      { reader: READER, cursor: cursorAt(last, { biz: 'other' }) },
    ],
    dead: [letter],
    events: [],
  };
  const told = async () =>
    (await endedBy(store, batch, () => true)).map(({ oplog, status }) => `${oplog.thirdMsgId} ${status}`);
  t.same(await told(), ['k1 Acked', 'k5 Acked', 'k3 DeviceNotOnlineOrNoResponse']);
  t.same(await endedBy(store, batch, () => false), []);
  await store.saveProgress({ ...batch, dead: [], cursors: [{ reader: READER, cursor: cursorAt(first) }] });
  t.same(await told(), ['k5 Acked', 'k3 DeviceNotOnlineOrNoResponse'], 'the first was told before');
});

t.test('what nobody acknowledged ends with its validity', async (t) => {
  const store = createMemoryStore();
  await store.saveDevice(DEVICE);
  const clock = { ms: NOW };
  const added: string[] = [];
  const endings = createEndings({
    store,
    devicesOf: async (_, user) => (user === 'ann' ? ['d1', 'gone'] : []),
    isOn: (instance) => instance === 'w_a',
    add: async (receipts) => {
      for (const { msgId, status } of receipts) added.push(`${msgId} ${status}`);
    },
    settleMs: 100,
    now: () => clock.ms,
  });
  const note = (msgId: string, id: number, change: Partial<StreamKey> = {}) =>
    endings.note({ stream: { ...STREAM, ...change }, id, msgId, expiresMs: NOW + 1000 });
  const acked = await append(store, 'k1');
  const open = await append(store, 'k2');
  await note('k1', acked);
  await note('k2', open);
  await note('k3', 5, { owner: 'nobody' });
  await note('k4', 6, { instance: 'w_b' });
  await note('k5', 7, { kind: 'd', owner: 'd1', biz: PUSH_BIZ.device });
  const progress = { cursors: [{ reader: READER, cursor: cursorAt(acked) }], dead: [], events: [] };
  await store.saveProgress(progress);
  clock.ms = NOW + 1099;
  await endings.settle();
  t.same(added, []);
  clock.ms = NOW + 1100;
  await endings.settle();
  t.same(added.sort(), ['k2 DeviceNotOnlineOrNoResponse', 'k3 NoBindInfo', 'k5 DeviceNotOnlineOrNoResponse']);
  await endings.settle();
  t.equal(added.length, 3, 'once');
});
