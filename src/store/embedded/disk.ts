/**
 * Keeps LMDB from ever meeting a full disk. On ENOSPC lmdb-js 3.5.6 formats its error text into a
 * buffer that is too short for it and damages the heap of the process (mdb_page_flush in its mdb.c),
 * and a short write comes back as EIO, like a broken disk. So room is looked for before a commit.
 */
import { statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Environment, STORE_FILE, type Table } from './environment.js';

/**
 * `plenty`: all writes. `tight`: what does not add records. `none`: nothing. In `tight` the free
 * pages inside the file serve acknowledgements and the sweep, whose deletions make more of them;
 * when they are many again, records are taken although the disk is still full.
 */
export type Room = 'plenty' | 'tight' | 'none';

interface PageStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

export interface Disk {
  room(): Room;
  /** Why a write is refused, for the caller's log. */
  explain(): string;
}

/**
 * @param reserveBytes Free space below which records are refused; a quarter of it is for the other
 * writes. More than one commit can take.
 */
export function createDisk(environment: Environment, directory: string, reserveBytes: number): Disk {
  const file = path.join(directory, STORE_FILE);
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  };
  const inMib = (bytes: number) => Math.floor(bytes / 2 ** 20);
  return {
    explain: () => `the disk is full: ${inMib(freeBytes())} MiB free, ${inMib(reserveBytes)} MiB reserved`,
    room() {
      const free = freeBytes();
      if (free >= reserveBytes) return 'plenty';
      if (free < reserveBytes / 4) return 'none';
      const reusable = statSync(file).size - usedBytes(environment);
      return free >= reserveBytes / 2 && reusable >= reserveBytes / 4 ? 'plenty' : 'tight';
    },
  };
}

/** Pages that the trees hold; the rest of the file is free. */
function usedBytes(environment: Environment): number {
  return usedBy(environment.streams) + usedBy(environment.meta);
}

function usedBy(table: Table): number {
  const stats = table.getStats() as PageStats;
  return (stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages) * stats.pageSize;
}
