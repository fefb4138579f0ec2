/** A record that a device dies of, and what must not die with it. docs/architecture.md, "Ack, retry, give up". */
import t from 'tap';
import type { Cursor } from '../../src/core/model.js';
import { config, createBench, cursor, DEVICE_DATA, GLOBAL, START_MS } from './harness.js';

const OTHER_DATA = config('other-data');

t.test(
  'rule 12: a device that dies of one record gets the good ones before it three times, not again and again',
  async (t) => {
    // Seen with a device that took a batch, acknowledged nothing and died: after each good record that
    // went alone and was acknowledged, the rest went as a batch again, and killed it again.
    const POISON = 5;
    const received = new Map<number, number>();
    let stored: Cursor[] = [];
    let point = 0;
    let deaths = 0;
    for (; point < POISON - 1 || received.get(POISON) !== 6; deaths++) {
      const bench = createBench({ cursors: stored, rules: { attemptBackoffMs: [0] } });
      for (let at = 0; at < 7; at++) bench.append(DEVICE_DATA);
      bench.connect([[DEVICE_DATA, point]]);
      for (let alone = bench.ids(); ; alone = bench.ids()) {
        for (const id of alone) received.set(id, (received.get(id) ?? 0) + 1);
        if (alone.includes(POISON) || alone.length === 0) break;
        point = alone.at(-1) ?? point;
        bench.ack(DEVICE_DATA, point);
        bench.run();
      }
      bench.end();
      stored = [bench.saved.get('device-data') ?? cursor(bench, DEVICE_DATA, {})];
    }
    t.equal(deaths, 6, 'six attempts, six deaths');
    t.same(
      [...received].slice(0, 4).map(([, times]) => times),
      [3, 3, 3, 3],
    );
    t.match(stored, [{ acked: 4, dead: [POISON], suspectTo: 7 }]);
  },
);

const BACKOFFS = { 'that all count': [0], 'most of which do not count': [0, 0, 60_000] };
for (const [which, attemptBackoffMs] of Object.entries(BACKOFFS)) {
  t.test(
    `rule 12: a device that dies of one record gets its other streams, by deaths ${which}`,
    async (t) => {
      // Seen with a device that died of what came first: the oldest records of all its streams had six attempts
      // with it, and none of them had ever reached the app.
      const configs = [OTHER_DATA, DEVICE_DATA, GLOBAL];
      const points = new Map(configs.map((of) => [of.biz, 0]));
      let stored: Cursor[] = [];
      const dead: string[] = [];
      for (let death = 1; death <= 12; death++) {
        const bench = createBench({ configs, cursors: stored, rules: { attemptBackoffMs } });
        bench.session.epoch = death;
        for (const of of configs) for (let at = 0; at < 3; at++) bench.append(of);
        bench.connect(configs.map((of) => [of, points.get(of.biz) ?? 0]));
        // It takes frame by frame, and what lies behind the one that it dies of is lost with it.
        for (let frames = bench.syncs(); frames.length > 0; frames = bench.syncs()) {
          if (frames.some(({ biz, oplogs }) => biz === DEVICE_DATA.biz && oplogs.length > 0)) break;
          for (const { biz, through } of frames) {
            points.set(biz, through);
            for (const of of configs) if (of.biz === biz) bench.ack(of, through);
          }
          bench.run();
        }
        bench.end();
        dead.push(...bench.dead.map(({ stream }) => stream.biz));
        stored = [...bench.saved.values()];
      }
      t.match([points.get(OTHER_DATA.biz), points.get(GLOBAL.biz)], [3, 3]);
      t.same(
        [...new Set(dead)].filter((biz) => biz !== DEVICE_DATA.biz),
        [],
        'none of theirs is dead',
      );
      t.equal(dead.includes(DEVICE_DATA.biz), attemptBackoffMs.length === 1);
    },
  );
}

t.test(
  'rule 12: a stream that is not acknowledged takes turns with others whose records go alone',
  async (t) => {
    const bench = createBench({ configs: [OTHER_DATA, DEVICE_DATA] });
    const troubled = { attempts: 3, attemptOf: 1, nextAttemptMs: START_MS + 3_600_000 };
    bench.cursors = [cursor(bench, OTHER_DATA, { ...troubled }), cursor(bench, DEVICE_DATA, { ...troubled })];
    for (const of of [OTHER_DATA, DEVICE_DATA]) for (let at = 0; at < 2; at++) bench.append(of);
    bench.connect();
    const [first, ...more] = bench.syncs();
    t.same(more, [], 'one alone');
    const other = first?.biz === OTHER_DATA.biz ? DEVICE_DATA : OTHER_DATA;
    bench.later(1_000);
    bench.ping();
    bench.later(20_000);
    t.match(
      bench.syncs(),
      [{ biz: other.biz, oplogs: [{ id: 1 }] }],
      'the app does not answer for the first',
    );
    bench.ack(other, 1);
    bench.run();
    const rest = bench.syncs();
    t.match(rest, [
      { biz: other.biz, oplogs: [{ id: 2 }] },
      { biz: first?.biz, oplogs: [{ id: 1 }] },
    ]);
    t.equal(rest.length, 2, 'the answered one goes on as ever, and the first comes again');
  },
);

t.test(
  'rule 13: a record that came after the first attempt of the one before has six of its own',
  async (t) => {
    // Seen by the simulator: it was counted among those that had been in flight in both attempts, and given up
    // after five transmissions.
    const rules = { attemptBackoffMs: [0] };
    const first = createBench({ rules });
    first.connect();
    first.send(DEVICE_DATA);
    first.later(1_000);
    first.ping();
    first.later(20_000);
    t.equal(first.feed(DEVICE_DATA).attempts, 1);
    first.send(DEVICE_DATA);
    let transmissions = first.ids().filter((id) => id === 2).length;
    first.end();
    t.match(first.saved.get('device-data'), { attempts: 2, suspectTo: 1 });
    let stored = [...first.saved.values()];
    for (let [dead, point] = [0, 0]; dead === 0; ) {
      const bench = createBench({ cursors: stored, rules });
      for (let at = 0; at < 2; at++) bench.append(DEVICE_DATA);
      bench.connect([[DEVICE_DATA, point]]);
      if (point === 0) bench.ack(DEVICE_DATA, 1);
      point = 1;
      bench.run();
      transmissions += bench.ids().filter((id) => id === 2).length;
      bench.end();
      stored = [...bench.saved.values()];
      dead = bench.dead.length;
    }
    t.equal(transmissions, 7, 'one that was no attempt, and six');
  },
);
