/** Conformance: cursors, devices, events and dead letters. */
import { userOf, withoutUser, withUser } from '../../src/core/device-bindings.js';
import { DAY_MS, type DeviceRecord, type ReaderKey } from '../../src/core/model.js';
import type { DeadLetter, MessageEvent } from '../../src/core/ports.js';
import {
  appendOne,
  cursorOf,
  INSTANCE,
  idOf,
  progress,
  START_MS,
  streamOf,
  sweepAll,
  type TestStore,
} from './harness.js';

export function readers(testStore: TestStore): void {
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

  testStore('bindings of a device that two processes write at once are both kept', async (test, store) => {
    const atMs = START_MS;
    const blank: DeviceRecord = {
      ...{ instance: INSTANCE, deviceId: 'shared', adToken: 'ef'.repeat(32), os: 'Android', model: '' },
      ...{ keyHash: new Uint8Array(32), appVersion: '', user: '', createdMs: atMs, seenMs: atMs },
      bindings: [],
    };
    await store.saveDevice(withUser(blank, 'old', atMs, 'link'));
    const read = async (): Promise<DeviceRecord> =>
      (await store.device(INSTANCE, { deviceId: 'shared' })) ?? blank;
    const [link, api] = [await read(), await read()];
    await store.saveDevice(withUser(api, 'by api', atMs + 20, 'api'));
    await store.saveDevice({ ...link, appVersion: '3.0' });
    test.match(await read(), { appVersion: '3.0', user: 'by api' });
    test.equal(userOf(await read()), 'by api', 'what was read before does not undo it');
    await store.saveDevice(withUser(link, 'earlier', atMs + 10, 'link'));
    test.equal(userOf(await read()), 'by api', 'the last word holds, whoever writes last');
    test.same(
      (await read()).bindings?.map(({ user, unboundMs, by }) => [user, unboundMs - atMs, by]),
      [
        ['old', 10, 'link'],
        ['earlier', 20, 'api'],
        ['by api', -atMs, 'api'],
      ],
    );
    const bound = await read();
    await store.saveDevice(withoutUser(bound, atMs + 30, 'api'));
    await store.saveDevice({ ...bound, seenMs: atMs + 40 });
    test.equal(userOf(await read()), '', 'unbound stays unbound');
    for (let n = 1; n < 30; n += 1)
      await store.saveDevice(withUser(await read(), `u${n}`, atMs + 40 + n, 'link'));
    await store.saveDevice({ ...bound, seenMs: atMs + 80 });
    test.match(await read(), { user: 'u29', bindings: { length: 10 }, seenMs: atMs + 80 });
    await store.saveDevice({ ...bound, adToken: '12'.repeat(32) });
    test.same((await read()).bindings, bound.bindings, 'another Ad-token: another device');
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
