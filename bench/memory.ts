/** Memory of processes after their garbage is collected. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelSocketBytes, residentBytes } from './machine.js';

const HOOK = new URL('./load/gc-hook.js', import.meta.url).href;
const ANSWER_MS = 30_000;
/** What the allocator gives back, it gives back a little later. */
const SETTLE_MS = 500;

/** Environment of processes that are to be weighed. */
export function weighable(dir: string): Record<string, string> {
  mkdirSync(dir, { recursive: true });
  return { BENCH_HEAP_DIR: dir, NODE_OPTIONS: `--import=${HOOK}` };
}

export interface Weight {
  readonly rss: number;
  readonly heapUsed: number;
  /** Of the whole machine. */
  readonly kernelSockets: number;
}

/** Collects garbage in processes started with `weighable(dir)`, and adds up what they hold then. */
export async function weigh(dir: string, pids: readonly number[]): Promise<Weight> {
  let rss = 0;
  let heapUsed = 0;
  for (const pid of pids) {
    const file = join(dir, `${pid}.json`);
    rmSync(file, { force: true });
    process.kill(pid, 'SIGUSR2');
    const deadline = performance.now() + ANSWER_MS;
    while (!existsSync(file)) {
      if (performance.now() > deadline) throw new Error(`process ${pid} did not say what it holds`);
      await sleep(20);
    }
    heapUsed += (JSON.parse(readFileSync(file, 'utf8')) as { readonly heapUsed: number }).heapUsed;
  }
  await sleep(SETTLE_MS);
  for (const pid of pids) rss += residentBytes(pid);
  return { rss, heapUsed, kernelSockets: kernelSocketBytes() };
}
