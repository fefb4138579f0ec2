/** One stream held against its head. */
import { decodeRecord, readId } from '../record.js';
import { bytesOf, listOf, type RedisContext, textOf } from './context.js';

const PAGE = 200;
const ID_BYTES = 8;

/**
 * @param base beginning of the owner's keys.
 * @param biz as part of a key.
 */
export async function checkStream(
  { commands }: RedisContext,
  base: string,
  biz: string,
): Promise<{ readonly records: number; readonly problems: readonly string[] }> {
  const key = `${base}:r:${biz}`;
  const head = textOf(await commands.read('hget', `${base}:h`, biz));
  if (head === '') return { records: 0, problems: [] };
  const [last = 0, endsMs = 0] = head.split(' ').map(Number);
  const problems: string[] = [];
  let records = 0;
  let before = 0;
  for (let more = true; more; ) {
    const entries = listOf(await commands.read('lrange', key, records, records + PAGE - 1)).map(bytesOf);
    for (const entry of entries) {
      const id = entry.length < ID_BYTES ? 0 : readId(entry, 0);
      const record = decodeRecord(0, entry.subarray(ID_BYTES));
      if (id <= before) problems.push(`${key}: ${id} comes behind ${before}`);
      if (record === null) problems.push(`${key}: the checksum of ${id} is wrong`);
      else if (record.expiresMs < endsMs)
        problems.push(`${key}: ${id} expires at ${record.expiresMs}, before its stream says (${endsMs})`);
      before = id;
    }
    records += entries.length;
    more = entries.length === PAGE;
  }
  if (before > last) problems.push(`${key}: holds ${before}, its head says ${last}`);
  if (records > 0 && endsMs === 0) problems.push(`${key}: its head says that it is empty`);
  return { records, problems };
}
