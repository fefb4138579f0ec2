import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import t from 'tap';
import { endDeleted } from '../../src/admin/service/configurations.js';
import { type Harness, post, startHarness, TOKEN } from './harness.js';

let harness: Harness;
t.before(async () => {
  harness = await startHarness();
});
t.teardown(() => harness.close());

const CONFIGS = '/v1/instances/w_a/configs';

t.test('nothing but health is answered without the token', async (t) => {
  const status = async (path: string, authorization?: string) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    return (await fetch(harness.adminUrl + path, { headers })).status;
  };
  t.equal(await status('/v1/instances'), 401);
  t.equal(await status('/v1/instances', 'Bearer'), 401);
  t.equal(await status('/v1/instances', `Bearer ${TOKEN.slice(1)}`), 401);
  t.equal(await status('/v1/instances', `Basic ${TOKEN}`), 401);
  t.equal(await status('/v1/instances', `Bearer ${TOKEN}x`), 401);
  t.equal(await status('/nowhere'), 401, 'unknown paths are not told apart');
  t.equal(await status('/v1/instances', `Bearer ${TOKEN}`), 200);
});

t.test('instances are created, changed and deleted', async (t) => {
  const { call } = harness;
  t.match(await call('POST', '/v1/instances', { workspaceId: 'w', appId: 'a' }), {
    status: 200,
    body: { key: 'w_a', signature: false, validateOperation: 'com.antdcloud.session.validate' },
  });
  t.match(await call('POST', '/v1/instances', { workspaceId: 'w', appId: 'a' }), {
    status: 409,
    body: { error: { code: 'EXISTS' } },
  });
  t.match(await call('POST', '/v1/instances', { workspaceId: 'a_b', appId: 'a' }), {
    status: 400,
    body: { error: { code: 'INVALID', field: 'workspaceId', limit: 64 } },
  });
  t.match(await call('POST', '/v1/instances', { workspaceId: 'w', appId: 'x', colour: 1 }), {
    status: 400,
    body: { error: { code: 'INVALID', field: 'colour', message: 'no such field' } },
  });
  t.match(await call('POST', '/v1/instances', { workspaceId: 1, appId: 'x' }), {
    status: 400,
    body: { error: { field: 'workspaceId' } },
  });
  t.match(await call('PATCH', '/v1/instances/w_a', { validateUrl: 'ftp://x' }), {
    status: 400,
    body: { error: { field: 'validateUrl' } },
  });
  t.match(await call('GET', '/v1/instances/w_none'), { status: 404, body: { error: { code: 'NOT_FOUND' } } });
  await call('POST', '/v1/instances', { workspaceId: 'w', appId: 'gone' });
  t.match(await call('DELETE', '/v1/instances/w_gone'), { status: 200 });
  t.match(await call('GET', '/v1/instances/w_gone'), { status: 404 });
});

t.test('a configuration lives from creation to deletion by the rules', async (t) => {
  const { call } = harness;
  t.match(await call('POST', CONFIGS, { bizType: 'ORDERS' }), {
    status: 200,
    body: { bizType: 'ORDERS', online: true, scope: 'specified', object: 'user', multiDevice: true },
  });
  t.match(await call('POST', CONFIGS, { bizType: 'ORDERS' }), { status: 409 });
  const refused: readonly (readonly [object, string, number?])[] = [
    [{ bizType: 'a b' }, 'bizType'],
    [{ bizType: 'x'.repeat(31) }, 'bizType', 30],
    [{ bizType: 'N', threshold: 0 }, 'threshold'],
    [{ bizType: 'N', threshold: 5, persisted: false }, 'threshold'],
    [{ bizType: 'N', retentionMs: 31 * 86_400_000 }, 'retentionMs', 30 * 86_400_000],
    [{ bizType: 'N', object: 'device', userConsistency: true }, 'userConsistency'],
    [{ bizType: 'N', scope: 'global', multiDevice: false }, 'multiDevice'],
    [{ bizType: 'N', object: 'nobody' }, 'object'],
    [{ bizType: 'N', slot: 4 }, 'slot'],
  ];
  for (const [body, field, limit] of refused) {
    const answer = await call('POST', CONFIGS, body);
    t.match(answer, { status: 400, body: { error: { code: 'INVALID', field } } }, JSON.stringify(body));
    if (limit !== undefined) t.equal(answer.body.error.limit, limit);
  }
  t.match(await call('PATCH', `${CONFIGS}/ORDERS`, { multiDevice: false }), {
    status: 409,
    body: { error: { code: 'CONFLICT', field: 'multiDevice' } },
  });
  t.match(await call('PATCH', `${CONFIGS}/ORDERS`, { threshold: 10, multiDevice: true }), {
    status: 200,
    body: { threshold: 10 },
  });
  t.match(await call('DELETE', `${CONFIGS}/ORDERS`), { status: 409, body: { error: { field: 'online' } } });
  t.match(await call('POST', `${CONFIGS}/ORDERS/offline`), { status: 200, body: { online: false } });
  t.match(await call('PATCH', `${CONFIGS}/ORDERS`, { multiDevice: false, threshold: null }), {
    status: 200,
    body: { multiDevice: false, threshold: null },
  });
  t.match(await call('DELETE', `${CONFIGS}/ORDERS`), { status: 200, body: { ok: true } });
  t.match(await call('GET', `${CONFIGS}/ORDERS`), { status: 404 });
  t.match(await call('POST', CONFIGS, { bizType: 'ORDERS' }), {
    status: 409,
    body: { error: { code: 'CONFLICT', field: 'bizType' } },
  });
  while (await endDeleted(harness.store));
  await call('POST', CONFIGS, { bizType: 'ORDERS' });
  const slots = harness.service.catalogue().configs.map((config) => config.slot);
  t.same(slots, [1], 'the slot of a deleted configuration is not used again');
  t.match(
    await call('DELETE', '/v1/instances/w_a'),
    { status: 409 },
    'an instance with configurations stays',
  );
});

t.test(
  'a deleted configuration is gone at once, its data step by step, its name is free after',
  async (t) => {
    const { call, store } = harness;
    await call('POST', CONFIGS, { bizType: 'BULK' });
    const total = 1300;
    const acceptedMs = harness.clock.wall;
    await store.append(
      Array.from({ length: total }, (_, n) => ({
        stream: { instance: 'w_a', kind: 'u', owner: `u${n % 400}`, biz: 'BULK' },
        thirdMsgId: `m${n}`,
        acceptedMs,
        expiresMs: acceptedMs + 86_400_000,
        notBeforeMs: 0,
        filter: null,
        traced: false,
        resendOf: 0,
        body: new Uint8Array(1),
        keepNewest: 0,
      })),
    );
    const counters = async () => (await store.conservation()).find(({ biz }) => biz === 'BULK');
    t.match(await counters(), { accepted: total, retained: total });
    await call('POST', `${CONFIGS}/BULK/offline`);
    t.match(await call('DELETE', `${CONFIGS}/BULK`), { status: 200 });
    t.match(await call('GET', `${CONFIGS}/BULK`), { status: 404 });
    t.match(await counters(), { retained: total }, 'the answer waits for none of it');
    t.ok(await endDeleted(store), 'there is more');
    const rest = (await counters())?.retained ?? 0;
    t.ok(rest > 0 && rest < total, `one step is bounded: ${rest} are left`);
    t.match(await call('POST', CONFIGS, { bizType: 'BULK' }), { status: 409 });
    // Another run of the server finds in the store what is left to do, and nothing else tells it.
    while (await endDeleted(store));
    t.match(await counters(), { accepted: total, retained: 0, deleted: total });
    t.match(await call('POST', CONFIGS, { bizType: 'BULK' }), { status: 200 });
    const heads = await store.heads('w_a', [{ kind: 'u', owner: 'u1' }]);
    const before = heads.find(({ biz }) => biz === 'BULK')?.last ?? 0;
    const sent = await call('POST', '/v1/instances/w_a/sync', {
      bizType: 'BULK',
      linkToken: 'u1',
      thirdMsgId: 'new',
      payload: 'p',
    });
    t.ok(Number(sent.body.id) > before && before > 0, 'its ids go on above the old ones');
    await call('POST', `${CONFIGS}/BULK/offline`);
    await call('DELETE', `${CONFIGS}/BULK`);
    while (await endDeleted(store));
  },
);

t.test('one message is enqueued, and refused by the names of the sync API', async (t) => {
  const { call } = harness;
  const path = '/v1/instances/w_a/sync';
  const body = { bizType: 'ORDERS', linkToken: 'u1', thirdMsgId: 'one', payload: 'p' };
  const first = await call('POST', path, body);
  t.match(first, { status: 200, body: { result: 'NOT_ONLINE', id: /^\d{16}$/ } });
  t.same(await call('POST', path, body), {
    status: 200,
    body: { result: 'DUPLICATED_BIZ_ID', id: first.body.id },
  });
  t.match(await call('POST', path, { ...body, thirdMsgId: 'x'.repeat(101) }), {
    status: 400,
    body: { error: { code: 'THIRD_MSG_ID_LONG', field: 'thirdMsgId', limit: 100 } },
  });
  t.match(await call('POST', path, { ...body, colour: 'red' }), {
    status: 400,
    body: { error: { code: 'ARGS_IS_NULL', field: 'colour' } },
  });
  t.match(await call('POST', path, { ...body, bizType: 'NONE' }), {
    status: 409,
    body: { error: { code: 'BIZ_NOT_ONLINE' } },
  });
  t.match(await call('POST', '/v1/instances/w_none/sync', body), { status: 404 });
  const bad = await post(
    harness.adminUrl + path,
    { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    Buffer.from('{"bizType":"\xff"}', 'latin1'),
  );
  t.equal(bad.status, 400);
});

t.test('a batch answers line by line, and a bad line fails alone', async (t) => {
  const line = (n: number, fields: object = {}) =>
    JSON.stringify({ bizType: 'ORDERS', linkToken: 'u2', thirdMsgId: `b${n}`, payload: `${n}`, ...fields });
  const lines = [
    line(1),
    '{"broken',
    '',
    line(4, { payload: 'x'.repeat(100_000) }),
    line(5, { unknown: 1 }),
    line(6, { bizType: 'NONE' }),
    line(1),
    line(8),
  ];
  const answer = await post(
    `${harness.adminUrl}/v1/instances/w_a/sync/batch`,
    { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
    lines.join('\r\n'),
  );
  t.equal(answer.status, 200, answer.text);
  const results = answer.text
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  t.same(
    results.map((result) => [result.line, result.result ?? result.error.code]),
    [
      [1, 'NOT_ONLINE'],
      [2, 'INVALID'],
      [3, 'INVALID'],
      [4, 'TOO_LARGE'],
      [5, 'ARGS_IS_NULL'],
      [6, 'BIZ_NOT_ONLINE'],
      [7, 'DUPLICATED_BIZ_ID'],
      [8, 'NOT_ONLINE'],
    ],
  );
});

t.test('a batch keeps the order of its lines and holds a bounded number of them', async (t) => {
  let waiting = 0;
  let most = 0;
  harness.beforeSend = async (requests) => {
    waiting += requests;
    most = Math.max(most, waiting);
    await new Promise((resolve) => setImmediate(resolve));
    waiting -= requests;
  };
  const count = 30_000;
  const lines: string[] = [];
  for (let n = 0; n < count; n += 1) {
    lines.push(`{"bizType":"ORDERS","linkToken":"u${n % 7}","thirdMsgId":"k${n}","payload":"${n}"}`);
  }
  const answer = await post(
    `${harness.adminUrl}/v1/instances/w_a/sync/batch`,
    { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
    `${lines.join('\n')}\n`,
  );
  harness.beforeSend = async () => {};
  const results = answer.text
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  t.equal(results.length, count);
  t.ok(results.every((result, at) => result.line === at + 1 && result.result === 'NOT_ONLINE'));
  t.ok(most > 1000 && most < 10_000, `${most} at once`);
  const last = new Map<number, number>();
  t.ok(
    results.every((result, at) => {
      const before = last.get(at % 7) ?? 0;
      last.set(at % 7, Number(result.id));
      return Number(result.id) > before;
    }),
    'ids of a stream follow its lines',
  );
});

t.test('a batch answers each line while the next is still to come', async (t) => {
  const outgoing = batchRequest();
  const line = (n: number) => `{"bizType":"ORDERS","linkToken":"u9","thirdMsgId":"s${n}","payload":"x"}\n`;
  outgoing.write(line(1));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const read = async () => JSON.parse(String((await once(response, 'data'))[0]));
  t.match(await read(), { line: 1, result: 'NOT_ONLINE' });
  outgoing.write(line(2).slice(0, 20));
  outgoing.end(line(2).slice(20));
  t.match(await read(), { line: 2, result: 'NOT_ONLINE' });
});

t.test('a caller who goes away in the middle of a batch leaves the server as it was', async (t) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => {
    rejections.push(reason);
  };
  process.on('unhandledRejection', note);
  harness.beforeSend = () => new Promise((resolve) => setTimeout(resolve, 50));
  for (const bytes of [100, 20_000, 2_000_000]) {
    const outgoing = batchRequest();
    outgoing.on('error', () => {});
    outgoing.write(
      '{"bizType":"ORDERS","linkToken":"u9","thirdMsgId":"x","payload":"x"}\n'.repeat(bytes / 50),
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
    outgoing.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  harness.beforeSend = async () => {};
  t.equal((await fetch(`${harness.adminUrl}/healthz`)).status, 200);
  process.off('unhandledRejection', note);
  t.same(rejections, []);
  const { body } = await harness.call('GET', '/v1/audit?action=sync.batch&limit=3');
  t.equal(body.records.length, 3, 'each is on record');
});

function batchRequest(): ClientRequest {
  return request(`${harness.adminUrl}/v1/instances/w_a/sync/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson' },
  });
}
