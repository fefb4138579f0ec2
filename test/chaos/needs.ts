/** What this machine has of what a fault needs. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a command. @throws with what it said when it fails. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { stdio: 'pipe', encoding: 'utf8' });
}

/** True when the command did what it was told. */
export function canRun(command: string, ...args: readonly string[]): boolean {
  try {
    run(command, ...args);
    return true;
  } catch {
    return false;
  }
}

/** The preload library that lies about the time, or null. */
export function findFaketime(): string | null {
  const folder = '/usr/lib';
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, name, 'faketime', 'libfaketime.so.1');
    if (existsSync(path)) return path;
  }
  return null;
}

function isThere(need: string): boolean {
  if (need === 'root') return process.getuid?.() === 0;
  if (need === 'faketime') return findFaketime() !== null;
  if (need.startsWith('cgroup:')) return existsSync(`/sys/fs/cgroup/${need.slice(7)}/cgroup.procs`);
  return canRun('sh', '-c', `command -v ${need}`);
}

/** The needs that are not there. */
export function missing(needs: readonly string[]): string[] {
  return needs.filter((need) => !isThere(need));
}
