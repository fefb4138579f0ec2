import t, { type Test } from 'tap';
import { SDK_CORES, type SdkCore } from './sdk-cores.js';
import { SINGLE, startGateway, type TestGateway } from './support.js';

const { Action: _, ...DATA } = SINGLE;
const HARD = 'a b*~!\'()+&=%/:张三\n"<>';

t.test('every vendor core', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  for (const core of SDK_CORES) {
    await t.test(core.name, async (t) => {
      await happy(t, core, gateway);
      await refused(t, core, gateway);
    });
  }
  t.same(gateway.failures, []);
});

async function happy(t: Test, core: SdkCore, gateway: TestGateway): Promise<void> {
  for (const version of ['2019-08-21', '2020-07-10', '2020-10-28']) {
    gateway.synced.length = 0;
    const single = await core.call({
      ...gateway,
      version,
      action: 'CreateOpenSingleData',
      parameters: { ...DATA, Payload: HARD, OsType: 'iOS', ValidTimeEnd: 1584452093913, TenantId: '' },
    });
    t.match(single, {
      ok: true,
      body: { RequestId: /^[0-9A-F-]{36}$/, ResultCode: 'SUCCESS', ResultMessage: 'SUCCESS', Result: true },
    });
    t.match(gateway.synced, [
      {
        instance: 'default_APP1',
        global: false,
        fields: { linkToken: 'u1', payload: HARD, osType: 'iOS', validTimeEnd: '1584452093913' },
      },
    ]);
  }
  const { LinkToken: _token, ...global } = DATA;
  const answer = await core.call({
    ...gateway,
    version: '2020-10-28',
    action: 'CreateOpenGlobalData',
    parameters: { ...global, MaxUid: 99, MinUid: 1, Uids: '01,02,99' },
  });
  t.match(answer, { ok: true, body: { ResultCode: 'SUCCESS' } });
  t.match(gateway.synced[1], { global: true, fields: { maxUid: '99', minUid: '1', uids: '01,02,99' } });
}

async function refused(t: Test, core: SdkCore, gateway: TestGateway): Promise<void> {
  const call = { ...gateway, version: '2020-10-28', action: 'CreateOpenSingleData', parameters: DATA };
  const cases: [string, Partial<typeof call>, string][] = [
    ['wrong secret', { secret: 'wrong' }, 'SignatureDoesNotMatch'],
    ['unknown key', { keyId: 'LLAKnobody' }, 'InvalidAccessKeyId.NotFound'],
    ['unknown action', { action: 'PushNobody' }, 'UnsupportedOperation'],
    ['unknown version', { version: '1999-01-01' }, 'NoSuchVersion'],
    ['action of another version', { version: '2015-08-27' }, 'UnsupportedOperation'],
  ];
  for (const [name, change, code] of cases) {
    const result = await core.call({ ...call, ...change });
    t.match(result, { ok: false, code: core.errorCode(code) }, name);
  }
  const missing = await core.call({ ...call, parameters: { ...DATA, ThirdMsgId: '' } });
  t.match(missing, { ok: true, body: { ResultCode: 'THIRD_MSG_ID_IS_NULL', Result: false } });
  const other = await core.call({ ...call, parameters: { ...DATA, AppId: 'OTHER' } });
  t.match(other, { ok: true, body: { ResultCode: 'INVALID_TENANT_ID', Result: false } });
}
