/** Copying a store while it is in use, and starting again from a copy. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { cursorsOfRows } from '../cursors.js';
import { unseal } from '../record.js';
import { type Environment, openEnvironment, prepareDirectory, STORE_FILE } from './environment.js';
import { checkFormat, migrate } from './format.js';
import { FIRST_STREAM_KIND, parseStreamRow, ReaderTag, Tag } from './keys.js';
import { lockDirectory } from './lock.js';
import { openReading } from './opening.js';
import { decodeEntry, parseTail } from './tail.js';
import { raiseIdFloor, readIdFloor } from './writer-state.js';

/**
 * Ids that the lost server may have given out after the copy are those of the time since, so the
 * floor is now; the hour on top covers a clock that ran ahead. In microseconds, as ids are.
 */
const RESTORE_MARGIN = 3_600_000_000;

/**
 * Copies the store of `source` into the directory `target`, as of one moment, while a server writes
 * on. The copy is complete and on the disk when this resolves.
 *
 * @throws {Error} when there is no store in `source` or `target` holds anything.
 */
export async function backupStore(source: string, target: string): Promise<void> {
  prepareEmpty(target);
  const environment = await openReading(source);
  const draft = path.join(target, `${STORE_FILE}.part`);
  try {
    checkFormat(environment);
    // One read transaction beside the writer, which may be this process.
    await environment.root.backup(draft, true);
    finishFile(draft, target);
  } finally {
    rmSync(draft, { force: true });
    await environment.root.close();
  }
}

/**
 * Makes `target` a data directory out of a copy that `backupStore` made. What was acknowledged after
 * the copy is lost; its ids are not given out again, so that devices do not take new data for old.
 *
 * @param wallMs Now.
 * @returns The floor under all new ids.
 * @throws {Error} when `target` holds anything, or the copy cannot be read by this version.
 */
export async function restoreStore(source: string, target: string, wallMs: number): Promise<number> {
  const from = path.join(source, STORE_FILE);
  if (!existsSync(from)) throw new Error(`no store in ${source}`);
  prepareEmpty(target);
  const unlock = lockDirectory(target);
  try {
    const draft = path.join(target, `${STORE_FILE}.part`);
    copyFileSync(from, draft);
    finishFile(draft, target);
    return await raiseFloor(target, wallMs);
  } catch (error) {
    // Half a restore must not pass for a store.
    for (const file of [STORE_FILE, `${STORE_FILE}.part`]) rmSync(path.join(target, file), { force: true });
    throw error;
  } finally {
    unlock();
  }
}

async function raiseFloor(target: string, wallMs: number): Promise<number> {
  const environment = openEnvironment(target, 'writer');
  try {
    await migrate(environment);
    const floor = Math.max(Math.ceil(wallMs * 1000), highestId(environment)) + RESTORE_MARGIN;
    if (!Number.isSafeInteger(floor)) throw new RangeError(`no id floor at ${wallMs}`);
    await environment.root.batch(() => {
      raiseIdFloor((key, value) => void environment.meta.put(key, value), floor);
    });
    return floor;
  } finally {
    await environment.root.close();
  }
}

/** The highest id that any row speaks of. Reads the whole store. */
function highestId(environment: Environment): number {
  let highest = readIdFloor(environment);
  for (const { key, value } of environment.streams.getRange({})) {
    if ((key[4] ?? 0) < FIRST_STREAM_KIND) {
      highest = Math.max(highest, highestAcked(key, value));
      continue;
    }
    const row = parseStreamRow(key);
    const tail = row.tag === Tag.TAIL ? parseTail(value) : null;
    const dedupe = row.tag === Tag.DEDUPE ? decodeEntry(value).id : 0;
    highest = Math.max(highest, row.id, tail?.last ?? 0, dedupe);
  }
  return highest;
}

function highestAcked(key: Buffer, value: Buffer): number {
  if (key.at(-1) !== ReaderTag.CURSORS) return 0;
  const rows = unseal(value);
  return rows === undefined ? 0 : cursorsOfRows(rows).reduce((max, cursor) => Math.max(max, cursor.acked), 0);
}

function prepareEmpty(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new Error(`${directory} is not empty: nothing is overwritten`);
  prepareDirectory(directory);
}

/** Renames only what is on the disk, so that a file of the right name is a whole one. */
function finishFile(draft: string, directory: string): void {
  chmodSync(draft, 0o600);
  sync(draft);
  renameSync(draft, path.join(directory, STORE_FILE));
  sync(directory);
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
