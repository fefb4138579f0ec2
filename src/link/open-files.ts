import { readFileSync } from 'node:fs';

/** Assumed where the limit cannot be read. */
const FALLBACK = 1024;

/** The process's soft limit of open files, as the kernel has it (Node raises it to the hard limit). */
export function readOpenFileLimit(): number {
  try {
    const line = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (line?.[1] === 'unlimited') return Number.MAX_SAFE_INTEGER;
    const limit = Number(line?.[1]);
    return Number.isSafeInteger(limit) && limit > 0 ? limit : FALLBACK;
  } catch {
    return FALLBACK;
  }
}
