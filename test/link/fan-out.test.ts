/** Work over all sessions of a worker, a slice at a time. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { createLane } from '../../src/link/fan-out.js';

function entriesOf(count: number): Map<number, number> {
  return new Map(Array.from({ length: count }, (_, at) => [at, at]));
}

t.test('every entry is visited once, in order, and one job after the other', async (t) => {
  const lane = createLane(0);
  const seen: string[] = [];
  const done = new Promise<void>((resolve) => {
    lane.start(entriesOf(1000), (entry) => seen.push(`a${entry}`));
    lane.start(entriesOf(1000), (entry) => {
      seen.push(`b${entry}`);
      if (entry === 999) resolve();
    });
  });
  t.equal(seen.length, 0, 'not in the turn of who asks');
  await done;
  const ranks = Array.from({ length: 1000 }, (_, at) => at);
  t.strictSame(seen, [...ranks.map((at) => `a${at}`), ...ranks.map((at) => `b${at}`)]);
});

/** At a pace of a million a second all was done in one go: a message to one of 30,000 devices waited 0.9 s. */
t.test('others get their turn between the slices, at any pace', async (t) => {
  for (const pace of [0, 1_000_000]) {
    const lane = createLane(pace);
    let visited = 0;
    lane.start(entriesOf(10_000), () => {
      visited += 1;
    });
    let largest = 0;
    for (let before = 0; visited < 10_000; before = visited) {
      await turn();
      largest = Math.max(largest, visited - before);
    }
    t.ok(largest <= 64, `${largest} in one turn at ${pace}`);
  }
});

t.test('no more entries a second than the pace', async (t) => {
  const lane = createLane(5_000);
  let visited = 0;
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    lane.start(entriesOf(1_000), () => {
      visited += 1;
      if (visited === 1_000) resolve();
    });
  });
  const tookMs = performance.now() - startMs;
  t.ok(tookMs >= 190, `${tookMs} ms`);
});

t.test('an entry that goes before its turn is left out', async (t) => {
  const lane = createLane(0);
  const entries = entriesOf(300);
  const seen: number[] = [];
  await new Promise<void>((resolve) => {
    lane.start(entries, (entry) => {
      seen.push(entry);
      if (entry === 0) entries.delete(200);
      if (entry === 299) resolve();
    });
  });
  t.equal(seen.length, 299);
  t.notOk(seen.includes(200));
});
