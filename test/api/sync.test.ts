import { createSign, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import {
  changeConfiguration,
  createConfiguration,
  setOnline,
} from '../../src/admin/service/configurations.js';
import { changeInstance, createInstance } from '../../src/admin/service/instances.js';
import { StoreUnavailable } from '../../src/core/ports.js';
import { ADMIN, type Harness, post, route, startHarness } from '../admin/harness.js';

const JSON_HEADERS = { 'content-type': 'application/json' };
let harness: Harness;
let ids = 0;

t.before(async () => {
  harness = await startHarness();
  const { service } = harness;
  await createInstance(service, ADMIN, { workspaceId: 'w', appId: 'a' });
  await createInstance(service, ADMIN, { workspaceId: 'w', appId: 'b' });
  await createConfiguration(service, ADMIN, 'w_a', { biz: 'USER' });
  await createConfiguration(service, ADMIN, 'w_a', { biz: 'ALL', scope: 'global', object: 'device' });
  await createConfiguration(service, ADMIN, 'w_a', { biz: 'FLEETING', persisted: false });
  await createConfiguration(service, ADMIN, 'w_a', { biz: 'PAUSED' });
  await setOnline(service, ADMIN, 'w_a', 'PAUSED', false);
});
t.teardown(() => harness.close());

/** A good request with the given fields changed; undefined takes a field away. */
function good(fields: object = {}): Record<string, unknown> {
  ids += 1;
  return { bizType: 'USER', linkToken: 'u1', thirdMsgId: `m${ids}`, payload: 'hello', ...fields };
}

async function sync(
  body: object | string | Uint8Array,
  options: { kind?: string; query?: string; headers?: Record<string, string>; prefix?: string } = {},
): Promise<string> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const url = `${harness.apiUrl}/${options.prefix ?? 'webapi/sync'}/${options.kind ?? 'single'}?${options.query ?? 'instanceId=w_a'}`;
  const answer = await post(url, options.headers ?? JSON_HEADERS, bytes);
  t.equal(answer.status, 200, answer.text);
  const { msg, success, ...rest } = JSON.parse(answer.text);
  t.same(rest, {}, 'nothing but msg and success');
  t.equal(success, ['SUCCESS', 'DUPLICATED_BIZ_ID', 'NOT_ONLINE'].includes(msg), `success of ${msg}`);
  return msg;
}

t.test('each result code has its cause', async (t) => {
  t.equal(await sync(good()), 'NOT_ONLINE', 'nobody is online');
  harness.routes.push(route({ user: 'u1' }));
  t.equal(await sync(good()), 'SUCCESS', 'handed to a live session');
  t.equal(await sync(good({ bizType: 'FLEETING' })), 'SUCCESS', 'not persisted, online');
  harness.routes.length = 0;
  t.equal(await sync(good({ bizType: 'FLEETING' })), 'NOT_ONLINE', 'not persisted, dropped');
  const again = good();
  t.equal(await sync(again), 'NOT_ONLINE');
  t.equal(await sync({ ...again, payload: 'other' }), 'DUPLICATED_BIZ_ID');
  t.equal(await sync({ ...again, linkToken: 'u2' }), 'NOT_ONLINE', 'another target, another message');
  t.equal(await sync(good({ bizType: 'NOBODY' })), 'BIZ_NOT_ONLINE', 'unknown bizType');
  t.equal(await sync(good({ bizType: 'PAUSED' })), 'BIZ_NOT_ONLINE', 'offline bizType');
  t.equal(await sync(good(), { query: 'instanceId=w_b' }), 'BIZ_NOT_ONLINE', 'of another instance');
  t.equal(await sync(good(), { query: 'instanceId=w_none' }), 'BIZ_NOT_ONLINE', 'unknown instance');
  t.equal(await sync(good({ bizType: 'ALL' })), 'NOT_SUPPORT_GLOBAL', 'single call, global bizType');
  t.equal(await sync(good(), { kind: 'global' }), 'NOT_SUPPORT_GLOBAL', 'global call, single bizType');
  const all = good({ bizType: 'ALL', linkToken: undefined });
  t.equal(await sync(all, { kind: 'global' }), 'SUCCESS', 'global data, nobody online');
  t.equal(await sync(all, { kind: 'global' }), 'DUPLICATED_BIZ_ID');
});

t.test('both spellings of both paths answer', async (t) => {
  for (const prefix of ['webapi/sync', 'webapi-sync']) {
    t.equal(await sync(good(), { prefix }), 'NOT_ONLINE');
    t.equal(await sync(good({ bizType: 'ALL' }), { prefix, kind: 'global' }), 'SUCCESS');
  }
});

t.test('lengths are counted in code points, at the limit and one above', async (t) => {
  const emoji = '\u{1f600}';
  t.equal(await sync(good({ payload: emoji.repeat(4096) })), 'NOT_ONLINE');
  t.equal(await sync(good({ payload: emoji.repeat(4097) })), 'PAYLOAD_LONG');
  t.equal(await sync(good({ payload: 'x'.repeat(200_000) })), 'PAYLOAD_LONG', 'over the body limit');
  t.equal(await sync(good({ thirdMsgId: `${ids}${emoji.repeat(100 - `${ids}`.length)}` })), 'NOT_ONLINE');
  t.equal(await sync(good({ thirdMsgId: emoji.repeat(101) })), 'THIRD_MSG_ID_LONG');
  t.equal(await sync(good({ linkToken: emoji.repeat(100) })), 'NOT_ONLINE');
  t.equal(await sync(good({ linkToken: emoji.repeat(101) })), 'ARGS_IS_NULL');
  const base64 = Buffer.alloc(3072, 7).toString('base64');
  t.equal(base64.length, 4096);
  t.equal(await sync(good({ payload: undefined, binaryPayload: base64 })), 'NOT_ONLINE');
  t.equal(await sync(good({ payload: undefined, binaryPayload: `${base64}AAAA` })), 'PAYLOAD_LONG');
  t.equal(await sync(good({ bizType: 'x'.repeat(31) })), 'ARGS_IS_NULL');
  t.equal(await sync(good({ appMinVersion: '1.2.3.4.5.66666666.' })), 'ARGS_IS_NULL');
});

t.test('what is absent, of the wrong type or unusable is named by the right code', async (t) => {
  const tomorrow = harness.clock.wall + 86_400_000;
  const cases: readonly (readonly [string, object])[] = [
    ['ARGS_IS_NULL', { bizType: undefined }],
    ['ARGS_IS_NULL', { bizType: null }],
    ['ARGS_IS_NULL', { bizType: 7 }],
    ['ARGS_IS_NULL', { linkToken: '' }],
    ['ARGS_IS_NULL', { linkToken: ['u1'] }],
    ['ARGS_IS_NULL', { linkToken: 'a\u0000b' }],
    ['ARGS_IS_NULL', { linkToken: 'half \ud83d' }],
    ['THIRDMSGID_IS_NULL', { thirdMsgId: undefined }],
    ['THIRDMSGID_IS_NULL', { thirdMsgId: null }],
    ['THIRDMSGID_IS_NULL', { thirdMsgId: '' }],
    ['ARGS_IS_NULL', { thirdMsgId: 12 }],
    ['ARGS_IS_NULL', { payload: undefined }],
    ['ARGS_IS_NULL', { payload: '', binaryPayload: '' }],
    ['ARGS_IS_NULL', { payload: { a: 1 } }],
    ['ARGS_IS_NULL', { payload: 'half \udc00' }],
    ['ARGS_IS_NULL', { binaryPayload: 'AAAA' }],
    ['ARGS_IS_NULL', { payload: undefined, binaryPayload: 'A' }],
    ['ARGS_IS_NULL', { payload: undefined, binaryPayload: 'AA=' }],
    ['ARGS_IS_NULL', { payload: undefined, binaryPayload: 'A*AA' }],
    ['ARGS_IS_NULL', { osType: 'symbian' }],
    ['ARGS_IS_NULL', { osType: 1 }],
    ['ARGS_IS_NULL', { appMinVersion: 'v1' }],
    ['ARGS_IS_NULL', { appMaxVersion: '1.2.3.4.5.6.7' }],
    ['ARGS_IS_NULL', { appMinVersion: '2.0', appMaxVersion: '1.9' }],
    ['ARGS_IS_NULL', { validTimeEnd: 'tomorrow' }],
    ['ARGS_IS_NULL', { validTimeEnd: harness.clock.wall - 1 }],
    ['ARGS_IS_NULL', { validTimeEnd: 1.5 }],
    ['ARGS_IS_NULL', { validTimeStart: tomorrow, validTimeEnd: tomorrow }],
    ['ARGS_IS_NULL', { validTimeStart: tomorrow + 40 * 86_400_000 }],
    ['NOT_ONLINE', { osType: 'IOS', appMinVersion: '0.0.0.0', appMaxVersion: '100.100.100.100' }],
    ['NOT_ONLINE', { osType: '', appMinVersion: '', appMaxVersion: null, validTimeEnd: 0 }],
    ['NOT_ONLINE', { osType: 'HarmonyOS', validTimeEnd: `${tomorrow}` }],
    ['NOT_ONLINE', { validTimeStart: tomorrow, validTimeEnd: tomorrow + 1 }],
    ['NOT_ONLINE', { unknown: true, minUid: 'not looked at by the single call', __proto__: null }],
    ['NOT_ONLINE', { payload: undefined, binaryPayload: 'AP-_' }],
    ['NOT_ONLINE', { payload: undefined, binaryPayload: 'AAAA\r\nAA==' }],
  ];
  for (const [code, fields] of cases) t.equal(await sync(good(fields)), code, JSON.stringify(fields));

  const global: readonly (readonly [string, object])[] = [
    ['ARGS_IS_NULL', { minUid: 100 }],
    ['ARGS_IS_NULL', { minUid: 9, maxUid: 8 }],
    ['ARGS_IS_NULL', { uids: '1,,2' }],
    ['ARGS_IS_NULL', { uids: {} }],
    ['SUCCESS', { minUid: '01', maxUid: 99, uids: '01,02,99' }],
    ['SUCCESS', { uids: [1, '2'] }],
  ];
  for (const [code, fields] of global) {
    const body = good({ bizType: 'ALL', ...fields });
    t.equal(await sync(body, { kind: 'global' }), code, JSON.stringify(fields));
  }
});

t.test('bytes and headers that are no JSON request are refused, never a 500', async (t) => {
  const notUtf8 = Buffer.from(JSON.stringify(good({ payload: 'caf\u00e9' })), 'latin1');
  const bodies: readonly (string | Uint8Array)[] = [
    ...['', ' ', '{', '[]', '"text"', 'null', '7', '{"bizType":"USER",}', '['.repeat(60_000)],
    notUtf8,
    Buffer.from([0xff, 0xfe, 0x00]),
  ];
  for (const body of bodies) t.equal(await sync(body), 'ARGS_IS_NULL', String(body).slice(0, 20));
  const text = () => JSON.stringify(good());
  const types: readonly (readonly [string, Record<string, string>])[] = [
    ['ARGS_IS_NULL', {}],
    ['ARGS_IS_NULL', { 'content-type': 'text/plain' }],
    ['ARGS_IS_NULL', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['ARGS_IS_NULL', { 'content-type': ';;;' }],
    ['ARGS_IS_NULL', { 'content-type': 'application/json; charset=gbk' }],
    ['ARGS_IS_NULL', { ...JSON_HEADERS, 'content-encoding': 'gzip' }],
    ['NOT_ONLINE', { 'content-type': 'Application/JSON; charset="UTF-8"' }],
    ['NOT_ONLINE', { ...JSON_HEADERS, 'content-encoding': 'UTF-8' }],
  ];
  for (const [code, headers] of types) {
    t.equal(await sync(text(), { headers }), code, JSON.stringify(headers));
  }
  t.equal(await sync(`\ufeff${text()}`), 'NOT_ONLINE', 'a byte order mark');
  for (const query of ['', 'instanceId=', 'instanceId=w_a&instanceId=w_a', `instanceId=${'x'.repeat(200)}`]) {
    t.equal(await sync(text(), { query }), 'ARGS_IS_NULL', query.slice(0, 40));
  }
  t.equal(await sync(`{"__proto__":${text()}}`), 'ARGS_IS_NULL', 'nothing is inherited');
  t.equal(await sync(`{"__proto__":{"x":1},${text().slice(1)}`), 'NOT_ONLINE');
  t.equal(({} as { x?: unknown }).x, undefined);
});

t.test('a store that fails or is silent is a SYSTEM_ERROR within a second', async (t) => {
  harness.beforeSend = async () => {
    throw new StoreUnavailable('down');
  };
  t.equal(await sync(good()), 'SYSTEM_ERROR');
  harness.beforeSend = () => new Promise(() => {});
  const began = performance.now();
  t.equal(await sync(good()), 'SYSTEM_ERROR');
  t.ok(performance.now() - began < 1000);
  harness.beforeSend = async () => {};
  t.equal(await sync(good()), 'NOT_ONLINE');
});

t.test('the signature is demanded where it is switched on, and only there', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { service } = harness;
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const weakPem = weak.export({ type: 'spki', format: 'pem' }).toString();
  await t.rejects(changeInstance(service, ADMIN, 'w_a', { signaturePublicKey: weakPem }), {
    code: 'INVALID',
  });
  await t.rejects(changeInstance(service, ADMIN, 'w_a', { signature: true }), { code: 'CONFLICT' });

  const signed = (body: string) =>
    createSign('sha256').update(body).sign(privateKey, 'base64').replaceAll('+', '-').replaceAll('/', '_');
  const query = (sign: string) => `instanceId=w_a&sign=${encodeURIComponent(sign)}`;
  await changeInstance(service, ADMIN, 'w_a', { signaturePublicKey: pem });
  t.equal(await sync(good()), 'NOT_ONLINE', 'a key alone demands nothing');
  await changeInstance(service, ADMIN, 'w_a', { signature: true });
  t.equal(await sync(good()), 'SIGNATURE_MISMATCH', 'unsigned');
  const body = JSON.stringify(good());
  t.equal(await sync(body, { query: query(signed(body)) }), 'NOT_ONLINE', 'signed');
  const standard = createSign('sha256').update(body).sign(privateKey, 'base64');
  t.equal(
    await sync(body, { query: `instanceId=w_a&sign=${standard}` }),
    'DUPLICATED_BIZ_ID',
    'standard base64',
  );
  t.equal(await sync(`${body} `, { query: query(signed(body)) }), 'SIGNATURE_MISMATCH', 'another body');
  t.equal(await sync(body, { query: query('AAAA') }), 'SIGNATURE_MISMATCH', 'nonsense');
  t.equal(
    await sync('{}', { query: 'instanceId=w_a' }),
    'SIGNATURE_MISMATCH',
    'before the fields are looked at',
  );
  await changeConfiguration(service, ADMIN, 'w_a', 'USER', { signature: 'off' });
  t.equal(await sync(good()), 'NOT_ONLINE', 'switched off for the bizType');
  await changeInstance(service, ADMIN, 'w_a', { signature: false });
  await changeConfiguration(service, ADMIN, 'w_a', 'USER', { signature: 'on' });
  t.equal(await sync(good()), 'SIGNATURE_MISMATCH', 'switched on for the bizType alone');
  await changeConfiguration(service, ADMIN, 'w_a', 'USER', { signature: 'inherit' });
});

t.test('other paths and methods are not found', async (t) => {
  for (const [method, path] of [
    ['GET', '/webapi/sync/single'],
    ['POST', '/webapi/sync/double'],
  ] as const) {
    const response = await fetch(harness.apiUrl + path, { method });
    t.equal(response.status, 404);
    t.same(Object.keys((await response.json()) as object), ['error']);
  }
});
