import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { openDevice } from '../../src/client/device.js';
import type { SyncMessage } from '../../src/client/message.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { ROOT } from '../tidy/sources.js';
import { SDK_CORES } from './sdk-cores.js';
import { openPhone, startAll, startShop, until } from './whole-server.js';

t.test(
  'what an SDK syncs through the signed API reaches the device, before and after a restart',
  async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'longlink-openapi-'));
    t.teardown(() => rm(dataDir, { recursive: true }));
    let all = await startAll(dataDir);
    const scope = { instances: ['default_demo'], appKeys: [] };
    const { key, secret } = await all.admin('POST', '/v1/access-keys', { tenant: 'shop', scope });
    t.match(key, { tenant: 'shop', active: true });
    const { id: keyId } = key as unknown as { id: string };

    const received: string[] = [];
    const device = await openDevice({
      endpoint: { host: '127.0.0.1', port: all.portOf('tcp'), tls: null },
      workspaceId: 'default',
      appId: 'demo',
      os: 'android',
      storage: createMemoryStorage(),
      handlers: {
        message(message: SyncMessage) {
          received.push(String((JSON.parse(message.msgData) as { pl: string }[])[0]?.pl));
          device.report(message);
        },
        command() {},
        state() {},
        error() {},
      },
    });
    device.register('DEMO-USER');
    device.setUser('ann', 's1');
    device.connect();

    for (const [index, core] of SDK_CORES.entries()) {
      const result = await core.call({
        port: all.portOf('openapi'),
        keyId,
        secret: String(secret),
        version: '2020-10-28',
        action: 'CreateOpenSingleData',
        parameters: {
          AppId: 'demo',
          WorkspaceId: 'default',
          BizType: 'DEMO-USER',
          LinkToken: 'ann',
          Payload: `from ${core.name} 张三`,
          ThirdMsgId: `t${index}`,
        },
      });
      t.match(result, { ok: true, body: { ResultCode: 'SUCCESS' } }, core.name);
    }
    const deadline = Date.now() + 10_000;
    while (received.length < SDK_CORES.length && Date.now() < deadline) await sleep(20);
    t.same(
      received,
      SDK_CORES.map((core) => `from ${core.name} 张三`),
    );
    await device.close();

    const audit = (await all.admin('GET', '/v1/audit?action=key.create')) as unknown as { records: object[] };
    t.match(audit.records, [{ object: keyId }]);
    t.notMatch(JSON.stringify(audit), String(secret));
    const place = [
      '--admin',
      `http://127.0.0.1:${all.portOf('admin')}`,
      '--token-file',
      join(dataDir, 'admin.token'),
    ];
    const longlink = async (...args: string[]) => {
      const main = join(ROOT, 'build/src/main.js');
      const { stdout } = await promisify(execFile)(process.execPath, [
        main,
        'access-keys',
        ...args,
        ...place,
      ]);
      return stdout;
    };
    t.match(await longlink('list'), new RegExp(`${keyId} +shop +active +20.+Z +default_demo`));
    const created = await longlink('create', 'shop', '--note', 'from the shell');
    const [, second = '', shown = ''] = /ID +(\w+)\nAccessKey secret +(\S+)/.exec(created) ?? [];
    t.equal(shown.length, 40);
    t.match(await longlink('disable', second), /disabled +never +default_demo +20000001 +from the shell/);
    t.match(JSON.parse(await longlink('list', 'shop', '--json')), [{ tenant: 'shop' }, { tenant: 'shop' }]);
    t.match(await longlink('scope', second, '--instances', '*'), /disabled +never +\*/);
    t.match(await longlink('remove', second), /is removed/);
    t.match(await longlink('app-key'), 'default_demo: AppKey 20000001');
    await all.server.stop();

    all = await startAll(dataDir);
    t.teardown(() => all.server.stop());
    const { keys } = (await all.admin('GET', '/v1/access-keys')) as unknown as {
      keys: { lastUsedMs: number }[];
    };
    t.ok(Date.now() - (keys[0]?.lastUsedMs ?? 0) < 60_000, 'last use was written at the stop');
    const again = { port: all.portOf('openapi'), keyId, secret: String(secret), version: '2020-10-28' };
    const app = { AppId: 'demo', WorkspaceId: 'default' };
    const [core] = SDK_CORES;
    t.match(await core?.call({ ...again, action: 'ListTemplatePage', parameters: app }), { ok: true });
    t.match(await all.admin('PATCH', `/v1/access-keys/${keyId}`, { active: false }), { active: false });
    t.match(await core?.call({ ...again, action: 'ListTemplatePage', parameters: app }), {
      ok: false,
      code: 'InvalidAccessKeyId.Inactive',
    });
    t.match(await all.admin('DELETE', `/v1/access-keys/${keyId}`), { ok: true });
    t.match(
      await all.admin('POST', '/v1/access-keys', { tenant: 'shop', scope: { instances: 'x', appKeys: [] } }),
      {
        error: { code: 'INVALID' },
      },
    );
    t.match(await all.admin('PUT', '/v1/instances/default_demo/app-key'), { appKey: '20000001' });
    t.match(await all.admin('PUT', '/v1/instances/nowhere_app/app-key'), { error: { code: 'NOT_FOUND' } });
    t.match(await all.admin('GET', '/v1/app-keys'), { appKeys: [{ instance: 'default_demo' }] });
  },
);

t.test('pushes of every kind reach the devices they are meant for, once', async (t) => {
  const all = await startShop(t);
  const { keyId, secret } = all;
  const { appKey } = (await all.admin('PUT', '/v1/instances/default_demo/app-key')) as unknown as {
    appKey: string;
  };
  const phone = await openPhone(all.portOf('tcp'), { user: 'ann', appVersion: '2.0' });
  t.teardown(() => phone.close());
  const other = await openPhone(all.portOf('tcp'), { user: 'bob', appVersion: '3.0' });
  t.teardown(() => other.close());
  await until(() => phone.adToken() !== '' && other.adToken() !== '');

  const app = { AppId: 'demo', WorkspaceId: 'default' };
  const common = { ...app, TaskName: 'test', ExpiredSeconds: 300 };
  const texts = { TemplateName: 'hi', Title: '你好#name#', Content: '#money#元', Uri: 'http://x/#name#' };
  for (const [index, core] of SDK_CORES.entries()) {
    const call = async (action: string, parameters: Record<string, unknown>) => {
      const version = 'AppKey' in parameters ? '2015-08-27' : '2020-10-28';
      const sdk = { port: all.portOf('openapi'), keyId, secret, version };
      const result = await core.call({ ...sdk, action, parameters, inQuery: 'AppKey' in parameters });
      return result.ok ? result.body : result;
    };
    phone.shown.length = 0;
    other.shown.length = 0;
    if (index === 0) t.match(await call('CreateTemplate', { ...app, ...texts }), { Code: '100' });
    const n = `${index}`;
    const toToken = { DeliveryType: 1, TargetMsgkey: JSON.stringify({ [phone.adToken()]: `s${n}` }) };
    const simple = {
      ...common,
      ...toToken,
      Title: `simple ${n}`,
      Content: '张三',
      ExtendedParams: '{"key1":"v"}',
    };
    t.match(
      await call('PushSimple', simple),
      { ResultCode: 'OK', ResultMessage: 'SUCCESS', PushResult: { Success: true, Data: /^\d{16}$/ } },
      core.name,
    );
    t.match(await call('PushSimple', simple), { ResultCode: 'OK' }, 'repeated');
    const template = { ...common, DeliveryType: 3, TemplateName: 'hi' };
    const toUser = {
      TargetMsgkey: JSON.stringify({ ann: `t${n}` }),
      TemplateKeyValue: "{'name': '张三', 'money': 5}",
    };
    t.match(await call('PushTemplate', { ...template, ...toUser }), { ResultCode: 'OK' });
    const multiple = ['ann', 'bob'].flatMap((user, at) => [
      [`TargetMsg.${at + 1}.Target`, user],
      [`TargetMsg.${at + 1}.MsgKey`, `m${n}`],
      [`TargetMsg.${at + 1}.TemplateKeyValue`, JSON.stringify({ name: user, money: n })],
    ]);
    t.match(await call('PushMultiple', { ...template, ...Object.fromEntries(multiple) }), {
      ResultCode: 'OK',
    });
    const broadcast = {
      ...template,
      DeliveryType: 1,
      Msgkey: `b${n}`,
      TemplateKeyValue: '{"name":"all","money":"1"}',
    };
    const newer = { ExtendedParams: '{"min_version":"2.0"}' };
    t.match(await call('PushBroadcast', { ...broadcast, ...newer }), { ResultCode: 'OK' });
    const live = { AppKey: appKey, Target: 'account', TargetValue: 'ann', Message: `live ${n}` };
    t.match(await call('PushMessageToAndroid', live), { ResponseId: /^\d{16}$/ });
    await until(() => phone.shown.length >= 4 && other.shown.length >= 2);
    t.same(
      [...phone.shown].sort(),
      [` live ${n}`, `simple ${n} 张三`, `你好ann ${n}元`, '你好张三 5元'].sort(),
      `${core.name}: the phone of ann`,
    );
    t.same(
      [...other.shown].sort(),
      ['你好all 1元', `你好bob ${n}元`],
      `${core.name}: the newer phone of bob`,
    );
  }
});
