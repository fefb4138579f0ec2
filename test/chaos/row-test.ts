/** Rows of the fault table as tests: the server keeps its promises, and with the row's bug planted it is seen. */
import t from 'tap';
import { judgementOf, type RowResult, runRow } from './drive.js';
import { missing } from './needs.js';
import type { StoreKind } from './row.js';
import { rowOf } from './table.js';

/** Some bugs need luck: longer when it was not seen in the shorter time. */
const PLANTED_MS = [6_000, 25_000, 40_000];
const LIMIT_MS = 240_000;

function skipReason(needs: readonly string[]): string | false {
  const absent = missing(needs);
  return absent.length > 0 ? `needs ${absent.join(', ')}` : false;
}

/**
 * Two tests of a row.
 *
 * @param seconds of traffic with the fault.
 */
export function testRow(name: string, seconds: number, store: StoreKind = 'embedded'): void {
  const row = rowOf(name);
  const options = { timeout: LIMIT_MS, skip: skipReason(row.needs) };
  const seed = 1 + Math.floor(Math.random() * 1_000_000);

  t.test(`${name} on ${store}: ${row.holds}`, options, async (t) => {
    const result = await runRow(row, { store, trafficMs: seconds * 1_000, seed });
    t.same(result.complaints, [], `seed ${seed}`);
    t.equal(judgementOf(result), 'holds', `${result.struck} blows, ${result.inFlight} messages in flight`);
  });

  t.test(`${name} on ${store}: and ${row.plant.bug} is seen`, options, async (t) => {
    const look = (trafficMs: number): Promise<RowResult> =>
      runRow(row, { store, trafficMs, seed, planted: true });
    const seen = (result: RowResult): boolean => row.plant.seen.test(result.complaints.join('\n'));
    let isSeen = false;
    for (const trafficMs of PLANTED_MS) isSeen ||= seen(await look(trafficMs));
    t.ok(isSeen, `seed ${seed}`);
  });
}
