/** The analysis, from the vendor's SDKs through a whole server to a device and back. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { ChannelPush, ChannelResult } from '../../src/channels/port.js';
import { createMPPush } from '../../src/client/mppush.js';
import { createMPSync } from '../../src/client/mpsync.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { SDK_CORES } from './sdk-cores.js';
import { get, KNOWN_TOKEN, post, startGateway } from './support.js';
import { startShop } from './whole-server.js';

const APP = { AppId: 'demo', WorkspaceId: 'default' };
const RANGE = { StartTime: String(Date.now() - 86_400_000), EndTime: String(Date.now() + 86_400_000) };

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) if (await isSo()) return;
  throw new Error(`not in time: ${what}`);
}

t.test(
  'pushes, arrivals, openings and ignored ones are counted once, and every core reads them',
  async (t) => {
    const all = await startShop(t, []);
    const { keyId, secret } = all;
    const caller = { port: all.portOf('openapi'), keyId, secret, version: '2020-10-28' };
    const [first] = SDK_CORES;
    if (first === undefined) throw new Error('no core');
    const call = async (action: string, parameters: object, core = first) => {
      const result = await core.call({ ...caller, action, parameters: { ...APP, ...parameters } });
      if (!result.ok) throw new Error(`${action}: ${result.code}`);
      return result;
    };

    const sync = createMPSync();
    const push = createMPPush(sync);
    const received: { k: string; bData: string }[] = [];
    let adToken = '';
    push.setup(
      {
        ...{ appId: 'demo', workspaceId: 'default' },
        syncserver: '127.0.0.1',
        syncport: all.portOf('tcp'),
        synctls: false,
      },
      { storage: createMemoryStorage(), os: 'android', appVersion: '1.0', model: 'M1' },
    );
    await push.init({
      handleActionReceived: (k, bData) => void received.push({ k, bData }),
      handleActionId: (token) => {
        adToken = token;
      },
    });
    t.teardown(() => sync.shutdown());
    await until('an Ad-token', () => adToken !== '');
    t.match(push.bind('', adToken), { success: false, code: '3012', name: 'NEED_USERID' });
    t.match(push.bind('ann', ''), { success: false, code: '3001', name: 'NEED_DELIVERYTOKEN' });
    t.match(push.bind('ann', adToken), { success: true, code: '100' });

    const template = { TemplateName: 'hi', Title: 'T', Content: 'hello #name#', DescInfo: 'd' };
    t.match(await call('CreateTemplate', template), { ok: true });
    const common = { TaskName: 'spring', ExpiredSeconds: '600' };
    const toDevice = { ...common, DeliveryType: '1', TargetMsgkey: JSON.stringify({ [adToken]: 'k1' }) };
    t.match(await call('PushSimple', { ...toDevice, Title: 'a', Content: 'b' }), { ok: true });
    t.match(await call('PushSimple', { ...toDevice, Title: 'a', Content: 'b' }), { ok: true }, 'said again');
    const multiple = await call('PushMultiple', {
      ...{
        ...common,
        DeliveryType: '3',
        TemplateName: 'hi',
        'TargetMsg.1.Target': 'ann',
        'TargetMsg.1.MsgKey': 'k2',
      },
      'TargetMsg.1.TemplateKeyValue': '{"name":"Ann"}',
    });
    const { Data: taskId } = multiple.body.PushResult as { Data: string };
    t.match(
      await call('PushBroadcast', {
        ...{ ...common, TaskName: 'all', DeliveryType: '1', TemplateName: 'hi', Msgkey: 'k3' },
        TemplateKeyValue: '{"name":"all"}',
      }),
      { ok: true },
    );
    await until('three messages', () => received.length === 3);
    for (const { k } of received) {
      push.reportPushOpen(k, '');
      push.reportPushOpen(k, '');
    }
    push.reportPushIgnored(received[0]?.k ?? '', '');
    push.reportPushOpen('0'.repeat(32), '');
    await until('told', () => push.waitingReports() === 0);

    const index = async (more: object = {}, core = first) =>
      (
        (await call('QueryPushAnalysisCoreIndex', { ...RANGE, ...more }, core)).body.ResultContent as {
          Data: object;
        }
      ).Data;
    await until('counted', async () => ((await index()) as { ArrivalNum: number }).ArrivalNum === 3);
    const expected = {
      ...{ PushTotalNum: 3, PushNum: 3, ArrivalNum: 3, ArrivalRate: 100, OpenNum: 3, OpenRate: 100 },
      ...{ IgnoreNum: 1, IgnoreRate: 33.33 },
    };
    for (const core of SDK_CORES) t.match(await index({}, core), expected, core.name);
    t.match(await index({ Type: 'SIMPLE', Platform: 'ANDROID', Channel: 'ANDROID' }), {
      PushNum: 1,
      OpenNum: 1,
    });
    t.match(await index({ Type: 'BROADCAST' }), { PushTotalNum: 1, ArrivalNum: 1 });
    t.match(await index({ Platform: 'IOS' }), { PushTotalNum: 0, ArrivalRate: 0 });
    t.match(await index({ TaskId: taskId }), { PushTotalNum: 1, ArrivalNum: 1, OpenNum: 1 });
    for (const core of SDK_CORES) {
      t.match(
        (await call('ListAnalysisCoreIndex', RANGE, core)).body,
        { ResultContent: { Data: { PushNum: '3', IgnoreRate: '33.33' } } },
        core.name,
      );
      const listed = await call('QueryPushAnalysisTaskList', { StartTime: RANGE.StartTime }, core);
      t.match(listed.body.ResultContent, {
        Data: [
          { TaskId: taskId, TaskName: 'spring', TemplateName: 'hi', Type: 2, GmtCreate: Number },
          { TaskName: 'all', Type: 3 },
        ],
      });
      const detail = await call('QueryPushAnalysisTaskDetail', { TaskId: taskId }, core);
      t.match(detail.body.ResultContent, {
        Data: {
          PushNum: 1,
          PushSuccessNum: 1,
          PushArrivalNum: 1,
          Duration: /^00 小时 00 分 0\d 秒$/,
        },
      });
      // A core reads a number of 16 digits as an object of its own.
      t.equal(String((detail.body.ResultContent as { Data: { TaskId: object } }).Data.TaskId), taskId);
      t.match((await call('QueryPushAnalysisTaskDetail', { TaskId: '1' }, core)).body, {
        ResultCode: '3028',
      });
      const long = { StartTime: '0', EndTime: String(91 * 86_400_000) };
      for (const action of ['QueryPushAnalysisCoreIndex', 'ListAnalysisCoreIndex'])
        t.match((await call(action, long, core)).body, { ResultCode: '3028' }, core.name);
      t.match((await call('QueryPushAnalysisTaskList', {}, core)).body, { ResultCode: '3028' }, core.name);
    }
    const byName = await call('QueryPushAnalysisTaskList', { StartTime: RANGE.StartTime, TaskName: 'all' });
    t.equal((byName.body.ResultContent as { Data: object[] }).Data.length, 1);

    const found = async (query: string) =>
      (await all.admin('GET', `/v1/instances/default_demo/pushes?${query}`)) as unknown as {
        pushes: object[];
      };
    t.match(await found('target=ann'), {
      pushes: [
        { target: 'ann', msgKey: 'k2', kind: 'MULTIPLE', taskId, state: 'Acked' },
        { target: '', msgKey: 'k3', kind: 'BROADCAST' },
      ],
    });
    t.match(await found('msgKey=k1'), {
      pushes: [{ target: sync.getSyncDeviceId(), kind: 'SIMPLE', state: 'Acked' }],
    });
    t.match(await found('msgKey=nothing'), { pushes: [] });
    t.match(await found('msgKey=k1&target=ann'), { error: { code: 'INVALID' } });

    t.match(await push.report(adToken, 5, 'hms-token'), { success: true });
    t.match(await push.report('', 5, 'x'), { code: '3001' });
    t.match(await push.report(adToken, 1, 'x'), { code: '3028' });
    const state = await call('PushQueryDeviceState', { Target: adToken, TargetType: '1' });
    t.match(state.body, { Data: { ThirdToken: 'hms-token', Statue: 'ONLINE' } });
  },
);

const REPORT = { Action: 'PushReport', Version: '2020-10-28', AppId: 'APP1', WorkspaceId: 'default' };
const IPHONE = 'c'.repeat(64);
const SIMPLE = {
  ...{ Action: 'PushSimple', Version: '2020-10-28', AppId: 'APP1', WorkspaceId: 'default' },
  ...{ TaskName: 'x', DeliveryType: '2', ExpiredSeconds: '60', Title: 't', Content: 'c' },
};

t.test('every core reports a device, and what cannot be reported is refused', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  for (const core of SDK_CORES) {
    const call = (parameters: Record<string, unknown>) =>
      core.call({
        ...gateway,
        version: '2020-10-28',
        action: 'PushReport',
        parameters: { AppId: 'APP1', WorkspaceId: 'default', ...parameters },
      });
    const vendor = { ThirdChannel: 5, ThirdChannelDeviceToken: 'hms' };
    const iphone = { DeliveryToken: `${core.name}-apns`, OsType: 2, Model: 'iPhone' };
    t.match(await call(iphone), { ok: true, body: { ResultCode: 'OK' } }, core.name);
    t.match(await call({ ...iphone, ...vendor }), { ok: true, body: { ResultCode: 'OK' } });
    t.match(await call({ ...iphone, DeliveryToken: '' }), { body: { ResultCode: '3001' } });
    t.match(await call({ ...iphone, OsType: 3 }), { body: { ResultCode: '3008' } });
    t.match(await call({ ...iphone, OsType: 1, DeliveryToken: 'nobody' }), { body: { ResultCode: '3054' } });
    t.match(await call({ ...iphone, ThirdChannel: 5 }), { body: { ResultCode: '3028' } });
    t.match(await call({ ...iphone, ...vendor, ThirdChannel: 9 }), { body: { ResultCode: '3028' } });
  }
  t.same(gateway.failures, []);
});

t.test('a push to a device that only a vendor reaches ends in a named state', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  await post(gateway, { ...REPORT, DeliveryToken: IPHONE, OsType: '2' });
  t.match(await post(gateway, { ...SIMPLE, TargetMsgkey: `{"${IPHONE}":"k1"}` }), {
    json: { ResultCode: 'OK' },
  });
  t.match(gateway.ends, [
    { state: 'NoChannel', channel: 'IOS', device: { deviceId: IPHONE }, request: { thirdMsgId: 'k1' } },
  ]);
  const mobile = { Version: '2015-08-27', AppKey: '23267207', Env: 'DEV', Summary: 's', Ext: '{"badge":5}' };
  const notice = {
    ...mobile,
    Action: 'PushNoticeToiOS',
    Target: 'device',
    TargetValue: `${IPHONE},${KNOWN_TOKEN}`,
  };
  t.match(await get(gateway, notice), { json: { ResponseId: /^\d{16}$/ } });
  t.match(await get(gateway, { ...notice, Target: 'all', TargetValue: 'all' }), {
    json: { ResponseId: /^\d+$/ },
  });
  t.match(await get(gateway, { ...notice, Env: 'x' }), {
    json: { Code: 'InvalidParameter', Message: /Env/ },
  });
  t.same(
    gateway.ends.map(({ state, device }) => `${state} ${device?.deviceId ?? 'all'}`),
    [`NoChannel ${IPHONE}`, `NoChannel ${IPHONE}`, 'NoChannel all'],
  );
  await gateway.analysis.counts.flush();
  const [day] = await gateway.store.docs('push-counts', '', 9);
  t.match(day?.value, {
    'SIMPLE.IOS.IOS.total': 1,
    'SIMPLE.IOS.IOS.noChannel': 1,
    'MOBILE.IOS.IOS.noChannel': 1,
  });
});

t.test('a channel gets the push, and its word is the end', async (t) => {
  const sent: ChannelPush[] = [];
  let answer: () => Promise<ChannelResult> = async () => ({ status: 'accepted' });
  const apns = {
    name: 'IOS' as const,
    send: (push: ChannelPush) => {
      sent.push(push);
      return answer();
    },
  };
  const gateway = await startGateway({ vendors: [apns] });
  t.teardown(() => gateway.close());
  await post(gateway, { ...REPORT, DeliveryToken: IPHONE, OsType: '2' });
  const next = async (msgKey: string) =>
    post(gateway, { ...SIMPLE, TargetMsgkey: JSON.stringify({ [IPHONE]: msgKey }) });
  await next('k1');
  answer = async () => ({ status: 'refused', reason: 'BadDeviceToken' });
  await next('k2');
  answer = () => Promise.reject(new Error('reset'));
  await next('k3');
  t.same(
    gateway.ends.map(({ state }) => state),
    ['ChannelAccepted', 'BadDeviceToken', 'ConnClosed'],
  );
  t.match(sent[0], { token: IPHONE, msgKey: 'k1', title: 't', content: 'c', body: /^\{"k":"[0-9a-f]{32}"/ });
});
