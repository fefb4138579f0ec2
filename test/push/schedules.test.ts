import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { SendRequest } from '../../src/core/delivery.js';
import { type Store, StoreUnavailable } from '../../src/core/ports.js';
import { PushRefusal } from '../../src/push/codes.js';
import { createPush, type Push } from '../../src/push/push.js';
import { createFiring } from '../../src/push/schedules/firing.js';
import { createSchedules, PushKind } from '../../src/push/schedules/schedules.js';
import { decodePush, encodePush, type StoredPush } from '../../src/push/schedules/stored-push.js';
import { plannedTimes } from '../../src/push/schedules/strategy.js';
import { addDays, localDate, momentOf, weekday } from '../../src/push/schedules/zone.js';
import type { InTurn } from '../../src/push/turns.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { post, startGateway } from '../openapi/support.js';
import { analysisRig } from './analysis-rig.js';

const DAY = 86_400_000;
/** Wednesday 13 May 2026, 10:00 in Shanghai. */
const NOW = Date.parse('2026-05-13T02:00:00Z');
const SHANGHAI = 'Asia/Shanghai';

const iso = (times: readonly number[]): string[] => times.map((ms) => new Date(ms).toISOString());

/** A loop of the strategy. */
function loop(change: Readonly<Record<string, unknown>>, zone = SHANGHAI, now = NOW): string[] {
  const content = { startTime: now, endTime: now + 6 * DAY, circleType: 1, time: '09:30:00', ...change };
  return iso(plannedTimes(2, content, zone, now));
}

t.test('a fixed time is taken to the second, and must lie ahead', async (t) => {
  t.same(plannedTimes(1, { fixedTime: NOW + 1999 }, SHANGHAI, NOW), [NOW + 1000]);
  t.same(plannedTimes(1, { fixedTime: String(NOW + 5000) }, SHANGHAI, NOW), [NOW + 5000]);
  for (const fixedTime of [undefined, NOW, NOW - 1, 'soon', NOW * 1000, 1.5, null]) {
    t.throws(() => plannedTimes(1, { fixedTime }, SHANGHAI, NOW), { code: '3028' }, String(fixedTime));
  }
});

t.test('loops by day, week and month, from the first day to the last, without what is past', async (t) => {
  // Today at 09:30 is past.
  t.same(loop({ endTime: NOW + 2 * DAY }), ['2026-05-14T01:30:00.000Z', '2026-05-15T01:30:00.000Z']);
  t.equal(loop({ time: '10:00:01' })[0], '2026-05-13T02:00:01.000Z');
  // The last day ends at 24:00, whatever time of day endTime has.
  const midnight = Date.parse('2026-05-13T16:00:00Z');
  t.same(loop({ endTime: midnight, time: '23:59:59' }), [
    '2026-05-13T15:59:59.000Z',
    '2026-05-14T15:59:59.000Z',
  ]);
  // 7 is Sunday.
  t.same(loop({ circleType: 2, circleValue: [1, 7] }), [
    '2026-05-17T01:30:00.000Z',
    '2026-05-18T01:30:00.000Z',
  ]);
  // June has no 31st.
  t.same(loop({ endTime: NOW + 90 * DAY, circleType: 3, circleValue: [31, '1'] }), [
    '2026-05-31T01:30:00.000Z',
    '2026-06-01T01:30:00.000Z',
    '2026-07-01T01:30:00.000Z',
    '2026-07-31T01:30:00.000Z',
    '2026-08-01T01:30:00.000Z',
  ]);
  t.equal(loop({ endTime: NOW + 180 * DAY }).length, 180);
});

t.test('a loop that cannot be meant is refused', async (t) => {
  const wrong: Readonly<Record<string, unknown>>[] = [
    { startTime: NOW - DAY },
    { endTime: NOW - DAY },
    { startTime: NOW + 2 * DAY, endTime: NOW + DAY },
    { endTime: NOW + 181 * DAY },
    { startTime: undefined },
    { circleType: 4 },
    { circleType: 2 },
    { circleType: 2, circleValue: [] },
    { circleType: 2, circleValue: [8] },
    { circleType: 2, circleValue: [1, 0] },
    { circleType: 3, circleValue: [32] },
    { circleType: 3, circleValue: 'x' },
    { time: '24:00:00' },
    { time: '9:30:00' },
    { time: '09:30' },
    // All of it is past.
    { endTime: NOW },
  ];
  for (const change of wrong) t.throws(() => loop(change), { code: '3028' }, JSON.stringify(change));
});

t.test('times of day stay what they are when the clocks change', async (t) => {
  const zone = 'Europe/Berlin';
  // Clocks go from 02:00 to 03:00 on 29 March 2026.
  const spring = Date.parse('2026-03-28T00:00:00+01:00');
  t.same(loop({ endTime: spring + 2 * DAY, time: '02:30:00' }, zone, spring), [
    '2026-03-28T01:30:00.000Z',
    // 03:30: there is no 02:30.
    '2026-03-29T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
  // And from 03:00 back to 02:00 on 25 October: the first of the two.
  const autumn = Date.parse('2026-10-24T00:00:00+02:00');
  t.same(loop({ endTime: autumn + 2 * DAY + 3_600_000, time: '02:30:00' }, zone, autumn), [
    '2026-10-24T00:30:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
  // Days begin and end by the zone's clocks, also where midnight does not exist (Cairo, 24 April 2026).
  const cairo = { year: 2026, month: 4, day: 24 };
  t.equal(
    momentOf('Africa/Cairo', cairo, { hour: 0, minute: 30, second: 0 }),
    Date.parse('2026-04-24T01:30:00+03:00'),
  );
  t.same(localDate('Pacific/Kiritimati', Date.parse('2026-12-31T10:00:00Z')), {
    year: 2027,
    month: 1,
    day: 1,
  });
  t.equal(
    momentOf('America/New_York', { year: 2026, month: 7, day: 4 }, { hour: 0, minute: 0, second: 0 }),
    Date.parse('2026-07-04T04:00:00Z'),
  );
  t.same(addDays({ year: 2028, month: 2, day: 28 }, 2), { year: 2028, month: 3, day: 1 });
  t.equal(weekday({ year: 2026, month: 5, day: 17 }), 7);
});

t.test('a push comes back from the store as it went in', async (t) => {
  const push: StoredPush = {
    call: 'toTargets',
    args: [task(), [message('ann', 'k1', new Map([['__proto__', '"$map"']]))]],
  };
  t.same(decodePush(JSON.parse(JSON.stringify(encodePush(push)))), push);
});

function task(instance = 'default_APP1', expiredSeconds = 3600) {
  return { instance, deliveryType: 3 as const, expiredSeconds, extended: new Map([['a', 'b']]) };
}

function message(target: string, msgKey: string, params: ReadonlyMap<string, string> = new Map()) {
  const content = { title: 'T', content: 'C', uri: '', action: 0, silent: false, style: 0 };
  return { target, msgKey, content: { ...content, imageUrls: '', iconUrls: '' }, extended: params };
}

/** Schedules over a store whose pushes are collected; a repeated message is told like the store does. */
async function rig(store: Store, change: { graceMs?: number; push?: Partial<Push>; inTurn?: InTurn } = {}) {
  const clock = { ms: NOW };
  const sent: SendRequest[] = [];
  const results: string[] = [];
  const errors: unknown[] = [];
  const seen = new Set<string>();
  const now = (): number => clock.ms;
  const analysing = await analysisRig(store, now);
  const push: Push = {
    ...createPush({
      async send(request) {
        const key = `${request.biz} ${request.linkToken} ${request.thirdMsgId}`;
        if (seen.has(key)) return { result: 'DUPLICATED_BIZ_ID', id: 1 };
        seen.add(key);
        sent.push(request);
        return { result: 'NOT_ONLINE', id: 1 };
      },
      prepare: async () => {},
      findDevice: async () => null,
      store,
      ...analysing,
      now,
    }),
    ...change.push,
  };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: InTurn = (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
  const shared = { store, push, inTurn, now, timeZone: SHANGHAI, maxPending: 3 };
  const schedules = createSchedules(shared);
  const firing = createFiring({
    ...shared,
    graceMs: change.graceMs ?? 600_000,
    onResult: (result) => results.push(result),
    onError: (error) => errors.push(error),
  });
  const at = (seconds: number, instance?: string, key = 'k1') =>
    schedules.create(
      PushKind.SIMPLE,
      { type: 1, content: { fixedTime: NOW + seconds * 1000 } },
      { call: 'toTargets', args: [task(instance), [message('ann', key)]] },
    );
  const daily = () =>
    schedules.create(
      PushKind.BROADCAST,
      { type: 2, content: { startTime: NOW, endTime: NOW + 2 * DAY, circleType: 1, time: '12:00:00' } },
      { call: 'toAll', args: [task(), message('', 'all')] },
    );
  const list = async (uniqueId: string | null = null) =>
    (
      await schedules.list({
        instance: 'default_APP1',
        fromMs: 0,
        toMs: NOW + 400 * DAY,
        kind: null,
        uniqueId,
        page: 1,
        size: 500,
      })
    ).pushes;
  return { clock, sent, results, errors, push, schedules, firing, at, daily, list };
}

const STORES = {
  memory: async () => ({ store: createMemoryStore(), end: async () => {} }),
  embedded: async () => {
    const path = await mkdtemp(join(tmpdir(), 'longlink-schedules-'));
    const store = await openEmbeddedStore({
      path,
      commitTimeoutMs: 10_000,
      isSingleReader: () => false,
      onCorrupt: () => {},
      onFatal: () => {},
    });
    return {
      store,
      end: async () => {
        await store.close();
        await rm(path, { recursive: true });
      },
    };
  },
};

for (const [name, open] of Object.entries(STORES)) {
  t.test(`${name}: what is due is pushed once, what is not waits`, async (t) => {
    const { store, end } = await open();
    t.teardown(end);
    const { clock, sent, results, firing, at, list } = await rig(store);
    const soon = await at(60);
    const later = await at(120, undefined, 'k2');
    t.equal(await firing.fireDue(), 0);
    clock.ms = NOW + 60_000;
    t.equal(await firing.fireDue(), 1);
    t.equal(await firing.fireDue(), 0);
    t.match(sent, [{ linkToken: 'ann', thirdMsgId: 'k1', validEndMs: NOW + 60_000 + 3_600_000 }]);
    t.match(await list(), [
      { uniqueId: soon, child: { state: 'fired', outcome: /^\d{16}$/ } },
      { uniqueId: later, child: { state: 'pending' } },
    ]);
    t.same(results, ['fired']);
  });

  t.test(`${name}: each time of a loop is a push of its own, and can be cancelled alone`, async (t) => {
    const { store, end } = await open();
    t.teardown(end);
    const { clock, sent, schedules, firing, daily, list } = await rig(store);
    const id = await daily();
    const children = (await list(id)).map(({ uniqueId }) => uniqueId);
    t.equal(children.length, 3);
    t.equal(new Set([...children, id]).size, 4);
    const [first = '', second = '', third = ''] = children;
    t.same((await list(second)).length, 1);
    t.same(await schedules.cancel('default_APP1', [second, id], 'child'), [true, false]);
    t.same(await schedules.cancel('default_APP1', [second], 'child'), [false]);
    t.same(await schedules.cancel('default_OTHER', [third], 'child'), [false]);
    t.same(await schedules.cancel('default_APP1', [third], 'task'), [false]);
    for (const day of [0, 1, 2]) {
      clock.ms = NOW + day * DAY + 3 * 3_600_000;
      await firing.fireDue();
    }
    // The second of a loop that repeated the first message id would be taken for a repetition.
    t.same(
      sent.map(({ thirdMsgId, global }) => [thirdMsgId, global]),
      [],
      'late by an hour: missed, with the grace of ten minutes',
    );
    t.match(await list(), [
      { uniqueId: first, child: { state: 'missed' } },
      { uniqueId: third, child: { state: 'missed' } },
    ]);
    const again = await rig(store);
    await again.daily();
    for (const day of [0, 1, 2]) {
      again.clock.ms = NOW + day * DAY + 2 * 3_600_000 + 1000;
      await again.firing.fireDue();
    }
    t.equal(new Set(again.sent.map(({ thirdMsgId }) => thirdMsgId)).size, 3);
    t.match(again.sent, [{ global: true, thirdMsgId: /^all@[0-9a-f]{29}001$/ }, {}, {}]);
  });

  t.test(`${name}: a crash after the push and before its mark does not push twice`, async (t) => {
    const { store, end } = await open();
    t.teardown(end);
    let crashes = true;
    const dying: Store = {
      ...store,
      saveDocs: (writes) =>
        crashes && writes.some(({ collection }) => collection === 'push-schedule-bodies')
          ? Promise.reject(new StoreUnavailable('killed'))
          : store.saveDocs(writes),
    };
    const first = await rig(store);
    const id = await first.at(60);
    const killed = await rig(dying, { push: first.push });
    killed.clock.ms = NOW + 60_000;
    first.clock.ms = NOW + 60_000;
    await t.rejects(killed.firing.fireDue(), StoreUnavailable);
    t.match(await killed.list(), [{ child: { state: 'firing' } }]);
    t.same(await killed.schedules.cancel('default_APP1', [id], 'task'), [false], 'it has begun');
    crashes = false;
    // Long after the grace: what has begun is finished.
    first.clock.ms = NOW + 60_000 + 1_200_000;
    t.equal(await first.firing.fireDue(), 1);
    t.equal(first.sent.length, 1);
    t.match(await first.list(), [{ child: { state: 'fired' } }]);
  });
}

t.test('what was missed by more than the grace, or is not valid any more, is not pushed', async (t) => {
  const { clock, sent, results, firing, at, list } = await rig(createMemoryStore(), { graceMs: 5_000 });
  await at(60);
  await at(61, undefined, 'k2');
  clock.ms = NOW + 65_500;
  await firing.fireDue();
  t.same(
    sent.map(({ thirdMsgId }) => thirdMsgId),
    ['k2'],
  );
  t.same(results, ['missed', 'fired']);
  t.match(await list(), [{ child: { state: 'missed' } }, { child: { state: 'fired' } }]);
});

t.test('too many that wait are refused, ended ones do not count, and old ones are forgotten', async (t) => {
  const { clock, schedules, firing, at, list } = await rig(createMemoryStore());
  const first = await at(60);
  await at(61);
  await at(62);
  await t.rejects(at(63), { code: '3028' });
  await t.resolves(at(63, 'default_OTHER'));
  t.same(await schedules.cancel('default_APP1', [first, first, 'x', ''], 'either'), [
    true,
    false,
    false,
    false,
  ]);
  await at(63);
  t.equal((await list()).length, 3, 'without the cancelled one');
  clock.ms = NOW + 70_000;
  await firing.fireDue();
  t.equal(await firing.forgetOld(), 0);
  clock.ms += 31 * DAY;
  t.ok((await firing.forgetOld()) > 0);
  t.same(await list(), []);
});

t.test(
  'a push that the service refuses ends as failed; one that was not stored is tried again',
  async (t) => {
    let outcome = '3054';
    const push = {
      toTargets: async () => {
        if (outcome !== '') throw outcome === 'bug' ? new TypeError('bug') : new PushRefusal(outcome);
        return '1234567890123456';
      },
    };
    const { clock, results, errors, firing, at, list } = await rig(createMemoryStore(), { push });
    await at(60);
    clock.ms = NOW + 60_000;
    await firing.fireDue();
    outcome = 'bug';
    await at(61);
    clock.ms = NOW + 61_000;
    await firing.fireDue();
    t.match(errors, [TypeError]);
    outcome = '9000';
    await at(62);
    clock.ms = NOW + 62_000;
    t.equal(await firing.fireDue(), 0);
    outcome = '';
    t.equal(await firing.fireDue(), 1);
    t.same(results, ['failed', 'failed', 'retried', 'fired']);
    t.match(await list(), [
      { child: { state: 'failed', outcome: '3054' } },
      { child: { state: 'failed', outcome: '9000' } },
      { child: { state: 'fired', outcome: '1234567890123456' } },
    ]);
  },
);

t.test('a push is either cancelled or sent', async (t) => {
  const { clock, sent, schedules, firing, at } = await rig(createMemoryStore());
  const outcomes = new Set<boolean>();
  for (let round = 0; round < 40; round += 1) {
    const id = await at((round + 1) * 60, undefined, `r${round}`);
    clock.ms = NOW + (round + 1) * 60_000;
    const before = sent.length;
    const fired = firing.fireDue();
    for (let turns = round % 20; turns > 0; turns -= 1) await Promise.resolve();
    const [, [cancelled]] = await Promise.all([fired, schedules.cancel('default_APP1', [id], 'task')]);
    outcomes.add(cancelled === true);
    t.equal(sent.length - before, cancelled === true ? 0 : 1, `round ${round}`);
  }
  t.equal(outcomes.size, 2, 'both were seen');
});

const SIMPLE = {
  Action: 'PushSimple',
  AppId: 'APP1',
  WorkspaceId: 'default',
  TaskName: 'n',
  DeliveryType: '3',
  ExpiredSeconds: '600',
  Title: 'T',
  Content: 'C',
};

t.test('through the signed API: scheduled, listed, cancelled, and pushed when it is time', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const schedule = async (change: Readonly<Record<string, string>>) => {
    const { json } = await post(gateway, { ...SIMPLE, ...change });
    return json as { ResultCode: string; ResultMessage: string; PushResult: { Data: string } };
  };
  const inMs = (ms: number): string => JSON.stringify({ fixedTime: Date.now() + ms });
  const first = await schedule({
    TargetMsgkey: '{"ann":"k1"}',
    StrategyType: '1',
    StrategyContent: inMs(2000),
  });
  t.match(first, { ResultCode: 'OK', PushResult: { Data: /^[0-9a-f]{32}$/ } });
  const second = await schedule({
    TargetMsgkey: '{"ann":"k2"}',
    StrategyType: '1',
    StrategyContent: inMs(DAY),
  });
  const month = { startTime: Date.now(), endTime: Date.now() + 3 * DAY, circleType: 1, circleValue: [1, 7] };
  const looping = await schedule({
    TargetMsgkey: '{"ann":"k3"}',
    StrategyType: '2',
    StrategyContent: JSON.stringify({ ...month, time: '23:59:59', fixedTime: 1 }),
  });
  for (const StrategyContent of [undefined, '{}', '{"fixedTime":1630303126000}', '[]']) {
    const change = { TargetMsgkey: '{"ann":"k"}', StrategyType: '1', StrategyContent };
    const { json } = await post(gateway, { ...SIMPLE, ...change });
    t.match(json, { ResultCode: '3028', ResultMessage: /^INVALID_PARAM.*StrategyContent/ });
  }
  const [, one] = [first, second, looping].map(({ PushResult }) => PushResult.Data);
  const query = {
    Action: 'QueryPushSchedulerList',
    AppId: 'APP1',
    WorkspaceId: 'default',
    StartTime: String(Date.now() - DAY),
    EndTime: String(Date.now() + 30 * DAY),
  };
  const listed = async (change: Readonly<Record<string, string>> = {}) => {
    const { json } = await post(gateway, { ...query, ...change });
    return (json as { ResultContent: { Data: { TotalCount: number; List: Record<string, unknown>[] } } })
      .ResultContent.Data;
  };
  t.equal((await listed()).TotalCount, 6);
  t.equal((await listed({ UniqueId: looping.PushResult.Data })).TotalCount, 4);
  t.match(await listed({ UniqueId: String(one) }), {
    TotalCount: 1,
    List: [
      {
        UniqueId: one,
        ParentId: one,
        PushTitle: 'T',
        PushContent: 'C',
        Type: 0,
        DeliveryType: 3,
        StrategyType: 1,
        ExecutedStatus: '0',
        CreateType: 0,
      },
    ],
  });
  t.match(await listed({ PageNumber: '2', PageSize: '4' }), { TotalCount: 6, List: { length: 2 } });
  t.equal((await listed({ Type: '3' })).TotalCount, 0);
  const mps = { ...query, Action: 'QueryMpsSchedulerList', Version: '2020-07-10' };
  t.match((await post(gateway, mps)).json, { ResultContent: { Data: { TotalCount: 6 } } });
  const cancel = { Action: 'CancelPushScheduler', AppId: 'APP1', WorkspaceId: 'default' };
  t.match((await post(gateway, { ...cancel, UniqueIds: `${one}, ${'0'.repeat(32)}` })).json, {
    ResultCode: 'OK',
    ResultContent: `{${one}=1,${'0'.repeat(32)}=0}`,
  });
  const old = { ...cancel, Action: 'CancelMpsScheduler', Version: '2020-07-10' };
  t.match((await post(gateway, { ...old, UniqueIds: one })).json, { ResultContent: `{${one}=0}` });
  const tooMany = Array.from({ length: 31 }, (_, at) => `id${at}`).join(',');
  t.match((await post(gateway, { ...cancel, UniqueIds: tooMany })).json, { ResultCode: '3028' });
  t.same(gateway.sent, []);
  const deadline = Date.now() + 10_000;
  while (gateway.sent.length === 0 && Date.now() < deadline) await new Promise((run) => setTimeout(run, 20));
  t.match(gateway.sent, [{ thirdMsgId: 'k1', linkToken: 'ann' }]);
  t.same(gateway.failures, []);
});
