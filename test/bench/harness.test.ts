/** The instrument itself: it reads and writes what the wire says, and it sees what is wrong. */
import t from 'tap';
import { ackOf, createAckWriter } from '../../bench/load/ack-writer.js';
import { lineTemplate, requestTemplate, writeMessage } from '../../bench/load/message-writer.js';
import { EVERYBODY, messageName, newRunName, nowUs, userName } from '../../bench/load/payload.js';
import { createSyncView, readSync } from '../../bench/load/sync-reader.js';
import { emptyTally, judge, Samples, type Shared } from '../../bench/load/tally.js';
import { compareResults } from '../../bench/report/compare.js';
import { resultPage } from '../../bench/report/html.js';
import { less, more, NOTHING_WRONG, type Result } from '../../bench/report/result.js';
import { showResult } from '../../bench/report/table.js';
import { costsOf, REFERENCE_COSTS, sizeOf } from '../../bench/size.js';
import { encodeClientFrame, encodeOplogBody, encodeServerFrame } from '../../src/wire/frames.js';

const RUN = 'abc123';
const ID = 1_763_829_000_000_123;

function oplog(id: number, payload: Uint8Array) {
  const body = encodeOplogBody({ payload, binary: false, thirdMsgId: 'm', acceptedMs: 1_763_829_000_000 });
  return { id, acceptedMs: 0, expiresMs: 0, thirdMsgId: 'm', filter: null, traced: false, resendOf: 0, body };
}

function syncFrame(payloads: readonly Uint8Array[], bindSeq = 1): Buffer {
  const bytes = encodeServerFrame({
    type: 'sync',
    kind: 'u',
    biz: 'bench-user',
    bindSeq,
    from: ID - 1,
    through: ID + payloads.length - 1,
    oplogs: payloads.map((payload, i) => oplog(ID + i, payload)),
    transient: false,
    late: false,
    serverPoint: true,
  });
  // Without the length: two bytes of it for a frame of this size.
  return Buffer.from(bytes).subarray((bytes[0] ?? 0) < 0x80 ? 1 : 2);
}

function payloadOf(device: number, sequence: number, run = RUN): Buffer {
  const template = lineTemplate(run, 'b', 64, device === EVERYBODY);
  const line = Buffer.alloc(template.bytes.length);
  writeMessage(template, line, 0, device, sequence, nowUs());
  return Buffer.from((JSON.parse(line.toString()) as { payload: string }).payload);
}

t.test('a Sync frame is read without the generated decoder, and its ack is the encoder’s', async (test) => {
  const view = createSyncView();
  const frame = syncFrame([payloadOf(7, 1), payloadOf(7, 2)]);
  test.ok(readSync(frame, view));
  test.match(view, { owner: 1, bindSeq: 1, from: ID - 1, through: ID + 1, serverPoint: true, late: false });
  test.same(view.ids, [ID, ID + 1]);
  test.equal(frame.toString('latin1', view.bizAt, view.bizAt + view.bizBytes), 'bench-user');
  test.match(
    frame.toString('latin1', view.payloadAt[1], (view.payloadAt[1] ?? 0) + 60),
    /^LBabc123 00000007 000000002 /,
  );
  const ack = {
    type: 'ack',
    kind: 'u',
    biz: 'bench-user',
    transient: false,
    late: false,
    through: ID + 1,
  } as const;
  const writer = createAckWriter('u', 'bench-user');
  test.same(ackOf(writer, frame, view), encodeClientFrame({ ...ack, bindSeq: 1 }));
  const later = syncFrame([payloadOf(7, 1), payloadOf(7, 2)], 300);
  readSync(later, view);
  test.same(ackOf(writer, later, view), encodeClientFrame({ ...ack, bindSeq: 300 }), 'another bindSeq');
  test.notOk(
    readSync(
      Buffer.from(encodeServerFrame({ type: 'pong', clientTimeMs: 1, serverTimeMs: 2 })).subarray(1),
      view,
    ),
  );
});

t.test('what is made from a template is a whole request', async (test) => {
  const template = requestTemplate(RUN, 'bench-user', 300, 'load_bench');
  const bytes = Buffer.alloc(template.bytes.length);
  test.equal(writeMessage(template, bytes, 0, 42, 9, 123), bytes.length);
  const [head = '', body = ''] = bytes.toString().split('\r\n\r\n');
  test.match(head, new RegExp(`Content-Length: ${body.length}`));
  const fields = JSON.parse(body) as Record<string, string>;
  test.match(fields, { bizType: 'bench-user', linkToken: userName(42), thirdMsgId: messageName(RUN, 42, 9) });
  test.equal(fields.payload?.length, 300);
  test.match(newRunName(), /^[0-9a-z]{6}$/);
});

t.test('the verdict on received messages', async (test) => {
  const shared: Shared = {
    run: Buffer.from(RUN),
    tally: emptyTally(),
    delays: new Samples(),
    globalDelays: new Samples(),
    connectTimes: new Samples(),
    recorder: null,
  };
  const receiver = { index: 7, lastSequence: 0, lastGlobal: 0 };
  const take = (bytes: Buffer) => judge(shared, receiver, bytes, 0);
  take(payloadOf(7, 1));
  take(payloadOf(7, 2));
  take(payloadOf(EVERYBODY, 1));
  test.match(shared.tally, { received: 3, duplicated: 0, reordered: 0, crossed: 0, ghosts: 0 });
  test.equal(shared.delays.take().length, 2);
  test.equal(shared.globalDelays.take().length, 1);
  take(payloadOf(7, 2));
  test.equal(shared.tally.duplicated, 1, 'the same twice');
  take(payloadOf(7, 5));
  test.equal(shared.tally.reordered, 1, 'one skipped');
  take(payloadOf(8, 1));
  test.equal(shared.tally.crossed, 1, 'somebody else’s');
  take(payloadOf(7, 6, 'zzzzzz'));
  take(Buffer.from('something else, of the length of a head or more, but not one'));
  test.equal(shared.tally.ghosts, 2, 'of no sender of this run');
});

function resultOf(changes: Partial<Result>): Result {
  return {
    scenario: 'throughput',
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 10,
    commit: 'abc',
    machine: { cpu: 'c', cores: 2, memoryGiB: 4, kernel: 'k', node: 'v20', loadAtStart: 0 },
    loadAtEnd: 0,
    options: { devices: 10 },
    settings: {},
    cores: 'any',
    wrong: NOTHING_WRONG,
    checked: 100,
    figures: [more('rate', 1000, 'per second'), less('delay <p99>', 5, 'ms')],
    series: [
      {
        name: 'curve',
        xUnit: 's',
        yUnit: 'ms',
        points: [
          [0, 1],
          [1, 2],
        ],
      },
    ],
    valid: true,
    ...changes,
  };
}

t.test('results are shown and compared, and a wrong run shows no speed', async (test) => {
  const a = resultOf({});
  test.match(showResult(a), /rate +1,000 +per second/);
  test.match(resultPage(a), /delay &lt;p99&gt;/);
  test.match(resultPage(a), /<polyline/);
  const b = resultOf({ figures: [more('rate', 1500, 'per second'), less('delay <p99>', 8, 'ms')] });
  const table = compareResults(a, b);
  test.match(table, /rate .* 1\.50 +better/);
  test.match(table, /delay .* 1\.60 +worse/);
  const wrong = resultOf({ valid: false, wrong: { ...NOTHING_WRONG, lost: 3 } });
  test.match(showResult(wrong), /3 lost/);
  test.notMatch(showResult(wrong), /per second/);
  test.notMatch(resultPage(wrong), /per second/);
});

t.test('a deployment grows with what it serves, by the costs that were measured', async (test) => {
  const demand = { devices: 100_000, tlsShare: 0, messagesPerSecond: 100, connectsPerDay: 1 };
  const plain = sizeOf(demand, REFERENCE_COSTS);
  test.match(plain, { workers: 1, cores: 1 });
  const tls = sizeOf({ ...demand, tlsShare: 1 }, REFERENCE_COSTS);
  test.equal(
    tls.memoryBytes - plain.memoryBytes,
    100_000 * (REFERENCE_COSTS.tlsBytes - REFERENCE_COSTS.plainBytes),
  );
  test.ok(sizeOf({ ...demand, devices: 1_000_000 }, REFERENCE_COSTS).workers >= 10);
  test.ok(sizeOf({ ...demand, messagesPerSecond: 20_000 }, REFERENCE_COSTS).cores > 1);
  const measured = costsOf([
    resultOf({ figures: [less('RSS of the workers per device', 5, 'KiB')], options: { tls: true } }),
  ]);
  test.equal(measured.tlsBytes, 5 * 1024);
  test.equal(measured.plainBytes, REFERENCE_COSTS.plainBytes);
});
