/** Turns values of the generated code into those of core/ and back. */
import { longlink } from '#proto';
import type { PointOnWire } from '../core/frames.js';
import type { PointKind } from '../core/model.js';

/** A 64-bit field as the generated decoder gives it. */
type Uint64 = number | { readonly low: number; readonly high: number } | null | undefined;

const TWO_TO_32 = 2 ** 32;
const MAX_SAFE_HIGH = 2 ** 21;

/** An unsigned 64-bit value as a safe number; larger ones become Number.MAX_SAFE_INTEGER. */
export function toSafe(value: Uint64): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'number') return Math.min(value, Number.MAX_SAFE_INTEGER);
  const high = value.high >>> 0;
  if (high >= MAX_SAFE_HIGH) return Number.MAX_SAFE_INTEGER;
  return high * TWO_TO_32 + (value.low >>> 0);
}

/** Owner kinds by their number on the wire; 0 is unspecified. */
const KINDS: readonly (PointKind | null)[] = [null, 'u', 'd', 't', 'g', 'gu'];

/** Numbers of the owner kinds on the wire. docs/protocol.md 4.1. */
export const OWNER_NUMBER: Readonly<Record<PointKind, longlink.OwnerKind>> = {
  u: longlink.OwnerKind.OWNER_USER,
  d: longlink.OwnerKind.OWNER_DEVICE,
  t: longlink.OwnerKind.OWNER_TOKEN,
  g: longlink.OwnerKind.OWNER_GLOBAL,
  gu: longlink.OwnerKind.OWNER_GLOBAL_USER,
};

/** The kind of an owner number, or null for one that this version does not know. */
export function toKind(owner: number | null | undefined): PointKind | null {
  return KINDS[owner ?? 0] ?? null;
}

/** Sync points as core/ knows them. Those of an unknown kind are left out: a newer peer may have more. */
export function toPoints(
  points: readonly longlink.SyncPoint.$Properties[] | null | undefined,
): PointOnWire[] {
  const known: PointOnWire[] = [];
  for (const point of points ?? []) {
    const kind = toKind(point.owner);
    if (kind !== null) known.push({ kind, biz: point.bizType ?? '', point: toSafe(point.point) });
  }
  return known;
}

/** Sync points for the generated encoder. */
export function fromPoints(points: readonly PointOnWire[]): longlink.SyncPoint.$Properties[] {
  return points.map((point) => ({
    owner: OWNER_NUMBER[point.kind],
    bizType: point.biz,
    point: point.point,
  }));
}
