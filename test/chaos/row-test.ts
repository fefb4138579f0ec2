/** Rows of the fault table as tests: the server keeps its promises, and with the row's bug planted it is seen. */
import t from 'tap';
import { judgementOf, runRow } from './drive.js';
import { missing } from './needs.js';
import type { NodeCount, Row, StoreKind } from './row.js';
import { rowOf } from './table.js';

/** Some bugs need luck: longer when it was not seen in the shorter time. */
const PLANTED_MS = [6_000, 25_000, 40_000];
const LIMIT_MS = 240_000;
/** Thousands of devices connect before anything happens. */
const CROWD_LIMIT_MS = 420_000;

/** What a run has instead of what its row says. */
export interface Size {
  readonly nodes?: NodeCount;
  readonly crowd?: number;
}

function skipReason(needs: readonly string[]): string | false {
  const absent = missing(needs);
  return absent.length > 0 ? `needs ${absent.join(', ')}` : false;
}

/**
 * Two tests of a row: it holds, and its planted bug is seen.
 *
 * @param seconds of traffic with the fault.
 */
export function testRow(name: string, seconds: number, store: StoreKind = 'embedded', size: Size = {}): void {
  const seed = testHolds(name, seconds, store, size);
  testSeen(name, store, seed, size);
}

/** The second of the two alone. */
export function testSeen(name: string, store: StoreKind, seed: number, size: Size = {}): void {
  const row = rowOf(name);
  t.test(`${name} on ${store}: and ${row.plant.bug} is seen`, optionsOf(row, size), async (t) => {
    const told: (readonly string[])[] = [];
    let isSeen = false;
    for (const trafficMs of PLANTED_MS) {
      if (isSeen) break;
      const { complaints } = await runRow(row, { store, trafficMs, seed, planted: true, ...size });
      told.push(complaints);
      isSeen = row.plant.seen.test(complaints.join('\n'));
    }
    t.ok(isSeen, `seed ${seed}; told: ${told.flat().join('; ').slice(0, 400)}`, { told });
  });
}

/** The first of the two alone, where the bug needs more luck than a test may. @returns the seed. */
export function testHolds(name: string, seconds: number, store: StoreKind, size: Size = {}): number {
  const row = rowOf(name);
  const seed = 1 + Math.floor(Math.random() * 1_000_000);
  t.test(`${name} on ${store}: ${row.holds}`, optionsOf(row, size), async (t) => {
    const result = await runRow(row, { store, trafficMs: seconds * 1_000, seed, ...size });
    // In the name, where a summary that leaves details out has it still.
    t.same(result.complaints, [], [`seed ${seed}`, ...result.complaints].join('; ').slice(0, 500));
    t.equal(judgementOf(result), 'holds', `${result.struck} blows, ${result.inFlight} messages in flight`);
  });
  return seed;
}

function optionsOf(row: Row, size: Size): { readonly timeout: number; readonly skip: string | false } {
  return { timeout: size.crowd === undefined ? LIMIT_MS : CROWD_LIMIT_MS, skip: skipReason(row.needs) };
}
