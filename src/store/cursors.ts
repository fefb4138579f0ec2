/** How cursors of one reader are merged: the same for every driver. Pure. */
import { type Cursor, DAY_MS, MAX_RETENTION_MS, RECENT_ADVANCES } from '../core/model.js';

/** A device forgets where it stood for users it has not served for this long. */
export const FOREIGN_CURSOR_MS = 60 * DAY_MS;

function sameStream(a: Cursor, b: Cursor): boolean {
  return a.kind === b.kind && a.owner === b.owner && a.biz === b.biz;
}

/**
 * One cursor after an update. `acked` never goes back and dead ids are united; attempts and their
 * back-off belong to the oldest open record, so they are taken from whichever side is further.
 */
export function mergeCursor(old: Cursor, update: Cursor): Cursor {
  const nowMs = Math.max(old.ackedMs, update.ackedMs);
  const behind = update.acked < old.acked;
  const leader = behind ? old : update;
  return {
    kind: old.kind,
    owner: old.owner,
    biz: old.biz,
    acked: leader.acked,
    ackedMs: update.acked === old.acked ? nowMs : leader.ackedMs,
    attempts: leader.attempts,
    nextAttemptMs: leader.nextAttemptMs,
    attemptOf: leader.attemptOf,
    suspectTo: leader.suspectTo,
    dead: uniteDead(old.dead, update.dead, nowMs),
    recent: uniteRecent(old.recent, update.recent),
  };
}

/** An id carries its time, so a dead one is forgotten when its record can no longer exist. */
function uniteDead(a: readonly number[], b: readonly number[], nowMs: number): readonly number[] {
  if (a.length === 0 && b.length === 0) return a;
  const oldest = (nowMs - MAX_RETENTION_MS) * 1000;
  return [...new Set([...a, ...b])].filter((id) => id >= oldest).sort((x, y) => x - y);
}

function uniteRecent(a: Cursor['recent'], b: Cursor['recent']): Cursor['recent'] {
  // Nearly always the new advances come after the old ones.
  if ((a.at(-1)?.[0] ?? 0) < (b[0]?.[0] ?? Number.POSITIVE_INFINITY) && isAscending(b)) return joined(a, b);
  const byId = new Map<number, readonly [number, number]>();
  for (const advance of [...a, ...b]) if (!byId.has(advance[0])) byId.set(advance[0], advance);
  return [...byId.values()].sort((x, y) => x[0] - y[0]).slice(-RECENT_ADVANCES);
}

/** The newest of both, without an array in between. */
function joined(a: Cursor['recent'], b: Cursor['recent']): Cursor['recent'] {
  if (b.length === 0) return a;
  const all: (readonly [number, number])[] = [];
  for (let at = Math.max(0, a.length + b.length - RECENT_ADVANCES); at < a.length + b.length; at++) {
    const advance = at < a.length ? a[at] : b[at - a.length];
    if (advance !== undefined) all.push(advance);
  }
  return all;
}

function isAscending(advances: Cursor['recent']): boolean {
  for (let at = 1; at < advances.length; at++)
    if ((advances[at]?.[0] ?? 0) <= (advances[at - 1]?.[0] ?? 0)) return false;
  return true;
}

/**
 * All cursors of a reader after some updates, in the order they were first written. Those of users
 * that no update names and that stood still for `FOREIGN_CURSOR_MS` are dropped.
 */
export function mergeCursors(stored: readonly Cursor[], updates: readonly Cursor[]): Cursor[] {
  const merged = [...stored];
  for (const update of updates) {
    const at = merged.findIndex((cursor) => sameStream(cursor, update));
    const old = merged[at];
    if (old === undefined) merged.push(mergeCursor({ ...update, dead: [], recent: [] }, update));
    else merged[at] = mergeCursor(old, update);
  }
  const newestMs = merged.reduce((newest, cursor) => Math.max(newest, cursor.ackedMs), 0);
  return merged.filter((cursor) => {
    if (cursor.kind !== 'u' && cursor.kind !== 'gu') return true;
    if (cursor.ackedMs >= newestMs - FOREIGN_CURSOR_MS) return true;
    return updates.some((update) => update.owner === cursor.owner);
  });
}

type CursorRow = readonly [
  Cursor['kind'],
  string,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  readonly number[],
  readonly number[],
];

/**
 * Advances one after the other, each as its distance from the one before: half the bytes and half the
 * time. Indexed loops, because taking pairs apart makes an iterator and a result object for each.
 */
function packAdvances(advances: Cursor['recent']): number[] {
  const packed: number[] = [];
  let lastId = 0;
  let lastMs = 0;
  for (const advance of advances) {
    packed.push(advance[0] - lastId, advance[1] - lastMs);
    lastId = advance[0];
    lastMs = advance[1];
  }
  return packed;
}

function unpackAdvances(packed: readonly number[]): Cursor['recent'] {
  const advances: (readonly [number, number])[] = [];
  let id = 0;
  let ms = 0;
  for (let at = 0; at + 1 < packed.length; at += 2) {
    id += packed[at] ?? 0;
    ms += packed[at + 1] ?? 0;
    advances.push([id, ms]);
  }
  return advances;
}

/** Cursors as JSON rows without names: a handshake reads them, every acknowledgement writes them. */
export function cursorRows(cursors: readonly Cursor[]): CursorRow[] {
  return cursors.map((c) => [
    c.kind,
    c.owner,
    c.biz,
    c.acked,
    c.ackedMs,
    c.attempts,
    c.nextAttemptMs,
    c.attemptOf,
    c.suspectTo,
    c.dead,
    packAdvances(c.recent),
  ]);
}

/** The reverse of `cursorRows`, of a value that passed its CRC. */
export function cursorsOfRows(rows: unknown): Cursor[] {
  return (rows as CursorRow[]).map((row) => ({
    kind: row[0],
    owner: row[1],
    biz: row[2],
    acked: row[3],
    ackedMs: row[4],
    attempts: row[5],
    nextAttemptMs: row[6],
    attemptOf: row[7],
    suspectTo: row[8],
    dead: row[9],
    recent: unpackAdvances(row[10]),
  }));
}
