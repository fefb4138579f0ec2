import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import {
  bindAtHello,
  boundSince,
  MAX_BINDINGS,
  userOf,
  withoutUser,
  withUser,
} from '../../src/core/device-bindings.js';
import { DAY_MS, type DeviceRecord } from '../../src/core/model.js';
import { matches } from '../../src/core/targeting.js';
import { audienceOf } from '../../src/push/audience.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { phone, start, until } from './rig.js';

const APP = { AppId: 'demo', WorkspaceId: 'default' };
const COMMON = { ...APP, TaskName: 'test', ExpiredSeconds: 3000 };
const SIMPLE = { ...COMMON, Title: 'T', Content: 'C', DeliveryType: 3 };

const RECORD: DeviceRecord = {
  instance: 'ws_app',
  deviceId: 'phone',
  adToken: 'ab',
  keyHash: new Uint8Array(0),
  os: 'android',
  appVersion: '1',
  model: '',
  user: '',
  bindings: [],
  createdMs: 1,
  seenMs: 1,
};

t.test('a device record tells who was bound when', async (t) => {
  const ann = withUser(RECORD, 'ann', 100, 'link');
  t.equal(userOf(ann), 'ann');
  t.equal(withUser(ann, 'ann', 200, 'link'), ann, 'the same user again is no new binding');
  const bob = withUser(ann, 'bob', 300, 'api');
  t.same(bob.bindings, [
    { user: 'ann', boundMs: 100, unboundMs: 300, by: 'api' },
    { user: 'bob', boundMs: 300, unboundMs: 0, by: 'api' },
  ]);
  t.equal(withUser(bob, 'bob', 400, 'link'), bob, 'the word of a back end stays its word');
  const nobody = withoutUser(bob, 500, 'link');
  t.equal(userOf(nobody), '');
  t.equal(withoutUser(nobody, 600, 'api'), nobody);
  t.same([RECORD, ann, bob, nobody].map(boundSince), [0, 100, 300, -500]);
  let many = RECORD;
  for (let n = 1; n <= 30; n++) many = withUser(many, `user ${n}`, n, 'link');
  t.equal(many.bindings?.length, MAX_BINDINGS);
  t.equal(userOf(many), 'user 30');
  const { bindings: _, ...old } = { ...RECORD, user: 'ann', seenMs: 70 };
  t.equal(userOf(old), 'ann', 'a record of before counts its last user as bound');
  t.equal(boundSince(old), 70);
});

t.test('a Hello repeats a user, and binds one only when no back end has said otherwise', async (t) => {
  const bind = (record: DeviceRecord, named: string, proven = true) =>
    bindAtHello(record, named, proven, 900);
  const ann = withUser(RECORD, 'ann', 100, 'link');
  t.match(bind(RECORD, 'ann'), { user: 'ann', overruled: false, record: { user: 'ann' } });
  t.same(bind(ann, ''), { record: ann, user: '', overruled: false }, 'naming nobody unbinds nobody');
  const bob = withUser(ann, 'bob', 300, 'api');
  t.same(bind(bob, 'ann'), { record: bob, user: 'bob', overruled: true });
  t.same(bind(bob, ''), { record: bob, user: 'bob', overruled: true });
  t.same(bind(bob, 'bob'), { record: bob, user: 'bob', overruled: false });
  t.match(bind(bob, 'cid'), { user: 'cid', overruled: false }, 'another user than before is a new one');
  const nobody = withoutUser(ann, 300, 'api');
  t.same(bind(nobody, 'ann'), { record: nobody, user: '', overruled: true });
  t.match(bind(withoutUser(ann, 300, 'link'), 'ann'), { user: 'ann', overruled: false });
  const foreign = bind(bob, '', false);
  t.match(foreign, { user: '', overruled: false }, 'who does not hold the Ad-token inherits no binding');
  t.equal(userOf(foreign.record), '');
  t.match(bind(bob, 'ann', false), { user: 'ann', overruled: false });
});

t.test('broadcasts by login, with their periods', async (t) => {
  const now = 1_000 * DAY_MS;
  const daysAgo = (days: number) => now - days * DAY_MS;
  const meant = (
    status: 0 | 1 | 2,
    bindPeriod: 1 | 2 | 3 | 4,
    unBindPeriod: 1 | 2 | 3 | 4,
    boundMs: number,
  ) => {
    const audience = audienceOf({ status, bindPeriod, unBindPeriod }, now);
    return matches({ audience }, { os: '', version: null, uid: null, boundMs });
  };
  for (const [period, days] of [
    [1, 7],
    [2, 15],
    [3, 60],
  ] as const) {
    t.ok(meant(0, period, 4, daysAgo(days - 0.1)));
    t.notOk(meant(0, period, 4, daysAgo(days + 0.1)));
    t.ok(meant(2, 4, period, -daysAgo(days - 0.1)));
    t.notOk(meant(2, 4, period, -daysAgo(days + 0.1)));
    t.ok(meant(1, 4, period, daysAgo(500)));
    t.ok(meant(1, 4, period, -daysAgo(days - 0.1)));
    t.notOk(meant(1, 4, period, -daysAgo(days + 0.1)));
    t.notOk(meant(1, 4, period, 0));
  }
  t.ok(meant(0, 4, 4, 1));
  t.notOk(meant(0, 4, 4, -daysAgo(1)));
  t.notOk(meant(0, 4, 4, 0));
  t.notOk(meant(2, 4, 4, daysAgo(1)));
  t.ok(meant(2, 4, 4, -1));
  t.notOk(meant(2, 4, 4, 0));
  t.ok(meant(1, 4, 4, 0), 'all, ever: also devices that never had a user');
});

t.test('a back end binds and unbinds users, and the pushes follow', async (t) => {
  const { all, call } = await start(t);
  const tablet = phone(all.portOf('tcp'), '');
  const mobile = phone(all.portOf('tcp'), 'ann');
  await tablet.open();
  await mobile.open();
  await until(() => tablet.adToken() !== '' && mobile.adToken() !== '');
  const spare = phone(all.portOf('tcp'), '');
  await spare.open();
  await until(() => spare.adToken() !== '');
  const spareToken = spare.adToken();
  await spare.close();
  for (const [index, { name }] of SDK_CORES.entries()) {
    const push = (user: string, msgKey: string) =>
      call(index, 'PushSimple', { ...SIMPLE, TargetMsgkey: JSON.stringify({ [user]: msgKey }) });
    // One that is connected reconnects at each change, and may do so 15 times in a minute.
    const isConnected = index < 2;
    const DeliveryToken = isConnected ? tablet.adToken() : spareToken;
    const bound = { ...APP, DeliveryToken, UserId: `user${index}` };
    tablet.shown.length = 0;
    await push(bound.UserId, `before ${index}`);
    t.match(
      await call(index, 'PushBind', { ...bound, OsType: 1 }),
      { ResultCode: 'OK', PushResult: { Success: true } },
      name,
    );
    t.match(await call(index, 'PushBind', { ...bound, OsType: 1 }), { ResultCode: 'OK' }, 'again');
    const state = { ...APP, Target: bound.UserId, TargetType: 2 };
    t.match(await call(index, 'PushQueryDeviceState', state), { Data: { UserId: bound.UserId } }, name);
    if (isConnected) {
      await push(bound.UserId, `after ${index}`);
      await until(() => tablet.shown.length === 2);
      t.same(tablet.shown, [`before ${index}`, `after ${index}`], name);
      t.equal(tablet.users.at(-1), bound.UserId, 'the device is told');
    }
    const refusals = [
      [{ ...bound, OsType: 1, DeliveryToken: 'f'.repeat(64) }, '3054'],
      [{ ...bound, OsType: 1, DeliveryToken: '' }, '3001'],
      [{ ...bound, OsType: 1, UserId: '' }, '3012'],
      [{ ...bound, OsType: 9 }, '3008'],
      [{ ...bound, OsType: 1, AppId: 'other' }, '8014'],
    ] as const;
    for (const [parameters, code] of refusals)
      t.match(await call(index, 'PushBind', parameters), { ResultCode: code }, `${name} ${code}`);
    t.match(await call(index, 'PushUnBind', { ...bound, UserId: 'stranger' }), { ResultCode: '3028' }, name);
    t.match(await call(index, 'PushUnBind', { ...bound, DeliveryToken: 'x' }), { ResultCode: '3054' }, name);
    t.match(await call(index, 'PushUnBind', { ...bound, UserId: '' }), { ResultCode: '3012' }, name);
    if (index < 4) {
      t.match(await call(index, 'PushUnBind', bound), { ResultCode: 'OK' }, name);
      t.match(await call(index, 'PushUnBind', bound), { ResultCode: 'OK' }, 'again');
      t.match(await call(index, 'PushQueryDeviceState', state), { Data: { Statue: 'UNKNOW' } }, name);
      await push(bound.UserId, `nobody has this ${index}`);
    }
    if (isConnected) await until(() => tablet.users.at(-1) === '' && tablet.isConnected(), 3000);
  }
  t.notOk(tablet.shown.some((id) => id.startsWith('nobody')));
  const last = `user${SDK_CORES.length - 1}`;
  await spare.open();
  await until(() => spare.shown.length === 1);
  t.same(spare.shown, [`before ${SDK_CORES.length - 1}`], 'one that was away is bound when it comes');
  t.same(spare.users, [last]);
  await spare.close();

  // A device that has bound its user itself.
  const bound = { ...APP, DeliveryToken: mobile.adToken() };
  const push = (user: string, msgKey: string) =>
    call(0, 'PushSimple', { ...SIMPLE, TargetMsgkey: JSON.stringify({ [user]: msgKey }) });
  t.match(await call(0, 'PushUnBind', { ...bound, UserId: 'ann' }), { ResultCode: 'OK' });
  await until(() => mobile.users.length === 1 && mobile.isConnected());
  t.same(mobile.users, [''], 'its Hello repeats the user, and is overruled');
  await push('ann', 'unbound');
  await sleep(100);
  t.same(mobile.shown, []);
  mobile.setUser('ann');
  await until(() => mobile.shown.length === 1);
  t.same(mobile.shown, ['unbound'], 'its app binds him again');
  await tablet.close();
  await mobile.close();
});

t.test('PushStatus decides by the login of each device when it is delivered', async (t) => {
  const { all, call } = await start(t);
  await call(0, 'CreateTemplate', { ...APP, TemplateName: 'hi', Title: 'hi', Content: 'x' });
  const [loggedIn, loggedOut, never] = ['ann', 'bob', ''].map((user) => phone(all.portOf('tcp'), user));
  if (!loggedIn || !loggedOut || !never) throw new Error('no devices');
  for (const device of [loggedIn, loggedOut, never]) await device.open();
  await until(() => [loggedIn, loggedOut, never].every((device) => device.adToken() !== ''));
  loggedOut.setUser('');
  await sleep(200);
  const broadcast = (Msgkey: string, more: object) =>
    call(0, 'PushBroadcast', { ...COMMON, DeliveryType: 1, TemplateName: 'hi', Msgkey, ...more });
  await broadcast('default', {});
  await broadcast('in', { PushStatus: 0, BindPeriod: 1 });
  await broadcast('out', { PushStatus: 2, UnBindPeriod: 1 });
  await broadcast('users', { PushStatus: 1, UnBindPeriod: 1 });
  await broadcast('all', { PushStatus: 1, UnBindPeriod: 4 });
  await until(() => [loggedIn, loggedOut, never].every(({ shown }) => shown.includes('all')));
  t.same(loggedIn.shown, ['default', 'in', 'users', 'all']);
  t.same(loggedOut.shown, ['out', 'users', 'all']);
  t.same(never.shown, ['all']);
  const later = phone(all.portOf('tcp'), 'cid');
  await later.open();
  await until(() => later.shown.length >= 4);
  t.same(later.shown, ['default', 'in', 'users', 'all'], 'one that comes later, too');
  for (const device of [loggedIn, loggedOut, never, later]) await device.close();
});
