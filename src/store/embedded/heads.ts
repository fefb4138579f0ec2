/** The heads of an owner's streams, and finding the last id of one stream. */
import type { Head, HeadsWanted, OwnerKind } from '../../core/model.js';
import { readId } from '../record.js';
import { type Environment, lastKey } from './environment.js';
import { behind, ownerPrefix, parseStreamRow, recordKey, streamPrefix, Tag, tagKey } from './keys.js';
import type { Names } from './names.js';
import { parseTail } from './tail.js';

/** Up to so many streams are cheaper to ask for one by one than to look for from behind the owner's rows. */
const FEW_BIZS = 16;

interface Source {
  readonly environment: Environment;
  readonly names: Names;
}

/** The heads that are wanted of one owner, in the present snapshot. */
export function headsOf(source: Source, instanceName: string, wanted: HeadsWanted): Head[] {
  const instance = source.names.instance(instanceName);
  if (instance === undefined) return [];
  const { kind, owner, bizs } = wanted;
  return bizs !== undefined && bizs.length <= FEW_BIZS
    ? headsOfFew(source, instance, kind, owner, bizs)
    : headsOfAll(source, instance, kind, owner);
}

function headsOfFew(
  { environment, names }: Source,
  instance: number,
  kind: OwnerKind,
  owner: string,
  bizs: readonly string[],
): Head[] {
  const heads: Head[] = [];
  for (const biz of bizs) {
    const number = names.biz(biz);
    if (number === undefined) continue;
    const last = committedLast(environment, streamPrefix(instance, kind, owner, number));
    if (last > 0) heads.push({ kind, owner, biz, last });
  }
  return heads;
}

/** Walks the owner's streams backwards: from behind each bizType's rows one seek finds its last id. */
function headsOfAll(
  { environment, names }: Source,
  instance: number,
  kind: OwnerKind,
  owner: string,
): Head[] {
  const first = ownerPrefix(instance, kind, owner);
  const heads: Head[] = [];
  let below = behind(first);
  for (;;) {
    const key = lastKey(environment.streams, below, first);
    if (key === undefined) return heads;
    const row = parseStreamRow(key);
    const last = committedLast(environment, row.prefix);
    if (last > 0) heads.push({ kind, owner, biz: names.bizName(row.biz), last });
    below = Buffer.from(row.prefix);
  }
}

/** The last id of a stream as committed; 0 without a tail, which every stream has. */
export function committedLast(environment: Environment, prefix: Buffer): number {
  const value = environment.streams.get(tagKey(prefix, Tag.TAIL));
  return value === undefined ? 0 : (parseTail(value)?.last ?? lastRecordId(environment, prefix));
}

/** The id of the last record, or 0: also what is left to go by when a tail is damaged. */
export function lastRecordId(environment: Environment, prefix: Buffer): number {
  const below = recordKey(prefix, Number.MAX_SAFE_INTEGER);
  const last = lastKey(environment.streams, below, tagKey(prefix, Tag.RECORD));
  return last === undefined ? 0 : readId(last, prefix.length + 1);
}
