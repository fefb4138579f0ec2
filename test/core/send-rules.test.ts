/** The rules of one session's way down: wake, read, send. docs/architecture.md has them. */
import t from 'tap';
import {
  config,
  createBench,
  cursor,
  DEVICE_DATA,
  FOR_FOREGROUND,
  GLOBAL,
  NEWEST_THREE,
  START_MS,
  USER,
  USER_DATA,
} from './harness.js';

t.test('rule 5: a record that rides along is sent as it is only when it is the very next one', async (t) => {
  const bench = createBench();
  bench.connect();
  const first = bench.send(DEVICE_DATA);
  const second = bench.send(DEVICE_DATA);
  t.same(bench.questions, [], 'nothing was read');
  t.same(
    bench.syncs().map(({ from, through }) => [from, through]),
    [
      [0, first.id],
      [first.id, second.id],
    ],
  );
});

t.test('rule 5: with a gap before it, the store is read after what was sent', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.append(DEVICE_DATA);
  bench.send(DEVICE_DATA);
  t.same(bench.syncs(), [], 'it is not sent ahead of the one before');
  t.same(
    bench.questions.map(({ what, after }) => [what, after]),
    [['read', 0]],
  );
  bench.run();
  t.same(bench.ids(), [1, 2]);
});

t.test('rule 5: a hint without its record, and one without room, read the store', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.wake(DEVICE_DATA, bench.append(DEVICE_DATA), 'bare');
  t.same(bench.syncs(), []);
  bench.run();
  t.same(bench.ids(), [1]);
  bench.room = 0;
  bench.send(DEVICE_DATA);
  t.same(bench.questions, [], 'over the byte budget the session does not even read');
  bench.room = 1000;
  bench.ack(DEVICE_DATA, 1);
  bench.run();
  t.same(bench.ids(), [2]);
});

t.test('rule 5: a wake-up that is heard twice sends once', async (t) => {
  const bench = createBench();
  bench.connect();
  const oplog = bench.send(DEVICE_DATA);
  bench.wake(DEVICE_DATA, oplog);
  bench.run();
  t.same(bench.ids(), [1]);
});

t.test('rule 6: what is appended between registering and reading comes all the same', async (t) => {
  const bench = createBench();
  bench.hello();
  bench.send(DEVICE_DATA);
  t.same(bench.syncs(), [], 'not live yet');
  bench.run();
  t.same(bench.ids(), [1]);
});

t.test('rule 6: heads from before a record are read once more when its wake-up came meanwhile', async (t) => {
  const bench = createBench({ configs: [USER_DATA] });
  bench.connect();
  bench.bind(USER);
  bench.send(USER_DATA);
  t.ok(bench.session.missed);
  bench.answer('rebind');
  t.same(
    bench.questions.map(({ what }) => what),
    ['heads', 'read'],
  );
  bench.run();
  t.same(bench.ids(), [1]);
});

t.test(
  'rule 6: a wake-up that comes while a page is being read is not taken back by that page',
  async (t) => {
    const bench = createBench();
    bench.connect();
    bench.wake(DEVICE_DATA, bench.append(DEVICE_DATA), 'bare');
    // The read under way saw one record; the second is appended and heard of before its answer.
    bench.send(DEVICE_DATA);
    bench.run();
    t.same(bench.ids(), [1, 2], 'without waiting for a heartbeat');
  },
);

t.test('rule 6: a lost wake-up costs one heartbeat', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.append(DEVICE_DATA);
  bench.later(60_000);
  t.same(bench.ids(), []);
  bench.ping();
  t.same(bench.ids(), [1]);
});

t.test('rule 7: what must not be sent is left out, and the position passes it', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { dead: [3] })];
  bench.append(DEVICE_DATA, { expiresMs: START_MS });
  bench.append(DEVICE_DATA, { filter: { os: 'android' } });
  bench.append(DEVICE_DATA);
  bench.append(DEVICE_DATA, { filter: { os: 'ios' } });
  bench.append(DEVICE_DATA, { filter: { minVersion: '2' } });
  bench.connect();
  t.same(
    bench.syncs().map(({ from, through, oplogs }) => [from, through, oplogs.map(({ id }) => id)]),
    [
      [0, 4, [4]],
      [4, 5, []],
    ],
    'a run of filtered records is a Sync without any',
  );
  t.equal(bench.counts.get('device-data expired'), 1);
  t.equal(bench.counts.get('device-data filtered'), 2);
  bench.ack(DEVICE_DATA, 5);
  t.match(bench.flush(), [{ cursor: { acked: 5 } }]);
});

t.test('rule 7: the window bounds what is in flight, and an ack opens it again', async (t) => {
  const bench = createBench();
  for (let at = 0; at < 20; at++) bench.append(DEVICE_DATA);
  bench.connect();
  t.same(bench.ids(), [1, 2, 3, 4, 5, 6, 7, 8]);
  bench.ack(DEVICE_DATA, 4);
  bench.run();
  t.same(bench.ids(), [9, 10, 11, 12]);
});

t.test('rule 7: a page that comes when there is no room any more is read again later', async (t) => {
  const bench = createBench({ configs: [NEWEST_THREE] });
  for (let at = 0; at < 5; at++) bench.append(NEWEST_THREE);
  bench.hello();
  bench.answer('open');
  bench.room = 0;
  bench.answer('read');
  t.same(bench.syncs(), []);
  t.equal(bench.counts.get('newest-three passed'), undefined);
  bench.room = 1000;
  bench.ping();
  t.same(bench.ids(), [3, 4, 5], 'still with its threshold');
  t.equal(bench.counts.get('newest-three passed'), 2);
});

const CHANGED = { known: { os: 'ios', appVersion: '1.0', user: '' } };

t.test(
  'rule 8: what a new app version lets through comes first, marked late; then the record is updated',
  async (t) => {
    const bench = createBench(CHANGED);
    bench.append(DEVICE_DATA, { filter: { minVersion: '2' } });
    bench.append(DEVICE_DATA, { filter: { maxVersion: '1' } });
    bench.append(DEVICE_DATA);
    bench.append(DEVICE_DATA, { filter: { minVersion: '2' } });
    bench.connect([[DEVICE_DATA, 3]], { appVersion: '2.0' });
    t.same(
      bench.syncs().map(({ late, oplogs }) => [late, oplogs.map(({ id }) => id)]),
      [
        [true, [1]],
        [false, [4]],
      ],
    );
    t.notOk(bench.calls.includes('saveSeen'), 'not before the late ones are acknowledged');
    bench.ack(DEVICE_DATA, 1, { late: true });
    t.ok(bench.calls.includes('saveSeen'));
  },
);

t.test('rule 8: a device that comes as it was is not scanned', async (t) => {
  const bench = createBench(CHANGED);
  bench.append(DEVICE_DATA, { filter: { minVersion: '2' } });
  bench.connect([[DEVICE_DATA, 1]]);
  t.same(bench.syncs(), []);
  t.notOk(bench.calls.includes('saveSeen'));
});

t.test('rule 8: late data of a user who is bound after the Hello comes too', async (t) => {
  const bench = createBench({
    configs: [USER_DATA],
    known: { os: 'ios', appVersion: '1.0', user: USER },
  });
  bench.connect([], { appVersion: '2.0' });
  t.notOk(bench.calls.includes('saveSeen'), 'the user of before is still to come');
  bench.append(USER_DATA, { filter: { minVersion: '2' } });
  bench.bind(USER, [[USER_DATA, 1]]);
  bench.run();
  t.same(
    bench.syncs().map(({ late, oplogs }) => [late, oplogs.length]),
    [[true, 1]],
  );
  bench.ack(USER_DATA, 1, { late: true });
  t.ok(bench.calls.includes('saveSeen'));
});

t.test('rule 8: late data of a configuration that is offline comes when it is online again', async (t) => {
  const offline = { ...DEVICE_DATA, online: false };
  const bench = createBench({ ...CHANGED, configs: [offline] });
  bench.append(offline, { filter: { minVersion: '2' } });
  bench.connect([[offline, 1]], { appVersion: '2.0' });
  t.same(bench.ids(), []);
  t.notOk(bench.calls.includes('saveSeen'));
  bench.configure([DEVICE_DATA]);
  t.same(bench.ids(), [1]);
});

t.test('rule 8: late data needs room as any other', async (t) => {
  const bench = createBench(CHANGED);
  bench.append(DEVICE_DATA, { filter: { minVersion: '2' } });
  const syncPoints = [{ kind: 'd' as const, biz: DEVICE_DATA.biz, point: 1 }];
  bench.hello({ appVersion: '2.0', syncPoints });
  bench.answer('open');
  bench.room = 0;
  bench.run();
  t.same(bench.syncs(), []);
  bench.room = 1000;
  bench.ping();
  t.same(bench.ids(), [1]);
});

t.test(
  'rule 9: a long backlog does not hold up another stream, and addressed data goes before global',
  async (t) => {
    const urgent = config('urgent');
    const bench = createBench({
      configs: [GLOBAL, DEVICE_DATA, urgent],
      rules: { window: { records: 99, bytes: 99_999 } },
    });
    for (let at = 0; at < 40; at++) bench.append(DEVICE_DATA);
    for (let at = 0; at < 4; at++) bench.append(GLOBAL);
    bench.hello();
    bench.answer('open');
    bench.answer('read');
    bench.wake(urgent, bench.append(urgent), 'bare');
    bench.run();
    const order = bench.syncs().map(({ biz }) => biz);
    t.ok(order.indexOf('urgent') <= 2, `the urgent one came as number ${order.indexOf('urgent')}`);
    t.equal(order.at(-1), 'global');
  },
);

t.test('rule 10: global data waits for a connect or the foreground, unless it is immediate', async (t) => {
  const bench = createBench({ configs: [FOR_FOREGROUND, GLOBAL] });
  bench.connect();
  bench.send(FOR_FOREGROUND);
  bench.send(GLOBAL);
  bench.ping();
  t.same(
    bench.syncs().map(({ biz }) => biz),
    ['global'],
  );
  bench.receive({ type: 'appState', foreground: false });
  bench.run();
  t.same(bench.syncs(), []);
  bench.receive({ type: 'appState', foreground: true });
  bench.run();
  t.same(
    bench.syncs().map(({ biz }) => biz),
    ['foreground'],
  );
});
