/**
 * Ends what is past its time. An owner whose streams have nothing to end, by the bound in their heads,
 * costs one read. That several processes sweep at once does no harm, and no good.
 */
import type { OwnerKind, StreamKey } from '../../core/model.js';
import type { SweepResult } from '../../core/ports.js';
import { unescapePart } from '../../redis/owner-key.js';
import { DEDUPE_MS } from '../options.js';
import { settled } from './calls.js';
import { listOf, numberOf, type RedisContext, refOf, streamArgs } from './context.js';
import { literally, storeKey } from './keys.js';
import { sweepLetters } from './letters.js';
import { type HeadRow, headsOfReply } from './reads.js';
import { createScanner } from './scan.js';

/** Keys that SCAN looks at for one owner that is wanted: an owner has records, thirdMsgIds, cursors beside. */
const KEYS_FOR_OWNER = 10;
/** Steps of SCAN in one step of the sweep. */
const SCANS = 4;
/** Records that one script looks at: Redis does nothing else meanwhile. */
const RECORDS = 1000;
/** As in lib.lua. */
export const BUCKET_MS = 864_000_000;

export interface Sweeper {
  sweep(wallMs: number, budget: number): Promise<SweepResult>;
}

export function createSweeper(context: RedisContext): Sweeper {
  const { commands, prefix } = context;
  const scanner = createScanner(context, `${literally(prefix)}:{*}:[udtg]:*:h`);
  const found: string[] = [];
  let scanned = false;

  /** A few keys at a time until there are enough, or the round is over. */
  const lookOn = async (budget: number): Promise<void> => {
    for (let n = 0; n < SCANS && found.length < budget && !scanned; n++) {
      const { keys, wrapped } = await scanner.next(budget * KEYS_FOR_OWNER);
      found.push(...keys);
      scanned = wrapped;
    }
  };
  return {
    async sweep(wallMs, budget) {
      context.idFloor = await readFloor(context);
      await lookOn(budget);
      const keys = found.splice(0, budget);
      const rows = await settled(keys.map((key) => commands.read('hgetall', key)));
      const due = keys.flatMap((key, at) => dueStreams(key, headsOfReply(rows[at]), wallMs));
      const ended = await settled(due.map((stream) => sweepStream(context, stream, wallMs)));
      const expired = ended.reduce((sum, count) => sum + count, 0);
      const wrapped = scanned && found.length === 0;
      if (wrapped) scanned = false;
      const letters = wrapped ? await sweepLetters(context, wallMs, budget) : 0;
      return { scanned: keys.length + letters, expired, wrapped };
    },
  };
}

/** Streams of an owner that have something to end, by the key of its heads. */
function dueStreams(key: string, heads: readonly HeadRow[], wallMs: number): StreamKey[] {
  const owner = ownerOfKey(key);
  if (owner === null) return [];
  return heads
    .filter(({ endsMs, firstBucket, lastBucket }) => {
      const isRecordDue = endsMs > 0 && endsMs <= wallMs;
      return isRecordDue || (lastBucket > 0 && (firstBucket + 1) * BUCKET_MS + DEDUPE_MS <= wallMs);
    })
    .map(({ biz }) => ({ ...owner, biz }));
}

/** Whose a key is, or null when it is no key of an owner. */
export function ownerOfKey(key: string): Omit<StreamKey, 'biz'> | null {
  const [kind = '', instance = '', owner] = key.slice(key.indexOf('}') + 2).split(':');
  if (owner === undefined || !/^[udtg]$/.test(kind)) return null;
  return { kind: kind as OwnerKind, instance: unescapePart(instance), owner: unescapePart(owner) };
}

async function sweepStream(context: RedisContext, stream: StreamKey, wallMs: number): Promise<number> {
  const ref = refOf(context, stream);
  const fixed = [...streamArgs(context, ref), wallMs, RECORDS];
  let ended = 0;
  let [after, ends] = [0, 0];
  do {
    const reply = await context.commands.run('sweep', [ref.base, ref.shard], [...fixed, after, ends]);
    const [count = 0, next = 0, least = 0] = listOf(reply).map(numberOf);
    ended += count;
    [after, ends] = [next, least];
  } while (after > 0);
  return ended;
}

export async function readFloor({ commands, prefix }: RedisContext): Promise<number> {
  return numberOf(await commands.read('get', storeKey(prefix, 'floor')));
}
