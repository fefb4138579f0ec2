/** Finding the last id of a stream. */
import { readId } from '../record.js';
import { type Environment, lastKey } from './environment.js';
import { recordKey, Tag, tagKey } from './keys.js';
import { parseTail } from './tail.js';

/** The last id of a stream as committed; 0 when nothing is known. */
export function committedLast(environment: Environment, prefix: Buffer): number {
  const value = environment.streams.get(tagKey(prefix, Tag.TAIL));
  const tail = value === undefined ? null : parseTail(value);
  return tail?.last ?? lastRecordId(environment, prefix);
}

/** The id of the last record, or 0: also what is left to go by when a tail is damaged. */
export function lastRecordId(environment: Environment, prefix: Buffer): number {
  const below = recordKey(prefix, Number.MAX_SAFE_INTEGER);
  const last = lastKey(environment.streams, below, tagKey(prefix, Tag.RECORD));
  return last === undefined ? 0 : readId(last, prefix.length + 1);
}
