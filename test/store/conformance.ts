/**
 * What every driver of the Store port has to do. Numbers in the names are the rules of delivery
 * (docs/architecture.md).
 */
import t, { type Test } from 'tap';
import {
  type Cursor,
  DAY_MS,
  type DeviceRecord,
  type ReaderKey,
  type StreamKey,
} from '../../src/core/model.js';
import type { AppendRequest, AppendResult, DeadLetter, MessageEvent, Store } from '../../src/core/ports.js';
import type { StoreOptions } from '../../src/store/options.js';

/** One store that can be closed and opened again, as a driver's test makes it. */
export interface Harness {
  open(options?: Partial<StoreOptions>): Promise<Store>;
  /** False when nothing outlives a close. */
  readonly durable: boolean;
  dispose(): Promise<void>;
}

export const START_MS = 1_764_000_000_000;
export const ALL = { records: 1_000, bytes: 1_000_000 };
export const INSTANCE = 'ws_app';

export function streamOf(owner: string, biz = 'pay', kind: StreamKey['kind'] = 'u'): StreamKey {
  return { instance: INSTANCE, kind, owner, biz };
}

export function requestOf(
  stream: StreamKey,
  thirdMsgId: string,
  more: Partial<AppendRequest> = {},
): AppendRequest {
  return {
    stream,
    thirdMsgId,
    acceptedMs: START_MS,
    expiresMs: START_MS + 30 * DAY_MS,
    notBeforeMs: 0,
    filter: null,
    traced: false,
    resendOf: 0,
    body: Buffer.from(`body of ${thirdMsgId}`),
    keepNewest: 0,
    ...more,
  };
}

export async function appendOne(
  store: Store,
  stream: StreamKey,
  thirdMsgId: string,
  more: Partial<AppendRequest> = {},
): Promise<AppendResult> {
  const [result] = await store.append([requestOf(stream, thirdMsgId, more)]);
  if (result === undefined) throw new Error('no result for a request');
  return result;
}

export function idOf(result: AppendResult | undefined): number {
  if (result?.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(result)}`);
  return result.oplog.id;
}

export async function idsAfter(store: Store, stream: StreamKey, after = 0): Promise<number[]> {
  return (await store.readAfter(stream, after, ALL)).oplogs.map((oplog) => oplog.id);
}

/** Sweeps until a round over the store has ended everything that is past its time. */
export async function sweepAll(store: Store, wallMs: number): Promise<number> {
  let expired = 0;
  for (let round = 0; round < 2; round++) {
    for (let wrapped = false; !wrapped; ) {
      const step = await store.sweep(wallMs, 7);
      expired += step.expired;
      wrapped = step.wrapped;
    }
  }
  return expired;
}

export function cursorOf(stream: StreamKey, acked: number, more: Partial<Cursor> = {}): Cursor {
  const rest = { ackedMs: START_MS, attempts: 0, nextAttemptMs: 0, dead: [], recent: [] };
  return { kind: stream.kind, owner: stream.owner, biz: stream.biz, acked, ...rest, ...more };
}

export function progress(reader: ReaderKey, ...cursors: Cursor[]) {
  return { cursors: cursors.map((cursor) => ({ reader, cursor })), dead: [], events: [] };
}

export async function counterOf(store: Store, biz = 'pay') {
  const counters = await store.conservation();
  const found = counters.find((counter) => counter.instance === INSTANCE && counter.biz === biz);
  if (found === undefined) throw new Error(`no counter for ${biz}`);
  return found;
}

/** `accepted = retained + ended`, and retained is what a reader of every stream finds. */
async function checkConservation(test: Test, store: Store, streams: readonly StreamKey[], biz = 'pay') {
  const c = await counterOf(store, biz);
  test.equal(c.accepted, c.retained + c.expired + c.consumed + c.trimmed + c.revoked + c.deleted, 'adds up');
  let retained = 0;
  for (const stream of streams) retained += (await idsAfter(store, stream)).length;
  test.equal(c.retained, retained, 'retained is what can be read');
  return c;
}

export function conformance(name: string, makeHarness: () => Promise<Harness>): void {
  const testStore = (
    what: string,
    run: (test: Test, store: Store, harness: Harness) => Promise<void>,
    options: Partial<StoreOptions> = {},
  ) =>
    t.test(`${name}: ${what}`, async (test) => {
      const harness = await makeHarness();
      try {
        const store = await harness.open(options);
        await run(test, store, harness);
        await store.close();
      } finally {
        await harness.dispose();
      }
    });

  appending(testStore);
  forgetting(testStore);
  reading(testStore);
  readers(testStore);
  documents(testStore);
  t.test(`${name}: survives a restart`, async (test) => {
    const harness = await makeHarness();
    if (harness.durable) await restarts(test, harness);
    else test.pass('nothing to survive');
    await harness.dispose();
  });
}

type TestStore = (
  what: string,
  run: (test: Test, store: Store, harness: Harness) => Promise<void>,
  options?: Partial<StoreOptions>,
) => unknown;

function appending(testStore: TestStore): void {
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

function forgetting(testStore: TestStore): void {
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
    await store.raiseFloor(stream, seen);
    await store.raiseFloor(stream, first);
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
  });
}

function reading(testStore: TestStore): void {
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

function readers(testStore: TestStore): void {
  const phone: ReaderKey = { instance: INSTANCE, kind: 'd', id: 'phone' };
  const anna = streamOf('anna');
  const at = START_MS * 1000;

  testStore('rule 11: an acknowledgement never takes a cursor back', async (test, store) => {
    test.same(await store.cursors(phone), []);
    await store.saveProgress(progress(phone, cursorOf(anna, at + 10, { attempts: 2, nextAttemptMs: 9 })));
    await store.saveProgress(progress(phone, cursorOf(anna, at + 5, { attempts: 5, nextAttemptMs: 99 })));
    test.match(await store.cursors(phone), [{ acked: at + 10, attempts: 2, nextAttemptMs: 9 }]);
    await store.saveProgress(progress(phone, cursorOf(anna, at + 10, { attempts: 3, nextAttemptMs: 50 })));
    test.match(await store.cursors(phone), [{ acked: at + 10, attempts: 3, nextAttemptMs: 50 }]);
    await store.saveProgress(progress(phone, cursorOf(anna, at + 20)));
    test.match(await store.cursors(phone), [{ acked: at + 20, attempts: 0, nextAttemptMs: 0 }]);
    const both = [
      cursorOf(anna, at + 30),
      cursorOf(streamOf('anna', 'news'), at + 1),
      cursorOf(anna, at + 25),
    ];
    await store.saveProgress(progress(phone, ...both));
    const acked = (await store.cursors(phone)).map((cursor) => [cursor.biz, cursor.acked - at]);
    test.same(acked.sort(), [
      ['news', 1],
      ['pay', 30],
    ]);
    test.same(await store.cursors({ ...phone, kind: 'u' }), [], 'a user of the same name is another reader');
  });

  testStore(
    'rule 13: dead ids are united, and forgotten when their record cannot exist',
    async (test, store) => {
      await store.saveProgress(progress(phone, cursorOf(anna, at + 10, { dead: [at + 3] })));
      await store.saveProgress(progress(phone, cursorOf(anna, at + 5, { dead: [at + 1, at + 3] })));
      test.same((await store.cursors(phone))[0]?.dead, [at + 1, at + 3]);
      const later = START_MS + 31 * DAY_MS;
      await store.saveProgress(
        progress(phone, cursorOf(anna, later * 1000, { ackedMs: later, dead: [later * 1000] })),
      );
      test.same((await store.cursors(phone))[0]?.dead, [later * 1000]);
    },
  );

  testStore('rule 18: a cursor remembers its newest advances', async (test, store) => {
    const advances = Array.from({ length: 30 }, (_, n) => [at + n, START_MS + n] as const);
    await store.saveProgress(progress(phone, cursorOf(anna, at + 19, { recent: advances.slice(4, 20) })));
    await store.saveProgress(progress(phone, cursorOf(anna, at + 29, { recent: advances.slice(18) })));
    test.same((await store.cursors(phone))[0]?.recent, advances.slice(14));
  });

  testStore('cursors for users long gone are dropped, others stay', async (test, store) => {
    const later = START_MS + 61 * DAY_MS;
    const own = streamOf('phone', 'cfg', 'd');
    await store.saveProgress(
      progress(phone, cursorOf(anna, at), cursorOf(own, at), cursorOf(streamOf('bob'), at)),
    );
    const bob = cursorOf(streamOf('bob', 'news'), later * 1000, { ackedMs: later });
    await store.saveProgress(progress(phone, bob));
    const left = (await store.cursors(phone)).map((cursor) => `${cursor.owner}/${cursor.biz}`);
    test.same(left.sort(), ['bob/news', 'bob/pay', 'phone/cfg']);
  });

  testStore('a device is found by its id and by its Ad-token', async (test, store) => {
    const record: DeviceRecord = {
      instance: INSTANCE,
      deviceId: 'utdid-ü',
      adToken: 'ab'.repeat(32),
      keyHash: Uint8Array.from({ length: 32 }, (_, n) => n),
      os: 'ios',
      appVersion: '1.0',
      model: 'x',
      user: 'anna',
      createdMs: START_MS,
      seenMs: START_MS,
    };
    test.equal(await store.device(INSTANCE, { deviceId: 'utdid-ü' }), null);
    await store.saveDevice(record);
    await store.saveProgress(progress({ ...phone, id: 'utdid-ü' }, cursorOf(anna, 1)));
    test.same(await store.device(INSTANCE, { deviceId: 'utdid-ü' }), record);
    test.same(await store.device(INSTANCE, { adToken: record.adToken }), record);
    test.equal(await store.device('ws_other', { adToken: record.adToken }), null);
    const changed = { ...record, adToken: 'cd'.repeat(32), appVersion: '2.0' };
    await store.saveDevice(changed);
    test.equal(
      await store.device(INSTANCE, { adToken: record.adToken }),
      null,
      'the old token leads nowhere',
    );
    test.same(await store.device(INSTANCE, { adToken: changed.adToken }), changed);
    test.equal((await store.cursors({ ...phone, id: 'utdid-ü' })).length, 1);
  });

  testStore('events of a message in the order they happened', async (test, store) => {
    const id = idOf(await appendOne(store, anna, 'a'));
    const event = (what: string, atMs: number, of = id): MessageEvent => {
      return { stream: anna, id: of, what, atMs, reader: 'phone', worker: 1, detail: '' };
    };
    const [sent, again, dead] = [
      event('sent', START_MS),
      event('retransmitted', START_MS),
      event('dead', START_MS + 1),
    ];
    await store.saveProgress({ cursors: [], dead: [], events: [sent, event('sent', START_MS, id + 1)] });
    await store.saveProgress({ cursors: [], dead: [], events: [again, dead] });
    test.same(await store.events(anna, id), [sent, again, dead]);
    test.same(await store.events(streamOf('nobody'), id), []);
  });

  testStore('dead letters by instance and bizType, page by page', async (test, store) => {
    const letter = (n: number, biz: string, more: Partial<DeadLetter> = {}): DeadLetter => {
      const rest = { reader: phone, attempts: 6, deadMs: START_MS + n, reason: 'attempts', resentAs: 0 };
      return { stream: streamOf('anna', biz), id: at + n, ...rest, ...more };
    };
    const dead = [0, 1, 2, 3, 4].map((n) => letter(n, n % 2 ? 'news' : 'pay'));
    const foreign = letter(9, 'pay', { stream: { ...anna, instance: 'ws_other' } });
    await store.saveProgress({ cursors: [], dead: [...dead, foreign], events: [] });
    await store.saveProgress({ cursors: [], dead: dead.slice(0, 1), events: [] });
    const first = await store.deadLetters(INSTANCE, { limit: 3 });
    test.same(first.letters, dead.slice(0, 3));
    test.not(first.next, '');
    const second = await store.deadLetters(INSTANCE, { limit: 3, after: first.next });
    test.same(second, { letters: dead.slice(3), next: '' });
    test.same((await store.deadLetters(INSTANCE, { limit: 9, biz: 'news' })).letters, [dead[1], dead[3]]);
    await store.markResent(dead[1] ?? letter(1, 'news'), at + 100);
    test.equal((await store.deadLetters(INSTANCE, { limit: 9, biz: 'news' })).letters[0]?.resentAs, at + 100);
    await sweepAll(store, START_MS + 30 * DAY_MS + 1);
    test.same((await store.deadLetters(INSTANCE, { limit: 9 })).letters.length, 3, 'listed for 30 days');
  });
}

function documents(testStore: TestStore): void {
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
    await store.saveDocs([write('b/1', null), write('b/2', 'new'), write('nothing', null)]);
    test.same(await store.docs('config', '', 9), [
      { key: 'b/2', value: 'new' },
      { key: 'c', value: 3 },
    ]);
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

async function restarts(test: Test, harness: Harness): Promise<void> {
  const [anna, bert] = [streamOf('anna'), streamOf('bert', 'news')];
  const phone = { instance: INSTANCE, kind: 'd', id: 'phone' } as const;
  let store = await harness.open();
  const ids = (await store.append([1, 2, 3].map((n) => requestOf(anna, `m${n}`)))).map(idOf);
  const gone = idOf(await appendOne(store, bert, 'short', { expiresMs: START_MS + 1 }));
  await appendOne(store, anna, 'later', { notBeforeMs: START_MS + 1000 });
  await store.saveProgress(progress(phone, cursorOf(anna, ids[1] ?? 0)));
  await store.saveDocs([{ collection: 'c', key: 'k', value: { deep: true } }]);
  await sweepAll(store, START_MS + 1);
  const before = await store.conservation();
  await store.close();
  await test.rejects(store.append([requestOf(anna, 'closed')]), { name: 'StoreUnavailable' });

  store = await harness.open();
  test.same(await idsAfter(store, anna), ids);
  test.same(await store.conservation(), before);
  test.match(await store.cursors(phone), [{ acked: ids[1] }]);
  test.same(await store.doc('c', 'k'), { deep: true });
  test.match(
    await appendOne(store, anna, 'm2'),
    { status: 'duplicate', id: ids[1] },
    'rule 3 over a restart',
  );
  const yesterday = { acceptedMs: START_MS - DAY_MS };
  test.ok(idOf(await appendOne(store, anna, 'm4', yesterday)) > (ids[2] ?? 0), 'G3 over a restart');
  test.ok(idOf(await appendOne(store, bert, 'm5', yesterday)) > gone, 'G3 of an emptied stream');
  test.equal((await store.appendDue(START_MS + 1000, 9)).length, 1, 'rule 4 over a restart');
  await store.close();
}

/** A record with its bytes as an array: drivers give different kinds of them. */
function plain<T extends { readonly body: Uint8Array }>(oplog: T) {
  return { ...oplog, body: [...oplog.body] };
}
