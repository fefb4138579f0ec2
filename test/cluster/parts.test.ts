import t from 'tap';
import { createLocks } from '../../src/cluster/locks.js';
import { createSharedNonces } from '../../src/cluster/nonces.js';
import { createScripts } from '../../src/cluster/scripts.js';
import { openRedis, type RedisConnection } from '../../src/redis/connection.js';
import { DEFAULT_REDIS_SETTINGS } from '../../src/redis/options.js';
import { redisAvailable, startRedis } from '../redis/servers.js';
import { until } from './rig.js';

const skip = !redisAvailable('what nodes share in Redis') && 'no redis-server is installed';
const mono = (): number => performance.now();

t.test('what nodes share in Redis', { skip }, async (t) => {
  const redis = await startRedis();
  const open = (): Promise<RedisConnection> =>
    openRedis({ ...DEFAULT_REDIS_SETTINGS, nodes: [`127.0.0.1:${redis.port}`] }, { onState: () => {} });
  const connections = [await open(), await open()];
  t.teardown(async () => {
    for (const connection of connections) connection.close();
    await redis.stop();
  });
  const links = connections.map(({ client }) => ({
    ...{ client, subscriber: client },
    ...{ sharded: false, prefix: 'longlink' },
  }));
  const locks = links.map((link, at) => createLocks(link, createScripts(link.client), `node-${at}`, mono));

  await t.test('a nonce that was used on one node is refused on the other at once', async (t) => {
    const [first, second] = links.map((link) => createSharedNonces(link, Date.now));
    t.equal(await first?.use('key', 'nonce', Date.now() + 60_000), true);
    t.equal(await second?.use('key', 'nonce', Date.now() + 60_000), false);
    t.equal(await second?.use('other', 'nonce', Date.now() + 60_000), true, 'of another key it is another');
    const both = await Promise.all(
      [first, second].map((one) => one?.use('key', 'race', Date.now() + 60_000)),
    );
    t.same(both.sort(), [false, true], 'one of two at the same moment');
  });

  await t.test('changes of one name run one after the other, on all nodes', async (t) => {
    let running = 0;
    let most = 0;
    let value = 0;
    const change = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      const before = value;
      await new Promise((resolve) => setTimeout(resolve, 2));
      value = before + 1;
      running -= 1;
    };
    const turns = locks.map((one) => one.inTurn('test'));
    await Promise.all(Array.from({ length: 20 }, (_, at) => turns[at % 2]?.(change)));
    t.equal(most, 1);
    t.equal(value, 20, 'each saw what the one before it wrote');
    await t.rejects(turns[0]?.(() => Promise.reject(new Error('no'))) ?? Promise.resolve(), /no/);
    t.equal(await turns[1]?.(() => Promise.resolve('next')), 'next', 'a failure gives the turn on');
  });

  await t.test('a dead node does not feed on because its clock was ahead', async (t) => {
    const [link] = links;
    if (link === undefined) throw new Error('a link was made');
    const scripts = createScripts(link.client);
    const offer = (member: string, epoch: number, alive: readonly string[]): Promise<unknown> =>
      scripts.run('offer', ['{x}:routes', '{x}:feeder'], [member, epoch, 1, 60_000, 5000, 10_000, ...alive]);
    const dead = `ahead@${Date.now() + 3_600_000}`;
    const other = `other@${Date.now() - 3_600_000}`;
    t.match(await offer(dead, 2, [dead, other]), [dead, dead]);
    t.match(await offer(other, 1, [dead, other]), [dead, dead], 'the newest, as long as it lives');
    t.match(await offer(other, 1, [other]), [other, other]);
    const young = `young@${Date.now()}`;
    await offer(young, 3, [young]);
    t.match(await offer(other, 1, [other]), [young, young], 'one too young to be on the list lives');
  });

  await t.test('a job is one node’s, and passes on when that node has gone', async (t) => {
    const [first, second] = locks;
    t.equal(await first?.leads('job'), true);
    t.equal(await second?.leads('job'), false);
    t.equal(await first?.leads('job'), true);
    await first?.close();
    await until('the other leads', 1000, async () => (await second?.leads('job')) === true);
    t.equal(await first?.leads('job'), false);
  });

  await t.test('without Redis a change is refused as one that the store does not take', async (t) => {
    await redis.stop();
    await t.rejects(locks[0]?.inTurn('away')(() => Promise.resolve()) ?? Promise.resolve(), {
      name: 'StoreUnavailable',
    });
  });
});
