/** The window of one stream: acks, retransmission, attempts, giving up. */
import fc from 'fast-check';
import t from 'tap';
import {
  ackDeadline,
  acknowledge,
  type Batch,
  countAttempt,
  createFeed,
  type Feed,
  hasRoom,
  isIdle,
  isolates,
  NONE,
  oldestOpen,
  rewind,
  tracedWithin,
  track,
} from '../../src/core/feed.js';
import { createBench, DEVICE_DATA, RULES } from './harness.js';

const topic = createBench().topic(DEVICE_DATA);
const RULES_OF_ATTEMPTS = { maxAttempts: 6, attemptBackoffMs: [0, 10, 100] };

function feedAt(position: number): Feed {
  return createFeed(topic, position);
}

/** Sends the ids as one batch that ends at `through`. */
function send(feed: Feed, ids: readonly number[], fields: Partial<Batch> = {}): void {
  const through = fields.through ?? ids.at(-1) ?? feed.sent;
  const bytes = 10 * ids.length;
  track(feed, {
    from: feed.sent,
    through,
    ids,
    traced: NONE,
    bytes,
    sentMono: 0,
    counts: true,
    oplogs: null,
    ...fields,
  });
}

t.test('rule 11: an ack is clamped to what this connection was sent', async (t) => {
  const feed = feedAt(10);
  t.equal(acknowledge(feed, 1000), -1, 'nothing was sent: nothing moves');
  t.equal(feed.acked, 10);
  send(feed, [11, 12]);
  t.equal(acknowledge(feed, Number.MAX_SAFE_INTEGER), 2);
  t.equal(feed.acked, 12);
  t.ok(isIdle(feed));
});

t.test('rule 11: an ack covers everything before it, and an older one moves nothing back', async (t) => {
  const feed = feedAt(0);
  send(feed, [1, 2]);
  send(feed, [3, 4]);
  send(feed, [5]);
  t.equal(acknowledge(feed, 4), 4);
  t.same([feed.inflightRecords, feed.inflightBytes, feed.batches.length], [1, 10, 1]);
  t.equal(acknowledge(feed, 2), -1);
  t.equal(acknowledge(feed, 4), -1);
  t.equal(feed.acked, 4);
});

t.test('rule 11: an ack inside a batch counts what it covers and keeps the rest in flight', async (t) => {
  const feed = feedAt(0);
  send(feed, [1, 3, 5], { through: 6 });
  t.equal(acknowledge(feed, 4), 2, 'an id between records is a fair position');
  t.equal(oldestOpen(feed), 5);
  t.equal(feed.batches.length, 1);
  t.equal(acknowledge(feed, 5), 1);
  t.equal(feed.batches.length, 1, 'what was passed over behind the last record is not acknowledged yet');
  t.equal(acknowledge(feed, 6), 0);
  t.ok(isIdle(feed));
});

t.test('rule 7: a batch of passed-over records moves the position and needs its ack', async (t) => {
  const feed = feedAt(0);
  send(feed, [], { through: 9 });
  t.equal(feed.sent, 9);
  t.notOk(isIdle(feed));
  t.equal(acknowledge(feed, 9), 0);
  t.ok(isIdle(feed));
});

t.test('the window is full by records or by bytes', async (t) => {
  const feed = feedAt(0);
  send(feed, [1, 2, 3]);
  t.notOk(hasRoom(feed, { records: 3, bytes: 1000 }));
  t.notOk(hasRoom(feed, { records: 9, bytes: 30 }));
  t.ok(hasRoom(feed, { records: 4, bytes: 31 }));
});

t.test(
  'rule 12: a rewind goes back to the first unacknowledged record and forgets nothing heard of',
  async (t) => {
    const feed = feedAt(0);
    send(feed, [1, 2]);
    send(feed, [3]);
    acknowledge(feed, 1);
    feed.known = 7;
    rewind(feed);
    t.same([feed.sent, feed.acked, feed.known, feed.maxSent], [1, 1, 7, 3]);
    t.same([feed.inflightRecords, feed.inflightBytes], [0, 0]);
  },
);

t.test('an ack of what was sent before a rewind still counts', async (t) => {
  const feed = feedAt(0);
  send(feed, [1, 2, 3]);
  rewind(feed);
  t.equal(
    acknowledge(feed, 2),
    0,
    'the batch is gone, its records are counted when sent again or not at all',
  );
  t.same([feed.sent, feed.acked], [2, 2], 'sending goes on behind it');
  send(feed, [3]);
  t.equal(acknowledge(feed, 3), 1);
  t.ok(isIdle(feed));
});

t.test('rule 13: an attempt counts once a transmission, and not before its time', async (t) => {
  const feed = feedAt(0);
  t.equal(countAttempt(feed, 0, RULES_OF_ATTEMPTS), 0);
  t.equal(feed.attempts, 0, 'nothing was in flight');
  send(feed, [1]);
  countAttempt(feed, 1000, RULES_OF_ATTEMPTS);
  t.same([feed.attempts, feed.nextAttemptMs], [1, 1000]);
  rewind(feed);
  send(feed, [1]);
  countAttempt(feed, 1000, RULES_OF_ATTEMPTS);
  t.same([feed.attempts, feed.nextAttemptMs], [2, 1010]);
  rewind(feed);
  send(feed, [1], { counts: false });
  countAttempt(feed, 1005, RULES_OF_ATTEMPTS);
  t.equal(feed.attempts, 2, 'made before nextAttemptMs');
});

t.test('rule 12: batches shrink to one record from the third attempt on', async (t) => {
  const feed = feedAt(0);
  for (const attempts of [0, 1, 2, 3]) {
    feed.attempts = attempts;
    t.equal(isolates(feed), attempts >= 2);
  }
});

t.test('rule 13: after six attempts the record is dead, and the next one starts anew', async (t) => {
  const feed = feedAt(0);
  for (let attempt = 1; attempt <= 6; attempt++) {
    send(feed, [4, 5]);
    const gaveUp = countAttempt(feed, attempt * 1000, RULES_OF_ATTEMPTS);
    t.equal(gaveUp, attempt === 6 ? 4 : 0);
    rewind(feed);
  }
  t.same(feed.dead, [4]);
  t.same([feed.attempts, feed.nextAttemptMs], [0, 0]);
});

t.test('rule 13: the attempts are those of the oldest record that is not acknowledged', async (t) => {
  const feed = feedAt(0);
  send(feed, [1, 2, 3]);
  countAttempt(feed, 0, RULES_OF_ATTEMPTS);
  countAttempt(feed, 0, RULES_OF_ATTEMPTS);
  t.equal(feed.attempts, 2);
  acknowledge(feed, 1);
  t.same([feed.attempts, feed.nextAttemptMs, feed.backoff], [0, 0, 0], 'progress wipes the slate');
  countAttempt(feed, 0, RULES_OF_ATTEMPTS);
  t.equal(oldestOpen(feed), 2);
  t.equal(feed.attempts, 3, 'it was in flight in the two before');
  acknowledge(feed, 3);
  send(feed, [4]);
  countAttempt(feed, 0, RULES_OF_ATTEMPTS);
  t.equal(feed.attempts, 1, 'and this one was not');
});

t.test('dead ids stay in order, each once', async (t) => {
  const feed = feedAt(0);
  for (const id of [5, 9, 7, 5, 1]) {
    feed.dead = feed.dead.filter((other) => other !== id || id === 5);
    feed.attempts = 5;
    feed.attemptOf = id;
    feed.acked = id - 1;
    feed.sent = id - 1;
    feed.batches = [];
    send(feed, [id]);
    t.equal(countAttempt(feed, 0, RULES_OF_ATTEMPTS), id);
  }
  t.same(feed.dead, [1, 5, 7, 9]);
});

t.test('the deadline doubles with each retransmission in a row, up to its limit', async (t) => {
  const feed = feedAt(0);
  t.equal(ackDeadline(feed, RULES), Number.POSITIVE_INFINITY);
  send(feed, [1], { sentMono: 100 });
  const deadlines = [0, 1, 2, 3, 4, 50].map((backoff) => {
    feed.backoff = backoff;
    return ackDeadline(feed, RULES) - 100;
  });
  t.same(deadlines, [20_000, 40_000, 80_000, 160_000, 160_000, 160_000]);
});

t.test(
  'the followed records that an ack covers are those in flight and not acknowledged before',
  async (t) => {
    const feed = feedAt(0);
    send(feed, [1, 2, 3], { traced: [1, 3] });
    send(feed, [4], { traced: [4] });
    t.same(tracedWithin(feed, 3), [1, 3]);
    acknowledge(feed, 1);
    t.same(tracedWithin(feed, 4), [3, 4]);
  },
);

/** One thing that may happen to a feed. */
type Step =
  | { readonly do: 'send'; readonly records: number; readonly passed: number }
  | { readonly do: 'ack'; readonly at: number }
  | { readonly do: 'silence' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('send' as const),
      records: fc.nat(4),
      passed: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ do: fc.constant('ack' as const), at: fc.double({ min: 0, max: 1.2, noNaN: true }) }),
    fc.record({ do: fc.constant('silence' as const) }),
  ),
  { maxLength: 60 },
);

/** What must hold of a feed at any time. */
function problems(feed: Feed, ackedBefore: number): string[] {
  const ids = feed.batches.flatMap((batch) => batch.ids);
  const found: string[] = [];
  if (feed.acked < ackedBefore) found.push('acked went back');
  if (feed.acked > feed.maxSent) found.push('acknowledged what was never sent');
  if (feed.sent < feed.acked || feed.sent > feed.maxSent) found.push('sent is out of bounds');
  if (feed.inflightRecords !== ids.length) found.push('records are miscounted');
  if (feed.inflightBytes !== 10 * ids.length) found.push('bytes are miscounted');
  if (ids.some((id, at) => at > 0 && id <= (ids[at - 1] ?? 0))) found.push('out of order');
  if ((feed.batches[0]?.through ?? feed.acked + 1) <= feed.acked) found.push('an acknowledged batch is kept');
  if (feed.attempts >= 6) found.push('a seventh attempt is possible');
  return found;
}

t.test('whatever happens, the window stays whole and positions do not go back', async (t) => {
  fc.assert(
    fc.property(steps, (list) => {
      const feed = feedAt(0);
      let wallMs = 0;
      for (const step of list) {
        const before = feed.acked;
        wallMs += 50;
        if (step.do === 'send') {
          const ids = Array.from({ length: step.records }, (_, at) => feed.sent + 1 + 2 * at);
          send(feed, ids, { through: (ids.at(-1) ?? feed.sent) + step.passed });
        } else if (step.do === 'ack') {
          acknowledge(feed, Math.floor(step.at * feed.maxSent));
        } else {
          countAttempt(feed, wallMs, RULES_OF_ATTEMPTS);
          rewind(feed);
        }
        const found = problems(feed, before);
        if (found.length > 0) throw new Error(found.join(', '));
      }
    }),
    { seed: 1, numRuns: 500 },
  );
  t.pass();
});
