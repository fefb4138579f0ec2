/** A store with something of every kind in it. */
import type { Store } from '../../src/core/ports.js';
import { appendOne, cursorOf, INSTANCE, idOf, progress, requestOf, START_MS, streamOf } from './harness.js';

export async function fillWithEveryKind(store: Store): Promise<void> {
  const anna = streamOf('anna');
  const ids = (await store.append([1, 2, 3].map((n) => requestOf(anna, `m${n}`)))).map(idOf);
  await appendOne(store, streamOf('bert:%'), 'm1', { filter: { os: 'ios' }, resendOf: 5 });
  await appendOne(store, anna, 'later', { notBeforeMs: START_MS + 1000 });
  await store.revoke([{ stream: anna, thirdMsgId: 'm2', sinceMs: 0 }]);
  const phone = { instance: INSTANCE, kind: 'd', id: 'phone' } as const;
  const event = {
    stream: anna,
    id: ids[0] ?? 0,
    what: 'retransmitted',
    atMs: 1,
    reader: 'd',
    worker: 1,
    detail: '',
  };
  const letter = {
    stream: anna,
    id: ids[2] ?? 0,
    reader: phone,
    attempts: 6,
    deadMs: START_MS,
    reason: 'x',
    resentAs: 0,
  };
  await store.saveProgress({ ...progress(phone, cursorOf(anna, 7)), events: [event], dead: [letter] });
  const keyHash = new Uint8Array(32);
  const rest = { os: 'ios', appVersion: '1', model: '', user: 'anna', createdMs: 1, seenMs: 1 };
  await store.saveDevice({ instance: INSTANCE, deviceId: 'phone', adToken: 'ab', keyHash, ...rest });
  await store.saveDocs([{ collection: 'c', key: 'k', value: { x: 1 } }]);
  await store.addCounters([{ collection: 'c', key: 'n', by: { sent: 1 } }]);
}
