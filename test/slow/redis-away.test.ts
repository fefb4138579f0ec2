/** A whole server on a real Redis that goes away, comes back, and is emptied. */
import t from 'tap';
import { openRedis } from '../../src/redis/connection.js';
import { DEFAULT_REDIS_SETTINGS } from '../../src/redis/options.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import { startRig } from '../cluster/rig.js';
import { until } from '../faults/cluster.js';
import { redisAvailable, startRedis } from '../redis/servers.js';

const BIZ = 'DEMO-USER';

if (redisAvailable('a whole server on a Redis that goes away')) {
  const redis = await startRedis();
  const nodes = [`${redis.host}:${redis.port}`];
  const rig = await startRig({ nodes, commandTimeoutMs: 500 }, ['one'], 1);
  t.teardown(async () => {
    await rig.dispose();
    await redis.stop();
  });
  const [node] = rig.nodes;
  if (node === undefined) throw new Error('no node');
  const device = rig.device(node, 'phone', 'ann');
  const metric = async (name: string): Promise<number> => {
    const { body } = await node.admin('GET', '/metrics');
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.]+)$`, 'm').exec(body)?.[1]);
  };

  t.test('while Redis is away calls are answered within a second, and devices stay', async (t) => {
    device.raw.start();
    await device.raw.connected();
    t.equal(await rig.send(node, BIZ, 'ann', 'before'), 'SUCCESS');
    await until('it arrives', 5000, () => device.got.includes('before'));
    await redis.kill();
    for (const name of ['away 1', 'away 2']) {
      const started = performance.now();
      t.equal(await rig.send(node, BIZ, 'ann', name), 'SYSTEM_ERROR');
      t.ok(performance.now() - started < 1000, 'within a second');
    }
    t.match((await node.admin('GET', '/metrics')).body, /^longlink_redis_up\{role="control"\} 0$/m);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    t.equal(device.raw.tally.connects, 1, 'the device has noticed nothing');
    await redis.start();
    await until('it goes on by itself', 20_000, async () => {
      const result = await rig.send(node, BIZ, 'ann', 'after');
      return result === 'SUCCESS' || result === 'DUPLICATED_BIZ_ID';
    });
    await until('data arrives again', 20_000, () => device.got.includes('after'));
    t.equal(device.raw.tally.connects, 1);
    t.match((await node.admin('GET', '/metrics')).body, /^longlink_redis_up\{role="control"\} 1$/m);
  });

  t.test('Redis is emptied: the device moves the counter, and new data reaches it', async (t) => {
    const settings = { ...DEFAULT_REDIS_SETTINGS, nodes };
    const connection = await openRedis(settings, { onState: () => {} });
    t.teardown(connection.close);
    const store = await openRedisStore({ connection, isSingleReader: () => false, onCorrupt: () => {} });
    // As if another node, its clock three minutes ahead, had given out the last id.
    const ahead = (Date.now() + 180_000) * 1000;
    await store.raiseFloor({ instance: 'default_demo', kind: 'u', owner: 'ann', biz: BIZ }, ahead);
    await rig.send(node, BIZ, 'ann', 'ahead');
    await until('it arrives', 10_000, () => device.got.includes('ahead'));
    t.equal(await node.stop(), 0);
    await redis.command('flushall');
    await node.start();
    await until('the device is back', 20_000, () => device.raw.tally.connects === 2);
    await until(
      'the counter is moved',
      20_000,
      async () => (await metric('longlink_floors_raised_total')) > 0,
    );
    t.ok((await metric('longlink_points_ahead_total')) > 0, 'which is counted');
    t.equal(await rig.send(node, BIZ, 'ann', 'new'), 'SUCCESS');
    await until('new data is not taken for old', 10_000, () => device.got.includes('new'));
  });

  t.test('a Redis that does not keep the level is no start', async (t) => {
    await node.stop();
    await redis.command('config', 'set', 'appendfsync', 'everysec');
    await t.rejects(node.start(), /appendfsync is everysec; level R1 needs always|ended/);
    t.match(node.log(), /Redis does not keep level R1/);
  });
}
