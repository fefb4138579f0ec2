/** Who reads, under which name, and what a change of user, feeder or configuration does to it. */
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { feederReady, loseGrant, startFeeding, stopFeeding } from '../../src/core/feeder.js';
import { reconfigured, validated } from '../../src/core/handshake.js';
import {
  type Bench,
  createBench,
  cursor,
  DEVICE_DATA,
  GLOBAL,
  NEWEST_THREE,
  SINGLE,
  START_MS,
  USER,
  USER_DATA,
  VERIFIED,
} from './harness.js';

t.test('rule 14: the point of the client is the truth, also when it starts anew from 0', async (t) => {
  const bench = createBench();
  bench.cursors = [cursor(bench, DEVICE_DATA, { acked: 3 })];
  for (let at = 0; at < 3; at++) bench.append(DEVICE_DATA);
  bench.connect([[DEVICE_DATA, 0]]);
  t.same(bench.ids(), [1, 2, 3]);
});

t.test('rule 14: a point ahead of the stream raises the counter past it', async (t) => {
  const bench = createBench();
  bench.append(DEVICE_DATA);
  bench.connect([[DEVICE_DATA, 40]]);
  t.ok(bench.calls.includes('raiseFloor device-data 40'));
  t.match(bench.frames[0], { type: 'welcome', correctedPoints: [] });
});

t.test('rule 14: a point beyond belief is corrected, and data comes again', async (t) => {
  const bench = createBench();
  bench.append(DEVICE_DATA);
  const beyond = (START_MS + 600_001) * 1000;
  bench.connect([[DEVICE_DATA, beyond]]);
  t.match(bench.frames[0], { correctedPoints: [{ kind: 'd', biz: 'device-data', point: 1 }] });
  t.notOk(bench.calls.some((call) => call.startsWith('raiseFloor')));
  bench.send(DEVICE_DATA);
  t.same(bench.ids(), [2]);

  const within = createBench();
  within.connect([[DEVICE_DATA, beyond - 1000]]);
  t.match(within.frames[0], { correctedPoints: [] });
  t.ok(within.calls.some((call) => call.startsWith('raiseFloor')));
});

t.test('rule 14: a stream that has merely expired raises nothing', async (t) => {
  const bench = createBench();
  bench.connect([[DEVICE_DATA, (START_MS - 600_001) * 1000]]);
  t.notOk(bench.calls.some((call) => call.startsWith('raiseFloor')));
});

/** Redis was emptied. The node that has the device is ahead of the node that gives the next id. */
t.test('rule 14: a stream that is gone is raised past a point that another clock may reach', async (t) => {
  const bench = createBench();
  const point = (START_MS - 599_999) * 1000;
  bench.connect([[DEVICE_DATA, point]]);
  t.ok(bench.calls.includes(`raiseFloor device-data ${point}`));
});

t.test('rule 14: points under another kind, and of single-device data, are not taken', async (t) => {
  const bench = createBench({ configs: [DEVICE_DATA, SINGLE] });
  bench.append(DEVICE_DATA);
  const points = [
    { kind: 'u' as const, biz: 'device-data', point: 1 },
    { kind: 'u' as const, biz: 'single', point: 77 },
    { kind: 'd' as const, biz: 'unheard-of', point: 1 },
  ];
  bench.hello({ syncPoints: points, userId: USER });
  bench.run();
  t.same(bench.ids(), [1]);
  t.notOk(bench.calls.some((call) => call.startsWith('raiseFloor')));
});

/** A bench with a bound user and three records of single-device data, of which the first is acknowledged. */
function withSingle(): Bench {
  const bench = createBench({ configs: [SINGLE] });
  bench.cursors = [cursor(bench, SINGLE, { acked: 1 })];
  for (let at = 0; at < 3; at++) bench.append(SINGLE);
  bench.connect([], { userId: USER });
  return bench;
}

t.test('rule 15: only the feeder gets single-device data, from where the user stands', async (t) => {
  const bench = withSingle();
  bench.ping();
  t.same(bench.ids(), []);
  bench.feedUser(1);
  bench.run();
  const [frame] = bench.syncs();
  t.same([frame?.from, frame?.serverPoint, frame?.oplogs.map(({ id }) => id)], [1, true, [2, 3]]);
});

t.test('rule 15: nothing is fed before the cursors of the user are read', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  bench.send(SINGLE);
  bench.receive({ type: 'ping', clientTimeMs: 0 });
  bench.answer('heads');
  t.same(bench.syncs(), [], 'a wake-up and a heartbeat in between must not start it from 0');
  bench.run();
  t.same(bench.ids(), [2, 3, 4]);
});

t.test('rule 15: a session that becomes the feeder before it is live feeds once it is', async (t) => {
  const bench = createBench({ configs: [SINGLE] });
  bench.cursors = [cursor(bench, SINGLE, { acked: 1 })];
  bench.hello({ userId: USER });
  bench.append(SINGLE);
  bench.append(SINGLE);
  bench.feedUser(1);
  bench.run();
  t.same(bench.ids(), [2]);
});

t.test('rule 15: a store that did not answer a new feeder is asked again with the heartbeat', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  bench.questions.length = 0;
  bench.ping();
  t.same(bench.ids(), [2, 3]);
});

t.test('rule 15: a grant for the user of before does not make a feeder of the new user', async (t) => {
  const bench = withSingle();
  const { bindSeq } = bench.session;
  bench.bind('user-2');
  startFeeding(bench.session, 1, bindSeq, bench.io);
  bench.run();
  bench.send(SINGLE);
  bench.run();
  t.same(bench.ids(), []);
  t.equal(bench.session.feeder, 0);
});

t.test(
  'rule 15: at a hand-over the old feeder sends nothing more, and acks in flight still count',
  async (t) => {
    const bench = withSingle();
    bench.feedUser(1);
    bench.run();
    bench.syncs();
    stopFeeding(bench.session, 2, bench.now, bench.io);
    bench.send(SINGLE);
    bench.run();
    t.same(bench.ids(), []);
    t.notOk(bench.calls.includes('released 2'), 'two records are in flight');
    bench.ack(SINGLE, 3);
    t.match(bench.saved.get('single'), { acked: 3 });
    t.same(
      bench.calls.slice(-2),
      ['flush', 'released 2'],
      'what it acknowledged is written before it lets go',
    );
  },
);

t.test('rule 15: the grace of a hand-over ends it without acks', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  bench.run();
  stopFeeding(bench.session, 2, bench.now, bench.io);
  bench.later(1_999);
  t.notOk(bench.calls.includes('released 2'));
  bench.later(2);
  t.ok(bench.calls.includes('released 2'));
  bench.ack(SINGLE, 3);
  t.not(bench.saved.get('single')?.acked, 3, 'too late: another one feeds by now');
});

t.test('rule 15: a feeder that ends in mid hand-over lets go', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  bench.run();
  stopFeeding(bench.session, 2, bench.now, bench.io);
  bench.end();
  t.ok(bench.calls.includes('released 2'));
  t.match(bench.saved.get('single'), { attempts: 1 });
});

t.test('rule 15: a feeder whose route table is gone sends nothing until it is granted anew', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  bench.run();
  bench.syncs();
  loseGrant(bench.session, bench.now, bench.io);
  bench.append(SINGLE);
  bench.ping();
  t.same(bench.ids(), [], 'another session may be the newest by now');
  bench.ack(SINGLE, 3);
  t.match(bench.saved.get('single'), { acked: 3 }, 'what was in flight still counts');
  bench.feedUser(2);
  bench.run();
  t.same(bench.ids(), [4]);
});

t.test('rule 15: an answer to a hand-over of before changes nothing', async (t) => {
  const bench = withSingle();
  bench.feedUser(1);
  feederReady(bench.session, 7, { cursors: [], heads: [] }, bench.now, bench.io);
  t.equal(bench.session.feeder, -1);
});

t.test('rule 16: nothing leaves a session that has ended', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.wake(DEVICE_DATA, bench.append(DEVICE_DATA), 'bare');
  bench.end();
  const before = bench.frames.length;
  bench.run();
  bench.send(DEVICE_DATA);
  bench.ack(DEVICE_DATA, 1);
  bench.ping();
  bench.later(1_000_000);
  t.equal(bench.frames.length, before);
  t.same(bench.session.feeds, []);
});

t.test('rule 17: after a switch nothing of the old user is sent or acknowledged', async (t) => {
  const bench = createBench({ configs: [USER_DATA, DEVICE_DATA] });
  bench.connect([], { userId: USER });
  bench.send(USER_DATA);
  bench.wake(USER_DATA, bench.append(USER_DATA, { id: 3 }), 'bare');
  bench.send(DEVICE_DATA);
  bench.syncs();
  const old = bench.session.bindSeq;
  bench.bind('user-2');
  t.match(bench.saved.get('user-data') ?? 'nothing acknowledged yet', 'nothing acknowledged yet');
  bench.append(USER_DATA);
  bench.run();
  t.same(
    bench.syncs().map(({ biz, bindSeq, oplogs }) => [biz, bindSeq, oplogs.length]),
    [['user-data', old + 1, 1]],
    'the page of the old user that was being read is thrown away',
  );
  bench.ack(USER_DATA, 1, { bindSeq: old });
  t.same(bench.flush(), [], 'an ack of the old user does not touch the new one');
  bench.ack(USER_DATA, 1);
  t.match(bench.flush(), [{ cursor: { owner: 'user-2', acked: 1 } }]);
  bench.ack(DEVICE_DATA, 1);
  t.match(bench.flush(), [{ cursor: { acked: 1 } }], 'data of the device is not touched by it');
});

t.test('rule 17: what the old user had acknowledged is written under its own name', async (t) => {
  const bench = createBench({ configs: [USER_DATA] });
  bench.connect([], { userId: USER });
  bench.send(USER_DATA);
  bench.ack(USER_DATA, 1);
  bench.bind('user-2');
  t.match(bench.saved.get('user-data'), { owner: USER, acked: 1 });
});

t.test('rule 17: late data of the old user is not sent to the new one', async (t) => {
  const bench = createBench({
    configs: [USER_DATA],
    known: { os: 'ios', appVersion: '1.0', user: USER },
  });
  bench.append(USER_DATA, { filter: { minVersion: '2' } });
  const syncPoints = [{ kind: 'u' as const, biz: 'user-data', point: 1 }];
  bench.hello({ userId: USER, appVersion: '2.0', syncPoints });
  bench.answer('open');
  bench.bind('user-2');
  bench.run();
  t.same(bench.ids(), []);
  t.notOk(bench.calls.includes('saveSeen'), 'the next connection of the old user repeats the scan');
});

t.test('rule 17: an unbind stops the data of the user and answers', async (t) => {
  const bench = createBench({ configs: [USER_DATA] });
  bench.connect([], { userId: USER });
  bench.receive({ type: 'unbindUser', request: 9 });
  bench.run();
  t.match(bench.frames.at(-1), { type: 'result', request: 9, code: 'OK' });
  bench.send(USER_DATA);
  bench.ping();
  t.same(bench.ids(), []);
});

t.test(
  'rule 17: data with user consistency waits for the verdict and stops when it is taken back',
  async (t) => {
    const bench = createBench({ configs: [VERIFIED] });
    bench.append(VERIFIED);
    bench.connect([], { userId: USER });
    t.same(bench.calls.filter((call) => call === 'validate').length, 1);
    t.same(bench.ids(), []);
    validated(bench.session, bench.session.bindSeq - 1, true, bench.now, bench.io);
    bench.run();
    t.same(bench.ids(), [], 'a verdict on the user of before');
    validated(bench.session, bench.session.bindSeq, true, bench.now, bench.io);
    bench.run();
    t.same(bench.ids(), [1]);
    validated(bench.session, bench.session.bindSeq, false, bench.now, bench.io);
    bench.send(VERIFIED);
    bench.run();
    t.same(bench.ids(), []);
    bench.later(300_001);
    bench.ping();
    t.same(bench.calls.filter((call) => call === 'validate').length, 2, 'asked again on a heartbeat');
  },
);

t.test('a configuration taken offline stops its data, and nothing is lost when it is back', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.configure([{ ...DEVICE_DATA, online: false }]);
  bench.send(DEVICE_DATA);
  bench.run();
  t.same(bench.ids(), []);
  bench.configure([DEVICE_DATA]);
  t.same(bench.ids(), [1]);
});

t.test('a stream whose nature changed starts over; the others keep their place', async (t) => {
  const bench = createBench({ configs: [DEVICE_DATA, NEWEST_THREE] });
  bench.connect();
  bench.send(DEVICE_DATA);
  bench.send(NEWEST_THREE);
  bench.configure([
    { ...DEVICE_DATA, persisted: false },
    { ...NEWEST_THREE, threshold: 9 },
  ]);
  t.same(
    bench.session.feeds.map(({ topic }) => [topic.config.biz, topic.config.threshold]),
    [['newest-three', 9]],
  );
  bench.ack(NEWEST_THREE, 1);
  t.match(bench.flush(), [{ cursor: { biz: 'newest-three', acked: 1 } }]);
});

t.test('an instance that is gone takes its sessions along', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.view.known = false;
  reconfigured(bench.session, [], bench.now, bench.io);
  t.ok(bench.calls.includes(`close ${CloseCode.UNKNOWN_INSTANCE}`));
});

t.test('frames out of their place end the connection', async (t) => {
  const early = createBench();
  early.ping();
  t.same(early.calls, [`close ${CloseCode.PROTOCOL_ERROR}`]);
  const twice = createBench();
  twice.connect();
  twice.hello();
  t.ok(twice.calls.includes(`close ${CloseCode.PROTOCOL_ERROR}`));
  const old = createBench();
  old.hello({ protocol: 2 });
  t.same(old.calls, [`close ${CloseCode.UNSUPPORTED_VERSION}`]);
  const many = createBench({ rules: { maxSubscriptions: 1 } });
  many.connect([
    [DEVICE_DATA, 1],
    [DEVICE_DATA, 1],
  ]);
  t.same(many.calls, [`close ${CloseCode.TOO_MANY_SUBSCRIPTIONS}`]);
});

t.test('a Hello without a device id, or with names too long for the store, is refused', async (t) => {
  const wide = '\u{1f600}';
  for (const fields of [
    { deviceId: '' },
    { deviceId: 'd'.repeat(101) },
    { deviceId: 'a\0b' },
    { userId: wide.repeat(101) },
    { sessionId: 's'.repeat(1025) },
    { appVersion: '1'.repeat(101) },
  ]) {
    const bench = createBench();
    bench.hello(fields);
    t.same(bench.calls, [`close ${CloseCode.INVALID_HELLO}`], JSON.stringify(fields).slice(0, 40));
  }
  const longest = createBench();
  longest.hello({ deviceId: wide.repeat(100) });
  t.same(
    longest.calls.filter((call) => call.startsWith('close')),
    [],
  );
});

t.test('a heartbeat wish is kept within its bounds', async (t) => {
  for (const [wish, given] of [
    [0, 240],
    [5, 30],
    [120, 120],
    [9999, 600],
  ]) {
    const bench = createBench();
    bench.connect([], { heartbeatSec: wish ?? 0 });
    t.match(bench.frames[0], { type: 'welcome', heartbeatSec: given });
  }
});

// ── Races seen elsewhere ────────────────────────────────────────────────────────────────────

t.test('race: a live message arrives before the backlog ends, and does not overtake it', async (t) => {
  const bench = createBench();
  for (let at = 0; at < 6; at++) bench.append(DEVICE_DATA);
  bench.hello();
  bench.answer('open');
  bench.send(DEVICE_DATA);
  bench.run();
  t.same(bench.ids(), [1, 2, 3, 4, 5, 6, 7]);
  bench.ack(DEVICE_DATA, 7);
  t.match(bench.flush(), [{ cursor: { acked: 7 } }]);
});

t.test('race: a later id is heard of before an earlier one, and neither is skipped', async (t) => {
  const bench = createBench();
  bench.connect();
  const first = bench.append(DEVICE_DATA);
  const second = bench.append(DEVICE_DATA);
  bench.wake(DEVICE_DATA, second);
  bench.wake(DEVICE_DATA, first);
  bench.run();
  t.same(bench.ids(), [1, 2]);
});

t.test('race: ids go back after a failover, and the device is told in time', async (t) => {
  const bench = createBench();
  bench.append(DEVICE_DATA);
  bench.append(DEVICE_DATA);
  bench.connect([[DEVICE_DATA, 5]]);
  t.ok(bench.calls.includes('raiseFloor device-data 5'), 'before it throws 3, 4 and 5 away');
});

t.test('race: a black hole does not use up the attempts', async (t) => {
  const bench = createBench();
  bench.connect();
  bench.send(DEVICE_DATA);
  bench.later(400_000);
  t.match(bench.saved.get('device-data'), { attempts: 1 }, 'one for the whole connection, at its close');
});

t.test('race: an ack names something never sent', async (t) => {
  const bench = createBench({ configs: [DEVICE_DATA, GLOBAL] });
  bench.append(GLOBAL);
  bench.connect();
  bench.ack(DEVICE_DATA, 9_000);
  bench.ack(GLOBAL, 9_000);
  t.match(bench.flush(), [{ cursor: { biz: 'global', acked: 1 } }]);
});

t.test('race: a slow device stops its own reading and nobody else', async (t) => {
  const slow = createBench();
  const fine = createBench();
  for (const bench of [slow, fine]) bench.connect();
  slow.room = 0;
  for (const bench of [slow, fine]) bench.send(DEVICE_DATA);
  t.same([slow.ids(), fine.ids()], [[], [1]]);
  t.same(slow.questions, [], 'the data is in the store, and not in memory');
});
