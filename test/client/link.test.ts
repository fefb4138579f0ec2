/** Connection, user binding and the connection states, over real sockets. docs/protocol.md 2, 3 and 6. */
import { generate } from 'selfsigned';
import t from 'tap';
import { createMemoryStorage, createMPSync } from '../../src/client/index.js';
import { CloseCode } from '../../src/core/codes.js';
import { startFakeServer, within } from './fake-server.js';
import { FAST, startRig } from './rig.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

t.test(
  'Hello says who the device is, and the token of the Welcome comes back with the next one',
  async (t) => {
    const storage = createMemoryStorage();
    const rig = await startRig(t, { storage, os: 'android', appVersion: '1.2.3', model: 'box' });
    const peer = await rig.online({ adToken: 'b'.repeat(64), deviceKey: Buffer.alloc(32, 7) });
    t.match(peer.hello, {
      protocol: 1,
      appId: 'app',
      workspaceId: 'ws',
      deviceId: 'device-1',
      adToken: '',
      os: 'android',
      appVersion: '1.2.3',
      model: 'box',
      foreground: true,
      userId: '',
    });
    t.equal(rig.sync.getAdToken(), 'b'.repeat(64));
    peer.socket.destroy();
    const again = await rig.server.peer();
    t.match(again.hello, { adToken: 'b'.repeat(64), deviceKey: Buffer.alloc(32, 7) });
  },
);

t.test('a device without an id makes one and keeps it', async (t) => {
  const storage = createMemoryStorage();
  const { deviceId: _, ...fast } = FAST;
  const ids: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    const sync = createMPSync();
    sync.setup({ appId: 'a', workspaceId: 'w', syncserver: '127.0.0.1', syncport: 9 }, { storage, ...fast });
    await sync.initialize();
    ids.push(sync.getSyncDeviceId());
    await sync.shutdown();
  }
  t.match(ids[0], /^[\w-]{24}$/);
  t.equal(ids[0], ids[1]);
});

t.test('the app goes to the background and comes back', async (t) => {
  const rig = await startRig(t);
  t.equal(rig.sync.isConnected(), false);
  const peer = await rig.online();
  t.equal(rig.sync.isConnected(), true);
  rig.sync.appToBackground();
  await peer.next('bye');
  await peer.closed;
  t.equal(rig.sync.isConnected(), false);
  await sleep(60);
  t.equal(rig.server.connections, 1, 'stays away');
  await rig.online();
  t.same(rig.states, ['Connecting', 'Connected', 'Disconnected', 'Connecting', 'Connected']);
});

t.test(
  'what was reported before the app went to the background is acknowledged before the Bye',
  async (t) => {
    const memory = createMemoryStorage();
    let [disk, resume] = [Promise.resolve(), () => {}];
    const slow = async (batch: Parameters<typeof memory.write>[0]): Promise<void> => {
      await disk;
      await memory.write(batch);
    };
    const rig = await startRig(t, { storage: { ...memory, write: slow } });
    rig.register();
    const peer = await rig.online();
    peer.sync({ ids: [1, 2] });
    const messages = await rig.messages(2);
    // Both reports are on disk in one moment. With a pause for each, they were once a tick apart: two acks.
    disk = new Promise((resolve) => {
      resume = resolve;
    });
    for (const message of messages) rig.sync.reportMsgReceived(message);
    rig.sync.appToBackground();
    await sleep(30);
    t.same(
      peer.frames.filter(({ type }) => type === 'ack' || type === 'bye'),
      [],
      'nothing is stored yet',
    );
    resume();
    await peer.next('bye');
    t.match(
      peer.frames.filter(({ type }) => type === 'ack'),
      [{ through: 2 }],
    );
  },
);

t.test('an app that asked for it stays connected in the background', async (t) => {
  const rig = await startRig(t, { stayInBackground: true });
  const peer = await rig.online();
  rig.sync.appToBackground();
  t.match(await peer.next('appState'), { foreground: false });
  rig.sync.appToForeground();
  t.match(await peer.next('appState'), { foreground: true });
  rig.sync.appToBackground();
  await peer.next('appState');
  peer.socket.destroy();
  t.match((await rig.server.peer()).hello, { foreground: false });
});

t.test('updateUserInfo needs both ids; a user set before connecting rides in the Hello', async (t) => {
  const rig = await startRig(t);
  t.equal(rig.sync.updateUserInfo('s1'), false);
  rig.sync.userId = 'alice';
  t.equal(rig.sync.updateUserInfo(''), false);
  t.equal(rig.sync.updateUserInfo('s1'), true);
  const peer = await rig.online();
  t.match(peer.hello, { userId: 'alice', sessionId: 's1' });
  t.same(peer.frames, []);
});

t.test(
  'after a user switch nothing of the old user is handed over or acknowledged; it waits for their return',
  async (t) => {
    const rig = await startRig(t);
    rig.register();
    rig.sync.userId = 'alice';
    rig.sync.updateUserInfo('s1');
    const peer = await rig.online();
    peer.sync({ kind: 'u', ids: [1, 2] });
    const [one] = await rig.messages(2);
    t.match(one, { userId: 'alice', kind: 'u' });

    rig.sync.userId = 'bob';
    rig.sync.updateUserInfo('s2');
    const bind = await peer.next('bindUser');
    t.match(bind, { userId: 'bob', sessionId: 's2', syncPoints: [] });
    peer.sync({ kind: 'u', from: 2, ids: [3] });
    if (one) rig.sync.reportMsgReceived(one);
    t.same(await peer.acks(), [], 'not alice any more');
    peer.send({
      type: 'result',
      request: bind.request,
      code: 'OK',
      message: '',
      bindSeq: 2,
      correctedPoints: [],
    });
    peer.sync({ kind: 'u', bindSeq: 1, from: 2, ids: [3] });
    peer.sync({ kind: 'u', bindSeq: 2, from: 0, ids: [1] });
    const [bobs] = await rig.messages(1);
    t.match(bobs, { oplogId: 1, userId: 'bob' }, "bob's oplog of the same id is another one");
    if (bobs) rig.sync.reportMsgReceived(bobs);
    t.match(await peer.next('ack'), { kind: 'u', bindSeq: 2, through: 1 });

    rig.sync.clearUserInfo();
    const unbind = await peer.next('unbindUser');
    peer.send({
      type: 'result',
      request: unbind.request,
      code: 'OK',
      message: '',
      bindSeq: 3,
      correctedPoints: [],
    });
    peer.sync({ kind: 'u', bindSeq: 3, from: 0, ids: [9] });
    t.same(await peer.acks(), []);

    rig.sync.userId = 'alice';
    rig.sync.updateUserInfo('s3');
    t.same(await rig.take(1), [2], 'the unreported one; the reported one is done with');
    t.match(await peer.next('bindUser'), {
      userId: 'alice',
      syncPoints: [{ kind: 'u', biz: 'biz', point: 1 }],
    });
    t.equal(rig.inbox.length, 0);
  },
);

t.test('a user that the server could not bind is bound again later', async (t) => {
  const rig = await startRig(t);
  const peer = await rig.online();
  rig.sync.userId = 'alice';
  rig.sync.updateUserInfo('s1');
  const first = await peer.next('bindUser');
  peer.send({
    type: 'result',
    request: first.request,
    code: 'UNAVAILABLE',
    message: '',
    bindSeq: 2,
    correctedPoints: [],
  });
  t.match(await peer.next('bindUser'), { userId: 'alice' });
  t.match(rig.errors, [{ message: 'user alice is not bound: UNAVAILABLE' }]);
});

t.test('a user switched between Hello and Welcome is bound after it', async (t) => {
  const rig = await startRig(t);
  rig.sync.userId = 'alice';
  rig.sync.updateUserInfo('s1');
  rig.sync.appToForeground();
  const peer = await rig.server.peer();
  rig.sync.userId = 'bob';
  rig.sync.updateUserInfo('s2');
  peer.welcome();
  t.match(await peer.next('bindUser'), { userId: 'bob' });
});

t.test('commands reach every callback that wants them', async (t) => {
  const rig = await startRig(t);
  const commands: unknown[] = [];
  rig.register();
  rig.sync.registerBiz('other', {
    onReceiveMessage: () => undefined,
    onReceiveCommand: (command) => void commands.push(command),
  });
  const peer = await rig.online();
  peer.send({ type: 'command', name: 'log', body: '{"level":"debug"}' });
  await peer.acks();
  t.same(commands, [{ command: 'log', commandData: '{"level":"debug"}' }]);
});

t.test('a Kick says when to come back, and its range whether', async (t) => {
  const rig = await startRig(t);
  const peer = await rig.online();
  const before = performance.now();
  peer.kick({ code: CloseCode.DRAINING, reason: 'draining', retryAfterMs: 150 });
  const again = await rig.server.peer();
  t.ok(performance.now() - before >= 149, 'not before it was told');
  again.welcome();
  await rig.until('Connected');
  again.kick({ code: CloseCode.REPLACED, reason: 'replaced' });
  await rig.until('Disconnected');
  await sleep(60);
  t.equal(rig.server.connections, 2, 'stays away');
  const third = await rig.online();
  third.kick({ code: CloseCode.PROTOCOL_ERROR });
  (await rig.server.peer()).kick({ code: CloseCode.UNKNOWN_INSTANCE, reason: 'no such app' });
  await rig.until('ConnectFailed');
});

t.test('a redirect is followed, and left when it leads nowhere', async (t) => {
  const other = await startFakeServer();
  const rig = await startRig(t);
  const peer = await rig.online();
  peer.kick({ code: CloseCode.DRAINING, redirect: `127.0.0.1:${other.port}` });
  const moved = await other.peer();
  moved.welcome();
  await rig.until('Connected');
  await other.close();
  const home = await rig.server.peer();
  home.welcome();
  await rig.until('Connected');
  t.equal(rig.sync.isConnected(), true);
  home.kick({ code: CloseCode.DRAINING, redirect: 'not an address' });
  await rig.server.peer();
});

t.test('reconnects wait with full jitter', async (t) => {
  const drawn: number[] = [];
  const random = (): number => {
    drawn.push(0.5);
    return 0.5;
  };
  const backoff = { baseMs: 20, maxMs: 80, longBaseMs: 1, longMaxMs: 1 };
  const rig = await startRig(t, { random, rules: { stableMs: 1_000_000, backoff } });
  const times: number[] = [];
  rig.sync.appToForeground();
  for (let i = 0; i < 5; i += 1) {
    const peer = await rig.server.peer();
    times.push(performance.now());
    peer.socket.destroy();
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, least] of [10, 20, 40, 40].entries()) {
    t.ok((gaps[index] ?? 0) >= least - 1 && (gaps[index] ?? 0) < least + 5_000, `${gaps[index]} of ${least}`);
  }
  t.ok(drawn.length >= 4);
});

t.test('a silent connection is pinged, found dead and replaced; a pong keeps it', async (t) => {
  const rig = await startRig(t, { rules: { ...FAST.rules, pongTimeoutMs: 100 } });
  const peer = await rig.online({ heartbeatSec: 1 });
  const connected = performance.now();
  const ping = await peer.next('ping');
  const after = performance.now() - connected;
  t.ok(after > 900 && after < 6_000, `pinged after ${after} ms`);
  peer.send({ type: 'pong', clientTimeMs: ping.clientTimeMs, serverTimeMs: Date.now() });
  await peer.next('ping');
  const again = await rig.server.peer();
  t.ok(
    again.hello.heartbeatSec > 0 && again.hello.heartbeatSec <= 20,
    `wishes ${again.hello.heartbeatSec} s`,
  );
  t.same(rig.states.slice(0, 3), ['Connecting', 'Connected', 'Disconnected']);
});

t.test('no Welcome in time ends the attempt', async (t) => {
  const rig = await startRig(t, { rules: { ...FAST.rules, handshakeTimeoutMs: 50 } });
  rig.sync.appToForeground();
  await rig.server.peer();
  await rig.server.peer();
  t.same(rig.states.slice(0, 3), ['Connecting', 'ConnectFailed', 'Connecting']);
});

t.test('bytes that are no frame end the connection, frames of a later version do not', async (t) => {
  const rig = await startRig(t);
  const peer = await rig.online();
  peer.socket.write(Buffer.from([3, 0xfa, 0x7f, 0]));
  t.same(await peer.acks(), []);
  peer.socket.write(Buffer.from([2, 0xff, 0xff]));
  await peer.closed;
  await rig.server.peer();
});

t.test('TLS is checked against the given authority and the name', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const server = await startFakeServer({ key, cert });
  t.teardown(() => server.close());
  const attempt = async (tls: object): Promise<string> => {
    const sync = createMPSync();
    const outcome = new Promise<string>((resolve) => {
      sync.addConnectionListener({
        onConnectionStateChanged(event) {
          if (event.getEventType() !== 'Connecting') resolve(`${event.getEventType()} ${event.getExtras()}`);
        },
      });
    });
    const config = {
      appId: 'app',
      workspaceId: 'ws',
      syncserver: '127.0.0.1',
      syncport: server.port,
      ...tls,
    };
    sync.setup(config, { ...FAST, storage: createMemoryStorage() });
    await sync.initialize();
    sync.appToForeground();
    const result = await within('an outcome', outcome);
    await sync.shutdown();
    return result;
  };
  t.match(await attempt({}), /ConnectFailed .*self.signed/i);
  t.match(await attempt({ ca: cert }), /ConnectFailed .*(altnames|127\.0\.0\.1)/i);
  t.match(await attempt({ ca: 'no certificate' }), /ConnectFailed/);
  const accept = async (): Promise<void> => (await server.peer()).welcome();
  void accept();
  t.match(await attempt({ ca: cert, servername: 'localhost' }), /^Connected/);
  void accept();
  t.match(await attempt({ insecure: true }), /^Connected/);
});
