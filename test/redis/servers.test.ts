import t from 'tap';
import { redisAvailable, startRedis, startRedisCluster, startSentinelSet } from './servers.js';

const skip = redisAvailable('the servers of the Redis tests') ? false : 'no redis-server is installed';

t.test('one server keeps on its disk what it has answered, through a kill', { skip }, async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  t.equal(await server.command('set', 'key', 'value'), 'OK');
  await server.kill();
  await t.rejects(server.command('get', 'key'));
  await server.start();
  t.equal(await server.command('get', 'key'), 'value');
});

t.test('a Sentinel set names another primary when the first is killed', { skip }, async (t) => {
  const set = await startSentinelSet(500);
  t.teardown(() => set.stop());
  const primary = async (): Promise<string> => {
    const address = await set.sentinels[0]?.command('sentinel', 'get-master-addr-by-name', set.name);
    return (address as string[]).join(':');
  };
  const first = await primary();
  t.equal(first, `127.0.0.1:${set.servers[0]?.port}`);
  await set.servers[0]?.kill();
  const end = performance.now() + 20_000;
  while ((await primary()) === first && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.not(await primary(), first);
});

t.test('a Cluster has all slots, on three primaries with a replica each', { skip }, async (t) => {
  const cluster = await startRedisCluster();
  t.teardown(() => cluster.stop());
  const info = String(await cluster.servers[0]?.command('cluster', 'info'));
  t.match(info, /cluster_slots_ok:16384/);
  t.match(info, /cluster_size:3/);
  t.equal(cluster.servers.length, 6);
});
