/** The actions that no other test has every vendor core call, happy and refused. */
import t from 'tap';
import { SDK_CORES } from './sdk-cores.js';
import { startGateway } from './support.js';

const APP = { AppId: 'APP1', WorkspaceId: 'default' };
const APP_KEY = { AppKey: '23267207' };
const DAY = 86_400_000;

for (const core of SDK_CORES) {
  t.test(`${core.name} schedules, lists and cancels, under both names`, async (t) => {
    const gateway = await startGateway();
    t.teardown(() => gateway.close());
    const call = (action: string, parameters: Record<string, unknown>) =>
      core.call({
        ...gateway,
        version: action.startsWith('CancelMps') ? '2020-07-10' : '2020-10-28',
        action,
        parameters: { ...APP, ...parameters },
      });
    const simple = { TaskName: 'x', DeliveryType: 3, ExpiredSeconds: 60, Title: 't', Content: 'c' };
    for (const kind of ['Push', 'Mps']) {
      const StrategyContent = JSON.stringify({ fixedTime: Date.now() + DAY });
      const planned = { TargetMsgkey: `{"ann":"${kind}"}`, StrategyType: 1, StrategyContent };
      const made = await call('PushSimple', { ...simple, ...planned });
      t.match(made, { ok: true, body: { ResultCode: 'OK', PushResult: { Data: /^[0-9a-f]{32}$/ } } });
      const { Data } = (made as unknown as { body: { PushResult: { Data: string } } }).body.PushResult;
      const range = { StartTime: Date.now(), EndTime: Date.now() + 2 * DAY };
      const list = `Query${kind}SchedulerList`;
      t.match(await call(list, range), { ok: true, body: { ResultCode: 'OK' } }, list);
      t.match(JSON.stringify(await call(list, range)), Data);
      t.match(await call(list, { ...range, AppId: 'other' }), { body: { ResultCode: '8014' } });
      const cancel = `Cancel${kind}Scheduler`;
      t.match(await call(cancel, { UniqueIds: Data }), { ok: true, body: { ResultCode: 'OK' } }, cancel);
      t.notMatch(JSON.stringify(await call(list, range)), Data);
      t.match(await call(cancel, { UniqueIds: Data, AppId: 'other' }), { body: { ResultCode: '8014' } });
    }
  });

  t.test(`${core.name} sends messages and notices of Mobile Push`, async (t) => {
    const gateway = await startGateway();
    t.teardown(() => gateway.close());
    const call = (action: string, parameters: Record<string, unknown>) =>
      core.call({ ...gateway, version: '2015-08-27', action, parameters, inQuery: true });
    const target = { ...APP_KEY, Target: 'account', TargetValue: 'ann' };
    const contents: Record<string, object> = {
      PushMessageToAndroid: { Message: 'm' },
      PushMessageToiOS: { Message: 'm', Summary: 's' },
      PushNoticeToAndroid: { Title: 't', Summary: 's' },
      PushNoticeToiOS: { Env: 'DEV', Summary: 's', Ext: '{"badge":5}' },
    };
    for (const [action, content] of Object.entries(contents)) {
      t.match(
        await call(action, { ...target, ...content }),
        { ok: true, body: { ResponseId: /^\d+$/ } },
        action,
      );
      const refused = { ok: false, code: core.errorCode('Forbidden') };
      t.match(await call(action, { ...target, ...content, AppKey: '1' }), refused, action);
      const missing = { ok: false, code: core.errorCode('MissingParameter') };
      t.match(await call(action, { ...target, ...content, Target: '' }), missing, action);
    }
  });
}
