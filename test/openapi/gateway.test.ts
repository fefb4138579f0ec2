import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import t from 'tap';
import { NONCES, NoncesUnavailable, openNonces } from '../../src/api/openapi/nonces.js';
import { canonicalRequestAcs3, sha256Hex, signAcs3 } from '../../src/api/openapi/signature.js';
import { StoreUnavailable } from '../../src/core/ports.js';
import { createMemoryStore } from '../../src/store/memory.js';
import {
  ACTOR,
  encodeForm,
  FORM_TYPE,
  get,
  post,
  type RawAnswer,
  SINGLE,
  send,
  signed,
  startGateway,
  type TestGateway,
  timestamp,
} from './support.js';

const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[0-9A-F]{4}-[0-9A-F]{12}$/;

function refusedWith(answer: RawAnswer, status: number, code: string): object {
  return {
    status: answer.status === status ? status : `${status}, not ${answer.status}: ${answer.text}`,
    json: { Code: code },
  };
}

t.test('both methods, both places, any case of a name', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  t.match(await get(gateway, SINGLE), { status: 200, json: { ResultCode: 'SUCCESS', RequestId: UUID } });
  t.match(await post(gateway, SINGLE), { status: 200, json: { ResultCode: 'SUCCESS' } });
  const lower = Object.fromEntries(
    Object.entries(SINGLE).map(([name, value]) => [name.toLowerCase(), value]),
  );
  t.match(await get(gateway, lower), { status: 200, json: { ResultCode: 'SUCCESS' } });

  const { AppId, WorkspaceId, ...rest } = signed(gateway, 'POST', SINGLE);
  const path = `/?${encodeForm(rest)}`;
  const form = encodeForm({ AppId: AppId ?? '', WorkspaceId: WorkspaceId ?? '' });
  t.match(await send(gateway.port, 'POST', path, FORM_TYPE, form), { json: { ResultCode: 'SUCCESS' } });
  t.equal(gateway.synced.length, 4);
});

t.test('an answer is XML unless JSON is asked for or the caller signs by header', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const xml = await get(gateway, { ...SINGLE, Format: undefined });
  t.equal(xml.headers['content-type'], 'text/xml;charset=utf-8');
  t.match(
    xml.text,
    /^<\?xml version="1.0" encoding="UTF-8"\?><CreateOpenSingleDataResponse><RequestId>[0-9A-F-]{36}<\/RequestId><ResultCode>SUCCESS<.*<\/CreateOpenSingleDataResponse>$/,
  );
  const json = await get(gateway, { ...SINGLE, Format: 'json' });
  t.equal(json.headers['content-type'], 'application/json;charset=utf-8');
  const error = await get(gateway, { ...SINGLE, Format: 'xml', Version: '1' });
  t.match(error, { status: 400, headers: { 'content-type': 'text/xml;charset=utf-8' } });
  t.match(
    error.text,
    /^<\?xml version="1.0" encoding="UTF-8"\?><Error><RequestId>[0-9A-F-]{36}<\/RequestId><HostId>127.0.0.1:\d+<\/HostId><Code>NoSuchVersion<\/Code><Message>The specified version does not exist.<\/Message><\/Error>$/,
  );
  t.match(refusedWith(await get(gateway, { ...SINGLE, Format: 'yaml' }), 400, 'InvalidParameter'), {
    status: 400,
  });
  const nothing = await send(gateway.port, 'GET', '/');
  t.match(nothing, { status: 400, text: /<Code>MissingParameter<\/Code>/ });
});

t.test('each common parameter of signature V1 is needed and checked', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  for (const name of [
    'Action',
    'Version',
    'AccessKeyId',
    'SignatureMethod',
    'Timestamp',
    'SignatureVersion',
    'SignatureNonce',
  ]) {
    const answer = await get(gateway, { ...SINGLE, [name]: undefined });
    t.match(answer, {
      status: 400,
      json: {
        RequestId: UUID,
        HostId: `127.0.0.1:${gateway.port}`,
        Code: 'MissingParameter',
        Message: `The input parameter "${name}" that is mandatory for processing this request is not supplied`,
      },
    });
  }
  const { Signature: _, ...unsigned } = signed(gateway, 'GET', SINGLE);
  t.match(await send(gateway.port, 'GET', `/?${encodeForm(unsigned)}`), {
    json: { Code: 'MissingParameter' },
  });

  const cases: [Record<string, string>, number, string][] = [
    [{ SignatureMethod: 'HMAC-SHA256' }, 400, 'InvalidSignatureMethod'],
    [{ SignatureMethod: 'none' }, 400, 'InvalidSignatureMethod'],
    [{ SignatureVersion: '2.0' }, 400, 'InvalidParameter'],
    [{ SignatureType: 'BEARERTOKEN' }, 400, 'InvalidParameter'],
    [{ SignatureNonce: 'n'.repeat(300) }, 400, 'InvalidParameter'],
    [{ Timestamp: '2026-01-02 03:04:05' }, 400, 'InvalidTimeStamp.Format'],
    [{ Timestamp: '2026-02-31T03:04:05Z' }, 400, 'InvalidTimeStamp.Format'],
    [{ Timestamp: '1767322245' }, 400, 'InvalidTimeStamp.Format'],
    [{ Timestamp: timestamp(Date.now() - 901_000) }, 400, 'InvalidTimeStamp.Expired'],
    [{ Timestamp: timestamp(Date.now() + 903_000) }, 400, 'InvalidTimeStamp.Expired'],
    [{ AccessKeyId: 'LLAKunknown' }, 400, 'InvalidAccessKeyId.NotFound'],
    [{ AccessKeyId: 'x'.repeat(5000) }, 400, 'InvalidAccessKeyId.NotFound'],
    [{ AccessKeyId: '__proto__' }, 400, 'InvalidAccessKeyId.NotFound'],
    [{ Action: 'constructor' }, 400, 'UnsupportedOperation'],
    [{ Version: '2020-10-29' }, 400, 'NoSuchVersion'],
  ];
  for (const [change, status, code] of cases) {
    t.match(
      await get(gateway, { ...SINGLE, ...change }),
      { status, json: { Code: code } },
      JSON.stringify(change),
    );
  }
  for (const ms of [-880_000, 880_000]) {
    t.match(await get(gateway, { ...SINGLE, Timestamp: timestamp(Date.now() + ms) }), { status: 200 });
  }
  t.match(await get(gateway, { ...SINGLE, SignatureType: '' }), { status: 200 });
});

t.test('whatever is changed after signing is noticed', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const wrong = { status: 403, json: { Code: 'SignatureDoesNotMatch' } };
  const good = signed(gateway, 'GET', SINGLE);
  t.match(await send(gateway.port, 'GET', `/?${encodeForm({ ...good, LinkToken: 'u2' })}`), wrong, 'value');
  t.match(
    await send(gateway.port, 'GET', `/?${encodeForm({ ...good, OsType: '' })}`),
    wrong,
    'empty one added',
  );
  t.match(await send(gateway.port, 'POST', `/?${encodeForm(good)}`), wrong, 'method');
  t.match(
    await send(gateway.port, 'GET', '/?', FORM_TYPE, `${encodeForm(good)}&x=1`),
    wrong,
    'form of a GET',
  );
  const { LinkToken: _, ...fewer } = good;
  t.match(await send(gateway.port, 'GET', `/?${encodeForm(fewer)}`), wrong, 'one left out');
  t.equal(gateway.synced.length, 0);
  t.match(
    await send(gateway.port, 'GET', `/?${encodeForm(good)}`),
    { status: 200 },
    'and none of it burnt the nonce',
  );
});

t.test('a request that can be read in two ways is refused', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const good = (): string => encodeForm(signed(gateway, 'POST', SINGLE));
  const invalid = { status: 400, json: { Code: 'InvalidParameter' } };
  const { port } = gateway;
  t.match(await send(port, 'POST', '/', FORM_TYPE, `${good()}&LinkToken=u1`), invalid, 'twice in the form');
  t.match(await send(port, 'POST', '/?LinkToken=u1', { ...FORM_TYPE }, good()), invalid, 'query and form');
  t.match(await send(port, 'POST', '/', { ...FORM_TYPE }, `${good()}&linktoken=u2`), invalid, 'another case');
  t.match(
    await send(port, 'POST', `/?${good()}`, { 'content-type': 'application/json' }, '{"LinkToken":"u2"}'),
    invalid,
    'unsigned body',
  );
  t.match(
    await send(port, 'POST', `/?${good()}`, { 'content-type': 'multipart/form-data; boundary=x' }, '--x'),
    invalid,
    'multipart',
  );
  t.match(
    await send(
      port,
      'POST',
      '/',
      { 'content-type': 'application/x-www-form-urlencoded; charset=gbk' },
      good(),
    ),
    invalid,
    'another charset',
  );
  t.match(await send(port, 'GET', `/?${good()}&a=%ff`), invalid, 'not UTF-8');
  const many = `Format=JSON&${Array.from({ length: 5000 }, (_, index) => `p${index}=1`).join('&')}`;
  t.match(await send(port, 'POST', '/', { ...FORM_TYPE }, many), invalid, 'too many parameters');
  t.equal(gateway.synced.length, 0);
  t.same(gateway.failures, []);
});

t.test('only the path / and the methods GET and POST exist', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  for (const path of ['/x?Format=JSON', '/?/x&Format=JSON', '//?format=json', '/..?Format=JSON']) {
    const answer = await send(gateway.port, 'GET', path);
    t.ok(answer.status === 404 || answer.status === 400, `${path} ${answer.status}`);
    t.match(answer.json, {
      RequestId: UUID,
      Code: path.startsWith('/?') ? 'MissingParameter' : 'InvalidPath.NotFound',
    });
  }
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    t.match(await send(gateway.port, method, '/?Format=JSON'), {
      status: 405,
      json: { Code: 'UnsupportedHTTPMethod' },
    });
  }
});

t.test('a nonce is good once for its key, and not burnt by a refused call', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const call = { ...SINGLE, SignatureNonce: 'once' };
  const used = {
    status: 400,
    json: { Code: 'SignatureNonceUsed', Message: 'Specified signature nonce was used already.' },
  };
  const stranger = { ...gateway, secret: 'guess' };
  t.match(await get(stranger, call), { status: 403 }, 'a forged call');
  t.match(await get(gateway, { ...call, Action: 'Nobody' }), { status: 400 }, 'an unknown action');
  t.match(await get(gateway, call), { status: 200 });
  t.match(await get(gateway, call), used);
  t.match(
    await post(gateway, { ...call, ThirdMsgId: 't2', Timestamp: timestamp(Date.now() - 60_000) }),
    used,
  );
  const other = await gateway.keys.create(ACTOR, 'tenant2', { instances: ['*'], appKeys: [] }, '');
  t.match(await get({ ...gateway, keyId: other.key.id, secret: other.secret }, call), { status: 200 });
});

t.test('one of many racing calls with one nonce passes', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const path = `/?${encodeForm(signed(gateway, 'GET', SINGLE))}`;
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(gateway.port, 'GET', path)));
  t.equal(answers.filter((answer) => answer.status === 200).length, 1);
  t.equal(gateway.synced.length, 1);
});

t.test('without a nonce memory calls are refused', async (t) => {
  const down = { use: () => Promise.reject(new NoncesUnavailable('down')) };
  const gateway = await startGateway({ nonces: down });
  t.teardown(() => gateway.close());
  t.match(await get(gateway, SINGLE), { status: 503, json: { Code: 'ServiceUnavailable' } });
  t.equal(gateway.synced.length, 0);
});

t.test('the nonce memory refuses when full, and forgets what has expired', async (t) => {
  let now = 1_000_000;
  const store = createMemoryStore();
  const nonces = await openNonces(store, 2, () => now);
  t.equal(await nonces.use('k', 'a', now + 900_000), true);
  t.equal(await nonces.use('k', 'b', now + 1_800_000), true);
  await t.rejects(nonces.use('k', 'c', now + 900_000), { name: 'NoncesUnavailable' });
  t.equal(await nonces.use('k', 'a', now + 900_000), false);
  now += 900_000;
  t.equal(await nonces.use('k', 'a', now + 900_000), false, 'to the end of its minute');
  now += 60_000;
  t.equal(await nonces.use('k', 'a', now + 900_000), true);
  t.equal(await nonces.use('k', 'b', now + 900_000), false);

  await nonces.flush();
  await nonces.flush();
  const restarted = await openNonces(store, 2, () => now);
  t.equal(await restarted.use('k', 'a', now + 900_000), false, 'after a restart too');
  t.equal(await restarted.use('k', 'b', now + 900_000), false);
  await t.rejects(restarted.use('k', 'c', now + 900_000), { name: 'NoncesUnavailable' });
  now += 2_000_000;
  await restarted.flush();
  t.same(await store.docs(NONCES, '', 10), [], 'what has expired is removed from the store');
  const failing = { ...store, saveDocs: () => Promise.reject(new StoreUnavailable('full')) };
  const unlucky = await openNonces(failing, 2, () => now);
  t.equal(await unlucky.use('k', 'd', now + 900_000), true);
  await t.rejects(unlucky.flush(), { name: 'StoreUnavailable' });
  failing.saveDocs = store.saveDocs as typeof failing.saveDocs;
  await unlucky.flush();
  t.equal((await store.docs(NONCES, '', 10)).length, 1, 'it goes with the next write');
});

t.test('a key over its rate is throttled, and told when to come back', async (t) => {
  const gateway = await startGateway({ perSecond: 0.1, burst: 3 });
  t.teardown(() => gateway.close());
  for (let count = 0; count < 3; count++) t.match(await get(gateway, SINGLE), { status: 200 });
  t.match(
    await get({ ...gateway, secret: 'guess' }, SINGLE),
    { status: 403 },
    'a forged call takes no share',
  );
  const answer = await get(gateway, SINGLE);
  t.match(answer, { status: 400, json: { Code: 'Throttling' } });
  const afterMs = Number(answer.headers['x-acs-retry-after']);
  t.ok(afterMs > 5_000 && afterMs <= 10_000, `${afterMs} ms`);
});

t.test('a disabled key is refused at once, a key of another app gets the answer of no app', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const nowhere = await get(gateway, { ...SINGLE, AppId: 'NOWHERE' });
  const other = await get(gateway, { ...SINGLE, AppId: 'OTHER' });
  t.match(other, { status: 200, json: { ResultCode: 'INVALID_TENANT_ID' } });
  t.same({ ...other.json, RequestId: '' }, { ...nowhere.json, RequestId: '' });
  await gateway.keys.change(ACTOR, gateway.keyId, { active: false });
  t.match(await get(gateway, SINGLE), { status: 400, json: { Code: 'InvalidAccessKeyId.Inactive' } });
  await gateway.keys.change(ACTOR, gateway.keyId, { active: true });
  t.match(await get(gateway, SINGLE), { status: 200 });
  const [listed] = await gateway.keys.list();
  t.ok(Date.now() - (listed?.lastUsedMs ?? 0) < 5_000, 'last used is shown');
});

t.test('ACS3: what must be signed is signed, by that algorithm, over these bytes', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  t.match(await acs3(gateway, {}), { status: 200, json: { ResultCode: 'SUCCESS' } });
  const incomplete = { status: 400, json: { Code: 'IncompleteSignature' } };
  for (const name of [
    'host',
    'x-acs-action',
    'x-acs-version',
    'x-acs-date',
    'x-acs-signature-nonce',
    'x-acs-content-sha256',
    'content-type',
  ]) {
    t.match(await acs3(gateway, { unsigned: [name] }), incomplete, `${name} not signed`);
  }
  t.match(await acs3(gateway, { sentBody: 'AppId=EVIL' }), {
    status: 403,
    json: { Code: 'SignatureDoesNotMatch' },
  });
  const hash = createHash('sha256').update('AppId=EVIL').digest('hex');
  t.match(await acs3(gateway, { sentBody: 'AppId=EVIL', sentHeaders: { 'x-acs-content-sha256': hash } }), {
    status: 403,
  });
  t.match(await acs3(gateway, { sentHeaders: { 'x-acs-action': 'CreateOpenGlobalData' } }), { status: 403 });
  t.match(await acs3(gateway, { sentHeaders: { host: 'elsewhere' } }), { status: 403 });
  for (const algorithm of ['ACS3-HMAC-SM3', 'ACS3-RSA-SHA256', 'ACS4-HMAC-SHA256', 'Bearer', 'none']) {
    t.match(
      await acs3(gateway, { algorithm }),
      { status: 400, json: { Code: 'InvalidSignatureMethod' } },
      algorithm,
    );
  }
  const old = { 'x-acs-date': timestamp(Date.now() - 960_000) };
  t.match(await acs3(gateway, { headers: old }), { json: { Code: 'InvalidTimeStamp.Expired' } });
  t.match(await acs3(gateway, { headers: { 'x-acs-signature-nonce': 'n1' } }), { status: 200 });
  t.match(await acs3(gateway, { headers: { 'x-acs-signature-nonce': 'n1' } }), {
    json: { Code: 'SignatureNonceUsed' },
  });
  t.match(await send(gateway.port, 'POST', '/', { authorization: 'ACS3-HMAC-SHA256 Credential=,,=' }), {
    status: 400,
    headers: { 'content-type': 'application/json;charset=utf-8' },
  });
  const twice = { 'x-acs-action': ['CreateOpenSingleData', 'CreateOpenGlobalData'] };
  t.match(
    await acs3(gateway, { sentHeaders: twice }),
    { json: { Code: 'InvalidParameter' } },
    'a header twice',
  );
});

t.test('large but honest requests pass, larger ones are refused without harm', async (t) => {
  const gateway = await startGateway({ limits: { maxBodyBytes: 100_000, maxHeldBytes: 150_000 } });
  t.teardown(() => gateway.close());
  const devices = Array.from({ length: 1000 }, (_, index) =>
    createHash('sha256').update(`${index}`).digest('hex'),
  );
  const byGet = await get(gateway, { ...SINGLE, Devices: devices.join(',') });
  t.match(byGet, { status: 200 }, 'a thousand Ad-tokens in the request line');
  const cjk = '张'.repeat(4096);
  t.match(await get(gateway, { ...SINGLE, Payload: cjk }), { status: 200 });
  t.equal(gateway.synced[1]?.fields.payload, cjk);
  const tooLarge = await send(gateway.port, 'POST', '/?Format=JSON', FORM_TYPE, `a=${'x'.repeat(100_000)}`);
  const huge = await send(gateway.port, 'POST', '/?Format=JSON', FORM_TYPE, Buffer.alloc(20_000_000, 'a'));
  t.match(huge, { status: 413, json: { Code: 'RequestEntityTooLarge' } });
  t.match(tooLarge, { status: 413, json: { Code: 'RequestEntityTooLarge', RequestId: UUID } });
  t.match(await send(gateway.port, 'GET', `/?a=${'x'.repeat(140_000)}`), { status: 431 });
  t.match(await post(gateway, SINGLE), { status: 200 });
});

t.test('a server that closes answers what has arrived, and waits for no keep-alive', async (t) => {
  let answerNow = (): void => {};
  const asked = new Promise<void>((resolve) => {
    answerNow = resolve;
  });
  let arrived = (): void => {};
  const running = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const sync = async (): Promise<{ result: 'SUCCESS'; detail: string }> => {
    arrived();
    await asked;
    return { result: 'SUCCESS', detail: '' };
  };
  const gateway = await startGateway({ services: { sync } });
  const path = `/?${encodeForm(signed(gateway, 'GET', SINGLE))}`;
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const answered = send(gateway.port, 'GET', path, {}, '', agent);
  await running;
  const closed = gateway.close();
  answerNow();
  t.match(await answered, { status: 200, headers: { connection: 'close' } });
  await closed;
});

t.test('the store being away and errors of our own have their codes, and no stack trace', async (t) => {
  let failure: Error = new StoreUnavailable('commit took too long');
  const gateway = await startGateway({ services: { sync: () => Promise.reject(failure) } });
  t.teardown(() => gateway.close());
  t.match(await get(gateway, SINGLE), { status: 200, json: { ResultCode: 'SYSTEM_ERROR', Result: false } });
  failure = new Error('secret detail');
  const answer = await get(gateway, SINGLE);
  t.match(answer, { status: 500, json: { Code: 'InternalError', RequestId: UUID } });
  t.notMatch(answer.text, /secret detail|\.js/);
  t.same(gateway.failures, [failure]);
  t.match(gateway.calls, [
    { action: 'CreateOpenSingleData', keyId: gateway.keyId, status: 200, code: 'SYSTEM_ERROR' },
    { status: 500, code: 'InternalError', requestId: answer.json.RequestId },
  ]);
});

t.test('results of data synchronization have the codes of its OpenAPI', async (t) => {
  let result:
    | 'NOT_ONLINE'
    | 'DUPLICATED_BIZ_ID'
    | 'THIRDMSGID_IS_NULL'
    | 'BIZ_NOT_ONLINE'
    | 'NOT_SUPPORT_GLOBAL' = 'NOT_ONLINE';
  const gateway = await startGateway({ services: { sync: async () => ({ result, detail: 'why' }) } });
  t.teardown(() => gateway.close());
  for (result of ['NOT_ONLINE', 'DUPLICATED_BIZ_ID'] as const) {
    t.match(
      await get(gateway, SINGLE),
      { status: 200, json: { ResultCode: 'SUCCESS', Result: true } },
      result,
    );
  }
  for (result of ['BIZ_NOT_ONLINE', 'NOT_SUPPORT_GLOBAL'] as const) {
    t.match(await get(gateway, SINGLE), { status: 200, json: { ResultCode: result, Result: false } }, result);
  }
  result = 'THIRDMSGID_IS_NULL';
  t.match(await get(gateway, SINGLE), {
    json: { ResultCode: 'THIRD_MSG_ID_IS_NULL', ResultMessage: 'THIRD_MSG_ID_IS_NULL: why' },
  });
  for (const name of ['AppId', 'WorkspaceId', 'BizType', 'LinkToken', 'Payload']) {
    t.match(await get(gateway, { ...SINGLE, [name]: '' }), { json: { ResultCode: 'ARGS_IS_NULL' } }, name);
  }
  t.match(await get(gateway, { ...SINGLE, ThirdMsgId: undefined }), {
    json: { ResultCode: 'THIRD_MSG_ID_IS_NULL' },
  });
  t.match(await post(gateway, { ...SINGLE, ThirdMsgId: 'x'.repeat(501) }), {
    json: { ResultCode: 'THIRD_MSG_ID_LONG' },
  });
  t.match(await post(gateway, { ...SINGLE, Payload: 'x'.repeat(1_048_577) }), {
    json: { ResultCode: 'PAYLOAD_LONG' },
  });
});

interface Acs3Change {
  readonly headers?: Record<string, string>;
  readonly unsigned?: readonly string[];
  readonly algorithm?: string;
  readonly sentBody?: string;
  readonly sentHeaders?: Record<string, string | string[]>;
}

let acs3Nonces = 0;

/** A call signed with ACS3; `unsigned`, `sentBody` and `sentHeaders` are what an attacker would change. */
function acs3(gateway: TestGateway, change: Acs3Change): Promise<RawAnswer> {
  const { Action, ...business } = SINGLE;
  const body = encodeForm(business);
  acs3Nonces += 1;
  const headers: Record<string, string> = {
    host: `127.0.0.1:${gateway.port}`,
    'content-type': 'application/x-www-form-urlencoded',
    'x-acs-action': Action,
    'x-acs-version': '2020-10-28',
    'x-acs-date': timestamp(Date.now()),
    'x-acs-signature-nonce': `acs3-${acs3Nonces}`,
    'x-acs-content-sha256': sha256Hex(body),
    ...change.headers,
  };
  const signedHeaders = Object.keys(headers)
    .filter((name) => change.unsigned?.includes(name) !== true)
    .sort();
  const canonical = canonicalRequestAcs3({
    method: 'POST',
    query: [],
    headers: new Map(Object.entries(headers)),
    signedHeaders,
    payloadHash: sha256Hex(body),
  });
  const signature = signAcs3(canonical, gateway.secret);
  const authorization = `${change.algorithm ?? 'ACS3-HMAC-SHA256'} Credential=${gateway.keyId},SignedHeaders=${signedHeaders.join(';')},Signature=${signature}`;
  return send(
    gateway.port,
    'POST',
    '/',
    { ...headers, authorization, ...change.sentHeaders },
    change.sentBody ?? body,
  );
}
