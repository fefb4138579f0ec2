/** What a run of many seeds must have met: a state that no seed reaches is not tested. */
import { DEED_NAMES } from './trouble.js';

export const MUST_HAPPEN: readonly string[] = [
  ...DEED_NAMES,
  'retransmitted',
  'dead letter',
  'hand-over',
  'feeder begins',
  'fence confirmed',
  'fence timed out',
  'late record',
  'passed',
  'expired',
  'filtered',
  'non-persisted data',
  'scheduled',
  'duplicate found',
  'call repeated',
  'wake-up lost',
  'lease had lapsed',
  'connected twice',
  'ack of the user before',
  'worker killed with records in flight',
  'control killed with appends under way',
  'write failed',
  'answered SUCCESS',
  'answered NOT_ONLINE',
  'answered SYSTEM_ERROR',
  'answered DUPLICATED_BIZ_ID',
  'answered BIZ_NOT_ONLINE',
  'missed: dead',
  'missed: expired',
  'missed: passed over',
];

/** Names of what never happened. */
export function missing(coverage: ReadonlyMap<string, number>): string[] {
  return MUST_HAPPEN.filter((name) => (coverage.get(name) ?? 0) === 0);
}
