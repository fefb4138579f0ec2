/** Conformance: how records end, and that their ids do not come back. */
import { DAY_MS } from '../../src/core/model.js';
import type { AppendRequest } from '../../src/core/ports.js';
import type { StoreOptions } from '../../src/store/options.js';
import {
  ALL,
  appendOne,
  checkConservation,
  cursorOf,
  INSTANCE,
  idOf,
  idsAfter,
  progress,
  requestOf,
  START_MS,
  streamOf,
  sweepAll,
  type TestStore,
} from './harness.js';

export function forgetting(testStore: TestStore): void {
  testStore('G3: ids never go back: not by the clock, expiry, trimming or deletion', async (test, store) => {
    const stream = streamOf('anna');
    let last = 0;
    const next = async (thirdMsgId: string, more: Partial<AppendRequest> = {}) => {
      const id = idOf(await appendOne(store, stream, thirdMsgId, more));
      test.ok(id > last, `${thirdMsgId}: ${id} is above ${last}`);
      last = id;
    };
    await next('a');
    await next('clock back', { acceptedMs: START_MS - 7 * DAY_MS });
    await next('clock ahead', { acceptedMs: START_MS + 7 * DAY_MS, expiresMs: START_MS + 8 * DAY_MS });
    await sweepAll(store, START_MS + 60 * DAY_MS);
    test.same(await idsAfter(store, stream), []);
    test.same(
      (await store.heads(INSTANCE, [stream]))[0]?.last,
      last,
      'the head of an emptied stream is known',
    );
    await next('after expiry');
    while ((await store.deleteStreams(INSTANCE, 'pay', 10)) > 0);
    await next('after deletion');
    await next('after trimming', { keepNewest: 1 });
    await sweepAll(store, START_MS + 300 * DAY_MS);
    test.same(await idsAfter(store, stream), []);
    await next('after everything was forgotten');
  });

  testStore('rule 14: the counter is raised above what a device has seen', async (test, store) => {
    const stream = streamOf('anna');
    const first = idOf(await appendOne(store, stream, 'a'));
    const seen = first + 5_000_000;
    test.equal(await store.raiseFloor(stream, seen), true);
    test.equal(await store.raiseFloor(stream, first), false, 'it is above that already');
    test.equal((await store.heads(INSTANCE, [stream]))[0]?.last, seen);
    test.same(await store.readAfter(stream, first, ALL), { oplogs: [], through: seen, more: false });
    const result = await appendOne(store, stream, 'b');
    test.ok(idOf(result) > seen);
    test.equal(result.status === 'stored' && result.prev, seen);
    await store.raiseFloor(streamOf('new'), seen);
    test.ok(idOf(await appendOne(store, streamOf('new'), 'a')) > seen, 'also of a stream without records');
    await test.rejects(store.raiseFloor(stream, 2 ** 60), RangeError);
  });

  testStore('rule 2: the sweep ends what is past its own time, wherever it lies', async (test, store) => {
    const [anna, bert] = [streamOf('anna'), streamOf('bert')];
    await appendOne(store, anna, 'long');
    const short = { expiresMs: START_MS + 1000 };
    const gone = idOf(await appendOne(store, anna, 'short', short));
    await appendOne(store, anna, 'long 2');
    await appendOne(store, bert, 'short', short);
    const event = {
      stream: anna,
      id: gone,
      what: 'dead',
      atMs: START_MS,
      reader: 'd',
      worker: 0,
      detail: '',
    };
    await store.saveProgress({ cursors: [], dead: [], events: [event] });
    test.equal(await sweepAll(store, START_MS + 999), 0);
    test.same(await store.events(anna, gone), [event]);
    test.equal(await sweepAll(store, START_MS + 1000), 2);
    const kept = (await store.readAfter(anna, 0, ALL)).oplogs.map((oplog) => oplog.thirdMsgId);
    test.same(kept, ['long', 'long 2']);
    test.same(await store.find(anna, { id: gone }), null);
    test.same(await store.find(anna, { thirdMsgId: 'short' }), null);
    test.same(await store.events(anna, gone), [], 'its events went with it');
    test.match(await checkConservation(test, store, [anna, bert]), { accepted: 4, retained: 2, expired: 2 });
  });

  testStore('a sweep step is bounded and goes on where the last one stopped', async (test, store) => {
    const streams = Array.from({ length: 40 }, (_, n) => streamOf(`owner ${n}`));
    await store.append(streams.map((stream) => requestOf(stream, 'm', { expiresMs: START_MS + 1 })));
    let expired = 0;
    for (let wrapped = false; !wrapped; ) {
      const step = await store.sweep(START_MS + 1, 10);
      expired += step.expired;
      wrapped = step.wrapped;
      if (step.scanned > 10 && !step.wrapped) test.fail(`${step.scanned} rows in one step`);
    }
    test.equal(expired, 40);
    await checkConservation(test, store, streams);
  });

  const single: Partial<StoreOptions> = { isSingleReader: (_, biz) => biz === 'pay' };
  testStore(
    'rule 19: a single-device record that its user has passed ended as consumed',
    async (test, store) => {
      const [anna, other] = [streamOf('anna'), streamOf('anna', 'news')];
      const ids = (await store.append([1, 2, 3, 4].map((n) => requestOf(anna, `m${n}`)))).map(idOf);
      const newsIds = (await store.append([1, 2].map((n) => requestOf(other, `m${n}`)))).map(idOf);
      const reader = { instance: INSTANCE, kind: 'u', id: 'anna' } as const;
      const cursors = [cursorOf(anna, ids[2] ?? 0), cursorOf(other, newsIds[1] ?? 0)];
      await store.saveProgress(progress(reader, ...cursors));
      await appendOne(store, anna, 'm5', { keepNewest: 4 });
      test.match(await checkConservation(test, store, [anna]), { consumed: 1, trimmed: 0 });
      await sweepAll(store, START_MS + 31 * DAY_MS);
      test.match(await checkConservation(test, store, [anna]), { accepted: 5, consumed: 3, expired: 2 });
      const news = await checkConservation(test, store, [other], 'news');
      test.match(news, { accepted: 2, consumed: 0, expired: 2 });
    },
    single,
  );

  testStore('a deleted configuration ends its records, and only its own', async (test, store) => {
    const owners = Array.from({ length: 9 }, (_, n) => streamOf(`owner ${n}`, 'pay', n % 2 ? 'u' : 'd'));
    const kept = streamOf('owner 1', 'news');
    await store.append(owners.flatMap((owner) => [requestOf(owner, 'a'), requestOf(owner, 'b')]));
    await appendOne(store, kept, 'a');
    let deleted = 0;
    for (let step = -1; step !== 0; ) {
      step = await store.deleteStreams(INSTANCE, 'pay', 5);
      test.ok(step <= 5);
      deleted += step;
    }
    test.equal(deleted, 18);
    test.match(await checkConservation(test, store, owners), { accepted: 18, retained: 0, deleted: 18 });
    test.equal((await idsAfter(store, kept)).length, 1);
    test.equal(await store.deleteStreams('nobody', 'pay', 5), 0);
    await appendOne(store, owners[0] ?? kept, 'c');
    test.equal(await store.deleteStreams(INSTANCE, 'pay', 5), 1, 'it can be done again from the start');
  });

  testStore('what waits for its time goes with its configuration, and never comes', async (test, store) => {
    const [doomed, kept] = [streamOf('anna', 'pay'), streamOf('anna', 'news')];
    const later = { notBeforeMs: START_MS + 1000 };
    await store.append([requestOf(doomed, 'a', later), requestOf(doomed, 'b'), requestOf(kept, 'a', later)]);
    test.equal(await store.deleteStreams(INSTANCE, 'pay', 1), 1);
    test.equal(await store.deleteStreams(INSTANCE, 'pay', 1), 1);
    test.equal(await store.deleteStreams(INSTANCE, 'pay', 1), 0);
    const due = await store.appendDue(START_MS + 2000, 10);
    test.same(
      due.map(({ stream }) => stream.biz),
      ['news'],
    );
    test.match(await checkConservation(test, store, [doomed]), { accepted: 1, retained: 0, deleted: 1 });
  });
}
