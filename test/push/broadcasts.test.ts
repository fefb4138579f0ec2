import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { ROOT } from '../tidy/sources.js';
import { phone, start, until } from './rig.js';

const APP = { AppId: 'demo', WorkspaceId: 'default' };
const EVERYBODY = { ...APP, TaskName: 'test', ExpiredSeconds: 3000, DeliveryType: 1, TemplateName: 'hi' };

t.test('a broadcast is paused, resumed and revoked midway, each device has it once', async (t) => {
  const { all, call, dataDir } = await start(t);
  await call(0, 'CreateTemplate', { ...APP, TemplateName: 'hi', Title: 'hi', Content: 'x' });
  const path = '/v1/instances/default_demo/broadcasts';
  const [ann, bob] = [phone(all.portOf('tcp'), 'ann'), phone(all.portOf('tcp'), 'bob')];
  await ann.open();
  await until(() => ann.isConnected());
  const broadcast = async (Msgkey: string, more: object = {}) =>
    String((await call(0, 'PushBroadcast', { ...EVERYBODY, Msgkey, ...more })).PushResult?.Data);
  const first = await broadcast('first');
  await until(() => ann.shown.length === 1);
  t.match(await all.admin('POST', `${path}/${first}/pause`), { state: 'paused', estimateMs: null });
  const second = await broadcast('second');
  await call(0, 'PushSimple', {
    ...{ ...APP, TaskName: 't', ExpiredSeconds: 300, Title: 'T', Content: 'C', DeliveryType: 3 },
    TargetMsgkey: '{"ann":"addressed","bob":"addressed"}',
  });
  await bob.open();
  await until(() => ann.shown.length === 2 && bob.shown.length === 1);
  await sleep(200);
  t.same(ann.shown, ['first', 'addressed'], 'what comes after it waits, what is addressed does not');
  t.same(bob.shown, ['addressed'], 'one that comes while it is paused gets nothing of it');

  t.match(await all.admin('POST', `${path}/${first}/resume`), { state: 'live', online: 2 });
  await until(() => ann.shown.length === 3 && bob.shown.length === 3);
  t.same(ann.shown, ['first', 'addressed', 'second'], 'once each, also for who had it before the pause');
  t.same(bob.shown, ['addressed', 'first', 'second']);
  const arrived = async (task: string) =>
    (await all.admin('GET', `${path}/${task}`)) as unknown as { arrived: number };
  await until(async () => (await arrived(second)).arrived === 2);
  t.match(await arrived(first), {
    state: 'live',
    arrived: 2,
    msgKey: 'first',
    title: 'hi',
    instance: 'default_demo',
  });

  const third = await broadcast('third', { PushStatus: 1, UnBindPeriod: 4 });
  await until(() => ann.shown.length === 4 && bob.shown.length === 4);
  await all.admin('POST', `${path}/${third}/pause`);
  const cid = phone(all.portOf('tcp'), 'cid');
  await cid.open();
  await until(() => cid.shown.length === 2);
  t.match(await all.admin('POST', `${path}/${third}/revoke`), { state: 'revoked' });
  await until(() => ann.revoked.length === 1 && bob.revoked.length === 1);
  t.same(ann.revoked, ['third'], 'those who have it are told');
  const fourth = await broadcast('fourth');
  await until(() => cid.shown.length === 3);
  t.same(cid.shown, ['first', 'second', 'fourth'], 'a revoked one holds nothing any more');
  t.match(await all.admin('POST', `${path}/${third}/resume`), { error: { code: 'CONFLICT' } });
  t.match(await all.admin('POST', `${path}/nothing/pause`), { error: { code: 'NOT_FOUND' } });

  const brief = await broadcast('brief', { ExpiredSeconds: 2 });
  await all.admin('POST', `${path}/${brief}/pause`);
  const last = await broadcast('last');
  await sleep(2100);
  t.match(await all.admin('GET', `${path}/${brief}`), { state: 'expired' });
  t.match(await all.admin('POST', `${path}/${brief}/resume`), { error: { code: 'CONFLICT' } });
  const dan = phone(all.portOf('tcp'), 'dan');
  await dan.open();
  await until(() => dan.shown.includes('last'));
  t.same(dan.shown, ['first', 'second', 'fourth', 'last'], 'its own validity ends a pause');

  const place = [
    '--admin',
    `http://127.0.0.1:${all.portOf('admin')}`,
    '--token-file',
    join(dataDir, 'admin.token'),
  ];
  const command = async (...args: string[]) => {
    const main = join(ROOT, 'build/src/main.js');
    return (await promisify(execFile)(process.execPath, [main, ...args, ...place])).stdout;
  };
  const longlink = (...args: string[]) => command('broadcast', ...args);
  t.match(await longlink('list'), new RegExp(`${last}.*live[^]*${brief}.*expired[^]*${third}.*revoked`));
  t.match(await longlink('pause', fourth), /paused/);
  t.match(JSON.parse(await longlink('resume', fourth, '--json')), { state: 'live' });
  t.match(await longlink('revoke', fourth), /revoked/);
  await t.rejects(longlink('pause'), /TASK is missing/);
  t.match(await command('pushes', '--target', 'dan'), /BROADCAST +Waiting +\(everybody\) +last/);
  t.match(JSON.parse(await command('pushes', '--msg-key', 'brief', '--json')), [
    { state: 'Ended', taskId: brief },
  ]);
  await t.rejects(command('pushes'), /give one of --target and --msg-key/);
  const { records } = (await all.admin('GET', '/v1/audit?action=broadcast.pause')) as unknown as {
    records: { object: string }[];
  };
  t.same(records.map(({ object }) => object).sort(), [first, third, brief, fourth].sort());
  for (const device of [ann, bob, cid, dan]) await device.close();
});

t.test('reserved configurations that an operator deletes are made anew, one by one', async (t) => {
  const { all, call } = await start(t);
  const ann = phone(all.portOf('tcp'), 'ann');
  await ann.open();
  await until(() => ann.isConnected());
  await call(0, 'CreateTemplate', { ...APP, TemplateName: 'hi', Title: 'hi', Content: 'x' });
  const simple = { ...APP, TaskName: 't', ExpiredSeconds: 300, Title: 'T', Content: 'C', DeliveryType: 3 };
  const toAnn = (msgKey: string) =>
    call(0, 'PushSimple', { ...simple, TargetMsgkey: JSON.stringify({ ann: msgKey }) });
  t.match(await toAnn('before'), { ResultCode: 'OK' });
  await until(() => ann.shown.length === 1);
  const path = '/v1/instances/default_demo/configs';
  for (const biz of ['$push.user', '$push.all']) {
    const name = encodeURIComponent(biz);
    await all.admin('POST', `${path}/${name}/offline`);
    t.match(await all.admin('DELETE', `${path}/${name}`), { ok: true }, biz);
  }
  // While the data of before is being ended a new configuration would lose its own with it.
  await until(async () => (await toAnn('after')).ResultCode === 'OK');
  const everybody = { ...EVERYBODY, Msgkey: 'to all' };
  await until(async () => (await call(0, 'PushBroadcast', everybody)).ResultCode === 'OK');
  await until(() => ann.shown.length === 3);
  t.same(ann.shown, ['before', 'after', 'to all']);
  await ann.close();
});
