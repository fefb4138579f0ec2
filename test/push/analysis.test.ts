import t from 'tap';
import { DAY_MS } from '../../src/core/model.js';
import { type CounterStore, type Store, StoreUnavailable } from '../../src/core/ports.js';
import {
  type Counted,
  createCounts,
  DAY_COUNTS,
  KEPT_DAYS,
  TASK_COUNTS,
} from '../../src/push/analysis/counts.js';
import { openMessageIds } from '../../src/push/analysis/message-id.js';
import { createAnalysisQueries, percent } from '../../src/push/analysis/queries.js';
import { listTasks, saveTask } from '../../src/push/analysis/tasks.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { analysisRig } from './analysis-rig.js';

const NOW = Date.UTC(2026, 10, 22, 12);
const ALL = { platform: null, channel: null, kind: null, taskId: null } as const;

function taskAt(ms: number): string {
  return String(ms * 1000 + 7);
}

function counted(change: Partial<Counted> = {}): Counted {
  const how = { kind: 'MULTIPLE', platform: 'ANDROID', channel: 'ANDROID' } as const;
  return { instance: 'w_a', taskId: taskAt(NOW), ...how, ...change };
}

function countsOver(store: CounterStore, clock = { ms: NOW }) {
  return createCounts({ store, timeZone: 'Asia/Shanghai', now: () => clock.ms, onWaiting: () => undefined });
}

t.test('an id names its push, for its own instance only, and cannot be made up', async (t) => {
  const store = createMemoryStore();
  const [ids, others] = await Promise.all([openMessageIds(store), openMessageIds(store)]);
  const origin = { taskId: taskAt(NOW), kind: 'TEMPLATE', reported: false } as const;
  const id = ids.make('w_a', origin);
  t.match(id, /^[0-9a-f]{32}$/);
  t.not(id, ids.make('w_a', origin), 'each message has its own');
  t.same(ids.read('w_a', id), origin);
  t.same((await openMessageIds(store)).read('w_a', id), origin, 'for every process');
  t.same((await openMessageIds(store)).read('w_a', others.make('w_a', origin)), origin);
  t.same(ids.read('w_a', ids.make('w_a', { ...origin, kind: 'MOBILE', reported: true })), {
    ...{ ...origin, kind: 'MOBILE', reported: true },
  });
  const changed = (id[14] === '0' ? '1' : '0') + id.slice(15);
  for (const [instance, made] of [
    ['w_b', id],
    ['w_a', id.slice(0, 14) + changed],
    ['w_a', '0'.repeat(32)],
    ['w_a', id.toUpperCase()],
    ['w_a', ''],
  ] as const)
    t.equal(ids.read(instance, made), null, made);
});

t.test('counters of several nodes that write at once add up', async (t) => {
  const store = createMemoryStore();
  const nodes = [1, 2, 3].map(() => countsOver(store));
  await Promise.all(
    nodes.map(async (counts) => {
      for (let round = 0; round < 20; round += 1) {
        for (let n = 0; n < 5; n += 1) counts.add(counted(), { total: 1, pushed: 1, opened: 0 });
        counts.add(counted({ platform: 'IOS', channel: 'IOS', kind: 'SIMPLE' }), { total: 2, arrived: 1 });
        await counts.flush();
      }
    }),
  );
  const [counts] = nodes;
  if (counts === undefined) throw new Error('no node');
  const queries = createAnalysisQueries(store, counts);
  const range = { instance: 'w_a', fromMs: NOW, toMs: NOW };
  t.match(await queries.index({ ...range, ...ALL }), { total: 420, pushed: 300, arrived: 60, opened: 0 });
  t.match(await queries.index({ ...range, ...ALL, platform: 'IOS' }), { total: 120, pushed: 0 });
  t.match(await queries.index({ ...range, ...ALL, channel: 'ANDROID' }), { total: 300 });
  t.match(await queries.index({ ...range, ...ALL, kind: 'SIMPLE' }), { total: 120 });
  t.match(
    await queries.index({ ...range, ...ALL, taskId: taskAt(NOW) }),
    { total: 300 },
    'not of simple ones',
  );
  t.match(await queries.index({ ...range, ...ALL, instance: 'w_b' }), { total: 0 });
  t.match(await queries.index({ ...range, ...ALL, fromMs: NOW - 9 * DAY_MS, toMs: NOW - DAY_MS }), {
    total: 0,
  });
  t.same([percent(1, 3), percent(0, 0), percent(2, 2)], [33.33, 0, 100]);
});

t.test('a day is one of the time zone, and its document does not grow with the messages', async (t) => {
  const store = createMemoryStore();
  const counts = countsOver(store);
  const midnight = Date.UTC(2026, 10, 22, 16);
  for (let n = 0; n < 1000; n += 1) counts.add(counted({ taskId: taskAt(midnight - 1) }), { total: 1 });
  counts.add(counted({ taskId: taskAt(midnight) }), { total: 1 });
  await counts.flush();
  t.same(await store.docs(DAY_COUNTS, '', 9), [
    { key: 'w_a/2026-11-22', value: { 'MULTIPLE.ANDROID.ANDROID.total': 1000 } },
    { key: 'w_a/2026-11-23', value: { 'MULTIPLE.ANDROID.ANDROID.total': 1 } },
  ]);
});

t.test('a query of ten million messages a day reads one document a day, and one for a task', async (t) => {
  const memory = createMemoryStore();
  const read: string[] = [];
  const store: Store = {
    ...memory,
    async doc(collection, key) {
      read.push(collection);
      return memory.doc(collection, key);
    },
    async docs(...query) {
      const found = await memory.docs(...query);
      read.push(...found.map(() => query[0]));
      return found;
    },
  };
  const counts = countsOver(store);
  const by = { 'MULTIPLE.ANDROID.ANDROID.total': 10_000_000, 'MULTIPLE.ANDROID.ANDROID.pushed': 9_000_000 };
  // Also days that should have been forgotten are not in the way.
  const days = Array.from({ length: 3 * KEPT_DAYS }, (_, ago) => counts.dayOf(NOW - ago * DAY_MS));
  await store.addCounters([
    ...days.map((day) => ({ collection: DAY_COUNTS, key: `w_a/${day}`, by })),
    { collection: TASK_COUNTS, key: `w_a/${taskAt(NOW)}`, by },
  ]);
  const queries = createAnalysisQueries(store, counts);
  const ask = async (taskId: string | null) => {
    read.length = 0;
    const range = { fromMs: NOW - 90 * DAY_MS, toMs: NOW };
    return queries.index({ ...ALL, ...range, instance: 'w_a', taskId });
  };
  t.match(await ask(null), { total: 91 * 10_000_000, pushed: 91 * 9_000_000 });
  t.equal(read.length, 91, 'documents of 910 million messages');
  t.match(await ask(taskAt(NOW)), { total: 10_000_000, pushed: 9_000_000 });
  t.same(read, [TASK_COUNTS]);
});

t.test(
  'a report is counted once for a message and device, whatever is being written meanwhile',
  async (t) => {
    const memory = createMemoryStore();
    let release = (): void => {};
    const slow: CounterStore = {
      ...memory,
      async saveDocs(writes) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        await memory.saveDocs(writes);
      },
    };
    const counts = countsOver(slow);
    const report = (device = 'd1', measure: 'opened' | 'ignored' = 'opened') =>
      counts.once(counted(), measure, 'k1', device);
    t.same(await Promise.all([report(), report()]), [true, false], 'at once');
    const flushing = counts.flush();
    await new Promise(setImmediate);
    t.equal(await report(), false, 'while the first is written');
    t.equal(await report('d/2'), true, 'another device');
    t.equal(await report('d1', 'ignored'), true, 'another report');
    release();
    await flushing;
    t.equal(await report(), false, 'when it is written');
    t.equal(await countsOver(memory).once(counted(), 'opened', 'k1', 'd1'), false, 'by another node');
  },
);

t.test('what the store did not take is counted later', async (t) => {
  const memory = createMemoryStore();
  let isDown = true;
  const failing: CounterStore = {
    ...memory,
    async addCounters(adds) {
      if (isDown) throw new StoreUnavailable('down');
      await memory.addCounters(adds);
    },
  };
  const counts = countsOver(failing);
  counts.add(counted(), { total: 2 });
  await t.rejects(counts.flush(), { name: 'StoreUnavailable' });
  counts.add(counted(), { total: 1 });
  isDown = false;
  await counts.flush();
  t.match(await memory.doc(DAY_COUNTS, 'w_a/2026-11-22'), { 'MULTIPLE.ANDROID.ANDROID.total': 3 });
});

async function keysOf(store: Store, collection: string): Promise<string[]> {
  return (await store.docs(collection, '', 99)).map(({ key }) => key);
}

t.test('counters are forgotten after 90 days, and reports after 30', async (t) => {
  const store = createMemoryStore();
  const clock = { ms: NOW };
  const counts = countsOver(store, clock);
  for (const instance of ['w_a', 'w_b']) {
    for (const days of [0, 40, KEPT_DAYS + 1]) {
      const taskId = taskAt(NOW - days * DAY_MS);
      counts.add(counted({ instance, taskId }), { total: 1 });
      await counts.once(counted({ instance, taskId }), 'opened', `k${days}`, 'd1');
    }
  }
  await counts.flush();
  while (await counts.forget());
  t.same(await keysOf(store, DAY_COUNTS), [
    'w_a/2026-10-13',
    'w_a/2026-11-22',
    'w_b/2026-10-13',
    'w_b/2026-11-22',
  ]);
  t.equal((await keysOf(store, 'push-task-counts')).length, 4);
  t.same(
    (await keysOf(store, 'push-reports')).map((key) => key.slice(0, 14)),
    ['2026-11-22/w_a', '2026-11-22/w_b'],
  );
});

t.test('a report of a message that is too old, or of nothing, is refused', async (t) => {
  const rig = await analysisRig(createMemoryStore(), () => NOW);
  t.teardown(() => rig.analysis.stop());
  const { analysis } = rig;
  const idOf = (ageDays: number, reported: boolean): string =>
    analysis.ids.make('w_a', { taskId: taskAt(NOW - ageDays * DAY_MS), kind: 'SIMPLE', reported });
  const device = { instance: 'w_a', deviceId: 'd1', os: 'android' };
  const report = (kind: 'arrived' | 'opened', messageId: string) =>
    analysis.report({ ...device, kind, messageId });
  t.equal(await report('opened', idOf(31, false)), false);
  t.equal(await report('opened', 'x'), false);
  t.equal(await report('opened', idOf(29, false)), true);
  t.equal(await report('arrived', idOf(0, false)), true, 'its acknowledgement counts');
  t.equal(await report('arrived', idOf(0, true)), true);
  t.same(rig.counted, ['opened', 'arrived']);
});

t.test('tasks are listed from a day on, page by page', async (t) => {
  const store = createMemoryStore();
  const task = {
    instance: 'w_a',
    kind: 'MULTIPLE',
    templateId: '1',
    templateName: 'hi',
    endedMs: 0,
  } as const;
  for (let n = 0; n < 5; n += 1)
    await saveTask(store, { ...task, taskId: taskAt(NOW + n), name: n === 3 ? 'odd' : 'even' });
  await saveTask(store, { ...task, instance: 'w_b', taskId: taskAt(NOW), name: 'other' });
  const query = { instance: 'w_a', fromMs: NOW, taskId: '', name: '', page: 1, size: 2 };
  const list = async (change: object) =>
    (await listTasks(store, { ...query, ...change })).map(({ taskId }) => taskId);
  t.same(await list({}), [taskAt(NOW), taskAt(NOW + 1)]);
  t.same(await list({ page: 3 }), [taskAt(NOW + 4)]);
  t.same(await list({ fromMs: NOW + 3 }), [taskAt(NOW + 3), taskAt(NOW + 4)]);
  t.same(await list({ name: 'odd' }), [taskAt(NOW + 3)]);
  t.same(await list({ taskId: taskAt(NOW + 2) }), [taskAt(NOW + 2)]);
  t.same(await list({ taskId: '../x' }), []);
});
