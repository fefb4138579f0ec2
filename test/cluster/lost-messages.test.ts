/** Nodes whose messages to each other are all lost: Redis takes no PUBLISH. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { redisAvailable, startRedis } from '../redis/servers.js';
import { type Rig, type RigDevice, startRig, until } from './rig.js';

const skip = !redisAvailable('messages between nodes that are lost') && 'no redis-server is installed';
const HEARTBEAT_SEC = 2;
/** A heartbeat, and what a busy machine adds. */
const LATE_MS = HEARTBEAT_SEC * 1_000 + 4_000;
const WANTED = ['m1', 'm2', 'm3', 'm4'];

/** A device on a second node that calls on the first are for. */
async function listener(rig: Rig, plant?: string): Promise<RigDevice> {
  const name = plant ?? 'b';
  const node = await rig.make(name, {}, plant);
  await node.start();
  const device = rig.device(node, `d-${name}`, name, HEARTBEAT_SEC);
  device.raw.start();
  await device.raw.connected();
  return device;
}

t.test('a lost message between nodes costs a heartbeat and nothing else', { skip }, async (t) => {
  const redis = await startRedis(['rename-command PUBLISH ""']);
  const rig = await startRig({ nodes: [`127.0.0.1:${redis.port}`] }, ['a']);
  t.teardown(async () => {
    await rig.dispose();
    await redis.stop();
  });
  const [a] = rig.nodes;
  if (a === undefined) throw new Error('a node was asked for');
  const send = async (user: string): Promise<void> => {
    for (const msg of WANTED) {
      t.equal(await rig.send(a, 'DEMO-USER', user, `${user}-${msg}`), 'SUCCESS');
      await sleep(100);
    }
  };
  const all = (user: string): string[] => WANTED.map((msg) => `${user}-${msg}`);

  await t.test('data comes with the next heartbeat, in order and once', async (t) => {
    const device = await listener(rig);
    const startMs = performance.now();
    await send('b');
    await until('all are there', LATE_MS, () => device.got.length >= WANTED.length);
    t.comment(`after ${Math.round(performance.now() - startMs)} ms`);
    await sleep(HEARTBEAT_SEC * 1_000);
    t.same(device.got, all('b'));
    t.equal(device.raw.tally.connects, 1);
    device.raw.stop();
  });

  await t.test('what must arrive lies in the mailbox: the newer connection ends the older', async () => {
    const old = rig.device(a, 'd-two', 'two');
    old.raw.start();
    await old.raw.connected();
    const [, b] = rig.nodes;
    if (b === undefined) throw new Error('two nodes are there');
    const fresh = rig.device(b, 'd-two', 'two');
    fresh.raw.start();
    await fresh.raw.connected();
    await until('the older one is ended', LATE_MS, () => old.raw.connection === null);
    fresh.raw.stop();
    old.raw.stop();
  });

  await t.test('and where a heartbeat does not look for it (a planted bug), it does not come', async (t) => {
    const device = await listener(rig, 'blind-heartbeat');
    await send('blind-heartbeat');
    await sleep(LATE_MS);
    t.same(device.got, [], 'so it is the heartbeat that brings it, not the message');
    device.raw.stop();
    device.raw.start();
    await until('all are there', LATE_MS, () => device.got.length >= WANTED.length);
    t.same(device.got, all('blind-heartbeat'), 'nothing is lost');
  });
});
