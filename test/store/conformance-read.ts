/** Conformance: reading streams, and documents. */
import { ALL, appendOne, INSTANCE, idOf, requestOf, START_MS, streamOf, type TestStore } from './harness.js';

export function reading(testStore: TestStore): void {
  testStore('rule 7: a page keeps to records and bytes, but has at least one record', async (test, store) => {
    const stream = streamOf('anna');
    const body = Buffer.alloc(100);
    const ids = (await store.append([0, 1, 2, 3, 4].map((n) => requestOf(stream, `m${n}`, { body })))).map(
      idOf,
    );
    const page = async (after: number, records: number, bytes: number) => {
      const { oplogs, through, more } = await store.readAfter(stream, after, { records, bytes });
      return { ids: oplogs.map((oplog) => oplog.id), through, more };
    };
    test.same(await page(0, 2, 1e6), { ids: ids.slice(0, 2), through: ids[1], more: true });
    test.same(await page(ids[1] ?? 0, 3, 1e6), { ids: ids.slice(2), through: ids[4], more: false });
    test.same(await page(0, 9, 299), { ids: ids.slice(0, 2), through: ids[1], more: true });
    test.same(await page(0, 9, 300), { ids: ids.slice(0, 3), through: ids[2], more: true });
    test.same(await page(0, 9, 1), { ids: ids.slice(0, 1), through: ids[0], more: true });
    test.same(await page(ids[4] ?? 0, 9, 1e6), { ids: [], through: ids[4], more: false });
    test.same(
      await page(9e15, 9, 1e6),
      { ids: [], through: 9e15, more: false },
      'a position ahead of the head',
    );
    const unknown = await store.readAfter(streamOf('nobody'), 7, ALL);
    test.same(unknown, { oplogs: [], through: 7, more: false });
  });

  testStore('rule 20: the position before the newest so many', async (test, store) => {
    const stream = streamOf('anna');
    const ids = (await store.append([0, 1, 2, 3, 4].map((n) => requestOf(stream, `m${n}`)))).map(idOf);
    await appendOne(store, streamOf('anna', 'oay'), 'x');
    test.same(await store.newest(stream, 0, 2), { after: ids[2], passed: 3 });
    test.same(await store.newest(stream, 0, 5), { after: 0, passed: 0 });
    test.same(await store.newest(stream, 0, 9), { after: 0, passed: 0 });
    test.same(await store.newest(stream, 0, 0), { after: ids[4], passed: 5 });
    test.same(await store.newest(stream, ids[1] ?? 0, 2), { after: ids[2], passed: 1 });
    test.same(await store.newest(stream, ids[3] ?? 0, 2), { after: ids[3], passed: 0 });
    test.same(await store.newest(streamOf('nobody'), 3, 2), { after: 3, passed: 0 });
  });

  testStore('all heads of some owners in one read, and of nobody else', async (test, store) => {
    const given = [
      streamOf('anna', 'pay'),
      streamOf('anna', 'news'),
      streamOf('anna', 'chat', 'd'),
      streamOf('anna2', 'pay'),
      streamOf('ann', 'pay'),
      streamOf('', 'all', 'g'),
      { ...streamOf('anna', 'pay'), instance: 'ws_other' },
    ];
    for (const [n, stream] of given.entries())
      await store.append(Array.from({ length: n + 1 }, (_, m) => requestOf(stream, `m${m}`)));
    const owners = [
      { kind: 'u', owner: 'anna' },
      { kind: 'd', owner: 'anna' },
      { kind: 'g', owner: '' },
      { kind: 'u', owner: 'nobody' },
    ] as const;
    const heads = await store.heads(INSTANCE, owners);
    const at = START_MS * 1000;
    const sorted = heads.map((h) => `${h.kind}:${h.owner}/${h.biz} ${h.last - at}`).sort();
    test.same(sorted, ['d:anna/chat 2', 'g:/all 5', 'u:anna/news 1', 'u:anna/pay 0']);
    test.same(await store.heads('ws_unknown', owners), []);
  });

  testStore('heads of the bizTypes that are asked for, however many', async (test, store) => {
    await store.append([requestOf(streamOf('anna', 'pay'), 'm1'), requestOf(streamOf('anna', 'news'), 'm2')]);
    await store.raiseFloor(streamOf('anna', 'seen'), START_MS * 1000 + 7);
    const many = Array.from({ length: 40 }, (_, n) => `biz${n}`);
    for (const bizs of [
      ['pay', 'seen', 'never-used'],
      ['pay', 'seen', ...many],
    ]) {
      const heads = await store.heads(INSTANCE, [{ kind: 'u', owner: 'anna', bizs }]);
      const asked = heads.filter(({ biz }) => bizs.includes(biz)).map(({ biz, last }) => [biz, last]);
      test.same(asked.sort(), [
        ['pay', START_MS * 1000],
        ['seen', START_MS * 1000 + 7],
      ]);
    }
    test.same(
      await store
        .heads(INSTANCE, [{ kind: 'u', owner: 'anna', bizs: ['never-used'] }])
        .then((heads) => heads.filter(({ biz }) => biz === 'never-used')),
      [],
    );
  });

  testStore('owners and kinds that begin alike never meet', async (test, store) => {
    const names = ['a', 'a\x01', 'ab', 'a b', '', 'A', 'ä', 'x'.repeat(400)];
    const kinds = ['u', 'd', 't'] as const;
    const streams = kinds.flatMap((kind) => names.map((owner) => streamOf(owner, 'pay', kind)));
    await Promise.all(streams.map((stream, n) => appendOne(store, stream, `m${n}`)));
    for (const [n, stream] of streams.entries()) {
      const found = (await store.readAfter(stream, 0, ALL)).oplogs.map((oplog) => oplog.thirdMsgId);
      if (found.join() !== `m${n}`) test.fail(`${stream.kind}:${stream.owner} has ${found.join()}`);
    }
    const heads = await store.heads(INSTANCE, streams);
    test.equal(heads.length, streams.length);
  });
}

export function documents(testStore: TestStore): void {
  testStore('documents: by key, by prefix in order, null deletes', async (test, store) => {
    const write = (key: string, value: unknown, collection = 'config') => ({ collection, key, value });
    await store.saveDocs([
      write('b/2', { x: [1, null] }),
      write('b/1', 'one'),
      write('c', 3),
      write('b/3', 0, 'keys'),
    ]);
    test.same(await store.doc('config', 'b/2'), { x: [1, null] });
    test.equal(await store.doc('config', 'b/3'), null);
    const keys = async (prefix: string, limit = 9) =>
      (await store.docs('config', prefix, limit)).map(({ key }) => key);
    test.same(await store.docs('config', 'b/', 9), [
      { key: 'b/1', value: 'one' },
      { key: 'b/2', value: { x: [1, null] } },
    ]);
    test.same(await keys(''), ['b/1', 'b/2', 'c']);
    test.same(await keys('', 2), ['b/1', 'b/2']);
    const after = async (prefix: string, key: string) =>
      (await store.docs('config', prefix, 9, key)).map((doc) => doc.key);
    test.same(await after('', 'b/1'), ['b/2', 'c']);
    test.same(await after('b/', 'b/2'), [], 'and never outside the prefix');
    test.same(await after('b/', 'a'), ['b/1', 'b/2']);
    test.same(await after('', 'b/11'), ['b/2', 'c'], 'a key that is not there has its place too');
    await store.saveDocs([write('b/1', null), write('b/2', 'new'), write('nothing', null)]);
    test.same(await store.docs('config', '', 9), [
      { key: 'b/2', value: 'new' },
      { key: 'c', value: 3 },
    ]);
  });

  testStore('counters: added to a document, by many at once, all or none', async (test, store) => {
    const add = (key: string, by: Record<string, number>) => ({ collection: 'counts', key, by });
    await store.addCounters([add('a/1', { sent: 2, 'ack ok': 1 }), add('a/2', { sent: 1 })]);
    await store.addCounters([add('a/1', { sent: 3, new: -1 }), add('a/1', { sent: 1 })]);
    test.same(await store.doc('counts', 'a/1'), { sent: 6, 'ack ok': 1, new: -1 });
    test.same(await store.docs('counts', 'a/', 9), [
      { key: 'a/1', value: { sent: 6, 'ack ok': 1, new: -1 } },
      { key: 'a/2', value: { sent: 1 } },
    ]);
    await Promise.all(
      Array.from({ length: 50 }, () => store.addCounters([add('many', { n: 1, big: 1e12 })])),
    );
    test.same(await store.doc('counts', 'many'), { n: 50, big: 5e13 }, 'no add of another is lost');
    await test.rejects(store.addCounters([add('a/2', { sent: 1 }), add('a/1', { sent: 0.5 })]));
    test.same(await store.doc('counts', 'a/2'), { sent: 1 }, 'none of a call that fails');
    await store.saveDocs([{ collection: 'counts', key: 'a/1', value: null }]);
    await store.addCounters([add('a/1', { sent: 1 })]);
    test.same(await store.doc('counts', 'a/1'), { sent: 1 }, 'a removed one begins anew');
    await store.addCounters([]);
  });

  testStore('documents are written all or none', async (test, store) => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const writes = [
      { collection: 'c', key: 'good', value: 1 },
      { collection: 'c', key: 'bad', value: circular },
    ];
    await test.rejects(store.saveDocs(writes));
    test.equal(await store.doc('c', 'good'), null);
  });
}
