/** What a session does with revocations and with a stream that is held. docs/protocol.md 7.2, docs/push.md. */
import t from 'tap';
import type { Wake } from '../../src/core/ports.js';
import { REVOCATION_PREFIX } from '../../src/core/revocation.js';
import { createRevokedMemory } from '../../src/link/revoked.js';
import { config, createBench, START_MS } from './harness.js';

const ALL = config('$push.all', { scope: 'global', deliver: 'immediate' });
const PLAIN = config('plain', { scope: 'global', deliver: 'immediate' });

t.test(
  'a revocation goes out as Revoke, before the Sync that passes it, again until that is acknowledged',
  async (t) => {
    const bench = createBench({ configs: [ALL] });
    bench.connect();
    bench.frames.length = 0;
    const first = bench.send(ALL);
    bench.ack(ALL, first.id);
    const revocation = bench.send(ALL, { thirdMsgId: `${REVOCATION_PREFIX}m1` });
    const next = bench.send(ALL);
    const sent = bench.frames.map((frame) =>
      frame.type === 'sync' ? frame.oplogs.map(({ id }) => id) : frame,
    );
    t.match(sent, [
      [first.id],
      { type: 'revoke', kind: 'g', biz: '$push.all', bindSeq: 0, messageIds: ['m1'] },
      [],
      [next.id],
    ]);
    bench.frames.length = 0;
    bench.later(1000);
    bench.ping();
    bench.later(21_000);
    bench.run();
    t.equal(bench.frames.filter(({ type }) => type === 'revoke').length, 1, 'it is not acknowledged');
    bench.ack(ALL, next.id);
    bench.frames.length = 0;
    bench.later(1000);
    bench.ping();
    bench.later(90_000);
    bench.run();
    t.notOk(bench.frames.some(({ type }) => type === 'revoke'));
    t.equal(bench.dead.length, 0);
    t.ok(revocation.id > first.id);
  },
);

t.test('only reserved streams have revocations', async (t) => {
  const bench = createBench({ configs: [PLAIN] });
  bench.connect();
  const oplog = bench.send(PLAIN, { thirdMsgId: `${REVOCATION_PREFIX}m1` });
  t.same(bench.ids(), [oplog.id]);
});

t.test('from a held record on nothing is sent, until it is released or its time is over', async (t) => {
  const bench = createBench({ configs: [ALL] });
  bench.connect();
  const first = bench.send(ALL);
  t.same(bench.ids(), [first.id]);
  bench.configure([{ ...ALL, holds: [{ id: first.id + 1, untilMs: START_MS + 60_000 }] }]);
  bench.run();
  const [held, behind] = [bench.send(ALL), bench.send(ALL)];
  bench.ping();
  bench.run();
  t.same(bench.ids(), [], 'also after a heartbeat has compared heads');
  bench.ack(ALL, first.id);
  bench.configure([ALL]);
  bench.run();
  t.same(bench.ids(), [held.id, behind.id]);
  bench.ack(ALL, behind.id);

  const third = bench.append(ALL);
  bench.configure([{ ...ALL, holds: [{ id: third.id, untilMs: bench.now.wall + 60_000 }] }]);
  bench.run();
  t.same(bench.ids(), []);
  bench.later(61_000);
  bench.ping();
  bench.run();
  t.same(bench.ids(), [third.id], 'its own validity ends the hold');
});

t.test('a record in flight is not sent again while it is held', async (t) => {
  const bench = createBench({ configs: [ALL] });
  bench.connect();
  const first = bench.send(ALL);
  t.same(bench.ids(), [first.id]);
  bench.configure([{ ...ALL, holds: [{ id: first.id, untilMs: START_MS + 3_600_000 }] }]);
  bench.later(1000);
  bench.ping();
  bench.later(21_000);
  bench.run();
  t.same(bench.ids(), []);
  bench.ack(ALL, first.id);
  bench.configure([ALL]);
  bench.run();
  t.same(bench.ids(), [], 'its ack still counts');
});

t.test('a worker drops what it still holds of a revoked message', async (t) => {
  const memory = createRevokedMemory();
  const stream = { instance: 'ws_app', kind: 'g', owner: '', biz: '$push.all' } as const;
  const oplog = {
    ...{ id: 5, acceptedMs: 1, expiresMs: 9e12, thirdMsgId: 'm', filter: null, traced: false, resendOf: 0 },
    body: new Uint8Array(0),
  };
  const wake: Wake = { stream, id: 5, prev: 0, oplog, transient: false };
  t.equal(memory.check(wake), wake);
  const page = { oplogs: [oplog], through: 5, more: false };
  t.equal(memory.checkPage(stream, page), page);
  const revocation = { ...oplog, id: 6, thirdMsgId: `${REVOCATION_PREFIX}m` };
  t.equal(memory.check({ ...wake, id: 6, oplog: revocation }).oplog, revocation);
  t.equal(memory.check(wake).oplog, null, 'a wake-up that was on its way');
  t.same(
    memory.checkPage(stream, page),
    { oplogs: [], through: 5, more: false },
    'a page that was being read',
  );
  t.ok(memory.isRevoked(stream, oplog), 'a fan-out that goes on');
  t.notOk(memory.isRevoked({ ...stream, kind: 'u', owner: 'ann' }, oplog), 'the same id elsewhere stays');
});
