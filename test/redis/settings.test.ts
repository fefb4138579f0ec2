/** What the servers are set to, held against the level of the configuration. */
import t from 'tap';
import { openRedis } from '../../src/redis/connection.js';
import { DEFAULT_REDIS_SETTINGS, parseAddress, type RedisSettings } from '../../src/redis/options.js';
import { keySlot, ownerKey, SHARDS, shardTags, unescapePart } from '../../src/redis/owner-key.js';
import { checkServers, problemsOf, watchServers } from '../../src/redis/server-settings.js';
import { redisAvailable, startRedis } from './servers.js';

t.test('addresses', async (t) => {
  t.same(parseAddress('redis.example:6379'), { host: 'redis.example', port: 6379 });
  t.same(parseAddress('[::1]:7000'), { host: '::1', port: 7000 });
  for (const bad of ['redis', 'a:b', ':1', 'a:0', 'a:70000', '::1:7000'])
    t.throws(() => parseAddress(bad), /host:port/);
});

t.test('shards share the slots of a Cluster evenly, and names do not run into each other', async (t) => {
  const tags = shardTags();
  t.equal(new Set(tags).size, SHARDS);
  t.same(
    tags.map((tag) => Math.floor(keySlot(tag) / (16_384 / SHARDS))),
    tags.map((_, shard) => shard),
  );
  t.equal(keySlot('123456789'), 0x31c3, 'the check value of the Redis Cluster specification');
  const key = ownerKey('p', 'ws_a', 'u', 'a:b%3A}');
  t.match(key, /^p:\{\d+-\d+\}:u:ws_a:a%3Ab%253A\}$/);
  t.equal(unescapePart(key.split(':')[4] ?? ''), 'a:b%3A}');
});

t.test('what each level needs', async (t) => {
  const fine = new Map([
    ['redis_version', '7.0.15'],
    ['aof_enabled', '1'],
    ['aof_last_write_status', 'ok'],
    ['connected_slaves', '2'],
  ]);
  const set = new Map([
    ['aof-load-truncated', 'no'],
    ['appendfsync', 'always'],
    ['maxmemory-policy', 'noeviction'],
    ['min-replicas-to-write', '1'],
    ['no-appendfsync-on-rewrite', 'no'],
  ]);
  const problems = (level: RedisSettings['level'], info = {}, config = {}) =>
    problemsOf(
      {
        address: 'a:1',
        info: new Map([...fine, ...Object.entries<string>(info)]),
        config: new Map([...set, ...Object.entries<string>(config)]),
      },
      { ...DEFAULT_REDIS_SETTINGS, level, replicas: 2 },
    );
  for (const level of ['R0', 'R1', 'R2'] as const) {
    t.same(problems(level), []);
    t.match(problems(level, { aof_enabled: '0' }), [/appendonly is off/]);
    t.match(problems(level, {}, { 'maxmemory-policy': 'allkeys-lru' }), [/allkeys-lru/]);
    t.match(problems(level, { redis_version: '6.0.16' }), [/version 6.0.16/]);
    t.match(problems(level, { aof_last_write_status: 'err' }), [/failed/]);
    t.match(problems(level, {}, { appendfsync: 'no' }), [/appendfsync is no/]);
    t.match(problems(level, {}, { 'aof-load-truncated': 'yes' }), [/half a transaction/]);
  }
  t.same(problems('R0', {}, { appendfsync: 'everysec', 'no-appendfsync-on-rewrite': 'yes' }), []);
  t.match(problems('R1', {}, { appendfsync: 'everysec' }), [/level R1 needs always/]);
  t.match(problems('R1', {}, { 'no-appendfsync-on-rewrite': 'yes' }), [/on-rewrite/]);
  t.same(problems('R1', { connected_slaves: '0' }, { 'min-replicas-to-write': '0' }), []);
  t.match(problems('R2', { connected_slaves: '1' }), [/1 of 2 replicas/]);
  t.match(problems('R2', { connected_slaves: '3' }), [/3 replicas, but/]);
  t.match(problems('R2', {}, { 'min-replicas-to-write': '0' }), [/min-replicas-to-write/]);
});

if (redisAvailable('the settings, users and absence of a real server')) {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const settings = { ...DEFAULT_REDIS_SETTINGS, nodes: [`${server.host}:${server.port}`] };
  const open = (more: Partial<RedisSettings> = {}) =>
    openRedis({ ...settings, ...more }, { onState: () => {} });

  t.test('a real server is looked at, and looked at again', async (t) => {
    const connection = await open();
    t.teardown(connection.close);
    t.same(await checkServers(connection), []);
    const told: (readonly string[])[] = [];
    const stop = watchServers(connection, (problems) => told.push(problems), [], 20);
    await server.command('config', 'set', 'appendfsync', 'everysec');
    const end = performance.now() + 5000;
    while (told.length === 0 && performance.now() < end) await new Promise((r) => setTimeout(r, 20));
    await server.command('config', 'set', 'appendfsync', 'always');
    while (told.length === 1 && performance.now() < end) await new Promise((r) => setTimeout(r, 20));
    stop();
    t.match(told, [[/appendfsync is everysec; level R1 needs always/], []]);
  });

  t.test('an ACL user, by name and password', async (t) => {
    const rights = ['+@all', '-@dangerous', '~longlink:*', '&*'];
    await server.command('acl', 'setuser', 'gateway', 'on', '>open sesame', ...rights);
    const connection = await open({ username: 'gateway', password: 'open sesame' });
    t.teardown(connection.close);
    t.equal(await connection.client.set('longlink:x', 'y'), 'OK');
    await t.rejects(connection.client.set('other', 'y'), /NOPERM/);
    const refused = open({ username: 'gateway', password: 'guess me not', connectTimeoutMs: 500 });
    await t.rejects(refused, /no answer from Redis/);
    await refused.catch((error: Error) => t.notMatch(error.message, /guess/, 'nor is a password told'));
  });

  t.test('a server that is not there is told in plain words', async (t) => {
    const started = performance.now();
    await t.rejects(
      open({ nodes: ['127.0.0.1:1'], connectTimeoutMs: 300 }),
      /no answer from Redis at 127.0.0.1:1/,
    );
    t.ok(performance.now() - started < 3000);
  });
}
