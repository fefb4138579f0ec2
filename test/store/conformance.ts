/**
 * What every driver of the Store port has to do. Numbers in the names are the rules of delivery
 * (docs/architecture.md).
 */
import t, { type Test } from 'tap';
import { DAY_MS } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import type { StoreOptions } from '../../src/store/options.js';
import { appending } from './conformance-append.js';
import { forgetting } from './conformance-end.js';
import { documents, reading } from './conformance-read.js';
import { readers } from './conformance-readers.js';
import { revoking } from './conformance-revoke.js';
import {
  appendOne,
  cursorOf,
  type Harness,
  INSTANCE,
  idOf,
  idsAfter,
  progress,
  requestOf,
  START_MS,
  streamOf,
  sweepAll,
} from './harness.js';

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
  revoking(testStore);
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
