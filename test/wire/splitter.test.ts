import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { CloseCode } from '../../src/core/codes.js';
import { dropPartial, type PartialHolder, takeFrame, WireError } from '../../src/wire/frames.js';

const LIMIT = 1000;

function holder(): PartialHolder {
  return { partial: null, partialBytes: 0 };
}

function prefix(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function framed(body: Uint8Array): Buffer {
  return Buffer.concat([prefix(body.length), body]);
}

/** Frames of a stream that comes in the given chunks; copies, since frames alias their chunk. */
function splitAll(chunks: readonly Buffer[], state = holder(), limit = LIMIT): Buffer[] {
  const frames: Buffer[] = [];
  for (const chunk of chunks) {
    const cursor = { chunk, offset: 0 };
    for (
      let frame = takeFrame(state, cursor, limit);
      frame !== null;
      frame = takeFrame(state, cursor, limit)
    ) {
      frames.push(Buffer.from(frame));
    }
  }
  return frames;
}

function cutAt(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return places.slice(1).map((place, i) => Buffer.from(stream.subarray(places[i], place)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function codeOf(action: () => unknown): number {
  try {
    action();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 0;
}

t.test('frames come out whole however the stream is cut', async (t) => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
  const property = fc.property(bodies, fc.array(fc.nat(5000), { maxLength: 40 }), (parts, cuts) => {
    const state = holder();
    const frames = splitAll(cutAt(Buffer.concat(parts.map(framed)), cuts), state);
    deepStrictEqual(frames.map(hex), parts.map(hex));
    deepStrictEqual(state, holder(), 'nothing is kept between frames');
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }));
});

t.test('a frame cut at any one byte, or come byte by byte, is the same frame', async (t) => {
  const body = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  const stream = Buffer.concat([framed(body), framed(Buffer.alloc(0)), framed(body)]);
  const wanted = [body, Buffer.alloc(0), body];
  for (let cut = 0; cut <= stream.length; cut += 1) deepStrictEqual(splitAll(cutAt(stream, [cut])), wanted);
  t.strictSame(splitAll(Array.from(stream, (byte) => Buffer.from([byte]))), wanted);
});

t.test('a long frame is refused by its prefix, before anything is allocated for it', async (t) => {
  for (const length of [LIMIT + 1, 2 ** 31, 2 ** 32, 2 ** 35 - 1]) {
    const state = holder();
    t.equal(
      codeOf(() => splitAll([prefix(length)], state)),
      CloseCode.FRAME_TOO_LONG,
      `${length}`,
    );
    t.equal(state.partial, null);
    const byteByByte = Array.from(prefix(length), (byte) => Buffer.from([byte]));
    t.equal(
      codeOf(() => splitAll(byteByByte)),
      CloseCode.FRAME_TOO_LONG,
      `${length}, in pieces`,
    );
  }
  const cursor = { chunk: prefix(LIMIT + 1), offset: 0 };
  t.equal(
    codeOf(() => takeFrame(holder(), cursor, LIMIT, CloseCode.HELLO_TOO_LONG)),
    CloseCode.HELLO_TOO_LONG,
    'with the code of before the Hello',
  );
  t.equal(splitAll([framed(Buffer.alloc(LIMIT))]).length, 1, 'the limit itself is allowed');
});

t.test('a length of more than five bytes is no length', async (t) => {
  for (const bomb of [Buffer.alloc(11, 0xff), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x00])]) {
    t.equal(
      codeOf(() => splitAll([bomb])),
      CloseCode.PROTOCOL_ERROR,
    );
    t.equal(
      codeOf(() => splitAll(Array.from(bomb, (byte) => Buffer.from([byte])))),
      CloseCode.PROTOCOL_ERROR,
    );
  }
  t.equal(
    codeOf(() => splitAll([Buffer.from([0x80, 0x80, 0x80, 0x80])])),
    0,
    'four may still become one',
  );
});

t.test('an announced length does not by itself take its memory', async (t) => {
  const state = holder();
  splitAll([Buffer.concat([prefix(60_000), Buffer.from('x')])], state, 65_536);
  t.ok((state.partial?.length ?? 0) <= 64, `${state.partial?.length} bytes held for four received`);
  splitAll([Buffer.alloc(1000)], state, 65_536);
  t.ok((state.partial?.length ?? 0) <= 2 * 1004, `${state.partial?.length} bytes held for 1004`);
  t.not(state.partial?.buffer.byteLength, Buffer.poolSize, 'and none of the shared pool');
  dropPartial(state);
  t.strictSame(state, holder());
});

t.test('a half received frame does not hold on to the chunk it came in', async (t) => {
  const chunk = Buffer.concat([framed(Buffer.alloc(500, 1)), prefix(9), Buffer.from('abc')]);
  const state = holder();
  splitAll([chunk], state);
  t.not(state.partial?.buffer, chunk.buffer);
  chunk.fill(0);
  t.strictSame(splitAll([Buffer.from('defghi')], state), [Buffer.from('abcdefghi')]);
});
