/** A process by more than its number, which comes back: for files that name one. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Holder {
  readonly pid: number;
  /** Ticks since boot, from /proc; empty where there is none. */
  readonly started: string;
  /** Boot and process-id namespace in which the two mean something. */
  readonly place: string;
}

export function holderOf(pid: number): Holder {
  const stat = readText(`/proc/${pid}/stat`);
  // Fields 3 and 22; the second, the name in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = (fields[0] === 'Z' || fields[0] === 'X') && !hasThreads(pid);
  const started = isDead ? '' : (fields[19] ?? '');
  const boot = readText('/proc/sys/kernel/random/boot_id').trim();
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the process id has to do.
  }
  return { pid, started, place: `${boot} ${namespace}` };
}

/**
 * Killed, and not yet collected by its parent, a process holds nothing any more; but its first thread
 * is shown as dead while others are still within a system call, which may be a write.
 */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch (error) {
    return isOutOfFiles(error);
  }
}

/** A process of another boot or container cannot be asked for; its number says nothing here. */
export function isAlive(holder: Holder): boolean {
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

/** Null for a file that is not there, or names nobody. */
export function readHolder(file: string): Holder | null {
  const text = readText(file);
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

/**
 * Empty for a file that cannot be read.
 *
 * @throws {Error} when this process has too many files open to tell.
 */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isOutOfFiles(error)) throw error;
    return '';
  }
}

function isOutOfFiles(error: unknown): boolean {
  return codeOf(error) === 'EMFILE' || codeOf(error) === 'ENFILE';
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
