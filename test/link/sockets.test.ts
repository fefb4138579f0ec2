import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { closeWith, queuedBytes, room, setDue, write } from '../../src/link/connection.js';
import type { ConnectionOwner } from '../../src/link/context.js';
import type { LinkLimits } from '../../src/link/link.js';
import { encodeServerFrame } from '../../src/wire/frames.js';
import {
  type Device,
  dial,
  dialTls,
  hello,
  ping,
  pong,
  type Rig,
  sleep,
  startRig,
  type TestConnection,
  until,
} from './rig.js';

async function rigFor(
  t: Test,
  limits: Partial<LinkLimits> = {},
  owner: Partial<ConnectionOwner<string>> = {},
): Promise<Rig> {
  const rig = await startRig(limits, owner);
  t.teardown(() => rig.close());
  return rig;
}

/** A device whose Hello was taken, and its connection. */
async function online(rig: Rig): Promise<{ device: Device; conn: TestConnection }> {
  const device = dial(rig.ports.tcp);
  const before = rig.told.length;
  device.send(hello());
  await until(() => rig.told.slice(before).includes('frame hello'), 'the Hello');
  const conn = rig.connections()[0];
  if (conn === undefined) throw new Error('no connection');
  return { device, conn };
}

t.test('frames reach the owner in order, however they are cut', async (t) => {
  const rig = await rigFor(t);
  const bytes = Buffer.concat([hello(), ping(1), ping(2)]);
  for (const dialled of [dial(rig.ports.tcp), dialTls(rig.ports.tls)]) {
    dialled.send(bytes);
    t.match([await dialled.next(), await dialled.next()], [{ clientTimeMs: 1 }, { clientTimeMs: 2 }]);
    dialled.socket.end();
    t.equal(await dialled.closed(), 0);
  }
  const slow = dial(rig.ports.tcp);
  slow.socket.setNoDelay(true);
  for (const byte of bytes) {
    slow.send(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  t.match([await slow.next(), await slow.next()], [{ clientTimeMs: 1 }, { clientTimeMs: 2 }]);
  slow.socket.destroy();
  await until(() => rig.told.filter((line) => line === 'closed 4009').length === 3, 'three ends');
  t.equal(rig.link.count(), 0);
  t.strictSame(rig.connections(), []);
});

const POINT = { kind: 'u', biz: 'b', point: 1 } as const;

t.test('each broken rule closes its own connection with its code', async (t) => {
  const rig = await rigFor(t, {
    maxFrameBytes: 1000,
    maxBytesBeforeHello: 300,
    framesPerSecond: 5,
    maxSubscriptions: 3,
  });
  const canary = dial(rig.ports.tcp);
  canary.send(hello());
  const cases: [string, number, Uint8Array[]][] = [
    ['no Hello first', CloseCode.PROTOCOL_ERROR, [ping()]],
    ['a second Hello', CloseCode.PROTOCOL_ERROR, [hello(), hello()]],
    ['bytes that are no frame', CloseCode.PROTOCOL_ERROR, [hello(), Buffer.from([3, 0xff, 0xff, 0xff])]],
    ['an endless length', CloseCode.PROTOCOL_ERROR, [hello(), Buffer.alloc(6, 0xff)]],
    [
      'TLS on the plain port',
      CloseCode.PROTOCOL_ERROR,
      [Buffer.alloc(60, Buffer.from('160301020001', 'hex'))],
    ],
    ['a long frame', CloseCode.FRAME_TOO_LONG, [hello(), Buffer.from([0xe9, 0x07])]],
    ['a long Hello', CloseCode.HELLO_TOO_LONG, [Buffer.from([0xad, 0x02])]],
    ['a giant Hello', CloseCode.HELLO_TOO_LONG, [Buffer.from('ffffffff07', 'hex')]],
    ['many sync points', CloseCode.TOO_MANY_SUBSCRIPTIONS, [hello({ syncPoints: Array(4).fill(POINT) })]],
    ['many frames', CloseCode.FRAME_RATE, [hello(), ...Array.from({ length: 60 }, () => ping())]],
  ];
  for (const [name, code, bytes] of cases) {
    const bad = dial(rig.ports.tcp);
    bad.send(...bytes);
    t.equal(await bad.closed(), code, name);
    const kick = bad.frames.at(-1);
    if (kick?.type !== 'kick') throw new Error('no Kick');
    t.ok(kick.retryAfterMs >= 100 && kick.retryAfterMs <= 200, `comes back after ${kick.retryAfterMs} ms`);
    t.equal(kick.reason, Object.entries(CloseCode).find(([, one]) => one === code)?.[0]);
  }
  t.equal(rig.counted.filter((line) => line === 'protocol error').length, cases.length);
  canary.send(ping(7));
  t.match(await canary.next(), { clientTimeMs: 7 }, 'the others did not notice');
});

t.test('a connection without a whole Hello ends at the deadline, however busy it looks', async (t) => {
  const rig = await rigFor(t, { helloTimeoutMs: 300 });
  const startMs = performance.now();
  const silent = dial(rig.ports.tcp);
  const dripping = dial(rig.ports.tcp);
  const drip = setInterval(() => dripping.send(Buffer.from([0x80])), 110);
  const encrypted = dialTls(rig.ports.tls);
  const codes = await Promise.all([silent.closed(), dripping.closed(), encrypted.closed()]);
  clearInterval(drip);
  const tookMs = performance.now() - startMs;
  t.strictSame(codes, Array(3).fill(CloseCode.HELLO_TIMEOUT));
  t.ok(tookMs >= 295 && tookMs < 4000, `${tookMs} ms`);
});

t.test('connections beyond the limit are told why, on TLS cut before the handshake', async (t) => {
  const rig = await rigFor(t, { maxConnections: 2 });
  await online(rig);
  await online(rig);
  const third = dial(rig.ports.tcp);
  third.send(hello());
  t.equal(await third.closed(), CloseCode.SERVER_FULL);
  t.match(third.frames[0], { retryAfterMs: Number });
  t.equal(await dialTls(rig.ports.tls).closed(), 0);
  t.strictSame(
    rig.counted.filter((line) => /refused|handshake/.test(line)),
    ['refused SERVER_FULL', 'refused SERVER_FULL'],
    'no handshake was begun',
  );
  t.equal(rig.link.count(), 2);
});

t.test('a link that rests accepts nobody, and tries until it accepts again', async (t) => {
  const rig = await rigFor(t);
  const { device } = await online(rig);
  const refused = async (): Promise<boolean> => {
    const socket = connect({ port: rig.ports.tcp, host: '127.0.0.1' });
    const is = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    socket.destroy();
    return is;
  };
  const told = (): number => rig.counted.filter((line) => line === 'listening').length;
  rig.link.rest(true);
  rig.link.rest(false);
  rig.link.rest(true);
  await until(refused, 'rest');
  const before = told();
  const squatter = createServer().listen(rig.ports.tcp, '127.0.0.1');
  await once(squatter, 'listening');
  rig.link.rest(false);
  await until(() => rig.logged.length > 0, 'the log to say that the port is taken');
  t.equal(told(), before, 'nobody is told of ports that are closed');
  squatter.close();
  await until(async () => !(await refused()), 'being let in');
  await until(() => told() === before + 1, 'the word that they are open');
  device.send(ping());
  await until(() => device.frames.some(({ type }) => type === 'pong'), 'the connection of before');
  await until(() => rig.link.count() === 1, 'the end of those that only looked');
});

t.test('a crowd at the full server is dropped by Node in the end, and counted too', async (t) => {
  const rig = await rigFor(t, { maxConnections: 1 });
  await online(rig);
  const crowd = Array.from({ length: 260 }, () => {
    // Do not close when told to: each stays for the second of grace.
    const socket = connect({ port: rig.ports.tcp, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    return socket;
  });
  const refused = () => rig.counted.filter((line) => line.startsWith('refused')).length;
  await until(() => refused() === 260, 'all refusals');
  t.ok(rig.connections().length <= 202, `${rig.connections().length} held at most`);
  t.ok(rig.counted.includes('refused DROPPED'));
  for (const socket of crowd) socket.destroy();
  await until(() => rig.connections().length === 1, 'the crowd gone');
  t.equal(rig.logged.length, 1, 'and one line logged');
});

t.test('connections that come too fast, or too many from one address, are told to come later', async (t) => {
  const fast = await rigFor(t, { acceptPerSecond: 3 });
  const codes = await Promise.all(
    Array.from({ length: 3 }, () => dial(fast.ports.tcp)).map(async (device) => {
      device.send(hello(), ping());
      return (await device.next()).type;
    }),
  );
  t.strictSame(codes, ['pong', 'pong', 'pong']);
  t.equal(await dial(fast.ports.tcp).closed(), CloseCode.ACCEPT_RATE);
  const crowded = await rigFor(t, { connectionsPerAddress: 1 });
  const { device } = await online(crowded);
  t.equal(await dial(crowded.ports.tcp).closed(), CloseCode.ADDRESS_LIMIT);
  t.equal(await dialTls(crowded.ports.tls).closed(), 0, 'cut before the handshake');
  t.notOk(crowded.counted.includes('handshake failed'));
  device.socket.destroy();
  await until(() => crowded.link.count() === 0, 'the first gone');
  await online(crowded);
});

t.test('a device that connects again and again is delayed, another is not', async (t) => {
  const rig = await rigFor(t, { flapConnectsPerMinute: 2 });
  for (let i = 0; i < 2; i += 1) (await online(rig)).device.socket.destroy();
  const third = dial(rig.ports.tcp);
  third.send(hello());
  t.equal(await third.closed(), CloseCode.FLAPPING);
  const kick = third.frames[0];
  t.ok(kick?.type === 'kick' && kick.retryAfterMs > 20_000, 'told how long to wait');
  t.ok(rig.counted.includes('refused FLAPPING'));
  const other = dial(rig.ports.tcp);
  other.send(hello({ deviceId: 'other' }), ping());
  t.match(await other.next(), { type: 'pong' });
});

t.test('writes of one turn leave together', async (t) => {
  const rig = await rigFor(t);
  const { device, conn } = await online(rig);
  for (let i = 1; i <= 3; i += 1) write(conn, encodeServerFrame({ type: 'command', name: `${i}`, body: '' }));
  t.equal(conn.socket.writableCorked, 1, 'held back until the turn ends');
  await new Promise(setImmediate);
  t.equal(conn.socket.writableCorked, 0);
  t.match(
    [await device.next(), await device.next(), await device.next()],
    [{ name: '1' }, { name: '2' }, { name: '3' }],
  );
});

const BLOCK = encodeServerFrame({ type: 'command', name: '', body: 'x'.repeat(16_000) });

/** Writes until there is no room, also after the kernel's buffers have taken what they will. */
async function fill(conn: TestConnection): Promise<void> {
  for (let fullForMs = 0; fullForMs < 50; ) {
    if (room(conn) > 0) {
      fullForMs = 0;
      write(conn, BLOCK);
      await new Promise(setImmediate);
    } else {
      fullForMs += 10;
      await sleep(10);
    }
  }
}

t.test('a slow reader takes a bounded queue, and hears more once it has read', async (t) => {
  const rig = await rigFor(t, { maxQueuedBytes: 65_536 });
  const { device, conn } = await online(rig);
  t.equal(room(conn), 65_536);
  device.socket.pause();
  await fill(conn);
  t.equal(room(conn), 0);
  t.ok(queuedBytes(conn) >= 65_536 && queuedBytes(conn) < 65_536 + 8 * BLOCK.length, `${queuedBytes(conn)}`);
  const drains = rig.told.filter((line) => line === 'drained').length;
  device.socket.resume();
  await until(() => rig.told.filter((line) => line === 'drained').length > drains, 'drained');
  t.equal(room(conn), 65_536);
  const slow = rig.counted.filter((line) => line.startsWith('slow'));
  t.strictSame(slow.slice(-2), ['slow 1', 'slow -1']);
  device.send(ping());
  await until(() => device.frames.at(-1)?.type === 'pong', 'life after it');
});

t.test('a reader that stays slow is closed', async (t) => {
  const rig = await rigFor(t, { maxQueuedBytes: 65_536, slowReaderTimeoutMs: 200 });
  const { device, conn } = await online(rig);
  device.socket.pause();
  await fill(conn);
  const startMs = performance.now();
  await until(() => rig.told.includes(`closed ${CloseCode.SLOW_READER}`), 'closed');
  const tookMs = performance.now() - startMs;
  t.ok(tookMs > 1000 && tookMs < 4500, `its time and a second for the Kick: ${tookMs} ms`);
  t.equal(queuedBytes(conn), 0, 'nothing is held for it');
  t.equal(rig.counted.at(-2), 'slow -1', 'nor counted');
  device.socket.destroy();
});

t.test('an owner that writes on regardless does not make memory grow', async (t) => {
  const rig = await rigFor(t, { maxQueuedBytes: 65_536 });
  const { device, conn } = await online(rig);
  device.socket.pause();
  await fill(conn);
  let peak = 0;
  for (let i = 0; i < 100; i += 1) {
    write(conn, BLOCK);
    peak = Math.max(peak, queuedBytes(conn));
  }
  t.ok(peak < 5 * 65_536, `${peak} bytes at most`);
  t.equal(conn.closeCode, CloseCode.SLOW_READER);
  device.socket.destroy();
});

t.test('closing sends a Kick once, and cuts who does not close', async (t) => {
  const rig = await rigFor(t);
  const { conn } = await online(rig);
  closeWith(conn, CloseCode.DRAINING, 1234, 'other:443');
  closeWith(conn, CloseCode.KICKED);
  write(conn, BLOCK);
  await until(() => rig.told.includes(`closed ${CloseCode.DRAINING}`), 'closed');

  const stubborn = connect({ port: rig.ports.tcp, host: '127.0.0.1', allowHalfOpen: true });
  stubborn.on('data', () => stubborn.write(ping()));
  stubborn.on('error', () => {});
  stubborn.write(Buffer.concat([hello()]));
  await until(() => rig.told.filter((line) => line === 'frame hello').length === 2, 'the Hello');
  const [second] = rig.connections();
  if (second === undefined) throw new Error('no connection');
  const startMs = performance.now();
  closeWith(second, CloseCode.KICKED);
  await until(() => rig.told.includes(`closed ${CloseCode.KICKED}`), 'cut');
  t.ok(performance.now() - startMs < 4500);
  t.notOk(rig.told.includes('frame ping'), 'and heard no more');
  stubborn.destroy();
});

t.test('the Kick carries what it was given', async (t) => {
  const rig = await rigFor(t);
  const { device, conn } = await online(rig);
  closeWith(conn, CloseCode.DRAINING, 1234, 'other:443');
  t.equal(await device.closed(), CloseCode.DRAINING);
  t.strictSame(device.frames, [
    { type: 'kick', code: CloseCode.DRAINING, reason: 'DRAINING', retryAfterMs: 1234, redirect: 'other:443' },
  ]);
});

t.test('a fault of the owner ends that connection only', async (t) => {
  let broken = '';
  const fail = (where: string) => {
    if (broken === where) throw new Error(`planted in ${where}`);
  };
  const rig = await rigFor(
    t,
    {},
    {
      opened: () => fail('opened'),
      frame(conn, frame, now) {
        fail('frame');
        if (frame.type === 'hello') setDue(conn, now.mono + 30);
        if (frame.type === 'ping') write(conn, pong(frame.clientTimeMs));
      },
      due: () => fail('due'),
      closed: () => fail('closed'),
    },
  );
  const { device: canary } = await online(rig);
  await until(() => rig.told.includes('due'), 'the deadline of the canary');
  for (broken of ['opened', 'frame', 'due']) {
    const device = dial(rig.ports.tcp);
    device.send(hello());
    t.equal(await device.closed(), CloseCode.UNAVAILABLE, broken);
    await until(() => rig.link.count() === 1, 'released');
  }
  broken = 'closed';
  (await online(rig)).device.socket.destroy();
  await until(() => rig.link.count() === 1, 'released all the same');
  t.equal(rig.logged.length, 4, 'each is logged');
  canary.send(ping());
  t.match(await canary.next(), { type: 'pong' });
});

t.test('the owner is called at the time it asked for last', async (t) => {
  const rig = await rigFor(t);
  const { conn } = await online(rig);
  const startMs = performance.now();
  setDue(conn, startMs + 50);
  setDue(conn, startMs + 150);
  await until(() => rig.told.includes('due'), 'due');
  t.ok(performance.now() - startMs >= 150);
  setDue(conn, performance.now() + 10);
  setDue(conn, Number.POSITIVE_INFINITY);
  await sleep(60);
  t.equal(rig.told.filter((line) => line === 'due').length, 1);
});

t.test('hostile sockets do not disturb a healthy one', async (t) => {
  const silenceMs = 1000;
  const rig = await rigFor(
    t,
    { helloTimeoutMs: 1000, tlsHandshakeTimeoutMs: 700 },
    {
      frame(conn, frame, now) {
        if (frame.type === 'hello') setDue(conn, now.mono + silenceMs);
        if (frame.type === 'ping') write(conn, pong(frame.clientTimeMs));
      },
      // Half a frame is no sign of life.
      due(conn, now) {
        if (now.mono - conn.lastInMono < silenceMs) setDue(conn, conn.lastInMono + silenceMs);
        else closeWith(conn, CloseCode.HEARTBEAT_TIMEOUT);
      },
    },
  );
  const canary = dialTls(rig.ports.tls);
  canary.send(hello());
  const clientHello = Buffer.from('16030102000100', 'hex');
  const noise = fc.sample(fc.uint8Array({ maxLength: 3000 }), { numRuns: 30, seed: 1 });
  const scratches = fc.sample(fc.tuple(fc.nat(), fc.nat(255)), { numRuns: 200, seed: 2 });
  const attacks: ((i: number) => Device)[] = [
    (i) => attack(dial(rig.ports.tcp), noise[i % noise.length] ?? hello()),
    (i) => attack(dial(rig.ports.tcp), hello(), noise[i % noise.length] ?? hello()),
    (i) => attack(dialTls(rig.ports.tls), noise[i % noise.length] ?? hello()),
    (i) => {
      const bytes = Buffer.concat([hello({ syncPoints: Array(9).fill(POINT) }), ping(), ping()]);
      for (const [place, value] of scratches.slice(i % 190, (i % 190) + 3))
        bytes[place % bytes.length] = value;
      return attack(dial(rig.ports.tcp), bytes);
    },
    () => dial(rig.ports.tcp),
    () => dial(rig.ports.tls),
    (i) => attack(dial(rig.ports.tls), clientHello.subarray(0, 1 + (i % 7))),
    (i) => attack(dial(rig.ports.tls), Buffer.alloc(200 + i, i)),
    (i) => attack(dial(rig.ports.tcp), Buffer.alloc(4000 + i, 0x80 | i)),
    () => attack(dial(rig.ports.tcp), Buffer.from('ffffffff0f', 'hex')),
    () => attack(dial(rig.ports.proxied), Buffer.from('0d0a0d0a000d0a51', 'hex')),
    (i) => attack(dial(rig.ports.proxiedTls), Buffer.alloc(100, i)),
    () => {
      const device = attack(dial(rig.ports.tcp), hello());
      device.socket.resetAndDestroy();
      return device;
    },
  ];
  const hostile = Array.from({ length: 390 }, (_, i) => attacks[i % attacks.length]?.(i)).filter(
    (one) => one !== undefined,
  );
  let worstMs = 0;
  let closed = 0;
  for (const one of hostile) void one.closed().then(() => (closed += 1));
  const drips = setInterval(() => {
    for (const one of hostile) if (one.socket.writable) one.send(Buffer.from([0x80]));
  }, 150);
  for (let round = 1; closed < hostile.length && round < 500; round += 1) {
    const startMs = performance.now();
    canary.send(ping(round));
    t.match(await canary.next(), { type: 'pong', clientTimeMs: round });
    worstMs = Math.max(worstMs, performance.now() - startMs);
    await sleep(10);
  }
  clearInterval(drips);
  t.equal(closed, hostile.length, 'all of them are gone');
  t.ok(worstMs < 1000, `the healthy one waited ${worstMs.toFixed(0)} ms at most`);
  await until(() => rig.connections().length === 1, 'nothing left of them');
  t.equal(rig.link.count(), 1);
});

function attack(device: Device, ...bytes: Uint8Array[]): Device {
  device.send(...bytes);
  return device;
}

t.test('who stops accepting goes on serving; who closes leaves nothing', async (t) => {
  const rig = await startRig();
  const { device } = await online(rig);
  rig.link.stopAccepting();
  const late = dial(rig.ports.tcp);
  t.equal(await late.closed(), 0, 'refused');
  device.send(ping());
  t.match(await device.next(), { type: 'pong' });
  rig.close();
  t.equal(await device.closed(), 0);
  await until(() => rig.told.includes(`closed ${CloseCode.DRAINING}`), 'the owner was told');
  t.equal(rig.link.count(), 0);
});
