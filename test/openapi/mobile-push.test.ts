import { createHash } from 'node:crypto';
import t from 'tap';
import { createDeviceDirectory } from '../../src/api/openapi/device-directory.js';
import type { DeviceRecord } from '../../src/core/model.js';
import type { Route } from '../../src/core/ports.js';
import { SDK_CORES } from './sdk-cores.js';
import { get, startGateway } from './support.js';

const APP_KEY = { AppKey: '23267207' };

t.test('every vendor core binds, lists and unbinds tags, and asks who is online', async (t) => {
  for (const core of SDK_CORES) {
    const devices = {
      find: async () => null,
      ofUser: async () => [],
      isOnline: async (_: string, id: string) => id === 'd2',
      register: () => Promise.reject(new Error('not asked for')),
    };
    const gateway = await startGateway({ services: { devices } });
    const call = (action: string, parameters: Record<string, unknown>) =>
      core.call({
        ...gateway,
        version: '2015-08-27',
        action,
        parameters: { ...APP_KEY, ...parameters },
        inQuery: true,
      });
    const bound = await call('BindTag', { KeyType: 1, ClientKey: 'd1,d2', TagName: 'test_tag1,test_tag2' });
    t.match(bound, { ok: true, body: { RequestId: /^[0-9A-F-]{36}$/ } }, core.name);
    t.match(await call('QueryTags', { KeyType: 1, ClientKey: 'd2' }), {
      body: { TagInfos: { TagInfo: [{ TagName: 'test_tag1' }, { TagName: 'test_tag2' }] } },
    });
    t.match(await call('QueryTags', { KeyType: 2, ClientKey: 'd2' }), {
      body: { TagInfos: { TagInfo: [] } },
    });
    await call('UnbindTag', { KeyType: 1, ClientKey: 'd1,d2', TagName: 'test_tag2' });
    t.match(await call('ListTags', {}), { body: { TagInfos: { TagInfo: [{ TagName: 'test_tag1' }] } } });
    t.match(await call('GetDeviceInfos', { Devices: 'd1,d2' }), {
      body: {
        DeviceInfos: {
          DeviceInfo: [
            { DeviceId: 'd1', IsOnline: false },
            { DeviceId: 'd2', IsOnline: true },
          ],
        },
      },
    });
    t.match(await call('BindTag', { KeyType: 1, ClientKey: 'd1' }), {
      ok: false,
      code: core.errorCode('MissingParameter'),
      message: /"TagName"|TagName/,
    });
    t.match(await call('BindTag', { KeyType: 3, ClientKey: 'd1', TagName: 'a' }), {
      ok: false,
      code: core.errorCode('InvalidParameter'),
    });
    t.match(await call('ListTags', { AppKey: '1' }), { ok: false, code: core.errorCode('Forbidden') });
    await gateway.close();
  }
});

t.test('the answers in XML are those of the document', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const call = async (parameters: Record<string, string>) => {
    const answer = await get(gateway, {
      ...APP_KEY,
      Version: '2015-08-27',
      Format: undefined,
      ...parameters,
    });
    return answer.text.replace(/<RequestId>[0-9A-F-]{36}<\/RequestId>/, '<RequestId/>');
  };
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  const tag = { KeyType: '1', ClientKey: 'd1', TagName: 'a&b' };
  t.equal(
    await call({ Action: 'ListTags' }),
    `${head}<ListTagsResponse><RequestId/><TagInfos></TagInfos></ListTagsResponse>`,
  );
  t.equal(
    await call({ Action: 'BindTag', ...tag }),
    `${head}<BindTagResponse><RequestId/></BindTagResponse>`,
  );
  t.equal(
    await call({ Action: 'ListTags' }),
    `${head}<ListTagsResponse><RequestId/><TagInfos><TagInfo><TagName>a&amp;b</TagName></TagInfo></TagInfos></ListTagsResponse>`,
  );
  t.equal(
    await call({ Action: 'GetDeviceInfos', Devices: 'x,y' }),
    `${head}<GetDeviceInfosResponse><RequestId/><DeviceInfos><DeviceInfo><DeviceId>x</DeviceId><IsOnline>false</IsOnline></DeviceInfo><DeviceInfo><DeviceId>y</DeviceId><IsOnline>false</IsOnline></DeviceInfo></DeviceInfos></GetDeviceInfosResponse>`,
  );
});

t.test('a thousand devices by GET are told apart, one more is refused, so are eleven tags', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const tokens = Array.from({ length: 1001 }, (_, index) =>
    createHash('sha256').update(`${index}`).digest('hex'),
  );
  const ask = (devices: readonly string[]) =>
    get(gateway, { ...APP_KEY, Version: '2015-08-27', Action: 'GetDeviceInfos', Devices: devices.join(',') });
  const answer = await ask(tokens.slice(1));
  const { DeviceInfo: infos } = answer.json.DeviceInfos as { DeviceInfo: object[] };
  t.equal(infos.length, 1000);
  t.match(await ask(tokens), {
    status: 400,
    json: { Code: 'InvalidParameter', Message: 'The specified value of parameter "Devices" is not valid.' },
  });
  const tags = Array.from({ length: 11 }, (_, index) => `t${index}`).join(',');
  const bind = {
    ...APP_KEY,
    Version: '2015-08-27',
    Action: 'BindTag',
    KeyType: '2',
    ClientKey: 'a',
    TagName: tags,
  };
  const long = { ...bind, TagName: '😀'.repeat(128) };
  t.match(await get(gateway, long), { status: 400, json: { Code: 'InvalidParameter', Message: /TagName/ } });
  t.match(await get(gateway, bind), { status: 400, json: { Code: 'InvalidParameter' } });
});

const record = (deviceId: string, user: string, adToken: string): DeviceRecord => ({
  instance: 'default_APP1',
  deviceId,
  adToken,
  keyHash: new Uint8Array(),
  os: 'android',
  appVersion: '1.0',
  model: 'M1',
  user,
  createdMs: 1,
  seenMs: 1,
});

t.test('the state of a device is found by Ad-token, device id and user', async (t) => {
  const token = 'a'.repeat(64);
  const records = [record('d1', 'ann', token), record('d2', 'bob', 'b'.repeat(64))];
  const devices = createDeviceDirectory(
    {
      device: async (_, by) =>
        records.find((known) =>
          'deviceId' in by ? known.deviceId === by.deviceId : known.adToken === by.adToken,
        ) ?? null,
      saveDevice: () => Promise.reject(new Error('not asked for')),
    },
    {
      find: async (_, by) =>
        'adToken' in by && by.adToken === token
          ? [{} as Route]
          : 'deviceId' in by && by.deviceId === 'd1'
            ? [{} as Route]
            : [],
    },
    { devicesOf: async (_, user) => (user === 'ann' ? ['d1', 'd2', 'gone'] : []) },
    Date.now,
  );
  const gateway = await startGateway({ services: { devices } });
  t.teardown(() => gateway.close());
  const ask = async (Target: string, TargetType: string) => {
    const call = {
      Action: 'PushQueryDeviceState',
      AppId: 'APP1',
      WorkspaceId: 'default',
      Target,
      TargetType,
    };
    return (await get(gateway, call)).json;
  };
  const state = {
    DeviceId: 'd1',
    UserId: 'ann',
    DeliveryToken: token,
    Platform: 'ANDROID',
    Statue: 'ONLINE',
  };
  t.match(await ask(token, '1'), { Code: '100', Message: 'SUCCESS', Success: true, Data: state });
  t.match(await ask('d1', '1'), { Data: state });
  t.match(await ask('ann', '2'), { Data: state }, 'not the device that has gone to bob');
  t.match(await ask('d2', '1'), { Data: { DeviceId: 'd2', Statue: 'OFFLINE' } });
  t.match(await ask('nobody', '2'), { Code: '100', Data: { UserId: 'nobody', Statue: 'UNKNOW' } });
  t.match(await ask('d1', '5'), { Code: '3028', Message: /^INVALID_PARAM/, Success: false });
});
