/** The rules of one session's way back: acks, retries, giving up, and what is passed over. */
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import {
  createBench,
  cursor,
  DEVICE_DATA,
  NEWEST_THREE,
  START_MS,
  TRANSIENT,
  USER,
  USER_DATA,
} from './harness.js';

t.test(
  'rule 11: acks are cumulative and coalesced, and what was never sent cannot be acknowledged',
  async (t) => {
    const bench = createBench();
    bench.connect();
    bench.ack(DEVICE_DATA, 50);
    for (let at = 0; at < 3; at++) bench.send(DEVICE_DATA);
    bench.ack(DEVICE_DATA, 2);
    bench.ack(DEVICE_DATA, 1_000_000);
    t.equal(bench.calls.filter((call) => call === 'markDirty').length, 1, 'two acks, one write');
    t.match(bench.flush(), [{ cursor: { acked: 3 } }]);
    t.equal(bench.counts.get('device-data acked'), 3);
  },
);

t.test('rule 12: silence on a living connection is an attempt and brings the record again', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.send(DEVICE_DATA);
  bench.syncs();
  bench.later(1_000);
  bench.ping();
  bench.later(20_000);
  t.same(bench.ids(), [1]);
  t.equal(bench.feed(DEVICE_DATA).attempts, 1);
  t.match(bench.events, [{ what: 'retransmitted', id: 1 }]);
});

t.test('rule 12: the log names the record that is waited for, not the first of its batch', async (t) => {
  const bench = createBench();
  bench.append(DEVICE_DATA);
  bench.append(DEVICE_DATA);
  bench.connect();
  bench.later(1_000);
  bench.ack(DEVICE_DATA, 1);
  bench.later(20_000);
  t.match(bench.events, [{ what: 'retransmitted', id: 2 }]);
});

t.test('rule 12: a connection that shows no life gets no attempt, and the heartbeat closes it', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.send(DEVICE_DATA);
  bench.syncs();
  bench.later(359_000);
  t.same([bench.ids(), bench.feed(DEVICE_DATA).attempts], [[], 0]);
  bench.later(1_001);
  t.ok(bench.calls.includes(`close ${CloseCode.HEARTBEAT_TIMEOUT}`));
});

t.test('rule 12: only the record that cannot be acknowledged dies, not its neighbours', async (t) => {
  const bench = createBench();
  bench.connect();
  for (let at = 0; at < 3; at++) bench.append(DEVICE_DATA);
  bench.ping();
  const seen: number[][] = [];
  // An app that has trouble with the second record alone.
  for (let round = 0; round < 60; round++) {
    for (const { through, oplogs } of bench.syncs()) {
      const ids = oplogs.map(({ id }) => id);
      seen.push(ids);
      bench.ack(DEVICE_DATA, ids.includes(2) ? 1 : through);
      bench.run();
    }
    bench.later(100_000);
    bench.ping();
  }
  t.match(bench.dead, [{ id: 2, attempts: 6 }]);
  t.equal(bench.dead.length, 1);
  t.same(
    seen.filter((ids) => ids.length > 1),
    [
      [1, 2, 3],
      [2, 3],
    ],
    'then alone',
  );
  t.match(bench.flush(), [{ cursor: { acked: 3, dead: [2] } }]);
});

t.test('rule 13: a connection that closes before the ack is an attempt, written at the close', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.send(DEVICE_DATA);
  bench.end();
  t.match(bench.saved.get('device-data'), { acked: 0, attempts: 1, nextAttemptMs: START_MS });
});

t.test('rule 13: transmissions before nextAttemptMs are made but do not count', async (t) => {
  let stored = cursor(createBench(), DEVICE_DATA, {
    attempts: 3,
    attemptOf: 1,
    nextAttemptMs: START_MS + 600_000,
  });
  for (let reconnect = 0; reconnect < 6; reconnect++) {
    const bench = createBench({ cursors: [stored] });
    bench.append(DEVICE_DATA);
    bench.connect();
    t.same(bench.ids(), [1]);
    bench.end();
    stored = bench.saved.get('device-data') ?? stored;
  }
  t.equal(stored.attempts, 3, 'six reconnects in a minute');
});

t.test('rule 13: attempts count on across connections, and the sixth makes a dead letter', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { attempts: 5, attemptOf: 1 })];
  bench.append(DEVICE_DATA);
  bench.append(DEVICE_DATA);
  bench.connect();
  t.same(bench.ids(), [1], 'alone');
  bench.end();
  t.match(bench.dead, [{ id: 1, attempts: 6, reason: 'attempts', reader: { kind: 'd', id: 'device-1' } }]);
  const stored = bench.saved.get('device-data');
  t.match(stored, { acked: 0, attempts: 0, dead: [1] });

  const next = createBench({ cursors: stored === undefined ? [] : [stored] });
  next.append(DEVICE_DATA);
  next.append(DEVICE_DATA);
  next.connect();
  t.same(next.ids(), [2], 'the next connection skips it');
});

t.test('rule 13: attempts of an older record do not stick to a newer one', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { acked: 0, attempts: 5, attemptOf: 1 })];
  bench.append(DEVICE_DATA);
  bench.append(DEVICE_DATA);
  bench.connect([[DEVICE_DATA, 1]]);
  t.equal(bench.feed(DEVICE_DATA).attempts, 0, 'the device has the first one, whatever the server knows');
});

t.test(
  'rule 20: a reader that comes back gets only the newest N, the older are passed and counted',
  async (t) => {
    const bench = createBench({ configs: [NEWEST_THREE] });
    for (let at = 0; at < 9; at++) bench.append(NEWEST_THREE);
    bench.connect([[NEWEST_THREE, 1]]);
    const [frame] = bench.syncs();
    t.same([frame?.from, frame?.oplogs.map(({ id }) => id)], [1, [7, 8, 9]]);
    t.equal(bench.counts.get('newest-three passed'), 5);
  },
);

t.test('rule 20: what was passed over stays so when the rest is sent again', async (t) => {
  const bench = createBench({ configs: [NEWEST_THREE] });
  for (let at = 0; at < 9; at++) bench.append(NEWEST_THREE);
  bench.connect();
  t.same(bench.ids(), [7, 8, 9]);
  bench.later(1_000);
  bench.ping();
  bench.later(20_000);
  t.same(bench.ids(), [7, 8, 9]);
});

t.test(
  'rule 20: the threshold bounds the backlog at connect, not a burst while the reader is there',
  async (t) => {
    const bench = createBench({ configs: [NEWEST_THREE, USER_DATA] });
    bench.connect();
    for (let at = 0; at < 9; at++) bench.send(NEWEST_THREE);
    bench.bind(USER);
    bench.receive({ type: 'registerBiz', request: 2, syncPoints: [] });
    bench.run();
    bench.ack(NEWEST_THREE, 8);
    bench.run();
    t.same(bench.ids(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  },
);

t.test('non-persisted data has the window, acks and attempts of the rest, and no position', async (t) => {
  const bench = createBench({ configs: [TRANSIENT] });
  bench.connect();
  for (let at = 0; at < 17; at++) bench.send(TRANSIENT);
  t.same(bench.ids(), [1, 2, 3, 4, 5, 6, 7, 8]);
  t.equal(bench.counts.get('transient dropped'), 1, 'beyond the window eight wait, the oldest gives way');
  bench.ack(TRANSIENT, 8, { transient: true });
  t.same(bench.ids(), [10, 11, 12, 13, 14, 15, 16, 17]);
  bench.ack(TRANSIENT, 17, { transient: true });
  t.same(bench.session.feeds, []);
  t.same(bench.flush(), []);
});

t.test('non-persisted data that is never acknowledged is given up after six attempts', async (t) => {
  const bench = createBench({ configs: [TRANSIENT] });
  bench.connect();
  bench.send(TRANSIENT);
  for (let attempt = 0; attempt < 12; attempt++) {
    bench.later(100_000);
    bench.ping();
  }
  t.equal(bench.ids().length, 6);
  t.same(bench.session.feeds, []);
  t.same(bench.dead, [], 'and no dead letter: there is nothing to send again');
});

t.test('rule 13: what a cursor remembers of records that the device has by now keeps no feed', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { attempts: 5, attemptOf: 1, dead: [1] })];
  bench.append(DEVICE_DATA);
  bench.connect([[DEVICE_DATA, 1]]);
  t.same(bench.session.feeds, []);
});

t.test('rule 13: attempts end with their record, and the next one has its own six', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { attempts: 5, attemptOf: 1 })];
  bench.append(DEVICE_DATA, { expiresMs: START_MS });
  bench.append(DEVICE_DATA);
  bench.connect();
  t.same(bench.ids(), [2]);
  bench.end();
  t.same(bench.dead, []);
  t.match(bench.saved.get('device-data'), { attempts: 1, attemptOf: 2 });
});
