/** Walking the keys of all primaries, a bounded step at a time. */
import type { Redis } from 'ioredis';
import { StoreUnavailable } from '../../core/ports.js';
import type { RedisConnection } from '../../redis/connection.js';
import { asStoreError } from '../../redis/errors.js';
import { listOf, type RedisContext, textOf } from './context.js';
import { literally } from './keys.js';

export interface Scanner {
  /**
   * The next keys that match; `count` is how many keys are looked at, roughly. What is there all along
   * is found in every round, possibly twice.
   */
  next(count: number): Promise<{ readonly keys: readonly string[]; readonly wrapped: boolean }>;
}

/** @param pattern as of SCAN. Where the primaries change during a round, the round begins again. */
export function createScanner({ connection }: Pick<RedisContext, 'connection'>, pattern: string): Scanner {
  let round: Redis[] = [];
  let node = 0;
  let cursor = '0';
  return {
    async next(count) {
      const primaries = connection.primaries();
      if (primaries.length === 0) throw new StoreUnavailable('no primary of Redis is known');
      if (primaries.length !== round.length || primaries.some((one) => !round.includes(one))) {
        round = primaries;
        node = 0;
        cursor = '0';
      }
      const client = round[node];
      if (client === undefined) throw new StoreUnavailable('no primary of Redis is known');
      const [next, keys] = await client
        .call('scan', cursor, 'MATCH', pattern, 'COUNT', count)
        .then(listOf, (error: unknown) => Promise.reject(asStoreError(error)));
      cursor = textOf(next);
      if (cursor === '0') node = (node + 1) % round.length;
      return { keys: listOf(keys).map(textOf), wrapped: cursor === '0' && node === 0 };
    },
  };
}

const STEP = 500;

/** All keys under the prefix of a connection, some at a time; some may come twice. */
export async function* listKeys(connection: RedisConnection): AsyncGenerator<readonly string[]> {
  const scanner = createScanner({ connection }, `${literally(connection.settings.prefix)}:*`);
  for (let wrapped = false; !wrapped; ) {
    const step = await scanner.next(STEP);
    wrapped = step.wrapped;
    yield step.keys;
  }
}
