/** Conformance: appending. Numbers are the rules of delivery. */
import { DAY_MS } from '../../src/core/model.js';
import {
  ALL,
  appendOne,
  checkConservation,
  counterOf,
  idOf,
  idsAfter,
  plain,
  requestOf,
  START_MS,
  streamOf,
  sweepAll,
  type TestStore,
} from './harness.js';

export function appending(testStore: TestStore): void {
  testStore('rule 1: a record is read as it was given', async (test, store) => {
    const stream = streamOf('用户\u{1F600}');
    const filter = { os: 'ios', minVersion: '1.2', uids: [1, 99] };
    const body = Buffer.from([0, 255, 1, 0]);
    const given = { filter, body, traced: true, resendOf: 17, expiresMs: START_MS + 5 };
    const result = await appendOne(store, stream, 'ид-1', given);
    const id = idOf(result);
    test.equal(id, START_MS * 1000, 'the id carries the time');
    const page = await store.readAfter(stream, 0, ALL);
    const expected = { id, acceptedMs: START_MS, thirdMsgId: 'ид-1', ...given };
    const found = await store.find(stream, { id });
    test.same(page.oplogs.map(plain), [plain(expected)]);
    test.same(found && plain(found), plain(expected));
    test.same(result.status === 'stored' && plain(result.oplog), plain(expected));
    test.same(page, { ...page, through: id, more: false });
    await store.append([requestOf(streamOf('other'), 'x', { body: Buffer.alloc(100_000, 7) })]);
    const big = await store.readAfter(streamOf('other'), 0, ALL);
    test.ok(Buffer.alloc(100_000, 7).equals(big.oplogs[0]?.body ?? Buffer.alloc(0)), 'a long body');
  });

  testStore('rule 1: ids follow the order of the calls, and of the array within one', async (test, store) => {
    const stream = streamOf('anna');
    const calls = Array.from({ length: 200 }, (_, call) =>
      store.append([0, 1, 2].map((n) => requestOf(stream, `${call}-${n}`))),
    );
    const results = (await Promise.all(calls)).flat();
    const ids = results.map(idOf);
    test.same(
      ids,
      [...ids].sort((a, b) => a - b),
    );
    test.equal(new Set(ids).size, 600);
    test.same(await idsAfter(store, stream), ids);
    results.forEach((result, n) => {
      if (result.status === 'stored' && result.prev !== (ids[n - 1] ?? 0))
        test.fail(`prev of record ${n} is ${result.prev}`);
    });
  });

  testStore('rule 1: a later id is never visible before an earlier one', async (test, store) => {
    const stream = streamOf('anna');
    let writing = true;
    const writer = (async () => {
      for (let round = 0; round < 20; round++)
        await Promise.all([0, 1, 2, 3, 4].map((n) => appendOne(store, stream, `${round}-${n}`)));
      writing = false;
    })();
    const seen: number[] = [];
    while (writing) {
      seen.push(...(await idsAfter(store, stream, seen.at(-1) ?? 0)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer;
    seen.push(...(await idsAfter(store, stream, seen.at(-1) ?? 0)));
    test.same(seen, await idsAfter(store, stream), 'a reader that goes on from its last id misses none');
    test.equal(seen.length, 100);
  });

  testStore('rule 3: a repeated thirdMsgId is a duplicate, the first payload stays', async (test, store) => {
    const stream = streamOf('anna');
    const [first, again] = await store.append([
      requestOf(stream, 'm1', { body: Buffer.from('first') }),
      requestOf(stream, 'm1', { body: Buffer.from('second') }),
    ]);
    const id = idOf(first);
    test.same(again, { status: 'duplicate', id, acceptedMs: START_MS }, 'within one commit');
    const late = await appendOne(store, stream, 'm1', { acceptedMs: START_MS + 1000 });
    test.same(late, { status: 'duplicate', id, acceptedMs: START_MS }, 'later');
    const found = await store.find(stream, { thirdMsgId: 'm1' });
    test.equal(Buffer.from(found?.body ?? []).toString(), 'first');
    test.equal((await counterOf(store)).accepted, 1);
    for (const other of [streamOf('anna', 'news'), streamOf('anna', 'pay', 'd'), streamOf('ann')])
      test.equal((await appendOne(store, other, 'm1')).status, 'stored', 'another stream is another matter');
    test.equal((await appendOne(store, { ...stream, instance: 'ws_b' }, 'm1')).status, 'stored');
    test.equal(
      (await appendOne(store, stream, 'm1', { resendOf: id })).status,
      'stored',
      'a letter sent again',
    );
  });

  testStore('rule 3: a busy stream remembers all of its thirdMsgIds', async (test, store) => {
    const stream = streamOf('anna');
    const names = Array.from({ length: 100 }, (_, n) => `m${n}`);
    const ids: number[] = [];
    for (let n = 0; n < names.length; n += 7)
      ids.push(
        ...(await store.append(names.slice(n, n + 7).map((name) => requestOf(stream, name)))).map(idOf),
      );
    const again = await store.append(names.map((name) => requestOf(stream, name)));
    test.same(
      again,
      ids.map((id) => ({ status: 'duplicate', id, acceptedMs: START_MS })),
    );
    for (const [n, name] of names.entries()) {
      const found = await store.find(stream, { thirdMsgId: name });
      if (found?.id !== ids[n]) test.fail(`${name} is found as ${found?.id}`);
    }
    const after = START_MS + 30 * DAY_MS;
    await sweepAll(store, after);
    const fresh = await store.append(names.map((name) => requestOf(stream, name, { acceptedMs: after })));
    test.equal(
      fresh.filter((result) => result.status === 'stored').length,
      100,
      'and forgets all after 30 days',
    );
    test.same((await appendOne(store, stream, 'm3', { acceptedMs: after })).status, 'duplicate');
  });

  testStore('rule 3: callers of one thirdMsgId at once store it once', async (test, store) => {
    const stream = streamOf('anna');
    const results = await Promise.all(Array.from({ length: 50 }, () => appendOne(store, stream, 'same')));
    test.equal(results.filter((result) => result.status === 'stored').length, 1);
    test.equal((await idsAfter(store, stream)).length, 1);
  });

  testStore(
    'rule 3: 30 days from acceptance the thirdMsgId is free again, not earlier',
    async (test, store) => {
      const stream = streamOf('anna');
      await appendOne(store, stream, 'm1', { expiresMs: START_MS + DAY_MS });
      const before = START_MS + 30 * DAY_MS - 1;
      test.equal(await sweepAll(store, before), 1);
      test.same(await idsAfter(store, stream), []);
      test.equal((await appendOne(store, stream, 'm1', { acceptedMs: before })).status, 'duplicate');
      const after = START_MS + 30 * DAY_MS;
      test.equal((await appendOne(store, stream, 'm1', { acceptedMs: after })).status, 'stored');
      test.equal((await appendOne(store, stream, 'm1', { acceptedMs: after + 1 })).status, 'duplicate');
    },
  );

  testStore(
    'rule 4: data for later gets its id when it is due, and is remembered at once',
    async (test, store) => {
      const stream = streamOf('anna');
      const later = { notBeforeMs: START_MS + 1000, acceptedMs: START_MS };
      test.same(await appendOne(store, stream, 'due-b', later), { status: 'scheduled' });
      test.same(await appendOne(store, stream, 'due-c', { ...later, filter: { os: 'ios' } }), {
        status: 'scheduled',
      });
      test.same(await appendOne(store, stream, 'due-a', { notBeforeMs: START_MS + 500 }), {
        status: 'scheduled',
      });
      test.same(await appendOne(store, stream, 'due-b'), {
        status: 'duplicate',
        id: 0,
        acceptedMs: START_MS,
      });
      const now = idOf(await appendOne(store, stream, 'now'));
      test.same(await store.appendDue(START_MS + 499, 10), []);
      const first = await store.appendDue(START_MS + 2000, 1);
      const rest = await store.appendDue(START_MS + 2000, 10);
      const order = [...first, ...rest].map((due) => due.oplog.thirdMsgId);
      test.same(order, ['due-a', 'due-b', 'due-c']);
      test.equal(first[0]?.prev, now);
      test.same(first[0]?.stream, stream);
      test.same(rest[1]?.oplog.filter, { os: 'ios' });
      test.equal(Buffer.from(rest[0]?.oplog.body ?? []).toString(), 'body of due-b');
      test.same(
        await idsAfter(store, stream, now),
        [...first, ...rest].map((due) => due.oplog.id),
      );
      test.same(await store.appendDue(START_MS + 2000, 10), [], 'once');
      const again = await appendOne(store, stream, 'due-b');
      test.equal(again.status === 'duplicate' && again.id, rest[0]?.oplog.id);
      test.equal((await counterOf(store)).accepted, 4);
    },
  );

  testStore('rule 20: only the newest are kept where the caller says so', async (test, store) => {
    const stream = streamOf('anna');
    for (let n = 0; n < 6; n++) await appendOne(store, stream, `m${n}`);
    const all = await idsAfter(store, stream);
    const result = await appendOne(store, stream, 'm6', { keepNewest: 3 });
    test.equal(result.status === 'stored' && result.trimmed, 4);
    test.same(await idsAfter(store, stream), [...all.slice(4), idOf(result)]);
    const batch = await store.append([0, 1, 2, 3].map((n) => requestOf(stream, `b${n}`, { keepNewest: 2 })));
    test.same(await idsAfter(store, stream), batch.slice(2).map(idOf), 'also within one commit');
    const c = await checkConservation(test, store, [stream]);
    test.match(c, { accepted: 11, retained: 2, trimmed: 9 });
    test.equal((await appendOne(store, stream, 'm0')).status, 'duplicate', 'trimmed, but remembered');
  });

  testStore('a request that cannot be stored is refused alone', async (test, store) => {
    const calls = await Promise.allSettled([
      appendOne(store, streamOf('anna'), 'm1'),
      appendOne(store, streamOf('an\0na'), 'm2'),
      appendOne(store, streamOf('anna'), 'm3', { expiresMs: -1 }),
      appendOne(store, streamOf('anna'), 'm4'),
    ]);
    test.same(
      calls.map((call) => call.status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    test.equal((await idsAfter(store, streamOf('anna'))).length, 2);
    await checkConservation(test, store, [streamOf('anna')]);
  });
}
