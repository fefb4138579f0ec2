/**
 * One writer per data directory. The lock is a file that names its holder; it is created by linking a
 * finished file into place, so that nobody reads half of one. After kill -9 it stays behind, and is
 * told from a living one by the start time of its process: a process id alone comes back.
 */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const LOCK_FILE = 'writer.lock';
/** Taking over a stale lock is a few system calls; who died amidst them does not block the next. */
const TAKEOVER_MS = 10_000;

interface Holder {
  readonly pid: number;
  /** Ticks since boot, from /proc; empty where there is none. */
  readonly started: string;
  /** Boot and process-id namespace in which the two mean something. */
  readonly place: string;
}

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

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
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
  const holder = parseHolder(readText(file));
  if (holder === null || !isAlive(holder)) return;
  throw new Error(`the store in ${directory} is in use by process ${holder.pid}`);
}

/** A process of another boot or container cannot be asked for; its number says nothing here. */
function isAlive(holder: Holder): boolean {
  const now = holderOf(holder.pid);
  if (now.place !== holder.place) return false;
  if (holder.started !== '') return now.started === holder.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function holderOf(pid: number): Holder {
  const stat = readText(`/proc/${pid}/stat`);
  // Fields 3 and 22; the second, the name in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Killed, and not yet collected by its parent: such a process holds nothing any more.
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  const started = dead ? '' : (fields[19] ?? '');
  const boot = readText('/proc/sys/kernel/random/boot_id').trim();
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the process id has to do.
  }
  return { pid, started, place: `${boot} ${namespace}` };
}

function parseHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
