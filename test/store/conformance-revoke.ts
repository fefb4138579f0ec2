/** Conformance: messages that are taken back, and device records with who was bound when. */
import { DAY_MS } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import {
  appendOne,
  checkConservation,
  cursorOf,
  INSTANCE,
  idOf,
  idsAfter,
  plain,
  progress,
  requestOf,
  START_MS,
  streamOf,
  type TestStore,
} from './harness.js';

/** Takes one message back. */
async function revokeOne(store: Store, stream: ReturnType<typeof streamOf>, thirdMsgId: string, sinceMs = 0) {
  const [revoked] = await store.revoke([{ stream, thirdMsgId, sinceMs }]);
  if (revoked === undefined) throw new Error('no result for a request');
  return revoked;
}

export function revoking(testStore: TestStore): void {
  testStore('revoking ends a record, and only it; again changes nothing', async (test, store) => {
    const [anna, bert] = [streamOf('anna'), streamOf('bert')];
    const more = { filter: { os: 'ios' } };
    const stored = await appendOne(store, anna, 'a', more);
    const kept = idOf(await appendOne(store, anna, 'b'));
    const same = idOf(await appendOne(store, bert, 'a'));
    const event = {
      stream: anna,
      id: idOf(stored),
      what: 'retransmitted',
      atMs: START_MS,
      reader: 'd',
      worker: 0,
      detail: '',
    };
    await store.saveProgress({ cursors: [], dead: [], events: [event] });
    const revoked = await revokeOne(store, anna, 'a');
    test.match(revoked, { id: idOf(stored), acceptedMs: START_MS, waited: false });
    if (revoked?.oplog == null || stored.status !== 'stored') throw new Error('no record');
    test.same(plain(revoked.oplog), plain(stored.oplog), 'it is given back as it was');
    test.same(await idsAfter(store, anna), [kept]);
    test.same(await idsAfter(store, bert), [same], 'the same id for another owner is another message');
    test.same(await store.find(anna, { thirdMsgId: 'a' }), null);
    test.same(await store.events(anna, idOf(stored)), [], 'its events went with it');
    test.match(await revokeOne(store, anna, 'a'), { id: idOf(stored), oplog: null, waited: false });
    test.match(
      await appendOne(store, anna, 'a'),
      { status: 'duplicate', id: idOf(stored) },
      'it is remembered',
    );
    const counted = await checkConservation(test, store, [anna, bert]);
    test.match(counted, { accepted: 3, retained: 2, revoked: 1, expired: 0 });
  });

  testStore('ids do not come back when the newest record is revoked', async (test, store) => {
    const stream = streamOf('', 'pay', 'g');
    const first = idOf(await appendOne(store, stream, 'a'));
    await revokeOne(store, stream, 'a');
    test.equal((await store.heads(INSTANCE, [stream]))[0]?.last, first);
    const next = await appendOne(store, stream, 'b', { acceptedMs: START_MS - DAY_MS });
    test.ok(idOf(next) > first);
    test.equal(next.status === 'stored' && next.prev, first);
  });

  testStore('what is not known, or too old, is left alone', async (test, store) => {
    const stream = streamOf('anna');
    const id = idOf(await appendOne(store, stream, 'a'));
    test.equal(await revokeOne(store, stream, 'b'), null);
    test.equal(await revokeOne(store, streamOf('anna', 'other'), 'a'), null);
    test.equal(await revokeOne(store, { ...stream, instance: 'no_body' }, 'a'), null);
    test.equal(await revokeOne(store, streamOf('nobody'), 'a'), null);
    test.equal(await revokeOne(store, stream, 'a', START_MS + 1), null);
    test.same(await idsAfter(store, stream), [id]);
    test.match(await revokeOne(store, stream, 'a', START_MS), { id });
    const counted = await checkConservation(test, store, [stream]);
    test.match(counted, { accepted: 1, retained: 0, revoked: 1 });
  });

  testStore('what waits for its time is forgotten, and never comes', async (test, store) => {
    const [anna, bert] = [streamOf('anna'), streamOf('bert')];
    const later = { notBeforeMs: START_MS + 1000 };
    await store.append([
      requestOf(anna, 'a', later),
      requestOf(anna, 'b', later),
      requestOf(bert, 'a', { notBeforeMs: START_MS + 5000 }),
    ]);
    test.same(await revokeOne(store, anna, 'a'), { id: 0, acceptedMs: START_MS, oplog: null, waited: true });
    test.match(await revokeOne(store, anna, 'a'), { id: 0, oplog: null, waited: false });
    test.equal((await appendOne(store, anna, 'a')).status, 'duplicate', 'it is remembered');
    const due = await store.appendDue(START_MS + 9000, 10);
    test.same(
      due.map(({ stream, oplog }) => [stream.owner, oplog.thirdMsgId]),
      [
        ['anna', 'b'],
        ['bert', 'a'],
      ],
    );
    await checkConservation(test, store, [anna, bert]);
  });

  testStore('many at once, in the same commit as their appends', async (test, store) => {
    const streams = Array.from({ length: 30 }, (_, n) => streamOf(`owner ${n}`));
    const requests = streams.flatMap((stream, n) => [
      requestOf(stream, 'now'),
      requestOf(stream, 'later', { notBeforeMs: START_MS + 10 + (n % 3) }),
    ]);
    const appending = store.append(requests);
    const revoking = store.revoke(
      streams.flatMap((stream) => [
        { stream, thirdMsgId: 'now', sinceMs: 0 },
        { stream, thirdMsgId: 'later', sinceMs: 0 },
      ]),
    );
    await appending;
    const revoked = await revoking;
    test.equal(revoked.filter((one) => one?.oplog?.thirdMsgId === 'now').length, 30);
    test.equal(revoked.filter((one) => one?.waited === true).length, 30);
    test.same(await store.appendDue(START_MS + 1000, 100), []);
    const counted = await checkConservation(test, store, streams);
    test.match(counted, { accepted: 30, retained: 0, revoked: 30 });
  });

  testStore(
    'a single-device record that its user has passed ended as consumed, not as revoked',
    async (test, store) => {
      const anna = streamOf('anna');
      const id = idOf(await appendOne(store, anna, 'a'));
      await appendOne(store, anna, 'b');
      const reader = { instance: INSTANCE, kind: 'u', id: 'anna' } as const;
      await store.saveProgress(progress(reader, cursorOf(anna, id)));
      await store.revoke(['a', 'b'].map((thirdMsgId) => ({ stream: anna, thirdMsgId, sinceMs: 0 })));
      const counted = await checkConservation(test, store, [anna]);
      test.match(counted, { accepted: 2, consumed: 1, revoked: 1, retained: 0 });
    },
    { isSingleReader: (_, biz) => biz === 'pay' },
  );

  testStore('a device record keeps who was bound when', async (test, store) => {
    const record = {
      instance: INSTANCE,
      deviceId: 'phone',
      adToken: 'ab',
      keyHash: Uint8Array.from([1, 2]),
      os: 'android',
      appVersion: '1',
      model: 'm',
      user: 'anna',
      createdMs: START_MS,
      seenMs: START_MS,
      bindings: [{ user: 'anna', boundMs: START_MS, unboundMs: 0, by: 'link' }],
    } as const;
    await store.saveDevice(record);
    const found = await store.device(INSTANCE, { deviceId: 'phone' });
    test.same(found?.bindings, record.bindings);
    test.same((await store.device(INSTANCE, { adToken: 'ab' }))?.bindings, record.bindings);
  });
}
