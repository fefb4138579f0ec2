import t from 'tap';
import { signal } from '../faults/cluster.js';
import { type RedisServer, redisAvailable, startRedis } from '../redis/servers.js';
import { nodesOf, type Rig, startRig, until } from './rig.js';

const skip = !redisAvailable('many nodes on one Redis') && 'no redis-server is installed';
/** In which one device gives way to a newer one, and a wake reaches the other node. */
const SECOND = 1000;

t.test('two nodes on one Redis', { skip }, async (t) => {
  const redis: RedisServer = await startRedis();
  const rig: Rig = await startRig({ nodes: [`127.0.0.1:${redis.port}`] }, ['a', 'b']);
  t.teardown(async () => {
    await rig.dispose();
    await redis.stop();
  });
  const [a, b] = rig.nodes;
  if (a === undefined || b === undefined) throw new Error('two nodes were asked for');

  await t.test('a call on one node wakes a device on the other', async (t) => {
    const ann = rig.device(b, 'd-ann', 'ann');
    ann.raw.start();
    await ann.raw.connected();
    const from = performance.now();
    t.equal(await rig.send(a, 'DEMO-USER', 'ann', 'm1'), 'SUCCESS');
    await until('handed over', SECOND, () => ann.got.includes('m1'));
    t.comment(`handed over after ${Math.round(performance.now() - from)} ms`);
    t.equal(await rig.send(a, 'DEMO-USER', 'nobody', 'm2'), 'NOT_ONLINE');
    ann.raw.stop();
    await until('gone', SECOND, async () => (await rig.send(a, 'DEMO-USER', 'ann', 'x')) !== 'SUCCESS');
  });

  await t.test('the newer connection of a device, on another node, ends the older', async (t) => {
    const old = rig.device(a, 'd-two', 'bob');
    old.raw.start();
    await old.raw.connected();
    const newer = rig.device(b, 'd-two', 'bob');
    const from = performance.now();
    newer.raw.start();
    await newer.raw.connected();
    await until('the older is sent away', SECOND, () => old.raw.tally.kicks.length > 0);
    t.ok(performance.now() - from < 2 * SECOND);
    old.raw.stop();
    t.equal(await rig.send(a, 'DEMO-USER', 'bob', 'n1'), 'SUCCESS');
    await until('handed over', SECOND, () => newer.got.includes('n1'));
    t.same(old.got, []);
    newer.raw.stop();
  });

  await t.test('a configuration made on one node is known on the other within a second', async (t) => {
    const made = await a.admin('POST', '/v1/instances/default_demo/configs', {
      bizType: 'ONE',
      multiDevice: false,
    });
    t.equal(made.status, 200, made.body);
    await until('known', SECOND, async () => (await rig.send(b, 'ONE', 'carl', 'k')) !== 'BIZ_NOT_ONLINE');
  });

  await t.test('single-device data goes to the newest device, whichever node it is on', async (t) => {
    const first = rig.device(a, 'd-first', 'dora');
    const second = rig.device(b, 'd-second', 'dora');
    first.raw.start();
    await first.raw.connected();
    await rig.send(b, 'ONE', 'dora', 'o1');
    await until('the only device has it', SECOND, () => first.got.includes('o1'));
    second.raw.start();
    await second.raw.connected();
    // What is sent while the streams are handed over, the older one may still get.
    const during: string[] = [];
    await until('the newer device is fed', SECOND, async () => {
      during.push(`o2-${during.length}`);
      await rig.send(a, 'ONE', 'dora', during.at(-1) ?? '');
      return second.got.length > 0;
    });
    await rig.send(a, 'ONE', 'dora', 'o3');
    await until('the newer device has it', SECOND, () => second.got.includes('o3'));
    second.raw.stop();
    await rig.send(b, 'ONE', 'dora', 'o4');
    await until('the older feeds again', 4 * SECOND, () => first.got.includes('o4'));
    t.same([...first.got.slice(0, -1), ...second.got], ['o1', ...during, 'o3'], 'each record once');
    t.equal(first.got.at(-1), 'o4');
    first.raw.stop();
  });

  await t.test('each node shows the cluster, and finds and closes what is on another', async (t) => {
    const hans = rig.device(b, 'd-hans', 'hans');
    hans.raw.start();
    await hans.raw.connected();
    const { body } = await a.admin('GET', '/v1/instances/default_demo/sessions?user=hans');
    const { sessions } = JSON.parse(body) as { sessions: { deviceId: string; node: string }[] };
    t.match(sessions, [{ deviceId: 'd-hans', node: /^b@/ }]);
    await until('both are listed', 2 * SECOND, async () => (await nodesOf(a)).length === 2);
    t.same((await nodesOf(a)).map(({ node }) => node).sort(), ['a', 'b']);
    await a.admin('POST', '/v1/instances/default_demo/sessions/kick', { user: 'hans' });
    await until('closed', SECOND, () => hans.raw.tally.kicks.length > 0);
    hans.raw.stop();
  });

  await t.test('a drained node sends its devices on, each once, and takes no new ones', async (t) => {
    const c = await rig.make('c');
    await c.start();
    const place = { at: c };
    const moving = Array.from({ length: 10 }, (_, at) => rig.device(place, `d-move-${at}`, `mover${at}`));
    for (const { raw } of moving) raw.start();
    await Promise.all(moving.map(({ raw }) => raw.connected()));
    await until('counted', 2 * SECOND, async () =>
      (await nodesOf(a)).some(({ node, connections }) => node === 'c' && connections === 10),
    );
    place.at = b;
    const drained = await a.admin('POST', '/v1/nodes/c/drain', { rate: 20 });
    t.match(JSON.parse(drained.body), { connections: 10, overMs: 500 });
    await until('all have moved', 5 * SECOND, () => moving.every(({ raw }) => raw.tally.connects === 2));
    t.equal((await c.admin('GET', '/readyz')).status, 503);
    for (const [at, { got }] of moving.entries()) {
      t.equal(await rig.send(a, 'DEMO-USER', `mover${at}`, `v${at}`), 'SUCCESS');
      await until('handed over', SECOND, () => got.includes(`v${at}`));
    }
    t.ok(moving.every(({ raw }) => raw.tally.connects === 2));
    for (const { raw } of moving) raw.stop();
    t.equal(await c.stop(), 0);
  });

  await t.test('a node of the role api has no devices and reaches those of others', async (t) => {
    const api = await rig.make('api', { role: 'api' });
    await api.start();
    const ida = rig.device(b, 'd-ida', 'ida');
    ida.raw.start();
    await ida.raw.connected();
    t.equal(await rig.send(api, 'DEMO-USER', 'ida', 'i1'), 'SUCCESS');
    await until('handed over', SECOND, () => ida.got.includes('i1'));
    ida.raw.stop();
    t.equal(await api.stop(), 0);
  });

  await t.test('a node that stood still sends nothing on a connection that was replaced', async (t) => {
    const old = rig.device(a, 'd-frozen', 'emil');
    old.raw.start();
    await old.raw.connected();
    const { supervisor } = a.pids();
    signal(supervisor, 'SIGSTOP');
    const newer = rig.device(b, 'd-frozen', 'emil');
    try {
      newer.raw.start();
      await newer.raw.connected();
      t.equal(await rig.send(b, 'DEMO-USER', 'emil', 'f1'), 'SUCCESS');
      await until('handed over', SECOND, () => newer.got.includes('f1'));
      // Past its lease.
      await new Promise((resolve) => setTimeout(resolve, 3500));
    } finally {
      signal(supervisor, 'SIGCONT');
    }
    await until('the older is sent away', 3 * SECOND, () => old.raw.tally.kicks.length > 0);
    t.same(old.got, []);
    old.raw.stop();
    await a.ready();
    const late = rig.device(a, 'd-late', 'fred');
    late.raw.start();
    await late.raw.connected();
    // Told at once; that it is alive again the other node knows half a second later.
    await rig.send(b, 'DEMO-USER', 'fred', 'f2');
    await until('it delivers again', 2 * SECOND, () => late.got.includes('f2'));
    let number = 2;
    await until('it counts as online', 2 * SECOND, async () => {
      number += 1;
      return (await rig.send(b, 'DEMO-USER', 'fred', `f${number}`)) === 'SUCCESS';
    });
    late.raw.stop();
    newer.raw.stop();
  });

  await t.test('the routes of a dead node lapse in seconds', async (t) => {
    const gus = rig.device(a, 'd-gus', 'gus');
    gus.raw.start();
    await gus.raw.connected();
    t.equal(await rig.send(b, 'DEMO-USER', 'gus', 'g1'), 'SUCCESS');
    await a.killAll();
    const from = performance.now();
    let number = 1;
    await until('nobody is told any more', 5 * SECOND, async () => {
      number += 1;
      return (await rig.send(b, 'DEMO-USER', 'gus', `g${number}`)) === 'NOT_ONLINE';
    });
    t.comment(`lapsed after ${Math.round(performance.now() - from)} ms`);
    gus.raw.stop();
  });
});
