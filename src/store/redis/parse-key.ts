/** From a key to what it is for; the reverse of keys.ts. */
import type { OwnerKind } from '../../core/model.js';
import { unescapePart } from '../../redis/owner-key.js';

/** What there is, and whether it must expire by itself. */
export const KEY_KINDS = {
  heads: true,
  records: true,
  thirdMsgIds: true,
  events: true,
  cursors: true,
  device: true,
  token: true,
  route: true,
  letters: true,
  counters: false,
  waiting: false,
  documents: false,
  store: false,
  cluster: false,
} as const;

export type KeyKind = keyof typeof KEY_KINDS;

export interface ParsedKey {
  readonly kind: KeyKind;
  /** Whose it is; null for what belongs to no owner. */
  readonly owner: {
    readonly instance: string;
    readonly kind: OwnerKind;
    readonly owner: string;
    /** Beginning of the owner's keys. */
    readonly base: string;
  } | null;
  /** The parts behind the owner or the braces: `r` and the bizType, for example. */
  readonly parts: readonly string[];
  /** Beginning of the keys of its shard. */
  readonly shard: string;
}

const OF_OWNER: Readonly<Record<string, KeyKind>> = {
  h: 'heads',
  r: 'records',
  m: 'thirdMsgIds',
  e: 'events',
  k: 'cursors',
  v: 'device',
  a: 'token',
  routes: 'route',
  feeder: 'route',
};
const OF_SHARD: Readonly<Record<string, KeyKind>> = {
  c: 'counters',
  n: 'waiting',
  q: 'waiting',
  w: 'waiting',
  l: 'letters',
};

/** Null for a key that is none of this layout. */
export function parseKey(prefix: string, key: string): ParsedKey | null {
  const close = key.indexOf('}');
  if (!key.startsWith(`${prefix}:{`) || close < 0) return null;
  const tag = key.slice(prefix.length + 2, close);
  const shard = key.slice(0, close + 1);
  const parts = key.slice(close + 2).split(':');
  const none = { owner: null, parts, shard };
  if (tag === 'docs') return { kind: 'documents', ...none };
  if (tag === 'store') return { kind: 'store', ...none };
  if (/^(nodes|mail\/|to\/|lock\/|nonce\/)/.test(tag)) return { kind: 'cluster', ...none };
  if (!/^\d+-\d+$/.test(tag)) return null;
  const [first = '', instance = '', owner = '', what = ''] = parts;
  const ofShard = OF_SHARD[first];
  if (ofShard !== undefined && !/^[udtg]$/.test(first)) return { kind: ofShard, ...none };
  const ofOwner = OF_OWNER[what];
  if (ofOwner === undefined || !/^[udtg]$/.test(first)) return null;
  const base = `${shard}:${first}:${instance}:${owner}`;
  const names = { instance: unescapePart(instance), kind: first as OwnerKind, owner: unescapePart(owner) };
  return { kind: ofOwner, owner: { ...names, base }, parts: parts.slice(3), shard };
}
