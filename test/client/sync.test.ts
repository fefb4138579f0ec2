/** What the SDK does with data: docs/protocol.md 4 and 5, and docs/client.md, "What the SDK promises". */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createFileStorage } from '../../src/client/file-storage.js';
import type { ClientStorage } from '../../src/client/index.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { type FakePeer, oplog } from './fake-server.js';
import { startRig } from './rig.js';

const dir = mkdtempSync(join(tmpdir(), 'longlink-client-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

async function throughs(peer: FakePeer): Promise<number[]> {
  return (await peer.acks()).map((ack) => ack.through);
}

t.test('messages are handed over in order and acknowledged only as far as the app reported', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [10, 20, 30], through: 35 });
  const [first, second, third] = await rig.messages(3);
  t.match(first, {
    oplogId: 10,
    biz: 'biz',
    thirdMsgId: 'third-10',
    userId: '',
    kind: 'd',
    acceptedMs: 1_000,
  });
  t.equal(first?.msgData, '[{"pl":"payload 10"}]');
  t.same(await throughs(peer), [], 'nothing reported, nothing acknowledged');
  if (second) rig.sync.reportMsgReceived(second);
  if (third) rig.sync.reportMsgReceived(third);
  t.same(await throughs(peer), [], 'the first one is open');
  if (first) rig.sync.reportMsgReceived(first);
  t.match(await peer.next('ack'), { kind: 'd', biz: 'biz', through: 35, transient: false, late: false });
  t.same(await throughs(peer), [], 'one ack for all');
});

t.test('the contiguous prefix is acknowledged, a whole batch by its end', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1, 2], through: 3 });
  peer.sync({ ids: [4, 5], from: 3, through: 9 });
  const [a, b, c, d] = await rig.messages(4);
  if (a) rig.sync.reportMsgReceived(a);
  t.same((await peer.next('ack')).through, 1);
  if (c) rig.sync.reportMsgReceived(c);
  if (b) rig.sync.reportMsgReceived(b);
  t.same((await peer.next('ack')).through, 4);
  if (d) rig.sync.reportMsgReceived(d);
  t.same((await peer.next('ack')).through, 9);
});

t.test('a batch without oplogs moves the point and is acknowledged at once', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ through: 50 });
  t.same((await peer.next('ack')).through, 50);
  peer.sync({ from: 50, ids: [60] });
  t.same(await rig.take(1), [60]);
});

t.test('duplicates are dropped and acknowledged again when they were reported', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1, 2] });
  const messages = await rig.messages(2);
  peer.sync({ ids: [1, 2] });
  t.same(await throughs(peer), []);
  for (const message of messages) rig.sync.reportMsgReceived(message);
  t.same((await peer.next('ack')).through, 2);
  peer.sync({ ids: [1, 2] });
  t.same(await throughs(peer), [2]);
  peer.sync({ ids: [1, 2, 3] });
  t.same(await rig.take(1), [3]);
  t.equal(rig.inbox.length, 0);
});

t.test('a batch that begins behind a gap is ignored until it is sent again from the point', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ from: 5, ids: [6] });
  t.same(await throughs(peer), []);
  t.equal(rig.inbox.length, 0);
  peer.sync({ from: 0, ids: [3, 6] });
  t.same(await rig.take(2), [3, 6]);
});

t.test("where the server's point is the truth, the device takes it", async (t) => {
  const rig = await startRig(t);
  rig.register();
  rig.sync.userId = 'u1';
  rig.sync.updateUserInfo('s');
  const peer = await rig.online();
  peer.sync({ kind: 'u', from: 100, ids: [110], serverPoint: true });
  const [message] = await rig.messages(1);
  if (message) rig.sync.reportMsgReceived(message);
  t.match(await peer.next('ack'), { kind: 'u', through: 110 });
  peer.sync({ kind: 'u', from: 90, ids: [100, 110, 120], serverPoint: true });
  t.same(await rig.take(1), [120], 'a server behind the device costs duplicates that are dropped');
});

t.test('what the server gave up no longer holds up the acks behind it, and stays with the app', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1, 2, 3] });
  const [stuck, two, three] = await rig.messages(3);
  if (two) rig.sync.reportMsgReceived(two);
  t.same(await throughs(peer), []);
  peer.sync({ from: 0, ids: [2] });
  t.same(await throughs(peer), [2]);
  peer.sync({ from: 2, ids: [3] });
  if (three) rig.sync.reportMsgReceived(three);
  t.same((await peer.next('ack')).through, 3);
  peer.socket.destroy();
  const again = await rig.server.peer();
  t.match(again.hello.syncPoints, [{ biz: 'biz', point: 3 }, { biz: 'probe' }]);
  again.welcome();
  t.same(await rig.take(1), [stuck?.oplogId]);
});

t.test('after a reconnect the unreported is handed over again, the reported never', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1, 2, 3] });
  const [, two] = await rig.messages(3);
  if (two) rig.sync.reportMsgReceived(two);
  t.same(await throughs(peer), []);
  peer.socket.destroy();
  const again = await rig.server.peer();
  t.same(
    again.hello.syncPoints.filter(({ biz }) => biz === 'biz'),
    [],
    'nothing of it is acknowledged',
  );
  again.welcome();
  again.sync({ ids: [1, 2, 3, 4] });
  const messages = await rig.messages(3);
  t.same(
    messages.map((message) => message.oplogId),
    [1, 3, 4],
  );
  for (const message of messages) rig.sync.reportMsgReceived(message);
  t.same((await again.next('ack')).through, 4);
});

t.test(
  'a crash at any moment between store and report loses nothing and repeats nothing reported',
  async (t) => {
    const path = join(dir, 'crash.db');
    const images: string[] = [];
    const image = (): void => {
      const copy = join(dir, `crash-${images.length}.db`);
      cpSync(path, copy);
      images.push(copy);
    };
    const rig = await startRig(t, { storage: createFileStorage(path) });
    rig.register();
    const peer = await rig.online({ adToken: 'f'.repeat(64), deviceKey: Buffer.from('secret') });
    peer.sync({ ids: [1, 2] });
    const [one, two] = await rig.messages(2);
    image();
    if (two) rig.sync.reportMsgReceived(two);
    image();
    if (one) rig.sync.reportMsgReceived(one);
    image();
    t.same((await peer.next('ack')).through, 2);
    image();
    const expected = [
      { handed: [1, 2], point: [] },
      { handed: [1], point: [] },
      { handed: [], point: [2] },
      { handed: [], point: [2] },
    ];
    for (const [index, { handed, point }] of expected.entries()) {
      const after = await startRig(t, { storage: createFileStorage(images[index] ?? '') });
      after.register();
      t.same(await after.take(handed.length), handed, `image ${index}`);
      const { hello } = await after.online();
      t.same(
        hello.syncPoints.map((named) => named.point),
        point,
      );
      t.match(hello, { adToken: 'f'.repeat(64), deviceKey: Buffer.from('secret'), deviceId: 'device-1' });
      t.equal(after.inbox.length, 0, 'not twice because of the first connection');
    }
  },
);

t.test('nothing is handed over or acknowledged before it is durable', async (t) => {
  const memory = createMemoryStorage();
  const gates: (() => void)[] = [];
  let held = false;
  const storage: ClientStorage = {
    ...memory,
    async write(batch) {
      if (held) await new Promise<void>((resolve) => gates.push(resolve));
      await memory.write(batch);
    },
  };
  const rig = await startRig(t, { storage });
  rig.register();
  const peer = await rig.online();
  held = true;
  peer.sync({ ids: [1] });
  while (gates.length === 0) await new Promise(setImmediate);
  t.equal(rig.inbox.length, 0);
  gates.shift()?.();
  const [message] = await rig.messages(1);
  if (message) rig.sync.reportMsgReceived(message);
  while (gates.length === 0) await new Promise(setImmediate);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(peer.frames, []);
  held = false;
  gates.shift()?.();
  t.same((await peer.next('ack')).through, 1);
});

t.test(
  'data of a bizType that nobody has registered is acknowledged once stored and handed over when registered',
  async (t) => {
    const storage = createMemoryStorage();
    const rig = await startRig(t, { storage });
    const peer = await rig.online();
    peer.sync({ ids: [1, 2] });
    t.same((await peer.next('ack')).through, 2);
    peer.sync({ from: 2, ids: [3] });
    t.same((await peer.next('ack')).through, 3);
    const restarted = await startRig(t, { storage });
    restarted.register();
    const messages = await restarted.messages(3);
    t.same(
      messages.map((message) => message.oplogId),
      [1, 2, 3],
    );
    for (const message of messages.slice(0, 2)) restarted.sync.reportMsgReceived(message);
    const again = await startRig(t, { storage });
    again.register();
    t.same(await again.take(1), [3]);
  },
);

t.test('after unregisterBiz messages wait again', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1] });
  await rig.take(1);
  rig.sync.unregisterBiz('biz');
  peer.sync({ from: 1, ids: [2] });
  t.same((await peer.next('ack')).through, 2, 'the unreported one lies in the database too');
  t.equal(rig.inbox.length, 0);
  rig.register();
  t.same(await rig.take(1), [2]);
});

t.test('transient data keeps no point, is not stored, and is acknowledged as transient', async (t) => {
  const storage = createMemoryStorage();
  const rig = await startRig(t, { storage });
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [5], transient: true });
  peer.sync({ ids: [6], transient: true });
  peer.sync({ ids: [5], transient: true });
  const [five, six] = await rig.messages(2);
  t.match(five, { oplogId: 5, transient: true });
  if (six) rig.sync.reportMsgReceived(six);
  if (five) rig.sync.reportMsgReceived(five);
  t.match(await peer.next('ack'), { through: 6, transient: true });
  peer.sync({ biz: 'other', ids: [7], transient: true });
  t.match(await peer.next('ack'), { biz: 'other', through: 7, transient: true });
  rig.register('other');
  t.same(await rig.take(1), [7], 'waited in memory');
  t.same(await throughs(peer), []);
  t.equal(rig.inbox.length, 0, 'the retransmitted one was not handed over twice');
  t.notMatch([...(await storage.load()).keys()].join(), /message/);
});

t.test(
  'late records are stored, handed over once, and acknowledged when all of them are reported',
  async (t) => {
    const storage = createMemoryStorage();
    const before = await startRig(t, { storage, appVersion: '1.0' });
    before.register();
    const first = await before.online();
    first.sync({ through: 100 });
    t.same((await first.next('ack')).through, 100);
    const rig = await startRig(t, { storage, appVersion: '2.0' });
    rig.register();
    const peer = await rig.online();
    peer.sync({ from: 100, through: 110 });
    t.same((await peer.next('ack')).through, 110);
    peer.sync({ ids: [40, 60, 105], late: true, through: 105 });
    const [a, b] = await rig.messages(2);
    if (b) rig.sync.reportMsgReceived(b);
    t.same(await throughs(peer), []);
    if (a) rig.sync.reportMsgReceived(a);
    t.match(await peer.next('ack'), { through: 105, late: true }, 'what came after the update was not late');
    peer.sync({ ids: [40, 60], late: true });
    t.match(await peer.next('ack'), { through: 105, late: true }, 'known: acknowledged again');
    t.equal(rig.inbox.length, 0);
    const restarted = await startRig(t, { storage, appVersion: '2.0' });
    restarted.register();
    const second = await restarted.online();
    t.match(second.hello.syncPoints, [{ biz: 'biz', point: 110 }], 'late records do not move the point');
    second.sync({ ids: [40, 60], late: true });
    t.match(await second.next('ack'), { through: 60, late: true });
    t.equal(restarted.inbox.length, 0, 'known after a restart too');
  },
);

t.test('corrected points are adopted, and what was not reported stays', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1_000_000] });
  await rig.messages(1);
  peer.socket.destroy();
  const again = await rig.server.peer();
  again.welcome({ correctedPoints: [{ kind: 'd', biz: 'biz', point: 10 }] });
  t.same(await rig.take(1), [1_000_000], 'unreported: handed over again');
  again.sync({ from: 10, ids: [20] });
  const [message] = await rig.messages(1);
  if (message) rig.sync.reportMsgReceived(message);
  t.same((await again.next('ack')).through, 20);
});

t.test('binary data comes as base64 and is marked', async (t) => {
  const rig = await startRig(t);
  rig.register();
  const peer = await rig.online();
  peer.sync({ through: 2, oplogs: [oplog(1, '\u0000ÿ', true), oplog(2, 'täxt "q"')] });
  const messages = await rig.messages(2);
  t.same(
    messages.map((message) => JSON.parse(message.msgData)),
    [[{ pl: Buffer.from('\u0000ÿ').toString('base64'), isB: true }], [{ pl: 'täxt "q"' }]],
  );
});

t.test('more than the device may keep is left to the server', async (t) => {
  const rig = await startRig(t, { maxStoredBytes: 25 });
  rig.register();
  const peer = await rig.online();
  peer.sync({ ids: [1, 2] });
  peer.sync({ from: 2, ids: [3] });
  const messages = await rig.messages(2);
  t.same(await throughs(peer), []);
  for (const message of messages) rig.sync.reportMsgReceived(message);
  t.same((await peer.next('ack')).through, 2);
  peer.sync({ from: 2, ids: [3] });
  t.same(await rig.take(1), [3]);
});

t.test('a callback that throws leaves its message unreported and the others alone', async (t) => {
  const rig = await startRig(t);
  rig.sync.registerBiz('bad', {
    onReceiveMessage() {
      throw new Error('app bug');
    },
  });
  rig.sync.registerBiz('worse', { onReceiveMessage: () => Promise.reject(new Error('async app bug')) });
  rig.register();
  const peer = await rig.online();
  peer.sync({ biz: 'bad', ids: [1] });
  peer.sync({ biz: 'worse', ids: [1] });
  peer.sync({ ids: [2] });
  t.same(await rig.take(1), [2]);
  t.same(await throughs(peer), []);
  t.match(
    rig.errors.map((error) => error.message),
    ['app bug', 'async app bug'],
  );
});

t.test('a database that fails stops the device until it works again, and nothing is lost', async (t) => {
  const memory = createMemoryStorage();
  let broken = false;
  const storage: ClientStorage = {
    ...memory,
    write: (batch) => (broken ? Promise.reject(new Error('disk full')) : memory.write(batch)),
  };
  const rig = await startRig(t, { storage });
  rig.register();
  const peer = await rig.online();
  broken = true;
  peer.sync({ ids: [1] });
  await peer.closed;
  t.match(rig.errors[0]?.message, 'disk full');
  t.equal(rig.inbox.length, 0);
  broken = false;
  const again = await rig.server.peer();
  again.welcome();
  again.sync({ ids: [1] });
  t.same(await rig.take(1), [1]);
});
