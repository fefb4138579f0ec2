import t from 'tap';
import { type AckDue, createAckQueue } from '../../src/client/acks.js';
import { noteVersion } from '../../src/client/app-version.js';
import { comebackOf, DEFAULT_BACKOFF, reconnectDelayMs } from '../../src/client/backoff.js';
import { checkConfig, endpointOf } from '../../src/client/config.js';
import { parseAddress } from '../../src/client/endpoint.js';
import {
  afterPong,
  afterSilentDeath,
  type HeartbeatMemory,
  heartbeatWishSec,
  NEW_HEARTBEAT,
  parseHeartbeat,
  pingAfterSec,
} from '../../src/client/heartbeat.js';
import { splitPoints } from '../../src/client/hello-points.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { isLateAgain, readStreams, streamName } from '../../src/client/stream.js';
import { CloseCode } from '../../src/core/codes.js';

t.test('the delay before coming back has full jitter between 0 and a doubling, bounded bound', async (t) => {
  for (const [failures, bound] of [
    [0, 1_000],
    [1, 2_000],
    [5, 32_000],
    [7, 120_000],
    [1000, 120_000],
  ] as const) {
    t.equal(reconnectDelayMs('soon', failures, 0, 0), 0);
    t.equal(reconnectDelayMs('soon', failures, 0, 0.5), bound / 2);
    t.equal(reconnectDelayMs('soon', failures, 7_000, 1), bound + 7_000, 'what the server asked comes first');
  }
  t.equal(reconnectDelayMs('soon', 0, 2 ** 32 - 1, 0), 24 * 3600 * 1000, 'a day at the most');
  t.equal(reconnectDelayMs('late', 0, 0, 1), DEFAULT_BACKOFF.longBaseMs);
});

t.test('every close code has its range', async (t) => {
  for (const [name, code] of Object.entries(CloseCode)) {
    const expected = code < 4200 ? 'soon' : code < 4400 ? 'stay-away' : 'late';
    t.equal(comebackOf(code), expected, name);
  }
  t.equal(comebackOf(5000), 'late', 'a range of a later version');
});

/** A network that forgets connections after `deadSec` of silence, lived through for `rounds` pings. */
function live(deadSec: number, grantedSec: number, rounds: number): HeartbeatMemory {
  let memory = NEW_HEARTBEAT;
  for (let i = 0; i < rounds; i += 1) {
    const idleSec = pingAfterSec(memory, grantedSec);
    memory =
      idleSec < deadSec ? afterPong(memory, idleSec, grantedSec, i) : afterSilentDeath(memory, idleSec, i);
  }
  return memory;
}

t.test(
  'the heartbeat settles under what the network forgets, and under what the server grants',
  async (t) => {
    for (const deadSec of [40, 90, 300, 900]) {
      const { currentSec } = live(deadSec, 1800, 200);
      t.ok(currentSec < deadSec && currentSec > deadSec * 0.5, `${currentSec} of ${deadSec}`);
      t.same(live(deadSec, 1800, 201).currentSec, currentSec, 'and stays');
    }
    t.equal(live(5_000, 240, 100).currentSec, 240);
    t.ok(heartbeatWishSec(live(5_000, 240, 100)) > 240, 'asks for more, so that it can grow');
    t.equal(pingAfterSec(live(900, 1800, 200), 60), 60, 'never more than granted');
  },
);

t.test('a limit of the network is forgotten after a day', async (t) => {
  const day = 24 * 3600 * 1000;
  let memory = live(90, 1800, 200);
  const settled = memory.currentSec;
  for (let i = 0; i < 3; i += 1) memory = afterPong(memory, memory.currentSec, 1800, 2 * day);
  t.ok(memory.currentSec > settled);
});

t.test('a stored heartbeat comes back, and nonsense does not', async (t) => {
  const memory = live(90, 1800, 200);
  t.same(parseHeartbeat(JSON.stringify(memory)), { ...memory, streak: 0 });
  for (const text of [undefined, '{}', '[]', '{"currentSec":"1"}'])
    t.same(parseHeartbeat(text), NEW_HEARTBEAT);
});

t.test('addresses are host and port, v6 in brackets', async (t) => {
  t.same(parseAddress('a.example:8443'), { host: 'a.example', port: 8443 });
  t.same(parseAddress('tls://[::1]:1'), { host: '::1', port: 1 });
  for (const text of ['', 'a', 'a:0', 'a:65536', '::1:80', 'a b:1', 'http://a:1', 'a:1/x']) {
    t.equal(parseAddress(text), null, text);
  }
});

t.test("the vendor's configuration file is taken as it is, and mistakes are named", async (t) => {
  const file = {
    appId: 'a',
    appKey: 'x',
    workspaceId: 'w',
    syncport: '443',
    syncserver: 'mss.example',
    pushPort: '1',
  };
  t.same(endpointOf(checkConfig(file)), { host: 'mss.example', port: 443, tls: {} });
  t.same(endpointOf({ ...file, synctls: false }).tls, null);
  t.throws(() => checkConfig({ ...file, appId: '' }), /appId/);
  t.throws(() => checkConfig({ ...file, syncport: 'x' }), /syncport/);
  t.throws(() => checkConfig(null), /not an object/);
});

t.test('a Hello names the newest points that fit, and later frames the rest', async (t) => {
  const points = Array.from(
    { length: 250 },
    (_, i) => ({ kind: 'd', biz: `biz-${i}`.padEnd(30), point: i }) as const,
  );
  const { hello, later } = splitPoints(points);
  t.ok(hello.length >= 50 && hello.length <= 100, `${hello.length} in the Hello`);
  t.equal(hello[0]?.point, 249);
  t.ok(later.every((group) => group.length <= 100));
  t.same(
    [...hello, ...later.flat()].map(({ point }) => point).sort((a, b) => a - b),
    points.map(({ point }) => point),
  );
  t.same(splitPoints([]), { hello: [], later: [] });
});

t.test(
  'acks of one turn make one frame a stream, and a fast stream stays far below 50 frames a second',
  async (t) => {
    const sent: AckDue[] = [];
    const queue = createAckQueue((ack) => void sent.push(ack));
    const due = (through: number, owner = 'u1'): AckDue => ({
      kind: 'u',
      owner,
      biz: 'b',
      through,
      flag: '',
    });
    for (const through of [1, 3, 2]) queue.add(due(through));
    queue.add(due(9, 'u2'));
    await new Promise(setImmediate);
    t.same(sent, [due(3), due(9, 'u2')]);
    sent.length = 0;
    const until = performance.now() + 500;
    for (let id = 10; performance.now() < until; id += 1) {
      queue.add(due(id));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    t.ok(sent.length > 1 && sent.length <= 21, `${sent.length} frames in half a second`);
    queue.add(due(1_000_000));
    queue.flush();
    t.equal(sent.at(-1)?.through, 1_000_000, 'a flush does not wait');
    queue.add(due(2_000_000));
    queue.clear();
    await new Promise((resolve) => setTimeout(resolve, 60));
    t.equal(sent.at(-1)?.through, 1_000_000);
  },
);

t.test('after an update of the app the points move up to what was received, and messages stay', async (t) => {
  const point = '["point","d","phone","news"]';
  const message = '["message","d","phone","news",7]';
  const held = JSON.stringify({ item: { pl: 'x', isB: 0 }, third: 'm', at: 1, before: 5 });
  const storage = createMemoryStorage([
    [point, '[5,9]'],
    [message, held],
  ]);
  const seen = async (version: string) => noteVersion(storage, await storage.load(), 'ios', version);
  t.equal((await seen('1.0')).get(point), '[5,9]', 'the first time nothing is known of before');
  t.equal((await seen('1.0')).get(point), '[5,9]');
  t.equal((await seen('2.0')).get(point), '[9,9,9]');
  t.equal((await storage.load()).get(message), held);
  const stream = readStreams(await storage.load()).get(streamName('d', 'phone', 'news'));
  if (stream === undefined) throw new Error('no stream');
  t.same(
    [8, 9, 10].map((id) => isLateAgain(stream, id)),
    [false, false, true],
    'what came after it is not late',
  );
});
