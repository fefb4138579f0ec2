/**
 * One writer per data directory. The lock is a file that names its holder; it is created by linking a
 * finished file into place, so that nobody reads half of one. After kill -9 it stays behind, and is
 * told from a living one by the start time of its process: a process id alone comes back.
 */
import { linkSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf, type Holder, holderOf, isAlive, readHolder, readText } from './holder.js';

const LOCK_FILE = 'writer.lock';
/** Taking over a stale lock is a few system calls; who died amidst them does not block the next. */
const TAKEOVER_MS = 10_000;

/**
 * @returns Gives the lock back.
 * @throws {Error} naming the process that holds the directory.
 */
export function lockDirectory(directory: string): () => void {
  const file = path.join(directory, LOCK_FILE);
  const own = JSON.stringify(holderOf(process.pid));
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, own, { mode: 0o600 });
  try {
    if (!tryLink(draft, file)) takeOver(directory, file, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readText(file) === own) rmSync(file, { force: true });
  };
}

/** Two that find the same stale lock must not both win: replacing it is itself done under a lock. */
function takeOver(directory: string, file: string, draft: string): void {
  refuseIfHeld(directory, file);
  const guard = `${file}.takeover`;
  try {
    if (Date.now() - statSync(guard).mtimeMs > TAKEOVER_MS) rmdirSync(guard);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    mkdirSync(guard);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Error(`another process is just opening the store in ${directory}`);
  }
  try {
    refuseIfHeld(directory, file);
    rmSync(file, { force: true });
    if (!tryLink(draft, file)) refuseIfHeld(directory, file);
  } finally {
    rmdirSync(guard);
  }
}

function refuseIfHeld(directory: string, file: string): void {
  const holder = readHolder(file);
  if (holder === null || !isAlive(holder)) return;
  throw new Error(`the store in ${directory} is in use by process ${holder.pid}`);
}

/** The process that holds the directory for writing; null when none does, or it is gone. */
export function writerOf(directory: string): Holder | null {
  const holder = readHolder(path.join(directory, LOCK_FILE));
  return holder !== null && isAlive(holder) ? holder : null;
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
