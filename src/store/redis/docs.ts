/** Documents: read by key or in order, written together, counters added to. */
import type { CounterAdd, DocWrite } from '../../core/ports.js';
import { addTo, countersOf } from '../counters.js';
import { seal } from '../record.js';
import type { Argument } from './commands.js';
import { bytesOf, listOf, numberOf, type RedisContext, unsealed } from './context.js';
import { collectionPart, docsKey } from './keys.js';
import { fieldsOf } from './reads.js';

/** Stands for a document whose numbers lie in a hash of their own. */
const COUNTERS = '#';
/** Documents of one call: Redis does nothing else meanwhile. */
const STEP = 500;

export async function doc(context: RedisContext, collection: string, key: string): Promise<unknown> {
  const { commands, prefix } = context;
  const base = docsKey(prefix);
  const part = collectionPart(collection);
  const row = bytesOf(await commands.read('hget', `${base}:v:${part}`, key));
  if (row.toString('latin1') === COUNTERS)
    return countersOfReply(await commands.read('hgetall', `${base}:n:${part}:${key}`));
  return unsealed(context, `document ${collection} ${key}`, row) ?? null;
}

function countersOfReply(reply: unknown): Record<string, number> {
  return Object.fromEntries(fieldsOf(reply).map(([name, count]) => [name, numberOf(count)]));
}

export async function docs(
  context: RedisContext,
  collection: string,
  prefix: string,
  limit: number,
  after: string,
): Promise<{ readonly key: string; readonly value: unknown }[]> {
  const base = docsKey(context.prefix);
  const found: { key: string; value: unknown }[] = [];
  const to = upperBound(prefix);
  let from = lowerBound(prefix, after);
  while (found.length < limit) {
    const most = Math.min(STEP, limit - found.length);
    const rows = listOf(
      await context.commands.ask('read-docs', [base], [collectionPart(collection), from, to, most]),
    );
    for (let at = 0; at + 1 < rows.length; at += 2) {
      const key = bytesOf(rows[at]).toString('utf8');
      const row = rows[at + 1];
      const value = Array.isArray(row)
        ? countersOfReply(row)
        : unsealed(context, `document ${collection} ${key}`, bytesOf(row));
      if (value !== undefined) found.push({ key, value });
      from = Buffer.concat([Buffer.from('('), bytesOf(rows[at])]);
    }
    if (rows.length < 2 * most) break;
  }
  return found;
}

function lowerBound(prefix: string, after: string): Buffer {
  const [first, next] = [Buffer.from(prefix), Buffer.from(after)];
  if (after !== '' && Buffer.compare(next, first) >= 0) return Buffer.concat([Buffer.from('('), next]);
  return Buffer.concat([Buffer.from('['), first]);
}

/** Below the first key that does not begin with the prefix any more. No UTF-8 holds the byte 0xff. */
function upperBound(prefix: string): Buffer {
  if (prefix === '') return Buffer.from('+');
  return Buffer.concat([Buffer.from('('), Buffer.from(prefix), Buffer.from([0xff])]);
}

export async function saveDocs({ commands, prefix }: RedisContext, writes: readonly DocWrite[]) {
  const args: Argument[] = writes.flatMap(({ collection, key, value }) => [
    collectionPart(collection),
    key,
    value === null ? '' : seal(value),
  ]);
  if (args.length > 0) await commands.run('save-docs', [docsKey(prefix)], args);
}

/** @throws {RangeError} before anything is sent, for what is no whole number. */
export async function addCounters({ commands, prefix }: RedisContext, adds: readonly CounterAdd[]) {
  for (const { by } of adds) addTo(countersOf(null), by);
  const args = adds.flatMap(({ collection, key, by }) =>
    Object.entries(by).flatMap(([name, count]) => [collectionPart(collection), key, name, count]),
  );
  if (args.length > 0) await commands.run('add-counters', [docsKey(prefix)], args);
}
