/** Ends what is stored for a deleted configuration, in bounded steps. */
import type { StreamKey } from '../../core/model.js';
import { escapePart, SHARDS, shardKey } from '../../redis/owner-key.js';
import { chunks, settled } from './calls.js';
import {
  bytesOf,
  listOf,
  numberOf,
  type RedisContext,
  refOf,
  streamArgs,
  textOf,
  unsealed,
} from './context.js';
import { literally } from './keys.js';
import { createScanner, type Scanner } from './scan.js';
import { ownerOfKey } from './sweep.js';

/** Keys that SCAN looks at in one step. */
const KEYS = 1000;
/** What waits, looked at in one step. */
const WAITING = 500;

export interface Deleter {
  /** @returns how many records and waiting requests are gone; 0 only after a whole round without one. */
  deleteStreams(instance: string, biz: string, max: number): Promise<number>;
}

export function createDeleter(context: RedisContext): Deleter {
  /** Where the last step of a deletion stopped. */
  const scanners = new Map<string, { readonly scanner: Scanner; found: string[] }>();

  const endStreams = async (instance: string, biz: string, max: number): Promise<number> => {
    const pattern = `${literally(context.prefix)}:{*}:?:${literally(escapePart(instance))}:*:r:${literally(escapePart(biz))}`;
    const known = scanners.get(pattern);
    const place = known ?? { scanner: createScanner(context, pattern), found: [] };
    scanners.set(pattern, place);
    let ended = 0;
    // A round that began before this call may have passed what has come since.
    let roundsLeft = known === undefined ? 1 : 2;
    while (ended < max) {
      const [key] = place.found;
      if (key !== undefined) {
        const count = await endFirst(context, key, biz, max - ended);
        ended += count;
        if (count === 0) place.found.shift();
        continue;
      }
      if (roundsLeft === 0 || (ended > 0 && roundsLeft === 1)) {
        if (roundsLeft === 0) scanners.delete(pattern);
        break;
      }
      const { keys, wrapped } = await place.scanner.next(KEYS);
      place.found.push(...keys);
      if (wrapped) roundsLeft--;
    }
    return ended;
  };
  return {
    async deleteStreams(instance, biz, max) {
      const ended = await endStreams(instance, biz, max);
      return ended < max ? ended + (await forgetWaiting(context, { instance, biz }, max - ended)) : ended;
    },
  };
}

async function endFirst(context: RedisContext, key: string, biz: string, max: number): Promise<number> {
  const owner = ownerOfKey(key);
  if (owner === null) return 0;
  const ref = refOf(context, { ...owner, biz });
  const reply = await context.commands.run(
    'end-first',
    [ref.base, ref.shard],
    [...streamArgs(context, ref), max],
  );
  return numberOf(reply);
}

async function forgetWaiting(
  context: RedisContext,
  { instance, biz }: Pick<StreamKey, 'instance' | 'biz'>,
  max: number,
): Promise<number> {
  const { commands } = context;
  const shards = Array.from({ length: SHARDS }, (_, n) => shardKey(context.prefix, n));
  const sizes = await settled(shards.map((shard) => commands.read('hlen', `${shard}:w`)));
  let gone = 0;
  for (const shard of shards.filter((_, at) => numberOf(sizes[at]) > 0)) {
    let cursor = '0';
    do {
      const [next, rows] = listOf(await commands.read('hscan', `${shard}:w`, cursor, 'COUNT', WAITING));
      cursor = textOf(next);
      const names = waitingOf(context, shard, listOf(rows), instance, biz).slice(0, max - gone);
      for (const some of chunks(names, WAITING))
        gone += numberOf(await commands.run('forget-waiting', [shard], some));
      if (gone === max) return gone;
    } while (cursor !== '0');
  }
  return gone;
}

/** Names of what waits for a bizType, of a flat list of names and rows. */
function waitingOf(
  context: RedisContext,
  shard: string,
  rows: readonly unknown[],
  instance: string,
  biz: string,
): string[] {
  const names: string[] = [];
  for (let at = 0; at + 1 < rows.length; at += 2) {
    const row = unsealed(context, `${shard}:w`, bytesOf(rows[at + 1])) as { stream: StreamKey } | undefined;
    if (row?.stream.instance === instance && row.stream.biz === biz) names.push(textOf(rows[at]));
  }
  return names;
}
