/** Which sync points fit into a Hello. docs/protocol.md 2.2 and 4.6. */
import type { PointOnWire } from '../core/frames.js';

/** A server reads 4 KiB before the Hello is whole; so much of it may be points. */
const MAX_BYTES = 2_800;
/** Bytes of a point beside its bizType. */
const POINT_BYTES = 15;
/** Points of one frame: below what a server takes by default. */
const MAX_POINTS = 100;

/** The newest points, as many as fit; the rest in groups for RegisterBiz frames after the Welcome. */
export function splitPoints(points: readonly PointOnWire[]): {
  readonly hello: PointOnWire[];
  readonly later: PointOnWire[][];
} {
  const newestFirst = [...points].sort((a, b) => b.point - a.point);
  let bytes = 0;
  let count = 0;
  for (const { biz } of newestFirst.slice(0, MAX_POINTS)) {
    bytes += POINT_BYTES + Buffer.byteLength(biz);
    if (bytes > MAX_BYTES) break;
    count += 1;
  }
  const later: PointOnWire[][] = [];
  for (let i = count; i < newestFirst.length; i += MAX_POINTS)
    later.push(newestFirst.slice(i, i + MAX_POINTS));
  return { hello: newestFirst.slice(0, count), later };
}
