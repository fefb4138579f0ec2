/**
 * How keys begin, for all folders that keep something in Redis.
 *
 * `<prefix>:{<shard>}:<kind>:<instance>:<owner>:<what>` is a key of an owner. What stands in the braces
 * decides its slot, and an owner always has the same shard: so one script may touch all of an owner,
 * and what the owners of a shard have in common (counters, what waits for its time), at once. With a
 * slot for each owner the latter would have no place to be in.
 */
import { crc32 } from 'node:zlib';
import type { OwnerKind } from '../core/model.js';

/**
 * Part of the layout: with another number nothing stored is found again. Few enough to look at one by
 * one each second, many enough to share a Cluster of some dozens of primaries evenly.
 */
export const SHARDS = 256;
const SLOTS = 16_384;

/** `17-3`: shard 17 of all, and a number that makes its slot lie where shard 17 of 256 belongs. */
let tags: readonly string[] | undefined;

/** What stands in the braces, by shard: evenly spread over the slots, so that equal ranges hold equally many. */
export function shardTags(): readonly string[] {
  tags ??= Array.from({ length: SHARDS }, (_, shard) => {
    for (let n = 0; ; n++) {
      const tag = `${shard}-${n}`;
      if (Math.floor(keySlot(tag) / (SLOTS / SHARDS)) === shard) return tag;
    }
  });
  return tags;
}

/** The shard of an owner, and of what is kept with a reader of the same kind and name. */
export function shardOf(instance: string, kind: OwnerKind, owner: string): number {
  return crc32(`${instance}\0${kind}${owner}`) % SHARDS;
}

/** Beginning of all keys of a shard that belong to no owner. */
export function shardKey(prefix: string, shard: number): string {
  return `${prefix}:{${shardTags()[shard]}}`;
}

/** Beginning of all keys of an owner, and of the reader of that name; a colon and what it is follow. */
export function ownerKey(prefix: string, instance: string, kind: OwnerKind, owner: string): string {
  const shard = shardKey(prefix, shardOf(instance, kind, owner));
  return `${shard}:${kind}:${escapePart(instance)}:${escapePart(owner)}`;
}

/**
 * Hash of the nodes that hold live sessions of the owner (`u` or `d`): member of the cluster to the
 * epoch of its newest session of the owner. Written by src/cluster; an append reads its fields, so
 * that it knows whom to wake. A member may be dead: its fields go later.
 */
export function routesKey(prefix: string, instance: string, kind: OwnerKind, owner: string): string {
  return `${ownerKey(prefix, instance, kind, owner)}:routes`;
}

/** A name as one part of a key: without the colon that parts them. */
export function escapePart(name: string): string {
  return /[%:]/.test(name) ? name.replaceAll('%', '%25').replaceAll(':', '%3A') : name;
}

/** The reverse of `escapePart`. */
export function unescapePart(part: string): string {
  return part.includes('%') ? part.replaceAll('%3A', ':').replaceAll('%25', '%') : part;
}

/** The slot of a Cluster that a key without braces, or the text in them, lies in (CRC-16/XMODEM). */
export function keySlot(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return (crc & 0xffff) % SLOTS;
}
