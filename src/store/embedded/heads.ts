/** Finding the last id of a stream: there is no head row to read or to write. */
import { readId } from '../record.js';
import { type Environment, lastKey } from './environment.js';
import { recordKey, Tag, tagKey } from './keys.js';

/** The last id of a stream as committed: one seek, two when it has a floor. 0 when nothing is known. */
export function committedLast(environment: Environment, prefix: Buffer): number {
  const start = tagKey(prefix, Tag.END);
  const last = lastKey(environment.streams, start, prefix);
  if (last === undefined) return 0;
  const tag = last[prefix.length];
  if (tag === Tag.RECORD) return readId(last, prefix.length + 1);
  if (tag !== Tag.FLOOR) return 0;
  const floor = environment.streams.get(last);
  return floor === undefined ? 0 : Math.max(readId(floor, 0), lastRecordId(environment, prefix));
}

function lastRecordId(environment: Environment, prefix: Buffer): number {
  const below = recordKey(prefix, Number.MAX_SAFE_INTEGER);
  const last = lastKey(environment.streams, below, tagKey(prefix, Tag.RECORD));
  return last === undefined ? 0 : readId(last, prefix.length + 1);
}
