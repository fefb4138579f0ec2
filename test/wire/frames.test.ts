import { deepStrictEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { longlink } from '#proto';
import { CloseCode } from '../../src/core/codes.js';
import type { ClientFrame, ServerFrame } from '../../src/core/frames.js';
import type { Oplog } from '../../src/core/model.js';
import {
  decodeClientFrame,
  decodeOplogBody,
  decodeServerFrame,
  encodeClientFrame,
  encodeOplogBody,
  encodeServerFrame,
  takeFrame,
  WireError,
} from '../../src/wire/frames.js';

const LIMITS = { maxPoints: 128 };
const MAX = Number.MAX_SAFE_INTEGER;
/** An owner kind that a later version may have. */
const KIND_TO_COME = 9 as longlink.OwnerKind;

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const id = fc.oneof(fc.nat(300), fc.maxSafeNat());
const uint32 = fc.nat(0xffffffff);
const kind = fc.constantFrom('u', 'd', 't', 'g', 'gu');
const bytes = fc.uint8Array({ maxLength: 40 });
const points = fc.array(plain({ kind, biz: text, point: id }), { maxLength: 5 });

/** Records with the usual prototype, as the decoder makes them. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T, never>(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

function holds<T>(t: Test, property: fc.IProperty<T>, options?: fc.Parameters<T>): void {
  t.doesNotThrow(() => fc.assert(property, options));
}

function frameOf<T extends string, R>(type: T, fields: fc.Arbitrary<R>): fc.Arbitrary<R & { type: T }> {
  return fields.map((rest) => ({ type, ...rest }));
}

const hello = frameOf(
  'hello',
  plain({
    protocol: uint32,
    appId: text,
    workspaceId: text,
    deviceId: text,
    adToken: text,
    deviceKey: bytes,
    userId: text,
    sessionId: text,
    os: text,
    appVersion: text,
    foreground: fc.boolean(),
    heartbeatSec: uint32,
    syncPoints: points,
    model: text,
    sdkVersion: text,
  }),
);

const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  hello,
  frameOf('ping', plain({ clientTimeMs: id })),
  frameOf(
    'ack',
    plain({ kind, biz: text, bindSeq: uint32, through: id, transient: fc.boolean(), late: fc.boolean() }),
  ),
  frameOf('bindUser', plain({ request: uint32, userId: text, sessionId: text, syncPoints: points })),
  frameOf('unbindUser', plain({ request: uint32 })),
  frameOf('bindAlias', plain({ request: uint32, alias: text })),
  frameOf('unbindAlias', plain({ request: uint32, alias: text })),
  frameOf('appState', plain({ foreground: fc.boolean() })),
  frameOf('registerBiz', plain({ request: uint32, syncPoints: points })),
  frameOf('unregisterBiz', plain({ request: uint32, bizTypes: fc.array(text, { maxLength: 5 }) })),
  frameOf(
    'reportToken',
    plain({ request: uint32, vendor: text, vendorToken: text, appVersion: text, model: text }),
  ),
  frameOf('reportEvent', plain({ request: uint32, kind: text, messageId: text, atMs: id })),
  fc.constant({ type: 'bye' }),
);

const body = plain({ payload: bytes, binary: fc.boolean(), thirdMsgId: text, acceptedMs: id });
const oplog = plain({ id, body });
const syncFields = plain({
  kind,
  biz: text,
  bindSeq: uint32,
  from: id,
  through: id,
  transient: fc.boolean(),
  late: fc.boolean(),
  serverPoint: fc.boolean(),
});

const otherServerFrame: fc.Arbitrary<Exclude<ServerFrame, { type: 'sync' }>> = fc.oneof(
  frameOf(
    'welcome',
    plain({
      session: id,
      adToken: text,
      deviceKey: bytes,
      heartbeatSec: uint32,
      serverTimeMs: id,
      correctedPoints: points,
      bindSeq: uint32,
      maxFrameBytes: uint32,
      userBound: fc.boolean(),
      boundUser: text,
      result: text,
    }),
  ),
  frameOf('pong', plain({ clientTimeMs: id, serverTimeMs: id })),
  frameOf(
    'revoke',
    plain({ kind, biz: text, bindSeq: uint32, messageIds: fc.array(text, { maxLength: 5 }) }),
  ),
  frameOf(
    'result',
    plain({ request: uint32, code: text, message: text, bindSeq: uint32, correctedPoints: points }),
  ),
  frameOf(
    'kick',
    plain({
      code: fc.constantFrom(...Object.values(CloseCode)),
      reason: text,
      retryAfterMs: uint32,
      redirect: text,
    }),
  ),
  frameOf('command', plain({ name: text, body: text })),
);

/** A frame without its prefix, as the splitter gives it. */
function unframed(encoded: Uint8Array): Buffer {
  const frame = takeFrame(
    { partial: null, partialBytes: 0 },
    { chunk: Buffer.from(encoded), offset: 0 },
    1e6,
  );
  if (frame === null) throw new Error('not one whole frame');
  return frame;
}

function record(number: number, value: OplogParts): Oplog {
  return {
    id: number,
    acceptedMs: value.acceptedMs,
    expiresMs: 0,
    thirdMsgId: value.thirdMsgId,
    filter: null,
    traced: false,
    resendOf: 0,
    body: encodeOplogBody(value),
  };
}

/** The payload of a stored body is a Buffer, which deepStrictEqual tells from a Uint8Array. */
function toPlain(value: OplogParts): OplogParts {
  return { ...value, payload: Uint8Array.from(value.payload) };
}

interface OplogParts {
  readonly payload: Uint8Array;
  readonly binary: boolean;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
}

function codeOf(frame: Uint8Array, limits = LIMITS): number {
  try {
    decodeClientFrame(frame, limits);
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 0;
}

t.test('every frame of a device comes out as it went in', async (t) => {
  holds(
    t,
    fc.property(clientFrame, (frame) => {
      deepStrictEqual(decodeClientFrame(unframed(encodeClientFrame(frame)), LIMITS), frame);
    }),
    { numRuns: 1000 },
  );
});

t.test('every frame of the server comes out as it went in', async (t) => {
  holds(
    t,
    fc.property(otherServerFrame, (frame) => {
      deepStrictEqual(decodeServerFrame(unframed(encodeServerFrame(frame))), frame);
    }),
    { numRuns: 500 },
  );
});

t.test('a Sync joined from stored bodies is byte for byte what the generated encoder writes', async (t) => {
  holds(
    t,
    fc.property(syncFields, fc.array(oplog, { maxLength: 6 }), (fields, oplogs) => {
      const { kind: owner, biz, ...rest } = fields;
      const generated = longlink.ServerFrame.encode({
        sync: {
          ...rest,
          owner: { u: 1, d: 2, t: 3, g: 4, gu: 5 }[owner],
          bizType: biz,
          oplogs: oplogs.map((one) => ({ id: one.id, ...one.body })),
        },
      });
      const records = oplogs.map((one) => record(one.id, one.body));
      const joined = encodeServerFrame({ type: 'sync', ...fields, oplogs: records });
      equal(Buffer.from(joined).toString('hex'), Buffer.from(generated.ldelim().finish()).toString('hex'));
      deepStrictEqual(decodeServerFrame(unframed(joined)), {
        type: 'sync',
        ...fields,
        oplogs: oplogs.map((one) => ({ id: one.id, ...one.body })),
      });
    }),
    { numRuns: 500 },
  );
});

t.test('a stored body gives back what was accepted', async (t) => {
  holds(
    t,
    fc.property(body, (data) => deepStrictEqual(toPlain(decodeOplogBody(encodeOplogBody(data))), data)),
  );
  t.throws(() => decodeOplogBody(Buffer.from('ffffff', 'hex')), 'and damaged bytes give none');
  holds(
    t,
    fc.property(body, (data) =>
      deepStrictEqual(
        Buffer.from(encodeOplogBody(data)).toString('hex'),
        Buffer.from(longlink.Oplog.encode(data).finish()).toString('hex'),
      ),
    ),
  );
});

t.test('ids above the safe integers are clamped to the largest', async (t) => {
  const point = { owner: 2, bizType: 'b' };
  const ask = (value: { low: number; high: number; unsigned: boolean } | number) =>
    decodeClientFrame(
      longlink.ClientFrame.encode({ ack: { ...point, through: value as number } }).finish(),
      LIMITS,
    );
  t.match(ask({ low: -1, high: -1, unsigned: true }), { through: MAX });
  t.match(ask({ low: 0, high: 2 ** 21, unsigned: true }), { through: MAX });
  t.match(ask({ low: 0, high: -(2 ** 31), unsigned: true }), { through: MAX }, '2^63');
  t.match(ask({ low: -1, high: 2 ** 21 - 1, unsigned: true }), { through: MAX });
  t.match(ask({ low: -2, high: 2 ** 21 - 1, unsigned: true }), { through: MAX - 1 });
  t.match(ask(2 ** 32), { through: 2 ** 32 });
});

t.test('what this version does not know is ignored', async (t) => {
  t.strictSame(decodeClientFrame(Buffer.alloc(0), LIMITS), { type: 'unknown' });
  t.strictSame(decodeClientFrame(Buffer.from('fa0703abcdef', 'hex'), LIMITS), { type: 'unknown' }, 'a body');
  t.strictSame(decodeServerFrame(Buffer.from('fa0703abcdef', 'hex')), { type: 'unknown' });
  t.equal(codeOf(Buffer.from('12040807', 'hex')), CloseCode.PROTOCOL_ERROR, 'a body cut short is an error');
  const ping = Buffer.from('12050807980601', 'hex');
  t.strictSame(decodeClientFrame(ping, LIMITS), { type: 'ping', clientTimeMs: 7 }, 'a field');
  const ack = longlink.ClientFrame.encode({
    ack: { owner: KIND_TO_COME, bizType: 'b', through: 3 },
  }).finish();
  t.strictSame(decodeClientFrame(ack, LIMITS), { type: 'unknown' }, 'an Ack of an unknown kind');
  const registers = longlink.ClientFrame.encode({
    registerBiz: {
      syncPoints: [{ owner: KIND_TO_COME, bizType: 'x' }, { bizType: 'y' }, { owner: 1, bizType: 'z' }],
    },
  }).finish();
  t.match(decodeClientFrame(registers, LIMITS), { syncPoints: [{ kind: 'u', biz: 'z', point: 0 }] });
});

t.test('counts of repeated fields are bounded', async (t) => {
  const many = (count: number) => Array.from({ length: count }, () => ({ owner: 1, bizType: 'b' }));
  const full = longlink.ClientFrame.encode({ hello: { syncPoints: many(128) } }).finish();
  t.equal(codeOf(full), 0);
  for (const frame of [
    { hello: { syncPoints: many(129) } },
    { bindUser: { syncPoints: many(129) } },
    { registerBiz: { syncPoints: many(129) } },
    { unregisterBiz: { bizTypes: many(129).map((one) => one.bizType) } },
  ]) {
    t.equal(codeOf(longlink.ClientFrame.encode(frame).finish()), CloseCode.TOO_MANY_SUBSCRIPTIONS);
  }
});

t.test('any bytes are a frame or a WireError, and are judged within 5 ms', async (t) => {
  holds(
    t,
    fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
      codeOf(random);
    }),
    { numRuns: 20_000 },
  );
  // A real frame with some bytes changed reaches deeper than random ones.
  holds(
    t,
    fc.property(clientFrame, fc.array(fc.tuple(fc.nat(), fc.nat(255))), fc.nat(), (frame, changes, cut) => {
      const damaged = unframed(encodeClientFrame(frame));
      for (const [place, value] of changes) damaged[place % Math.max(1, damaged.length)] = value;
      codeOf(damaged);
      codeOf(damaged.subarray(0, cut % (damaged.length + 1)));
    }),
    { numRuns: 5000 },
  );

  const KIB64 = 65_000;
  const inBody = (field: number, content: Buffer) =>
    Buffer.concat([Buffer.from([(field << 3) | 2]), varint(content.length), content]);
  const filled = (hex: string) => Buffer.alloc(KIB64, Buffer.from(hex, 'hex'));
  const bombs: Record<string, [frame: Buffer, code: number]> = {
    'varint bomb': [filled('ff'), CloseCode.PROTOCOL_ERROR],
    'nested groups': [filled('7b'), CloseCode.PROTOCOL_ERROR],
    'groups side by side': [inBody(2, filled('7b7c')), CloseCode.TOO_MANY_SUBSCRIPTIONS],
    'thousands of bodies': [filled('1200'), CloseCode.PROTOCOL_ERROR],
    'thousands of Hellos': [filled('0a00'), CloseCode.PROTOCOL_ERROR],
    'thousands of sync points': [inBody(1, filled('7200')), CloseCode.TOO_MANY_SUBSCRIPTIONS],
    'thousands of capabilities': [inBody(1, filled('6200')), CloseCode.TOO_MANY_SUBSCRIPTIONS],
    'unknown fields': [inBody(1, filled('a00601')), CloseCode.TOO_MANY_SUBSCRIPTIONS],
    'one unknown field of 64 KiB': [inBody(1, inBody(15, Buffer.alloc(KIB64))), 0],
    'one unknown body of 64 KiB': [inBody(15, Buffer.alloc(KIB64, 0xff)), 0],
    'one field again and again': [
      inBody(2, filled('0881818181818181818101')),
      CloseCode.TOO_MANY_SUBSCRIPTIONS,
    ],
    'invalid UTF-8': [inBody(1, Buffer.from('12020fff', 'hex')), CloseCode.PROTOCOL_ERROR],
    'overlong UTF-8': [inBody(1, Buffer.from('1202c080', 'hex')), CloseCode.PROTOCOL_ERROR],
    'length beyond the frame': [Buffer.from('0affffffff07', 'hex'), CloseCode.PROTOCOL_ERROR],
    'negative length': [Buffer.from('0affffffffffffffffff01', 'hex'), CloseCode.PROTOCOL_ERROR],
    'end of no group': [Buffer.from('0c', 'hex'), CloseCode.PROTOCOL_ERROR],
    'field number 0': [Buffer.from('0200', 'hex'), CloseCode.PROTOCOL_ERROR],
  };
  for (const [name, [frame, code]] of Object.entries(bombs)) {
    t.equal(codeOf(frame), code, name);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round += 1) {
      const startMs = performance.now();
      codeOf(frame);
      best = Math.min(best, performance.now() - startMs);
    }
    t.ok(best < 5, `${name}: ${best.toFixed(2)} ms`);
  }
});

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return Buffer.from([...out, rest]);
}

t.test('nothing decoded aliases the bytes it came from', async (t) => {
  const encoded = unframed(
    encodeClientFrame({
      type: 'hello',
      protocol: 1,
      appId: 'a',
      workspaceId: 'w',
      deviceId: 'd',
      adToken: '',
      deviceKey: Buffer.alloc(32, 7),
      userId: '',
      sessionId: '',
      os: '',
      appVersion: '',
      foreground: false,
      heartbeatSec: 0,
      syncPoints: [],
      model: '',
      sdkVersion: '',
    }),
  );
  const frame = decodeClientFrame(encoded, LIMITS);
  encoded.fill(0);
  t.match(frame, { deviceKey: new Uint8Array(32).fill(7) });

  const sync = unframed(
    encodeServerFrame({
      type: 'sync',
      kind: 'u',
      biz: 'b',
      bindSeq: 0,
      from: 0,
      through: 1,
      oplogs: [record(1, { payload: Buffer.from('pay'), binary: false, thirdMsgId: '', acceptedMs: 1 })],
      transient: false,
      late: false,
      serverPoint: false,
    }),
  );
  const received = decodeServerFrame(sync);
  sync.fill(0);
  t.match(received, { oplogs: [{ payload: new Uint8Array(Buffer.from('pay')) }] });
});
