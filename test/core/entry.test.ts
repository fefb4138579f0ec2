/** The way in: from a request to a durable record and a wake-up; and what a catalogue change does. */
import t from 'tap';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import { appendDue, type Delivery, type SendRequest, send } from '../../src/core/delivery.js';
import {
  type AppendRequest,
  type AppendResult,
  type Store,
  StoreUnavailable,
  type Wake,
} from '../../src/core/ports.js';
import { createMemoryStore } from '../../src/store/memory.js';
import {
  config,
  createBench,
  DEVICE_DATA,
  GLOBAL,
  INSTANCE,
  NEWEST_THREE,
  SINGLE,
  START_MS,
  TRANSIENT,
  USER_DATA,
} from './harness.js';

interface Entry extends Delivery {
  readonly woken: Wake[];
  readonly requests: AppendRequest[];
  online: number;
}

function entry(appends?: (requests: readonly AppendRequest[]) => Promise<AppendResult[]>): Entry {
  const catalogue = createCatalogueView();
  const configs = [
    DEVICE_DATA,
    USER_DATA,
    SINGLE,
    GLOBAL,
    TRANSIENT,
    NEWEST_THREE,
    config('away', { online: false }),
  ];
  const { instance } = createBench().view;
  updateCatalogue(catalogue, { version: 1, instances: [instance], configs });
  const memory = createMemoryStore();
  const requests: AppendRequest[] = [];
  const woken: Wake[] = [];
  const append: Store['append'] = (list) => {
    requests.push(...list);
    return (appends ?? memory.append)(list);
  };
  const made: Entry = {
    store: { ...memory, append },
    catalogue,
    now: () => ({ wall: START_MS, mono: 0 }),
    encodeBody: ({ payload }) => payload,
    wake: (wake) => {
      woken.push(wake);
      return made.online;
    },
    isOnline: () => made.online > 0,
    hardCapPerStream: 100,
    traceSampleRate: 0,
    random: () => 0.5,
    lastTransientId: 0,
    woken,
    requests,
    online: 0,
  };
  return made;
}

function request(fields: Partial<SendRequest> = {}): SendRequest {
  const payload = new Uint8Array([1]);
  const base = { instance: INSTANCE, biz: 'device-data', global: false, linkToken: 'd', thirdMsgId: 'm' };
  return { ...base, payload, binary: false, ...fields };
}

t.test('every outcome of a call has its code', async (t) => {
  const there = entry();
  there.online = 1;
  t.equal((await send(there, request())).result, 'SUCCESS');
  t.equal((await send(there, request())).result, 'DUPLICATED_BIZ_ID');
  t.equal((await send(entry(), request())).result, 'NOT_ONLINE');
  t.equal((await send(entry(), request({ biz: 'nothing' }))).result, 'BIZ_NOT_ONLINE');
  t.equal((await send(entry(), request({ biz: 'away' }))).result, 'BIZ_NOT_ONLINE');
  t.equal((await send(entry(), request({ instance: 'other_app' }))).result, 'BIZ_NOT_ONLINE');
  t.equal((await send(entry(), request({ global: true }))).result, 'NOT_SUPPORT_GLOBAL');
  t.equal((await send(entry(), request({ biz: 'global' }))).result, 'NOT_SUPPORT_GLOBAL');
  t.equal(
    (await send(entry(), request({ biz: 'global', global: true }))).result,
    'SUCCESS',
    'nobody there, yet no NOT_ONLINE',
  );
  t.equal((await send(entry(), request({ biz: 'transient' }))).result, 'NOT_ONLINE');
  const later = await send(there, request({ thirdMsgId: 'later', validStartMs: START_MS + 1 }));
  t.same(later, { result: 'NOT_ONLINE', id: null });
});

t.test('rule 1: the wake-up and the answer come only after the append has resolved', async (t) => {
  let commit = (_results: AppendResult[]): void => {};
  const slow = entry(
    () =>
      new Promise((resolve) => {
        commit = resolve;
      }),
  );
  let answered = false;
  const sending = send(slow, request()).then((outcome) => {
    answered = true;
    return outcome;
  });
  await new Promise(setImmediate);
  t.notOk(answered);
  t.same(slow.woken, []);
  const oplog = createBench().append(DEVICE_DATA);
  commit([{ status: 'stored', oplog, prev: 0, trimmed: 0 }]);
  await sending;
  t.same(
    slow.woken.map(({ id }) => id),
    [oplog.id],
  );
});

t.test(
  'rule 3: an outcome that is not known is SYSTEM_ERROR, and a repeated call finds one record',
  async (t) => {
    const silent = entry(() => Promise.reject(new StoreUnavailable('no answer')));
    t.same(await send(silent, request()), { result: 'SYSTEM_ERROR', id: null });
    t.same(silent.woken, []);
    await t.rejects(
      send(
        entry(() => Promise.reject(new Error('a fault'))),
        request(),
      ),
      { message: 'a fault' },
    );

    const there = entry();
    const first = await send(there, request());
    const second = await send(there, request({ payload: new Uint8Array([2]) }));
    t.same([second.result, second.id], ['DUPLICATED_BIZ_ID', first.id]);
    t.equal(there.woken.length, 1, 'a duplicate wakes nobody');
  },
);

t.test('rule 2: retention counts from acceptance, and at most 30 days', async (t) => {
  const there = entry();
  await send(there, request({ validEndMs: START_MS + 10 }));
  await send(there, request({ thirdMsgId: 'n', validEndMs: START_MS + 99 * 86_400_000 }));
  t.same(
    there.requests.map(({ expiresMs }) => expiresMs - START_MS),
    [10, 30 * 86_400_000],
  );
});

t.test('rule 4: data of a later validity waits aside, and gets its id when it is due', async (t) => {
  const there = entry();
  await send(there, request({ validStartMs: START_MS + 500 }));
  t.same(there.woken, []);
  t.equal(await appendDue(there, 10), 0, 'not yet');
  const due = { ...there, now: () => ({ wall: START_MS + 500, mono: 0 }) };
  t.equal(await appendDue(due, 10), 1);
  t.same(
    there.woken.map(({ id }) => id),
    [(START_MS + 500) * 1000],
  );
  t.equal(await appendDue(due, 10), 0);
});

t.test('rule 20: appending trims only the stream of a single reader who is away', async (t) => {
  const keep = async (biz: string, online: number) => {
    const there = entry();
    there.online = online;
    await send(there, request({ biz }));
    return there.requests[0]?.keepNewest;
  };
  t.equal(await keep('newest-three', 0), 3);
  t.equal(await keep('newest-three', 1), 100, 'online: the hard cap alone');
  t.equal(await keep('user-data', 0), 100, 'other devices of the user may want the older ones');
});

t.test('ids of data that is not kept go up, even when the clock stands', async (t) => {
  const there = entry();
  await send(there, request({ biz: 'transient' }));
  await send(there, request({ biz: 'transient' }));
  const [a, b] = there.woken;
  t.ok(a !== undefined && b !== undefined && b.id > a.id);
  t.ok(a?.transient);
  t.same(there.requests, [], 'nothing is stored');
});

t.test('a catalogue takes over newer versions only, and says whose nature changed', async (t) => {
  const { instance } = createBench().view;
  const view = createCatalogueView();
  const of = (version: number, configs = [DEVICE_DATA, USER_DATA]) => ({
    version,
    instances: [instance],
    configs,
  });
  t.same(updateCatalogue(view, of(2)), []);
  const entryOf = view.instances.get(INSTANCE);
  t.same(updateCatalogue(view, of(2, [])), [], 'no newer version');
  const online = { ...DEVICE_DATA, online: false };
  t.same(
    updateCatalogue(view, of(3, [online, USER_DATA])).map((change) => change.changedSlots),
    [[]],
  );
  t.equal(view.instances.get(INSTANCE), entryOf, 'sessions keep their reference');
  const single = { ...USER_DATA, multiDevice: false };
  t.same(
    updateCatalogue(view, of(4, [online, single])).map((change) => change.changedSlots),
    [[USER_DATA.slot]],
  );
  t.ok(entryOf?.hasUserReader);
  t.same(
    updateCatalogue(view, of(5, [online])).map((change) => change.changedSlots),
    [[USER_DATA.slot]],
  );
  t.notOk(entryOf?.hasUserReader);
  updateCatalogue(view, { version: 6, instances: [], configs: [] });
  t.notOk(entryOf?.known);
  t.equal(view.instances.size, 0);
});
