import { stat } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { addressGroup, plainAddress } from '../../src/link/address.js';
import { type AdmissionLimits, connectionLimit, createAdmission } from '../../src/link/admission.js';
import { NO_METRICS } from '../../src/link/metrics.js';
import { readOpenFileLimit } from '../../src/link/open-files.js';
import { parseProxyHeader } from '../../src/link/proxy-protocol.js';
import { rateOf, takeOne } from '../../src/link/rate.js';
import { createWheel, type WheelItem } from '../../src/link/wheel.js';

// ── Timing wheel ────────────────────────────────────────────────────────────────────────────

class Item implements WheelItem<Item> {
  wheelPrev: Item | null = null;
  wheelNext: Item | null = null;
  wheelSlot = -1;
  dueMono = 0;
  constructor(readonly name: string) {}
}

function rig(tickMs = 100, slots = 16, onDue?: (item: Item, monoMs: number) => void) {
  const fired: string[] = [];
  let nowMs = 0;
  const wheel = createWheel<Item>({
    tickMs,
    slots,
    now: () => nowMs,
    onDue: (item, monoMs) => {
      fired.push(`${item.name}@${monoMs}`);
      onDue?.(item, monoMs);
    },
  });
  const step = (toMs: number) => {
    for (; nowMs < toMs; nowMs = Math.min(toMs, nowMs + tickMs)) wheel.advance(nowMs);
    wheel.advance(nowMs);
    return fired.splice(0);
  };
  const jump = (toMs: number) => {
    nowMs = toMs;
    wheel.advance(nowMs);
    return fired.splice(0);
  };
  return { wheel, step, jump };
}

t.test('a deadline fires within one tick, never early, and once', async (t) => {
  const { wheel, step } = rig();
  wheel.schedule(new Item('a'), 250);
  wheel.schedule(new Item('b'), 300);
  t.strictSame(step(200), []);
  t.strictSame(step(300).sort(), ['a@300', 'b@300']);
  t.strictSame(step(5000), []);
});

t.test('a deadline beyond the round waits for its time', async (t) => {
  const { wheel, step } = rig(100, 16);
  wheel.schedule(new Item('far'), 50_050);
  t.strictSame(step(50_000), []);
  t.strictSame(step(50_100), ['far@50100']);
});

t.test('a deadline moves later, earlier and away', async (t) => {
  const { wheel, step } = rig();
  const item = new Item('a');
  wheel.schedule(item, 300);
  const slot = item.wheelSlot;
  wheel.schedule(item, 900);
  t.equal(item.wheelSlot, slot, 'later costs nothing: it stays in its slot until that comes');
  t.strictSame(step(800), []);
  t.strictSame(step(900), ['a@900']);
  wheel.schedule(item, 2000);
  wheel.schedule(item, 1100);
  t.strictSame(step(1100), ['a@1100'], 'earlier');
  wheel.schedule(item, 1300);
  wheel.cancel(item);
  wheel.cancel(item);
  wheel.schedule(item, 1400);
  wheel.schedule(item, Number.POSITIVE_INFINITY);
  t.strictSame(step(3000), [], 'away');
  t.strictSame([item.wheelPrev, item.wheelNext, item.wheelSlot], [null, null, -1]);
});

t.test('a deadline that has passed fires at the next tick', async (t) => {
  const { wheel, step } = rig();
  step(1000);
  wheel.schedule(new Item('late'), 5);
  t.strictSame(step(1100), ['late@1100']);
});

t.test('after a long stop everything due fires, and nothing else', async (t) => {
  const { wheel, jump, step } = rig(100, 16);
  wheel.schedule(new Item('a'), 200);
  wheel.schedule(new Item('b'), 90_000);
  wheel.schedule(new Item('c'), 100_050);
  t.strictSame(jump(100_000).sort(), ['a@100000', 'b@100000']);
  t.strictSame(step(100_100), ['c@100100']);
});

t.test('who fires may schedule itself and take others out', async (t) => {
  const victim = new Item('victim');
  const { wheel, step } = rig(100, 16, (item, monoMs) => {
    if (item.name !== 'again') return;
    wheel.schedule(item, monoMs + 100);
    wheel.cancel(victim);
  });
  wheel.schedule(victim, 100);
  wheel.schedule(new Item('again'), 100);
  t.strictSame(step(300), ['again@100', 'again@200', 'again@300']);
});

t.test('the wheel agrees with a list of deadlines, whatever is done to it', async (t) => {
  const action = fc.record({
    item: fc.nat(9),
    what: fc.constantFrom('schedule', 'cancel', 'step', 'jump'),
    ms: fc.nat(4000),
  });
  const property = fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const items = Array.from({ length: 10 }, (_, i) => new Item(`${i}`));
    const deadlines = new Map<string, number>();
    const { wheel, step, jump } = rig(100, 16);
    let nowMs = 0;
    for (const { item, what, ms } of actions) {
      const one = items[item] ?? new Item('none');
      if (what === 'schedule') {
        wheel.schedule(one, nowMs + ms);
        deadlines.set(one.name, nowMs + ms);
      } else if (what === 'cancel') {
        wheel.cancel(one);
        deadlines.delete(one.name);
      } else {
        // To a whole tick, at which all that is due must have fired.
        nowMs = Math.ceil((nowMs + ms) / 100) * 100 + 100;
        const fired = (what === 'step' ? step(nowMs) : jump(nowMs)).map((entry) => entry.split('@')[0]);
        const due = [...deadlines].filter(([, at]) => at <= nowMs).map(([name]) => name);
        for (const name of due) deadlines.delete(name);
        if (fired.sort().join() !== due.sort().join()) throw new Error(`fired ${fired}, due ${due}`);
      }
    }
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }));
});

t.test('a process that stood still reads its sockets before deadlines fire', async (t) => {
  const order: string[] = [];
  let nowMs = 0;
  const done = new Promise<void>((resolve) => {
    const wheel = createWheel<Item>({
      tickMs: 5,
      slots: 64,
      now: () => nowMs,
      onDue() {
        order.push('deadline');
        wheel.stop();
        resolve();
      },
    });
    wheel.schedule(new Item('a'), 10);
    wheel.start();
    wheel.start();
  });
  // Input that arrives, and a clock that runs, while the process stands still.
  stat('.', () => order.push('input'));
  nowMs = 10_000;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await keepAlive(done);
  t.strictSame(order, ['input', 'deadline']);
});

/** The wheel's timer alone does not keep the process alive. */
async function keepAlive(done: Promise<void>): Promise<void> {
  const timer = setTimeout(() => {}, 10_000);
  await done;
  clearTimeout(timer);
}

// ── Rates and addresses ─────────────────────────────────────────────────────────────────────

t.test('a rate lets a burst through, then its average', async (t) => {
  const rate = rateOf(50, 1000, 10_000);
  let used = 0;
  let passed = 0;
  for (let i = 0; i < 600; i += 1) {
    const next = takeOne(rate, used, 1000);
    if (next < 0) continue;
    used = next;
    passed += 1;
  }
  t.equal(passed, 500, 'ten seconds at 50 a second');
  const waitMs = -takeOne(rate, used, 1000);
  t.ok(waitMs > 0 && waitMs <= 20 + 1e-6, `the next in ${waitMs} ms`);
  t.ok(takeOne(rate, used, 1000 + 20) > 0);
});

t.test('a client is an IPv4 address or an IPv6 /64', async (t) => {
  t.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1');
  t.equal(plainAddress('::ffff:a:b'), '::ffff:a:b');
  t.equal(addressGroup('10.0.0.1'), '10.0.0.1');
  t.equal(addressGroup('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  t.equal(addressGroup('2001:db8:1:2::9'), '2001:db8:1:2::/64');
  t.equal(addressGroup('2001:db8::1'), '2001:db8:0:0::/64');
  t.equal(addressGroup('::1'), '0:0:0:0::/64');
  t.equal(addressGroup('fe80::1%eth0'), 'fe80:0:0:0::/64');
  t.equal(addressGroup(''), '');
});

// ── Admission ───────────────────────────────────────────────────────────────────────────────

const LIMITS: AdmissionLimits = {
  maxConnections: 100,
  acceptPerSecond: 1000,
  connectionsPerAddress: 100,
  flapConnectsPerMinute: 15,
  retryAfterMinMs: 1000,
  retryAfterMaxMs: 30_000,
};

function admission(limits: Partial<AdmissionLimits>, random = 0.5) {
  const clock = { mono: 1000 };
  const refused: string[] = [];
  const lines: object[] = [];
  const full: boolean[] = [];
  const one = createAdmission({
    limits: { ...LIMITS, ...limits },
    now: () => ({ wall: 0, mono: clock.mono }),
    random: () => random,
    metrics: { ...NO_METRICS, refused: (reason) => refused.push(reason) },
    log: { warn: (line: unknown) => lines.push(line as object) },
    onFull: (is) => full.push(is),
  });
  return { one, clock, refused, lines, full };
}

t.test('connections beyond the limit are refused until one leaves', async (t) => {
  const { one } = admission({ maxConnections: 2 });
  t.strictSame([one.enter(), one.enter(), one.enter()], [0, 0, CloseCode.SERVER_FULL]);
  t.equal(one.count(), 2);
  one.leave();
  t.equal(one.enter(), 0);
});

t.test(
  'a worker calls itself full before it refuses any, and no longer so when there is some room',
  async (t) => {
    const { one, full } = admission({ maxConnections: 100 });
    for (let i = 0; i < 97; i += 1) one.enter();
    t.strictSame(full, []);
    for (let i = 0; i < 3; i += 1) t.equal(one.enter(), 0);
    t.strictSame(full, [true]);
    for (let i = 0; i < 4; i += 1) one.leave();
    t.strictSame(full, [true], 'at 96');
    one.leave();
    one.enter();
    t.strictSame(full, [true, false]);
  },
);

t.test('connections faster than the accept rate are refused', async (t) => {
  const { one, clock } = admission({ acceptPerSecond: 10 });
  const codes = Array.from({ length: 12 }, () => one.enter());
  t.strictSame(codes.slice(9), [0, CloseCode.ACCEPT_RATE, CloseCode.ACCEPT_RATE]);
  t.equal(one.count(), 10, 'the refused are not counted');
  clock.mono += 100;
  t.strictSame([one.enter(), one.enter()], [0, CloseCode.ACCEPT_RATE]);
});

t.test('connections of one client beyond the limit are refused, others not', async (t) => {
  const { one } = admission({ connectionsPerAddress: 2 });
  t.strictSame(
    ['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2'].map((address) => one.enterAddress(address)),
    [true, true, false, true],
  );
  one.leaveAddress('10.0.0.1');
  t.equal(one.enterAddress('10.0.0.1'), true);
  const neighbours = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'];
  t.strictSame(
    neighbours.map((address) => one.enterAddress(address)),
    [true, true, false, true],
    'a /64 is one client',
  );
});

t.test('a device that connects again and again is delayed', async (t) => {
  const { one, clock } = admission({ flapConnectsPerMinute: 3 }, 0);
  const come = (device = 'd', instance = 'w_a') => one.enterDevice(instance, device);
  t.strictSame([come(), come(), come()], [0, 0, 0]);
  const waitMs = come();
  t.ok(waitMs > LIMITS.retryAfterMinMs && waitMs <= 20_000 + LIMITS.retryAfterMinMs, `${waitMs} ms`);
  t.equal(come('other'), 0);
  t.equal(come('d', 'w_b'), 0, 'a device of the same name in another instance is another device');
  clock.mono += waitMs - LIMITS.retryAfterMinMs;
  t.equal(come(), 0, 'coming back when told, it gets in');
});

t.test('refusals are all counted, logged at a bounded rate, and answered with a spread delay', async (t) => {
  const { one, clock, refused, lines } = admission({});
  for (let i = 0; i < 1000; i += 1) one.refused('ADDRESS_LIMIT', '10.0.0.1');
  t.equal(refused.length, 1000);
  t.equal(lines.length, 1);
  clock.mono += 10_000;
  one.refused('SERVER_FULL', '10.0.0.1');
  t.match(lines[1], { reason: 'SERVER_FULL', refusals: 1000 }, 'the next line tells how many');
  t.equal(admission({}, 0).one.retryAfterMs(), 1000);
  t.equal(admission({}, 1).one.retryAfterMs(), 30_000);
});

t.test('the connection limit leaves open files for everything else', async (t) => {
  t.equal(connectionLimit(0, 20_000), 19_000);
  t.equal(connectionLimit(50_000, 20_000), 19_000);
  t.equal(connectionLimit(500, 20_000), 500);
  t.equal(connectionLimit(0, 400), 200, 'half of a small limit');
  t.ok(readOpenFileLimit() >= 256, `${readOpenFileLimit()}`);
});

// ── PROXY protocol ──────────────────────────────────────────────────────────────────────────

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

t.test('a PROXY v2 header names the client', async (t) => {
  const v4 = hex(`${SIGNATURE} 21 11 000c c0000201 0a000001 d431 1f90`);
  t.strictSame(parseProxyHeader(Buffer.concat([v4, Buffer.from('rest')])), {
    headerBytes: 28,
    address: '192.0.2.1',
  });
  const v6 = hex(`${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 ${'00'.repeat(16)} d431 1f90`);
  t.strictSame(parseProxyHeader(v6), { headerBytes: 52, address: '2001:db8::1' });
  const tlvs = hex(`${SIGNATURE} 21 11 0011 c0000201 0a000001 d431 1f90 0200 02 6869`);
  t.strictSame(parseProxyHeader(tlvs), { headerBytes: 33, address: '192.0.2.1' }, 'more values are skipped');
  const local = hex(`${SIGNATURE} 20 00 0000`);
  t.strictSame(parseProxyHeader(local), { headerBytes: 16, address: null }, 'the proxy itself');
  t.strictSame(
    parseProxyHeader(hex(`${SIGNATURE} 21 00 0000`)),
    { headerBytes: 16, address: null },
    'UNSPEC',
  );
  for (let cut = 0; cut < v6.length; cut += 1) t.equal(parseProxyHeader(v6.subarray(0, cut)), null, `${cut}`);
});

t.test('anything but a PROXY v2 header of TCP is refused as soon as it shows', async (t) => {
  const refusedHeaders: Record<string, Buffer> = {
    'version 1': Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n'),
    'a ClientHello': hex('160301'),
    'a wrong signature': hex('0d0a0d0a000d0a515549540b'),
    'version 3': hex(`${SIGNATURE} 31 11 000c ${'00'.repeat(12)}`),
    'an unknown command': hex(`${SIGNATURE} 22 11 000c ${'00'.repeat(12)}`),
    UDP: hex(`${SIGNATURE} 21 12 000c ${'00'.repeat(12)}`),
    'a unix socket': hex(`${SIGNATURE} 21 31 00d8 ${'00'.repeat(216)}`),
    'a short address': hex(`${SIGNATURE} 21 11 0008 ${'00'.repeat(8)}`),
    'a giant length': hex(`${SIGNATURE} 21 11 ffff`),
  };
  for (const [name, bytes] of Object.entries(refusedHeaders)) {
    t.throws(() => parseProxyHeader(bytes), { code: CloseCode.PROTOCOL_ERROR }, name);
  }
});
