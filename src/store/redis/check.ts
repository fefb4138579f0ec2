/**
 * `longlink store check`: walks all keys of a deployment and holds them against the layout: what must
 * expire and does not, heads that do not fit their records, what nothing leads to, sums that are wrong.
 */
import type { RedisConnection } from '../../redis/connection.js';
import { unescapePart } from '../../redis/owner-key.js';
import { unseal } from '../record.js';
import { settled } from './calls.js';
import { checkStream } from './check-stream.js';
import { type Commands, createCommands } from './commands.js';
import { bytesOf, numberOf, type RedisContext, textOf } from './context.js';
import { literally } from './keys.js';
import { KEY_KINDS, type KeyKind, type ParsedKey, parseKey } from './parse-key.js';
import { conservation, device, fieldsOf, STAMP_BYTES } from './reads.js';
import { createScanner } from './scan.js';

/** Keys looked at in one step. */
const STEP = 500;

export interface StoreReport {
  /** How many keys there are of each kind, and their bytes in Redis' memory, if asked for. */
  readonly kinds: ReadonlyMap<KeyKind, { readonly keys: number; readonly bytes: number }>;
  readonly records: number;
  /** One line each. */
  readonly problems: readonly string[];
  /** Ways from old Ad-tokens that lead nowhere any more; they expire by themselves. */
  readonly staleTokens: number;
}

interface Walk extends RedisContext {
  readonly kinds: Map<KeyKind, { keys: number; bytes: number }>;
  /** Records found, by `instance:biz` as among the counters. */
  readonly counted: Map<string, number>;
  readonly problems: string[];
  readonly withMemory: boolean;
  staleTokens: number;
}

/**
 * Looks at every key. Beside a server at work, a stream that looks wrong is looked at again before it is
 * told; the sums are compared only when nothing was written meanwhile.
 *
 * @param onStep told after each step how many keys have been seen.
 */
export async function checkRedisStore(
  connection: RedisConnection,
  withMemory: boolean,
  onStep: (keys: number) => void = () => {},
): Promise<StoreReport> {
  const commands = createCommands(connection);
  const walk: Walk = {
    connection,
    commands,
    options: { isSingleReader: () => false, onCorrupt: () => {} },
    prefix: connection.settings.prefix,
    idFloor: 0,
    kinds: new Map(),
    counted: new Map(),
    problems: [],
    withMemory,
    staleTokens: 0,
  };
  const before = await conservation(walk);
  const scanner = createScanner(walk, `${literally(walk.prefix)}:*`);
  let seen = 0;
  for (let wrapped = false; !wrapped; ) {
    const step = await scanner.next(STEP);
    wrapped = step.wrapped;
    // A key may come twice in a round, but nearly always in one step.
    await settled([...new Set(step.keys)].map((key) => checkKey(walk, key)));
    seen += step.keys.length;
    onStep(seen);
  }
  const after = await conservation(walk);
  if (JSON.stringify(before) === JSON.stringify(after)) compareSums(walk, after);
  else walk.problems.push('the counters changed during the walk: their sums were not compared');
  commands.close();
  const records = [...walk.counted.values()].reduce((sum, count) => sum + count, 0);
  return { kinds: walk.kinds, records, problems: walk.problems, staleTokens: walk.staleTokens };
}

async function checkKey(walk: Walk, key: string): Promise<void> {
  const { commands, prefix, problems } = walk;
  const parsed = parseKey(prefix, key);
  if (parsed === null) {
    problems.push(`${key}: no key of this layout`);
    return;
  }
  const ttl = numberOf(await commands.read('pttl', key));
  // Gone since it was found.
  if (ttl === -2) return;
  const bytes = walk.withMemory ? await memoryOf(walk, key) : 0;
  const known = walk.kinds.get(parsed.kind) ?? { keys: 0, bytes: 0 };
  walk.kinds.set(parsed.kind, { keys: known.keys + 1, bytes: known.bytes + bytes });
  if (KEY_KINDS[parsed.kind] && ttl === -1) problems.push(`${key}: never expires`);
  await checkContent(walk, key, parsed);
}

/** In Redis' own count, all elements looked at. MEMORY's key is its second word, so it goes as a script. */
async function memoryOf({ commands }: Walk, key: string): Promise<number> {
  return numberOf(await commands.ask('memory-usage', [key], []));
}

async function checkContent(walk: Walk, key: string, parsed: ParsedKey): Promise<void> {
  const { commands, problems } = walk;
  const { kind, owner, parts } = parsed;
  switch (kind) {
    case 'heads':
      if (owner !== null) await checkOwner(walk, key, owner);
      return;
    case 'records':
    case 'thirdMsgIds':
      if (owner !== null && !(await isNamed(commands, owner.base, parts)))
        problems.push(`${key}: no head of a stream leads to it`);
      return;
    case 'cursors':
    case 'device': {
      const row = bytesOf(await commands.read('get', key));
      const sealed = kind === 'cursors' ? row.subarray(STAMP_BYTES) : row;
      if (row.length > 0 && unseal(sealed) === undefined) problems.push(`${key}: its checksum is wrong`);
      return;
    }
    case 'token':
      if (owner !== null) await checkToken(walk, key, owner);
      return;
    case 'waiting':
    case 'letters':
    case 'documents':
      await checkPair(walk, key, parsed);
  }
}

async function checkOwner(walk: Walk, key: string, owner: NonNullable<ParsedKey['owner']>): Promise<void> {
  for (const [biz] of fieldsOf(await walk.commands.read('hgetall', key))) {
    const found = await checkStream(walk, owner.base, biz);
    const again = found.problems.length > 0 ? await checkStream(walk, owner.base, biz) : found;
    walk.problems.push(...again.problems);
    const { instance } = owner;
    const name = JSON.stringify([instance, unescapePart(biz)]);
    walk.counted.set(name, (walk.counted.get(name) ?? 0) + again.records);
  }
}

/** Whether the head of its stream knows of a list of records, or of a bucket of thirdMsgIds. */
async function isNamed(commands: Commands, base: string, [what, biz = '', bucket]: readonly string[]) {
  const head = textOf(await commands.read('hget', `${base}:h`, biz));
  if (head === '') return false;
  const [, , first = 0, last = 0] = head.split(' ').map(Number);
  return what === 'r' || (Number(bucket) >= first && Number(bucket) <= last);
}

async function checkToken(walk: Walk, key: string, owner: NonNullable<ParsedKey['owner']>): Promise<void> {
  const found = await device(walk, owner.instance, { adToken: owner.owner });
  if (found === null && numberOf(await walk.commands.read('exists', key)) === 1) walk.staleTokens++;
}

/** An ordered set and a hash that have the same names. */
async function checkPair({ commands, problems }: Walk, key: string, { kind, parts, shard }: ParsedKey) {
  const [first = ''] = parts;
  const other =
    kind === 'waiting'
      ? first === 'q' && `${shard}:w`
      : kind === 'letters'
        ? parts[2] === 'k' && `${shard}:l:${parts[1]}:v`
        : first === 'k' && `${shard}:v:${parts[1]}`;
  if (other === false) return;
  const [names, rows] = await settled([commands.read('zcard', key), commands.read('hlen', other)]);
  if (numberOf(names) !== numberOf(rows))
    problems.push(`${key} has ${numberOf(names)} names, ${other} ${numberOf(rows)} rows`);
}

function compareSums(walk: Walk, sums: Awaited<ReturnType<typeof conservation>>): void {
  const counted = new Map(walk.counted);
  for (const sum of sums) {
    const { accepted, retained, expired, consumed, trimmed, revoked, deleted } = sum;
    const name = JSON.stringify([sum.instance, sum.biz]);
    const found = counted.get(name) ?? 0;
    counted.delete(name);
    if (found !== retained)
      walk.problems.push(`${sum.instance} ${sum.biz}: retained ${retained}, counted ${found}`);
    if (accepted !== retained + expired + consumed + trimmed + revoked + deleted)
      walk.problems.push(`${sum.instance} ${sum.biz}: ${JSON.stringify(sum)} does not add up`);
  }
  for (const [name, found] of counted)
    if (found > 0) walk.problems.push(`${name}: ${found} records that no counter knows of`);
}
