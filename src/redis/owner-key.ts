/**
 * Keys that lie with an owner in Redis. What stands between the first `{` and the first `}` of a key
 * decides its slot, so everything of one owner shares this beginning: one script may touch all of it.
 */
import type { OwnerKind } from '../core/model.js';

/** @param owner may hold braces: the slot is then that of a shorter name, the same for all of its keys. */
export function ownerTag(instance: string, kind: OwnerKind, owner: string): string {
  return `{${instance}/${kind}/${owner}}`;
}

/**
 * Hash of the nodes that hold live sessions of the owner (`u` or `d`): member of the cluster to the
 * epoch of its newest session of the owner. Written by src/cluster; an append reads its fields, so
 * that it knows whom to wake. A member may be dead: its fields go later.
 */
export function routesKey(prefix: string, instance: string, kind: OwnerKind, owner: string): string {
  return `${prefix}${ownerTag(instance, kind, owner)}:routes`;
}
