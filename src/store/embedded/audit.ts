/** Counting again what the counters say. */
import { decodeCounter } from './counters.js';
import { type Environment, freshSnapshot, readRange } from './environment.js';
import { behind, counterKey, FIRST_STREAM_KIND, Meta, metaKey, parseStreamRow, Tag } from './keys.js';
import { openReading } from './opening.js';

/** Counts all records, by counter key as latin1. */
export function countRetained(environment: Environment): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of environment.streams.getKeys({})) {
    if ((key[4] ?? 0) < FIRST_STREAM_KIND) continue;
    const row = parseStreamRow(key);
    if (row.tag !== Tag.RECORD) continue;
    const name = counterKey(row.instance, row.biz).toString('latin1');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/**
 * Counts every record of a store and compares with its counters: for tests, and for operators who
 * doubt the equation. Reads the whole store, beside its writer or without one.
 *
 * @returns One line for each (instance, bizType) whose counters are wrong.
 * @throws {Error} when there is no store.
 */
export async function auditStore(directory: string): Promise<string[]> {
  const environment = await openReading(directory);
  try {
    return audit(environment);
  } finally {
    await environment.root.close();
  }
}

function audit(environment: Environment): string[] {
  // Both reads are of one snapshot: nothing is awaited in between.
  freshSnapshot(environment);
  const counts = countRetained(environment);
  const prefix = metaKey(Meta.COUNTERS);
  const wrong: string[] = [];
  for (const { key, value } of readRange(environment.meta, prefix, behind(prefix), 0x1_0000_0000)) {
    const counter = decodeCounter(value);
    const { accepted, retained, expired, consumed, trimmed, revoked, deleted } = counter;
    const counted = counts.get(key.toString('latin1')) ?? 0;
    counts.delete(key.toString('latin1'));
    if (counted !== retained) wrong.push(`${key.toString('hex')}: retained ${retained}, counted ${counted}`);
    if (accepted !== retained + expired + consumed + trimmed + revoked + deleted)
      wrong.push(`${key.toString('hex')}: ${JSON.stringify(counter)} does not add up`);
  }
  for (const [name, counted] of counts)
    wrong.push(`${Buffer.from(name, 'latin1').toString('hex')}: not counted, ${counted} retained`);
  return wrong;
}
