/** Moving an embedded store to Redis. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/migrate.js';
import { run as runStore } from '../../src/cli/store.js';
import { DAY_MS } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import { openRedis } from '../../src/redis/connection.js';
import { openExport } from '../../src/store/embedded/export.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { openImport } from '../../src/store/redis/import.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import { redisAvailable, startRedis } from '../redis/servers.js';
import { fillWithEveryKind } from './every-kind.js';
import { ALL, appendOne, INSTANCE, idOf, plain, requestOf, START_MS, streamOf } from './harness.js';
import { settingsFor } from './redis-harness.js';

const OPTIONS = { isSingleReader: () => false, onCorrupt: () => {} };
const OWNERS = Array.from({ length: 400 }, (_, n) => streamOf(`owner ${n}`));

async function fill(directory: string): Promise<void> {
  const store = await openEmbeddedStore({ path: directory, onFatal: t.fail, ...OPTIONS });
  await fillWithEveryKind(store);
  await store.append(OWNERS.flatMap((owner) => [requestOf(owner, 'a'), requestOf(owner, 'b')]));
  await store.append(Array.from({ length: 300 }, (_, n) => requestOf(streamOf('busy'), `m${n}`)));
  await store.raiseFloor(streamOf('seen'), START_MS * 1000 + 77);
  await store.close();
}

/** What a server would find in a store. */
async function contentOf(store: Store) {
  const anna = streamOf('anna');
  const streams = [anna, streamOf('bert:%'), streamOf('busy'), ...OWNERS];
  const owners = [...streams, streamOf('seen')];
  const pages = await Promise.all(
    streams.map((stream) => store.readAfter(stream, 0, { ...ALL, bytes: 1e9 })),
  );
  const heads = await store.heads(INSTANCE, owners);
  return {
    pages: pages.map(({ oplogs, through }) => ({ oplogs: oplogs.map(plain), through })),
    heads: heads.map(({ owner, biz, last }) => `${owner}/${biz} ${last}`).sort(),
    cursors: await store.cursors({ instance: INSTANCE, kind: 'd', id: 'phone' }),
    device: await store.device(INSTANCE, { adToken: 'ab' }),
    letters: (await store.deadLetters(INSTANCE, { limit: 9 })).letters,
    events: await store.events(anna, pages[0]?.oplogs[0]?.id ?? 0),
    docs: await store.docs('c', '', 9),
    conservation: await store.conservation(),
    repeated: await store.append([requestOf(anna, 'm1'), requestOf(anna, 'm2'), requestOf(anna, 'later')]),
  };
}

if (redisAvailable('moving a store to Redis')) {
  const server = await startRedis();
  const directory = mkdtempSync(join(tmpdir(), 'longlink-migrate-'));
  t.teardown(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  t.before(() => fill(directory));
  const to = (prefix: string) => {
    const nodes = JSON.stringify([`${server.host}:${server.port}`]);
    return ['--data-dir', directory, '--set', `redis.nodes=${nodes}`, '--set', `redis.prefix=${prefix}`];
  };
  const connect = (prefix: string) =>
    openRedis({ ...settingsFor('single', [server]), prefix }, { onState: () => {} });

  t.test('everything is there, under the same ids', async (test) => {
    test.equal(await run(to('whole')), 0);
    const connection = await connect('whole');
    test.teardown(connection.close);
    const moved = await openRedisStore({ connection, ...OPTIONS });
    const source = await openEmbeddedStore({ path: directory, onFatal: test.fail, ...OPTIONS });
    test.same(await contentOf(moved), await contentOf(source));
    const checked = await runStore(['check', ...to('whole'), '--set', 'store.driver=redis']);
    test.equal(checked, 0, 'and the store keeps its own rules');
    const late = { acceptedMs: START_MS - DAY_MS };
    const [seen, anna] = [streamOf('seen'), streamOf('anna')];
    test.ok(idOf(await appendOne(moved, seen, 'new', late)) > START_MS * 1000 + 77, 'ids go on');
    test.same(await moved.revoke([{ stream: anna, thirdMsgId: 'later', sinceMs: 0 }]), [
      { id: 0, acceptedMs: START_MS, oplog: null, waited: true },
    ]);
    test.same(await moved.appendDue(START_MS + 5000, 9), [], 'what waits is found by its thirdMsgId');
    await source.close();
  });

  t.test('one that was cut off goes on; meanwhile no server takes the store', async (test) => {
    const connection = await connect('cut');
    test.teardown(connection.close);
    const [source, target] = [openExport(directory), openImport(connection)];
    const first = source.step('');
    await target.put(first.items, Date.now());
    const state = { source: `${directory} ${source.version}`, position: '', rows: 0 };
    await target.note(state);
    await source.close();
    await test.rejects(openRedisStore({ connection, ...OPTIONS }), /migration .* not finished/);
    test.equal(await run(to('cut')), 0);
    const moved = await openRedisStore({ connection, ...OPTIONS });
    test.equal((await moved.readAfter(streamOf('busy'), 0, { records: 999, bytes: 1e9 })).oplogs.length, 300);
    test.equal((await moved.events(streamOf('anna'), START_MS * 1000)).length, 1, 'nothing is there twice');
    await test.rejects(run(to('cut')), /is a store already|are a store already/);
  });

  t.test('a copy that differs is refused, and so is one of another source', async (test) => {
    const connection = await connect('bad');
    test.teardown(connection.close);
    const [source, target] = [openExport(directory), openImport(connection)];
    await target.note({ source: `${directory} ${source.version}`, position: null, rows: 0 });
    await source.close();
    await test.rejects(run(to('bad')), /differs from its source/);
    await test.rejects(openRedisStore({ connection, ...OPTIONS }), /not finished/);
    await target.note({ source: 'elsewhere 1', position: '', rows: 0 });
    await test.rejects(run(to('bad')), /elsewhere 1 is not finished/);
  });
}
