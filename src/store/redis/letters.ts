/** Dead letters: a list by time for each instance. */
import type { DeadLetter } from '../../core/ports.js';
import { DEAD_LETTER_MS } from '../options.js';
import { seal } from '../record.js';
import { chunks, settled } from './calls.js';
import { bytesOf, listOf, numberOf, type RedisContext, textOf, unsealed } from './context.js';
import { KEPT_MS, letterName, lettersFrom, lettersKey, storeKey } from './keys.js';

/** Letters looked at for one page when a bizType is asked for. */
const MAX_SCANNED = 5000;
const STEP = 200;
/** Letters that one script forgets: Lua hands a command no more than some thousand names. */
const MAX_FORGOTTEN = 1000;

export async function saveLetters(context: RedisContext, letters: readonly DeadLetter[]): Promise<void> {
  const { commands, prefix } = context;
  const byInstance = new Map<string, DeadLetter[]>();
  for (const letter of letters) {
    const { instance } = letter.stream;
    byInstance.set(instance, [...(byInstance.get(instance) ?? []), letter]);
  }
  await settled(
    [...byInstance].map(async ([instance, all]) => {
      // First who has letters, so that the sweep finds all of them.
      await commands.write('sadd', storeKey(prefix, 'letters'), instance);
      for (const some of chunks(all, STEP)) await write(context, 'add', instance, some);
    }),
  );
}

async function write(
  { commands, prefix }: RedisContext,
  how: 'add' | 'change',
  instance: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  const rows = letters.flatMap((letter) => [letterName(letter), seal(letter)]);
  await commands.run('save-letters', [lettersKey(prefix, instance)], [how, KEPT_MS.letters, ...rows]);
}

export async function markResent(context: RedisContext, letter: DeadLetter, id: number): Promise<void> {
  await write(context, 'change', letter.stream.instance, [{ ...letter, resentAs: id }]);
}

export async function deadLetters(
  context: RedisContext,
  instance: string,
  query: { readonly biz?: string; readonly after?: string; readonly limit: number },
) {
  const { commands, prefix } = context;
  const key = lettersKey(prefix, instance);
  const letters: DeadLetter[] = [];
  let last = query.after ? Buffer.from(query.after, 'base64url').toString('utf8') : '';
  for (let scanned = 0; ; ) {
    const from = last === '' ? '-' : `(${last}`;
    const names = listOf(await commands.read('zrangebylex', `${key}:k`, from, '+', 'LIMIT', 0, STEP));
    if (names.length === 0) return { letters, next: '' };
    const rows = listOf(await commands.read('hmget', `${key}:v`, ...names.map(bytesOf)));
    for (const [at, name] of names.entries()) {
      if (letters.length >= query.limit || scanned >= MAX_SCANNED)
        return { letters, next: Buffer.from(last).toString('base64url') };
      scanned++;
      last = textOf(name);
      const letter = unsealed(context, `${key} ${last}`, bytesOf(rows[at])) as DeadLetter | undefined;
      if (letter && (query.biz === undefined || letter.stream.biz === query.biz)) letters.push(letter);
    }
  }
}

/**
 * Forgets letters whose time of being listed is over; at most `budget` of each instance.
 *
 * @returns how many.
 */
export async function sweepLetters(context: RedisContext, wallMs: number, budget: number): Promise<number> {
  const { commands, prefix } = context;
  const instances = listOf(await commands.read('smembers', storeKey(prefix, 'letters'))).map(textOf);
  const below = lettersFrom(wallMs - DEAD_LETTER_MS + 1);
  const most = Math.min(budget, MAX_FORGOTTEN);
  const removed = await settled(
    instances.map((instance) =>
      commands.run('forget-letters', [lettersKey(prefix, instance)], [below, most]),
    ),
  );
  return removed.reduce<number>((sum, count) => sum + numberOf(count), 0);
}
