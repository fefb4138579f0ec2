/**
 * Who was bound to a device when. Kept in the device record, because a broadcast asks for it whenever
 * the device connects; a connection's own user is in the session. docs/protocol.md 3.2 and 3.5.
 */
import type { Binding, DeviceRecord } from './model.js';

/** The newest are kept. */
export const MAX_BINDINGS = 10;

/** Oldest first. A record from before this was kept knows the user bound last only. */
export function bindingsOf({ bindings, user, seenMs }: DeviceRecord): readonly Binding[] {
  if (bindings !== undefined) return bindings;
  return user === '' ? [] : [{ user, boundMs: seenMs, unboundMs: 0, by: 'link' }];
}

/** The user bound now, or empty. */
export function userOf(record: DeviceRecord): string {
  const last = bindingsOf(record).at(-1);
  return last?.unboundMs === 0 ? last.user : '';
}

/** The record with the user bound; the same record when he is already. One user at a time. */
export function withUser(record: DeviceRecord, user: string, atMs: number, by: Binding['by']): DeviceRecord {
  const bindings = bindingsOf(record);
  const last = bindings.at(-1);
  if (last?.unboundMs === 0 && last.user === user) {
    // The word of a back end stays its word when the device repeats it.
    if (last.by === by || by === 'link') return record;
    return { ...record, bindings: [...bindings.slice(0, -1), { ...last, by }] };
  }
  const ended = endLast(bindings, atMs, by);
  const next: Binding = { user, boundMs: atMs, unboundMs: 0, by };
  return { ...record, user, bindings: [...ended, next].slice(-MAX_BINDINGS) };
}

/** The record without a bound user; the same record when there is none. */
export function withoutUser(record: DeviceRecord, atMs: number, by: Binding['by']): DeviceRecord {
  return userOf(record) === '' ? record : { ...record, bindings: endLast(bindingsOf(record), atMs, by) };
}

function endLast(bindings: readonly Binding[], atMs: number, by: Binding['by']): readonly Binding[] {
  const last = bindings.at(-1);
  if (last === undefined || last.unboundMs !== 0) return bindings;
  // Not 0, which would mean bound.
  return [...bindings.slice(0, -1), { ...last, unboundMs: Math.max(1, atMs), by }];
}

/** Who is bound when a device says Hello, and its record then. */
export interface HelloBinding {
  readonly record: DeviceRecord;
  readonly user: string;
  /** A back end has said otherwise than the Hello. */
  readonly overruled: boolean;
}

/**
 * A device names its user in every Hello, so a Hello that names one whom a back end has unbound here is
 * a repetition and no new binding; `BindUser` is one. A Hello without a user unbinds nobody: the app may
 * not have got so far.
 *
 * @param proven the device holds the Ad-token that a back end knows it by: a new one is bound to nobody
 */
export function bindAtHello(
  record: DeviceRecord,
  named: string,
  proven: boolean,
  atMs: number,
): HelloBinding {
  const last = bindingsOf(record).at(-1);
  const byApi = last?.by === 'api' && proven;
  const bound = byApi && last.unboundMs === 0 ? last.user : '';
  if (named === '') {
    const kept = !proven && last?.by === 'api' ? withoutUser(record, atMs, 'link') : record;
    return { record: kept, user: bound, overruled: bound !== '' };
  }
  if (named !== bound && proven && wasUnboundByApi(record, named))
    return { record, user: bound, overruled: true };
  return { record: withUser(record, named, atMs, 'link'), user: named, overruled: false };
}

function wasUnboundByApi(record: DeviceRecord, user: string): boolean {
  const last = bindingsOf(record).findLast((binding) => binding.user === user);
  return last !== undefined && last.unboundMs !== 0 && last.by === 'api';
}

/**
 * Since when a user is bound to the device, in wall ms; negated, since when none is; 0 when none ever
 * was. One number, because every session carries it.
 */
export function boundSince(record: DeviceRecord): number {
  const last = bindingsOf(record).at(-1);
  if (last === undefined) return 0;
  return last.unboundMs === 0 ? Math.max(1, last.boundMs) : -last.unboundMs;
}
