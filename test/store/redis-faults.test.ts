/** The Redis store where things break, and the command that looks for what is broken. */
import t, { type Test } from 'tap';
import { DAY_MS } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports.js';
import { openRedis, type RedisConnection } from '../../src/redis/connection.js';
import type { RedisSettings } from '../../src/redis/options.js';
import { checkRedisStore } from '../../src/store/redis/check.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import { type RedisServer, redisAvailable, startRedis } from '../redis/servers.js';
import { fillWithEveryKind } from './every-kind.js';
import {
  appendOne,
  checkConservation,
  counterOf,
  cursorOf,
  INSTANCE,
  idOf,
  idsAfter,
  progress,
  requestOf,
  START_MS,
  streamOf,
} from './harness.js';
import { settingsFor } from './redis-harness.js';

interface Opened {
  readonly connection: RedisConnection;
  readonly store: Store;
  readonly states: string[];
}

async function open(
  test: Test,
  settings: RedisSettings,
  isSingleReader = (): boolean => false,
): Promise<Opened> {
  const states: string[] = [];
  const connection = await openRedis(settings, {
    onState: (up, reason) => states.push(up ? 'up' : `down: ${reason}`),
  });
  test.teardown(connection.close);
  const options = { connection, isSingleReader, onCorrupt: () => {} };
  return { connection, store: await openRedisStore(options), states };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 20 s`);
}

async function killed(test: Test, server: RedisServer): Promise<void> {
  const settings = { ...settingsFor('single', [server]), prefix: 'kill', commandTimeoutMs: 800 };
  const { store, states } = await open(test, settings);
  const anna = streamOf('anna');
  const acked: string[] = [];
  let unknown = 0;
  let stop = false;
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    for (let n = 0; !stop; n++) {
      try {
        await appendOne(store, anna, `${writer}/${n}`);
        acked.push(`${writer}/${n}`);
      } catch (error) {
        unknown++;
        if ((error as Error).name !== 'StoreUnavailable') test.fail(String(error));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  });
  await until('some are stored', async () => acked.length > 200);
  await server.kill();
  const started = performance.now();
  await test.rejects(appendOne(store, anna, 'gone'), { name: 'StoreUnavailable' });
  test.ok(performance.now() - started < 1000, 'refused within a second');
  await test.rejects(store.heads(INSTANCE, [anna]), { name: 'StoreUnavailable' });
  await server.start();
  const before = acked.length;
  await until('it goes on by itself', async () => acked.length > before + 50);
  stop = true;
  await Promise.all(writers);
  test.ok(unknown > 0, 'the fault struck with calls in flight');
  test.match(states, ['up', /^down: /, 'up']);
  const found = await store.readAfter(anna, 0, { records: 1e6, bytes: 1e9 });
  const stored = found.oplogs.map((oplog) => oplog.thirdMsgId);
  test.same(
    acked.filter((name) => !new Set(stored).has(name)),
    [],
    'nothing that was answered is lost',
  );
  test.equal(new Set(stored).size, stored.length, 'nothing is stored twice');
  await checkConservation(test, store, [anna]);
}

async function emptied(test: Test, server: RedisServer): Promise<void> {
  const { connection, store } = await open(test, { ...settingsFor('single', [server]), prefix: 'flush' });
  const anna = streamOf('anna');
  const seen = idOf(await appendOne(store, anna, 'a', { acceptedMs: START_MS + 300_000 }));
  await server.command('flushall');
  test.same(await store.heads(INSTANCE, [anna]), []);
  const without = idOf(await appendOne(store, streamOf('bert'), 'b'));
  test.ok(without < seen, 'without the device its ids would go back');
  await store.raiseFloor(anna, seen);
  test.ok(idOf(await appendOne(store, anna, 'b')) > seen, 'the sync point of a device moves the counter');
  await server.command('script', 'flush');
  test.ok(idOf(await appendOne(store, anna, 'c')) > seen, 'scripts that the server forgot are told again');
  test.same((await checkRedisStore(connection, false)).problems, []);
}

async function frozen(test: Test, server: RedisServer): Promise<void> {
  const settings = {
    ...settingsFor('single', [server]),
    prefix: 'slow',
    commandTimeoutMs: 300,
    maxPending: 50,
  };
  const { store } = await open(test, settings);
  const anna = streamOf('anna');
  await appendOne(store, anna, 'first');
  server.signal('SIGSTOP');
  const started = performance.now();
  const calls = await Promise.allSettled(
    Array.from({ length: 80 }, (_, n) => appendOne(store, anna, `m${n}`)),
  );
  server.signal('SIGCONT');
  test.ok(performance.now() - started < 1000, 'an answer within a second');
  const refused = calls.filter((call) => call.status === 'rejected' && /too many/.test(call.reason.message));
  test.equal(refused.length, 30, 'and what is over the bound is refused at once');
  await until('it goes on by itself', async () => (await idsAfter(store, anna)).length > 0);
  const again = await appendOne(store, anna, 'm0');
  test.ok(['stored', 'duplicate'].includes(again.status), 'an unknown one may be asked for again');
  const found = await store.find(anna, { thirdMsgId: 'm0' });
  test.equal(found?.thirdMsgId, 'm0');
}

async function manyNodes(test: Test, server: RedisServer): Promise<void> {
  const settings = { ...settingsFor('single', [server]), prefix: 'many' };
  const nodes = await Promise.all([1, 2, 3].map(() => open(test, settings)));
  const anna = streamOf('anna');
  const phone = { instance: INSTANCE, kind: 'd', id: 'phone' } as const;
  const results = await Promise.all(
    nodes.flatMap(({ store }, node) =>
      Array.from({ length: 100 }, (_, n) => appendOne(store, anna, n % 2 ? `${node}/${n}` : `same/${n}`)),
    ),
  );
  const stored = results.flatMap((result) => (result.status === 'stored' ? [result.oplog.id] : []));
  test.equal(stored.length, 200, 'of the same ones each node tried, one was stored');
  test.equal(new Set(stored).size, 200, 'no id twice');
  await Promise.all(
    nodes.flatMap(({ store }, node) =>
      Array.from({ length: 20 }, (_, n) =>
        store.saveProgress(progress(phone, cursorOf(streamOf('anna', `biz${node}`), n + 1))),
      ),
    ),
  );
  const [first = nodes[0]] = nodes;
  const cursors = (await first?.store.cursors(phone)) ?? [];
  const acked = cursors.map(({ biz, acked }) => `${biz} ${acked}`).sort();
  test.same(acked, ['biz0 20', 'biz1 20', 'biz2 20'], 'nobody takes back what another wrote');
  const due = await Promise.all(
    nodes.map(({ store }) => store.append([requestOf(anna, 'due', { notBeforeMs: START_MS + 5 })])),
  );
  test.equal(due.flat().filter(({ status }) => status === 'scheduled').length, 1);
  const appended = await Promise.all(nodes.map(({ store }) => store.appendDue(START_MS + 10, 10)));
  test.equal(appended.flat().length, 1, 'what is due comes once');
  if (first) test.match(await counterOf(first.store), { accepted: 201, retained: 201 });
}

async function withoutReplicas(test: Test, server: RedisServer): Promise<void> {
  const settings: RedisSettings = {
    ...settingsFor('single', [server]),
    prefix: 'short',
    level: 'R2',
    commandTimeoutMs: 1500,
  };
  const replica = await startRedis([`replicaof ${server.host} ${server.port}`]);
  test.teardown(() => replica.stop());
  const { store } = await open(test, settings);
  // A replica counts only after its first word since it was synchronised.
  await until('the replica is in step', () => store.raiseFloor(streamOf('warm'), 1).then(() => true));
  const anna = streamOf('anna');
  const id = idOf(await appendOne(store, anna, 'a'));
  const before = String(
    await replica.command('lrange', `short:{${await tagOf(replica)}}:u:ws_app:anna:r:pay`, 0, -1),
  );
  test.not(before, '', 'it is on the replica when it is answered');
  await replica.kill();
  await test.rejects(appendOne(store, anna, 'b'), { name: 'StoreUnavailable', message: /0 of 1 replicas/ });
  test.ok((await idsAfter(store, anna)).length === 2, 'unknown, and in this case stored');
  await replica.start();
  await until('writes are answered again', async () => {
    const again = await appendOne(store, anna, 'b');
    return again.status === 'duplicate' && again.id > id;
  });
}

/** An error in the middle of a script would leave what it had written so far. */
async function cursorsDamaged(test: Test, server: RedisServer): Promise<void> {
  const settings = { ...settingsFor('single', [server]), prefix: 'torn' };
  const { connection, store } = await open(test, settings, () => true);
  const anna = streamOf('anna');
  const user = { instance: INSTANCE, kind: 'u', id: 'anna' } as const;
  const first = idOf(await appendOne(store, anna, 'a'));
  await store.saveProgress(progress(user, cursorOf(anna, first)));
  const [cursors = ''] = (await server.command('keys', 'torn:*:anna:k')) as string[];
  await server.command('setrange', cursors, 13, 'no JSON');
  const second = idOf(await appendOne(store, anna, 'b', { keepNewest: 1 }));
  test.ok(second > first);
  test.same(await idsAfter(store, anna), [second], 'what is too many is trimmed');
  test.match(await counterOf(store), { accepted: 2, retained: 1, trimmed: 1 });
  await server.command('del', cursors);
  test.same((await checkRedisStore(connection, false)).problems, []);
}

async function manyLetters(test: Test, server: RedisServer): Promise<void> {
  const { store } = await open(test, { ...settingsFor('single', [server]), prefix: 'letters' });
  const anna = streamOf('anna');
  const about = { stream: anna, reader: { instance: INSTANCE, kind: 'd', id: 'phone' } } as const;
  const rest = { attempts: 6, deadMs: START_MS, reason: 'attempts', resentAs: 0 };
  const dead = Array.from({ length: 9_000 }, (_, id) => ({ ...about, ...rest, id: id + 1 }));
  await store.saveProgress({ cursors: [], dead, events: [] });
  const left = async () => (await store.deadLetters(INSTANCE, { limit: 1 })).letters.length;
  await until('all are forgotten, with the largest step that may be configured', async () => {
    await store.sweep(START_MS + 31 * DAY_MS, 100_000);
    return (await left()) === 0;
  });
  test.equal(await left(), 0);
}

async function tagOf(server: RedisServer): Promise<string> {
  const keys = (await server.command('keys', 'short:*:anna:r:pay')) as string[];
  return /\{(.*)\}/.exec(keys[0] ?? '')?.[1] ?? '';
}

async function checked(test: Test, server: RedisServer): Promise<void> {
  await server.command('flushall');
  const { connection, store } = await open(test, { ...settingsFor('single', [server]), prefix: 'check' });
  await fillWithEveryKind(store);
  const sound = await checkRedisStore(connection, true);
  test.same(sound.problems, []);
  test.equal(sound.records, 3);
  for (const kind of [
    'heads',
    'records',
    'thirdMsgIds',
    'events',
    'cursors',
    'device',
    'token',
    'letters',
  ] as const)
    test.ok((sound.kinds.get(kind)?.bytes ?? 0) > 0, kind);
  const [heads = ''] = (await server.command('keys', '*:anna:h')) as string[];
  const [records = ''] = (await server.command('keys', '*:anna:r:pay')) as string[];
  const [cursors = ''] = (await server.command('keys', '*:phone:k')) as string[];
  const plants: readonly (readonly [RegExp, readonly (string | number)[]])[] = [
    [/never expires/, ['persist', records]],
    [/no key of this layout/, ['set', 'check:{1-2}:nonsense', 'x']],
    [/checksum is wrong/, ['setrange', cursors, 20, 'xxxx']],
    [/retained 3, counted 2/, ['lpop', records]],
    [/no head of a stream leads to it/, ['hdel', heads, 'pay']],
    [/names, .* rows/, ['hdel', 'check:{docs}:v:c', 'k']],
  ];
  for (const [expected, [name = '', ...args]] of plants) {
    const before = (await checkRedisStore(connection, false)).problems.filter((line) => expected.test(line));
    await server.command(String(name), ...args);
    const after = (await checkRedisStore(connection, false)).problems.filter((line) => expected.test(line));
    test.ok(after.length > before.length, `${expected} is found`);
  }
}

if (redisAvailable('faults of the Redis store')) {
  const server = await startRedis();
  t.teardown(() => server.stop());
  t.test('Redis is killed under load, and comes back', (test) => killed(test, server));
  t.test('Redis is emptied: ids do not go back', (test) => emptied(test, server));
  t.test('Redis stands still: callers are answered, and memory is bounded', (test) => frozen(test, server));
  t.test('several nodes write at once', (test) => manyNodes(test, server));
  t.test('R2: a write that does not reach its replicas is unknown', (test) => withoutReplicas(test, server));
  t.test('a damaged row of cursors does not damage its stream', (test) => cursorsDamaged(test, server));
  t.test('any number of dead letters can be forgotten', (test) => manyLetters(test, server));
  t.test('the store is held against its own rules', (test) => checked(test, server));
}
