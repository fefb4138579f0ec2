import t from 'tap';
import { auditWrite, forgetAudit } from '../../src/admin/service/audit.js';
import { createBindings } from '../../src/admin/service/bindings.js';
import type { Cursor, DeviceRecord } from '../../src/core/model.js';
import { type Harness, post, route, startHarness, TOKEN } from './harness.js';

let harness: Harness;
const BASE = '/v1/instances/w_a';

t.before(async () => {
  harness = await startHarness();
  const { call } = harness;
  await call('POST', '/v1/instances', { workspaceId: 'w', appId: 'a' });
  await call('POST', `${BASE}/configs`, { bizType: 'MULTI' });
  await call('POST', `${BASE}/configs`, { bizType: 'SINGLE', multiDevice: false });
  await call('POST', `${BASE}/configs`, { bizType: 'DEVICE', object: 'device' });
  for (const deviceId of ['dev-1', 'dev-2', 'dev-3']) await harness.store.saveDevice(device({ deviceId }));
});
t.teardown(() => harness.close());

function device(fields: Partial<DeviceRecord>): DeviceRecord {
  const base = {
    instance: 'w_a',
    deviceId: 'dev-1',
    keyHash: new Uint8Array(32),
    os: 'ios',
    appVersion: '1.0',
  };
  const adToken = Buffer.from(fields.deviceId ?? 'dev-1')
    .toString('hex')
    .padEnd(64, '0');
  return { ...base, adToken, model: 'm', user: 'u1', createdMs: 1, seenMs: 2, ...fields };
}

function cursor(fields: Partial<Cursor>): Cursor {
  return {
    kind: 'u',
    owner: 'u1',
    biz: 'MULTI',
    acked: 0,
    ackedMs: 0,
    attempts: 0,
    nextAttemptMs: 0,
    attemptOf: 0,
    suspectTo: 0,
    dead: [],
    recent: [],
    ...fields,
  };
}

async function enqueue(fields: object): Promise<number> {
  harness.clock.wall += 1;
  const body = { bizType: 'MULTI', linkToken: 'u1', payload: 'p', ...fields };
  const answer = await harness.call('POST', `${BASE}/sync`, body);
  t.equal(answer.status, 200, JSON.stringify(answer.body));
  return Number(answer.body.id);
}

const save = (id: string, kind: 'd' | 'u', saved: Cursor) =>
  harness.store.saveProgress({
    cursors: [{ reader: { instance: 'w_a', kind, id }, cursor: saved }],
    dead: [],
    events: [],
  });

t.test('the timeline names each reader of a multi-device message, away or not', async (t) => {
  const first = await enqueue({ thirdMsgId: 'm1', osType: 'iOS' });
  const second = await enqueue({ thirdMsgId: 'm2', osType: 'iOS' });
  const { bindings } = harness.service;
  for (const deviceId of ['dev-1', 'dev-2', 'dev-3', 'dev-4']) await bindings.note('w_a', 'u1', deviceId);
  await harness.store.saveDevice(device({ deviceId: 'dev-4', os: 'android' }));
  harness.routes.push(route({ deviceId: 'dev-1', user: 'u1' }));
  const at = harness.clock.wall + 50;
  await save(
    'dev-1',
    'd',
    cursor({
      acked: second,
      ackedMs: at + 9,
      recent: [
        [first, at],
        [second, at + 9],
      ],
    }),
  );
  await save('dev-2', 'd', cursor({ acked: first, ackedMs: at, attempts: 3, dead: [first] }));

  const { status, body } = await harness.call(
    'GET',
    `${BASE}/timeline?bizType=MULTI&linkToken=u1&thirdMsgId=m2`,
  );
  t.equal(status, 200);
  t.equal(body.id, String(second));
  const readers = Object.fromEntries(body.readers.map((reader: { id: string }) => [reader.id, reader]));
  t.match(readers, {
    'dev-1': { state: 'acked', online: true },
    'dev-2': { state: 'open', online: false, attempts: 3 },
    'dev-3': { state: 'open', attempts: 0 },
    'dev-4': { state: 'filtered' },
  });
  t.match(body.steps[0], { what: 'accepted', from: 'record' });
  const acked = body.steps.filter((step: { what: string }) => step.what === 'acked');
  t.match(acked, [{ reader: 'dev-1', atMs: at + 9, exact: true, from: 'cursor' }]);

  const byId = await harness.call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=u1&id=${first}`);
  t.match(
    byId.body.readers.find((reader: { id: string }) => reader.id === 'dev-2'),
    { state: 'dead' },
  );
  harness.routes.length = 0;
});

t.test('the timeline of single-device data has the user as its reader', async (t) => {
  const id = await enqueue({ bizType: 'SINGLE', thirdMsgId: 's1' });
  const path = `${BASE}/timeline?bizType=SINGLE&linkToken=u1&thirdMsgId=s1`;
  t.match((await harness.call('GET', path)).body.readers, [{ kind: 'user', id: 'u1', state: 'open' }]);
  await save('u1', 'u', cursor({ biz: 'SINGLE', acked: id, ackedMs: 77 }));
  const { body } = await harness.call('GET', path);
  t.match(body.readers, [{ kind: 'user', id: 'u1', state: 'acked' }]);
  t.match(
    body.steps.find((step: { what: string }) => step.what === 'acked'),
    { atMs: 77, exact: false },
  );
});

t.test('logged steps are in the timeline, and are not told twice', async (t) => {
  await harness.call('POST', `${BASE}/follow`, { bizType: 'DEVICE', linkToken: 'dev-1' });
  const id = await enqueue({ bizType: 'DEVICE', linkToken: 'dev-1', thirdMsgId: 'f1' });
  const stream = { instance: 'w_a', kind: 'd', owner: 'dev-1', biz: 'DEVICE' } as const;
  const event = { stream, id, reader: 'dev-1', worker: 2, detail: '' };
  const at = harness.clock.wall;
  await harness.store.saveProgress({
    cursors: [
      {
        reader: { instance: 'w_a', kind: 'd', id: 'dev-1' },
        cursor: cursor({ kind: 'd', owner: 'dev-1', biz: 'DEVICE', acked: id, ackedMs: at + 2 }),
      },
    ],
    dead: [],
    events: [
      { ...event, what: 'sent', atMs: at + 1 },
      { ...event, what: 'acked', atMs: at + 2 },
    ],
  });
  const { body } = await harness.call('GET', `${BASE}/timeline?bizType=DEVICE&linkToken=dev-1&id=${id}`);
  t.equal(body.followed, true, 'the follow was taken over at acceptance');
  t.same(
    body.steps.map((step: { what: string; from: string }) => `${step.what} ${step.from}`),
    ['accepted record', 'sent log', 'acked log'],
  );
});

t.test('a timeline that cannot be had says why', async (t) => {
  const { call } = harness;
  t.match(await call('GET', `${BASE}/timeline?bizType=NONE&thirdMsgId=x`), { status: 404 });
  t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=u1&thirdMsgId=never`), {
    status: 404,
    body: { error: { code: 'NOT_FOUND' } },
  });
  t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=u1`), {
    status: 400,
    body: { error: { field: 'thirdMsgId' } },
  });
  t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&id=12x`), { status: 400 });
  t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=u1&id=9999999999999999`), {
    status: 404,
  });
  for (const bad of ['a%00b', 'x'.repeat(401)]) {
    t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=${bad}&id=1`), { status: 400 });
    t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&linkToken=u&id=1&devices=${bad}`), {
      status: 400,
    });
    t.match(await call('GET', `${BASE}/devices/${bad}`), { status: 400 });
    t.match(await call('GET', `${BASE}/users/${bad}/messages`), { status: 400 });
  }
  t.match(await call('GET', `${BASE}/timeline?bizType=MULTI&id=1&colour=red`), {
    status: 400,
    body: { error: { field: 'colour' } },
  });
});

t.test('dead letters are listed in pages and sent again as a new, linked message', async (t) => {
  const { call, store } = harness;
  const old = await enqueue({ bizType: 'DEVICE', linkToken: 'dev-3', thirdMsgId: 'd1', osType: 'iOS' });
  const stream = { instance: 'w_a', kind: 'd', owner: 'dev-3', biz: 'DEVICE' } as const;
  const reader = { instance: 'w_a', kind: 'd', id: 'dev-3' } as const;
  const letter = { stream, id: old, reader, attempts: 6, deadMs: 1000, reason: 'attempts', resentAs: 0 };
  const other = { ...letter, stream: { ...stream, biz: 'MULTI' }, deadMs: 2000 };
  await store.saveProgress({ cursors: [], dead: [letter, other], events: [] });

  const page = await call('GET', `${BASE}/dead-letters?limit=1`);
  t.match(page.body.letters, [
    { bizType: 'DEVICE', id: String(old), reader: 'dev-3', attempts: 6, resentAs: null },
  ]);
  const next = await call('GET', `${BASE}/dead-letters?limit=1&after=${page.body.next}`);
  t.match(next.body.letters, [{ bizType: 'MULTI' }]);
  t.equal(next.body.next, '');
  t.equal((await call('GET', `${BASE}/dead-letters?bizType=MULTI`)).body.letters.length, 1);

  const name = page.body.letters[0].letter;
  const resent = await call('POST', `${BASE}/dead-letters/resend`, { letter: name });
  t.equal(resent.status, 200, JSON.stringify(resent.body));
  const again = await store.find(stream, { id: Number(resent.body.id) });
  t.match(again, { thirdMsgId: 'd1', resendOf: old, filter: { os: 'ios' } });
  t.match((await call('GET', `${BASE}/dead-letters?bizType=DEVICE`)).body.letters, [
    { resentAs: resent.body.id },
  ]);
  t.match(await call('POST', `${BASE}/dead-letters/resend`, { letter: 'nonsense' }), { status: 400 });
  t.match(await call('POST', '/v1/instances/w_b/dead-letters/resend', { letter: name }), { status: 400 });
  const lost = next.body.letters[0].letter;
  t.match(await call('POST', `${BASE}/dead-letters/resend`, { letter: lost }), { status: 404 });
});

t.test('sessions are found by each name, counted and closed', async (t) => {
  const { call, routes, kicked } = harness;
  routes.push(
    route({ deviceId: 'dev-1', user: 'u1', adToken: 'b'.repeat(64) }),
    route({ deviceId: 'dev-2', user: 'u1' }),
    route({ deviceId: 'dev-1', instance: 'w_b' }),
  );
  t.match(await call('GET', `${BASE}/sessions`), { body: { online: 2, sessions: [{}, {}] } });
  t.equal((await call('GET', `${BASE}/sessions?user=u1`)).body.sessions.length, 2);
  t.match((await call('GET', `${BASE}/sessions?deviceId=dev-2`)).body.sessions, [{ deviceId: 'dev-2' }]);
  t.equal((await call('GET', `${BASE}/sessions?adToken=${'b'.repeat(64)}`)).body.sessions.length, 1);
  t.match(await call('GET', `${BASE}/sessions?user=u1&deviceId=dev-1`), { status: 400 });
  t.match(await call('GET', `${BASE}/sessions?limit=0`), { status: 400, body: { error: { limit: 1 } } });
  const shown = await call('GET', `${BASE}/devices/dev-1`);
  t.match(shown.body, { online: true, device: { deviceId: 'dev-1', os: 'ios' } });
  t.equal(JSON.stringify(shown.body).includes('keyHash'), false);
  t.match(await call('GET', `${BASE}/devices/token:${shown.body.device.adToken}`), {
    body: { device: { deviceId: 'dev-1' } },
  });
  t.match(await call('GET', `${BASE}/devices/none`), { status: 404 });
  t.match((await call('GET', `${BASE}/users/u1`)).body, {
    online: true,
    devices: ['dev-1', 'dev-2', 'dev-3', 'dev-4'],
  });
  t.match(await call('POST', `${BASE}/sessions/kick`, {}), { status: 400 });
  t.same((await call('POST', `${BASE}/sessions/kick`, { user: 'u1' })).body, { sessions: 2 });
  t.same(
    kicked.map((one) => [one.route.instance, one.route.deviceId, one.code]),
    [
      ['w_a', 'dev-1', 4008],
      ['w_a', 'dev-2', 4008],
    ],
  );
  routes.length = 0;
});

t.test('pushes and arrivals of a user and of a device are counted and listed, newest first', async (t) => {
  const user = await harness.call('GET', `${BASE}/users/u1/messages?limit=2`);
  t.match(user.body, {
    pushes: 3,
    arrivals: 3,
    complete: true,
    messages: [{ thirdMsgId: 's1' }, { thirdMsgId: 'm2' }],
  });
  const one = await harness.call('GET', `${BASE}/devices/dev-1/messages`);
  t.match(one.body, { pushes: 1, arrivals: 1, messages: [{ thirdMsgId: 'f1', arrived: true }] });
  t.match((await harness.call('GET', `${BASE}/users/nobody/messages`)).body, { pushes: 0, arrivals: 0 });
});

t.test('every change is on record: who, what, before, after, when', async (t) => {
  const { call, clock } = harness;
  await call('POST', `${BASE}/configs/SINGLE/offline`);
  await call('PATCH', `${BASE}/configs/SINGLE`, { description: 'new words' });
  const { body } = await call('GET', '/v1/audit?instance=w_a&object=SINGLE');
  t.match(body.records, [
    {
      action: 'config.change',
      actor: 'tester',
      before: { description: '' },
      after: { description: 'new words' },
    },
    { action: 'config.offline', before: { online: true }, after: { online: false } },
    { action: 'sync.create', after: { linkToken: 'u1', thirdMsgId: 's1', text: 'p' } },
    { action: 'config.create', before: null },
  ]);
  t.ok(body.records.every((record: { address: string }) => record.address === '127.0.0.1'));
  const day = 86_400_000;
  clock.wall += 10 * day;
  await call('POST', `${BASE}/configs/SINGLE/online`);
  t.match((await call('GET', '/v1/audit')).body.records, [{ action: 'config.online' }], 'the last 7 days');
  t.equal((await call('GET', '/v1/audit')).body.records.length, 1);
  const all = await call('GET', `/v1/audit?from=${clock.wall - 20 * day}`);
  t.ok(all.body.records.length > 8);
  t.ok(
    all.body.records.every(
      (r: { atMs: number }, at: number, list: { atMs: number }[]) =>
        at === 0 || r.atMs <= (list[at - 1]?.atMs ?? 0),
    ),
  );
  t.equal((await call('GET', `/v1/audit?from=0&limit=3`)).body.records.length, 3);
  t.equal((await call('GET', `/v1/audit?from=0&to=5`)).body.records.length, 0);
  t.match(await call('GET', '/v1/audit?limit=1001'), { status: 400, body: { error: { limit: 1000 } } });
  clock.wall -= 10 * day;
});

t.test('records of changes are kept for their time, and removed in bounded steps', async (t) => {
  const { call, clock, store } = harness;
  const day = 86_400_000;
  const count = async () => (await store.docs('audit', '', 10_000)).length;
  const recent = await count();
  const actor = { name: 'tester', address: '' };
  const old = Array.from({ length: 700 }, (_, n) =>
    auditWrite(actor, { action: 'sync.create', instance: 'w_a', object: 'X' }, clock.wall - (10 + n) * day),
  );
  await store.saveDocs(old);
  t.ok(await forgetAudit(store, clock.wall - 1000 * day), 'nothing is so old');
  t.equal(await count(), recent + 700);
  t.notOk(await forgetAudit(store, clock.wall - 12 * day), 'one step is bounded');
  t.equal(await count(), recent + 200);
  t.ok(await forgetAudit(store, clock.wall - 12 * day));
  t.equal(await count(), recent + 3, 'of 10, 11 and 12 days ago');
  const { records } = (await call('GET', `/v1/audit?from=${clock.wall - 20 * day}&object=X`)).body;
  t.equal(records.length, 3);
  t.ok(await forgetAudit(store, clock.wall - 2 * day));
  t.equal(await count(), recent);
});

t.test("a device that no longer comes for a user is forgotten as the user's", async (t) => {
  const store = harness.store;
  const day = 86_400_000;
  let nowMs = 1000 * day;
  const bindings = createBindings(store, () => nowMs);
  const crowd = Array.from({ length: 600 }, (_, n) => `d${n}`);
  for (const id of crowd) await bindings.note('w_x', 'u', id);
  nowMs += 50 * day;
  await bindings.note('w_x', 'u', 'd7');
  const round = async (beforeMs: number): Promise<number> => {
    let steps = 1;
    while (!(await bindings.forget(beforeMs))) steps += 1;
    return steps;
  };
  t.equal(await round(nowMs - 60 * day), 2, 'one step looks at a bounded number');
  t.equal((await bindings.devicesOf('w_x', 'u')).length, 100, 'none was so old');
  await round(nowMs - 30 * day);
  t.same(await bindings.devicesOf('w_x', 'u'), ['d7']);
  await bindings.note('w_x', 'u', 'd1');
  t.same(await bindings.devicesOf('w_x', 'u'), ['d1', 'd7'], 'one that comes back is listed again');
});

t.test('the server as a whole: health, metrics, conservation, draining, the clock', async (t) => {
  const { call, adminUrl } = harness;
  for (const path of ['/healthz', '/readyz']) t.equal((await fetch(adminUrl + path)).status, 200, path);
  t.equal((await fetch(`${adminUrl}/metrics`)).status, 401);
  t.equal((await call('GET', '/metrics')).body, 'up 1\n');
  const { counters } = (await call('GET', '/v1/conservation')).body;
  t.ok(counters.length >= 3);
  t.ok(counters.every((counter: { gap: number }) => counter.gap === 0));
  t.match(await call('POST', '/v1/drain', { overMs: 100, redirect: 'other:8443' }), { status: 200 });
  t.same(harness.calls.drain, [[100, 'other:8443']]);
  t.match(await call('POST', '/v1/drain', { redirect: 'http://x' }), { status: 400 });
  t.same((await call('POST', '/v1/clock/accept')).body, { steppedMs: 60_000 });
  t.match(await call('POST', '/v1/backup', { directory: '/new' }), { status: 200 });
  t.match(await call('POST', '/v1/backup', { directory: 'relative' }), { status: 400 });
  t.match(await call('POST', '/v1/backup', { directory: '/full' }), {
    status: 409,
    body: { error: { message: 'no backup was made: it is not empty' } },
  });
  t.match(await call('GET', '/openapi.json'), { status: 200, body: { openapi: '3.1.0' } });
});

t.test('a fault of ours is a short answer without a stack', async (t) => {
  harness.beforeSend = async () => {
    throw new Error('secret detail');
  };
  const body = { bizType: 'MULTI', linkToken: 'u1', thirdMsgId: 'x', payload: 'p' };
  const answer = await harness.call('POST', `${BASE}/sync`, body);
  t.same(answer, { status: 500, body: { error: { code: 'INTERNAL', message: 'see the server log' } } });
  const batch = await post(
    `${harness.adminUrl}${BASE}/sync/batch`,
    { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
    JSON.stringify(body),
  );
  t.same(JSON.parse(batch.text), { line: 1, error: { code: 'INTERNAL', message: 'see the server log' } });
  harness.beforeSend = async () => {};
});
