import t, { type Test } from 'tap';
import { nodesOf, type Rig, type RigDevice, type RigNode, startRig, until } from '../cluster/rig.js';
import { redisAvailable, startRedis, startRedisCluster } from '../redis/servers.js';

const skip = !redisAvailable('many nodes under load') && 'no redis-server is installed';
const DEVICES = 60;
const SECOND = 1000;

/** Sends to all devices in turn, on all nodes that are up, until it is told to stop. */
function startLoad(rig: Rig, senders: () => readonly RigNode[]) {
  const accepted = new Map<string, string[]>();
  let running = true;
  let number = 0;
  const work = async (): Promise<void> => {
    while (running) {
      number += 1;
      const user = `u${number % DEVICES}`;
      const msg = `m${number}`;
      const nodes = senders();
      const node = nodes[number % nodes.length];
      if (node === undefined) continue;
      // Unknown is repeated under its name, on another node perhaps.
      for (let done = false; !done && running; ) {
        const result = await rig.send(node, 'DEMO-USER', user, msg).catch(() => 'no answer');
        done = ['SUCCESS', 'NOT_ONLINE', 'DUPLICATED_BIZ_ID'].includes(result);
      }
      accepted.set(user, [...(accepted.get(user) ?? []), msg]);
    }
  };
  const done = Promise.all([work(), work()]);
  return {
    accepted,
    count: () => number,
    async stop() {
      running = false;
      await done;
    },
  };
}

/** What was wrong, each with a first word that says of what kind. */
async function restartInTurn(t: Test, deliveredMs: number, plant?: string): Promise<string[]> {
  const complaints: string[] = [];
  const redis = await startRedis();
  const rig = await startRig({ nodes: [`127.0.0.1:${redis.port}`] }, ['a', 'b', 'c'], 0, plant);
  t.teardown(async () => {
    await rig.dispose();
    await redis.stop();
  });
  const nodes = [...rig.nodes];
  const up = new Set(nodes);
  const places = nodes.map((node) => ({ at: node }));
  const drains = new Map<RigDevice, number>();
  const devices = Array.from({ length: DEVICES }, (_, at) => {
    const place = { ...(places[at % places.length] ?? { at: nodes[0] as RigNode }) };
    return { place, device: rig.device(place, `d${at}`, `u${at}`) };
  });
  for (const { device } of devices) device.raw.start();
  await Promise.all(devices.map(({ device }) => device.raw.connected()));
  const load = startLoad(rig, () => [...up]);
  for (const [turn, node] of nodes.entries()) {
    const other = nodes[(turn + 1) % nodes.length];
    if (other === undefined) throw new Error('three nodes were asked for');
    await until('work goes on', 20 * SECOND, () => load.count() > 20 * (turn + 1));
    for (const { place, device } of devices) {
      if (place.at !== node) continue;
      place.at = other;
      drains.set(device, (drains.get(device) ?? 0) + 1);
    }
    up.delete(node);
    await other.admin('POST', `/v1/nodes/${node.name}/drain`, { rate: 40 });
    await until('the node is empty', 20 * SECOND, async () =>
      (await nodesOf(other)).some((one) => one.node === node.name && one.connections === 0),
    );
    const code = await node.stop();
    if (code !== 0) complaints.push(`ENDED ${node.name} with ${code}`);
    await node.start();
    up.add(node);
  }
  await load.stop();
  const missing = (): number =>
    devices.reduce((sum, { device }, at) => {
      const got = new Set(device.got);
      return sum + (load.accepted.get(`u${at}`) ?? []).filter((msg) => !got.has(msg)).length;
    }, 0);
  await until('all is delivered', deliveredMs, () => missing() === 0).catch(() => undefined);
  if (missing() > 0) complaints.push(`LOST ${missing()} of ${load.count()} messages`);
  if (load.count() <= 60) complaints.push(`IDLE ${load.count()} messages`);
  for (const { device } of devices) {
    const { connects, gaps } = device.raw.tally;
    const wanted = 1 + (drains.get(device) ?? 0);
    if (connects !== wanted) complaints.push(`RECONNECTS ${connects} connections instead of ${wanted}`);
    if (gaps > 0) complaints.push(`GAP ${gaps} batches began after the point of their device`);
  }
  return complaints;
}

t.test('a rolling restart of three nodes under load loses nothing', { skip }, async (t) => {
  t.same(await restartInTurn(t, 30 * SECOND), []);
});

t.test('and the same with a backlog that is skipped is seen', { skip }, async (t) => {
  const complaints = await restartInTurn(t, 5 * SECOND, 'skip-backlog');
  t.match(complaints.join('\n'), /^LOST/m, { complaints });
});

t.test('nodes on a Redis Cluster of six reach each other', { skip }, async (t) => {
  const redis = await startRedisCluster();
  const addresses = redis.servers.map(({ host, port }) => `${host}:${port}`);
  const rig = await startRig({ mode: 'cluster', nodes: addresses }, ['a', 'b']);
  t.teardown(async () => {
    await rig.dispose();
    await redis.stop();
  });
  const [a, b] = rig.nodes;
  if (a === undefined || b === undefined) throw new Error('two nodes were asked for');
  const ann = rig.device(b, 'd-ann', 'ann');
  ann.raw.start();
  await ann.raw.connected();
  t.equal(await rig.send(a, 'DEMO-USER', 'ann', 'm1'), 'SUCCESS');
  await until('handed over', SECOND, () => ann.got.includes('m1'));
  // Longer than any time-out of a connection that hears nothing.
  await new Promise((resolve) => setTimeout(resolve, 5 * SECOND));
  t.equal(await rig.send(a, 'DEMO-USER', 'ann', 'm2'), 'SUCCESS');
  await until('still handed over', SECOND, () => ann.got.includes('m2'));
  const newer = rig.device(a, 'd-ann', 'ann');
  newer.raw.start();
  await newer.raw.connected();
  await until('the older is sent away', SECOND, () => ann.raw.tally.kicks.length > 0);
  t.equal((await nodesOf(b)).length, 2);
});
