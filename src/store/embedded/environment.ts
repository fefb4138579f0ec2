/** Opening the LMDB file, and the few ways it is read. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

export const STORE_FILE = 'store.mdb';
/** Address space, not disk or memory: a map that never has to move under its readers. */
const MAP_BYTES = 256 * 2 ** 30;
const MAX_READERS = 1024;

export type Table = Database<Buffer, Buffer>;

export interface Environment {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly streams: Table;
  readonly meta: Table;
}

/**
 * Opens the store file of a data directory. `overlappingSync: false` makes a resolved put mean
 * "on the disk" (in the default mode lmdb-js 3.5 resolves it although the last write of a commit
 * failed), `safeRestore` takes the last flushed state after a crash of the machine.
 *
 * @throws {Error} when it cannot be opened, or, read-only, does not exist.
 */
export function openEnvironment(directory: string, role: 'writer' | 'reader'): Environment {
  const file = path.join(directory, STORE_FILE);
  const readOnly = role === 'reader';
  if (readOnly && !existsSync(file)) throw new Error(`no store in ${directory}`);
  // permissionsMode is missing in lmdb's types.
  const options = {
    path: file,
    readOnly,
    overlappingSync: false,
    safeRestore: true,
    // Its block per turn has a promise of its own that nobody can catch when a commit fails.
    eventTurnBatching: false,
    mapSize: MAP_BYTES,
    maxReaders: MAX_READERS,
    maxDbs: 4,
    keyEncoding: 'binary',
    encoding: 'binary',
    permissionsMode: 0o600,
  } as const;
  const root = open<Buffer, Buffer>(options);
  const streams = root.openDB<Buffer, Buffer>({ name: 'streams', keyEncoding: 'binary', encoding: 'binary' });
  const meta = root.openDB<Buffer, Buffer>({ name: 'meta', keyEncoding: 'binary', encoding: 'binary' });
  return { root, streams, meta };
}

/**
 * Makes the next read see everything committed until now. lmdb-js keeps a read transaction for the
 * rest of the event-loop turn, and a wake-up may be handled in the turn of an older read.
 */
export function freshSnapshot(environment: Environment): void {
  environment.root.resetReadTxn();
}

/** Number of the last committed transaction of any process. */
export function lastTransaction(environment: Environment): number {
  return (environment.root.getStats() as { readonly lastTxnId: number }).lastTxnId;
}

/** Entries from `start` up to but without `end`, at most `limit`, read at once. */
export function readRange(
  table: Table,
  start: Buffer,
  end: Buffer,
  limit: number,
): { readonly key: Buffer; readonly value: Buffer }[] {
  return [...table.getRange({ start, end, limit })];
}

/** Keys from `start` up to but without `end`. */
export function readKeys(table: Table, start: Buffer, end: Buffer, limit: number): Buffer[] {
  return [...table.getKeys({ start, end, limit })];
}

/** The last key below `start` and not below `end`. */
export function lastKey(table: Table, start: Buffer, end: Buffer): Buffer | undefined {
  for (const key of table.getKeys({ start, end, reverse: true, limit: 1 })) return key;
  return undefined;
}

/** Makes the data directory for its owner alone. */
export function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}
