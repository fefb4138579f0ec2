/** Keeps two processes from writing one database: a lock file that holds the owner's process id. */
import { closeSync, constants, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';

/** Files locked by this process: the lock file cannot tell two owners in one process apart. */
const held = new Set<string>();

function lockPath(path: string): string {
  return `${path}.lock`;
}

/**
 * Takes the lock of `path`. That of a process that is gone is taken over.
 *
 * @throws {Error} when a running process holds it.
 */
export function lockFile(path: string): void {
  if (held.has(path)) throw new Error(`${path} is open already in this process`);
  if (!takeLock(path)) {
    const holder = Number.parseInt(readLock(path), 10);
    if (holder !== process.pid && isRunning(holder)) {
      throw new Error(`${path} is in use by process ${holder} (if that is wrong, remove ${lockPath(path)})`);
    }
    unlinkSync(lockPath(path));
    if (!takeLock(path)) throw new Error(`${path} was opened by another process just now`);
  }
  held.add(path);
}

function takeLock(path: string): boolean {
  try {
    const fd = openSync(lockPath(path), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    writeSync(fd, `${process.pid}\n`);
    closeSync(fd);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function readLock(path: string): string {
  try {
    return readFileSync(lockPath(path), 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Gives the lock back. */
export function unlockFile(path: string): void {
  held.delete(path);
  try {
    unlinkSync(lockPath(path));
  } catch {
    // Removed by hand meanwhile: there is nothing left to release.
  }
}
