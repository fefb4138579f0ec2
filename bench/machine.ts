/** What a run ran on, and what its processes used, from /proc. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Clock ticks of /proc in a second. */
const TICKS = 100;
const PAGE_BYTES = 4096;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** One-minute load average when the run began: other work makes its figures doubtful. */
  readonly loadAtStart: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    loadAtStart: loadAverage(),
  };
}

/** Of one minute. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** Commit of the working tree, with `+` when it was changed since; `unknown` outside a repository. */
export function describeCommit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** Processor seconds, user and system, of a process; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/stat`);
}

/** The same of its first thread, which is the one that runs JavaScript. */
export function mainThreadSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/task/${pid}/stat`);
}

function secondsIn(path: string): number {
  const fields = statFields(path);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS;
}

export function residentBytes(pid: number): number {
  return Number(statFields(`/proc/${pid}/stat`)[21] ?? 0) * PAGE_BYTES;
}

/** Resident bytes of a process: its own, and pages of files, such as the store that it has mapped. */
export function residentParts(pid: number): { readonly anonymous: number; readonly file: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { anonymous: bytes('RssAnon'), file: bytes('RssFile') + bytes('RssShmem') };
}

/** Fields of a `stat` of /proc from the third on: the second may hold blanks. */
function statFields(path: string): string[] {
  try {
    const text = readFileSync(path, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Children of a process with their command lines. */
export function childrenOf(pid: number): { readonly pid: number; readonly command: string }[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return pids.map((child) => ({
      pid: Number(child),
      command: readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' '),
    }));
  } catch {
    return [];
  }
}

/** Bytes of kernel memory in socket buffers and TCP structures, of the whole machine. */
export function kernelSocketBytes(): number {
  return buffersBytes() + slabBytes();
}

function buffersBytes(): number {
  const tcp = /^TCP: .* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1];
  return Number(tcp ?? 0) * PAGE_BYTES;
}

/** Slabs of sockets and their files; readable by root only. */
function slabBytes(): number {
  try {
    let bytes = 0;
    for (const line of readFileSync('/proc/slabinfo', 'utf8').split('\n')) {
      const [name = '', active, , size] = line.split(/\s+/);
      if (/^(TCP|TCPv6|sock_inode_cache|filp|eventpoll_epi|eventpoll_pwq)$/.test(name))
        bytes += Number(active) * Number(size);
    }
    return bytes;
  } catch {
    return 0;
  }
}

/** Connections of one process, below its limit of open files with some to spare. */
export const CONNECTIONS_PER_PROCESS = 18_000;

/** Processes that so many connections need. */
export function processesFor(connections: number): number {
  return Math.max(1, Math.ceil(connections / CONNECTIONS_PER_PROCESS));
}

/** The half of the cores for the server and the half for the load, or null for each when they share all. */
export interface Cores {
  readonly server: readonly number[] | null;
  readonly load: readonly number[] | null;
}

/**
 * @param wish `auto`, `none`, or `SERVER:LOAD` as lists of core numbers, such as `0,1:2,3`.
 * @throws {RangeError} when it is none of these
 */
export function chooseCores(wish: string): Cores {
  if (wish === 'none') return { server: null, load: null };
  if (wish === 'auto') {
    const all = Array.from({ length: availableParallelism() }, (_, core) => core);
    const half = Math.ceil(all.length / 2);
    return all.length < 2
      ? { server: null, load: null }
      : { server: all.slice(0, half), load: all.slice(half) };
  }
  const lists = wish.split(':').map((list) => list.split(',').map(Number));
  const [server, load] = lists;
  if (lists.length !== 2 || server === undefined || load === undefined || lists.flat().some(Number.isNaN))
    throw new RangeError(`--pin ${wish}: auto, none, or SERVER:LOAD such as 0:1`);
  return { server, load };
}
