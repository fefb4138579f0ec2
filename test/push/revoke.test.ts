import t from 'tap';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { phone, start, until } from './rig.js';

const APP = { AppId: 'demo', WorkspaceId: 'default' };
const COMMON = { ...APP, TaskName: 'test', ExpiredSeconds: 3000 };

t.test('what is taken back is never shown, and what was shown is told of', async (t) => {
  const { all, call } = await start(t);
  const ann = phone(all.portOf('tcp'), 'ann');
  const bob = phone(all.portOf('tcp'), 'bob');
  const [first, second] = [await ann.open(), await bob.open()];
  await until(() => first.adToken !== '' && second.adToken !== '');
  const { adToken } = second;
  await call(0, 'CreateTemplate', { ...APP, TemplateName: 'hi', Title: 'hi', Content: '#n#' });
  for (const [index, { name }] of SDK_CORES.entries()) {
    const n = String(index);
    await bob.close();
    ann.shown.length = 0;
    ann.revoked.length = 0;
    const simple = { ...COMMON, Title: 'simple', Content: n };
    const toBoth = {
      ...simple,
      DeliveryType: 3,
      TargetMsgkey: JSON.stringify({ ann: `s${n}`, bob: `s${n}` }),
    };
    t.match(await call(index, 'PushSimple', toBoth), { ResultCode: 'OK' }, name);
    const toToken = { ...simple, DeliveryType: 1, TargetMsgkey: JSON.stringify({ [adToken]: `t${n}` }) };
    t.match(await call(index, 'PushSimple', toToken), { ResultCode: 'OK' }, name);
    const targets = ['ann', 'bob'].flatMap((user, at) => [
      [`TargetMsg.${at + 1}.Target`, user],
      [`TargetMsg.${at + 1}.MsgKey`, `m${n}`],
      [`TargetMsg.${at + 1}.TemplateKeyValue`, '{"n":"multiple"}'],
    ]);
    const template = { ...COMMON, TemplateName: 'hi' };
    const multiple = { ...template, DeliveryType: 3, ...Object.fromEntries(targets) };
    const many = await call(index, 'PushMultiple', multiple);
    const broadcast = { DeliveryType: 1, Msgkey: `b${n}`, TemplateKeyValue: '{"n":"broadcast"}' };
    const everybody = await call(index, 'PushBroadcast', { ...template, ...broadcast });
    await until(() => ann.shown.length === 3);
    t.same(ann.shown.sort(), [`b${n}`, `m${n}`, `s${n}`], name);

    for (const TargetId of ['ann', 'bob'])
      t.match(
        await call(index, 'RevokePushMessage', { ...APP, MessageId: `s${n}`, TargetId }),
        { ResultCode: 'OK', PushResult: { Success: true } },
        name,
      );
    const byToken = { ...APP, MessageId: `t${n}`, TargetId: adToken };
    t.match(await call(index, 'RevokePushMessage', byToken), { ResultCode: 'OK' }, name);
    t.match(await call(index, 'RevokePushMessage', byToken), { ResultCode: 'OK' }, 'again');
    for (const task of [many, everybody]) {
      const TaskId = String(task.PushResult?.Data);
      t.match(await call(index, 'RevokePushTask', { ...APP, TaskId }), { ResultCode: 'OK' }, name);
    }
    const refused = { ResultCode: '3028', PushResult: { Success: false } };
    const unknown = { ...APP, MessageId: 'nothing', TargetId: 'ann' };
    t.match(await call(index, 'RevokePushMessage', unknown), refused, name);
    t.match(await call(index, 'RevokePushTask', { ...APP, TaskId: '123' }), refused, name);
    t.match(await call(index, 'RevokePushMessage', { ...APP, MessageId: 's' }), { ResultCode: '3021' }, name);
    t.match(await call(index, 'RevokePushTask', { ...APP, AppId: 'x', TaskId: '1' }), { ResultCode: '8014' });

    await until(() => ann.revoked.length === 3);
    t.same(ann.revoked.sort(), [`b${n}`, `m${n}`, `s${n}`], name);
    await bob.open();
    const mark = { ...simple, DeliveryType: 3, TargetMsgkey: JSON.stringify({ bob: `end${n}` }) };
    await call(index, 'PushSimple', mark);
    await until(() => bob.shown.length > 0 && bob.revoked.length === 4);
    t.same(bob.shown.splice(0), [`end${n}`], 'who was away gets nothing of it');
    t.same(bob.revoked.splice(0).sort(), [`b${n}`, `m${n}`, `s${n}`, `t${n}`], 'and is told, too');
  }
  await ann.close();
  await bob.close();
});

t.test('a device drops what its app has not seen, and is told of the rest when it comes back', async (t) => {
  const { all, call } = await start(t);
  const { open, close, shown, revoked, hold } = phone(all.portOf('tcp'), 'ann');
  hold.unregistered = true;
  await open();
  const simple = { ...COMMON, Title: 'T', Content: 'C', DeliveryType: 3 };
  const push = (msgKey: string) =>
    call(0, 'PushSimple', { ...simple, TargetMsgkey: JSON.stringify({ ann: msgKey }) });
  await push('waits in the database');
  await until(() => hold.received.length === 1);
  await call(0, 'RevokePushMessage', { ...APP, MessageId: 'waits in the database', TargetId: 'ann' });
  await until(() => revoked.length === 1);
  hold.unregistered = false;
  hold.register();
  await push('unreported');
  await until(() => shown.length === 1);
  t.same(shown, ['unreported'], 'what lay in the database is gone');
  await close();
  await call(0, 'RevokePushMessage', { ...APP, MessageId: 'unreported', TargetId: 'ann' });
  await open();
  await until(() => revoked.length === 2);
  t.same(revoked, ['waits in the database', 'unreported']);
  await close();
});

t.test('scheduled pushes are taken back by their task', async (t) => {
  const { all, call } = await start(t);
  const ann = phone(all.portOf('tcp'), 'ann');
  await ann.open();
  const strategy = (fixedTime: number) => ({
    StrategyType: 1,
    StrategyContent: JSON.stringify({ fixedTime }),
  });
  const simple = { ...COMMON, Title: 'T', Content: 'C', DeliveryType: 3 };
  const later = { ...simple, TargetMsgkey: '{"ann":"later"}', ...strategy(Date.now() + 3_600_000) };
  const soon = { ...simple, TargetMsgkey: '{"ann":"soon"}', ...strategy(Date.now() + 2000) };
  const [waiting, fired] = [await call(0, 'PushSimple', later), await call(0, 'PushSimple', soon)];
  await until(() => ann.shown.length === 1, 15_000);
  t.same(ann.shown, ['soon']);
  for (const { PushResult } of [fired, waiting])
    t.match(await call(0, 'RevokePushTask', { ...APP, TaskId: String(PushResult?.Data) }), {
      ResultCode: 'OK',
    });
  await until(() => ann.revoked.length === 1);
  t.same(ann.revoked, ['soon']);
  const range = { StartTime: Date.now() - 60_000, EndTime: Date.now() + 7_200_000 };
  const listed = await call(0, 'QueryPushSchedulerList', { ...APP, ...range });
  t.match(listed, { ResultContent: { Data: { TotalCount: 1 } } }, 'only what was pushed is listed');
  await ann.close();
});
