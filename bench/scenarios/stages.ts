/** Where the processor time of a delivery goes: by process, and by stage. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, mainThreadSeconds } from '../machine.js';
import { type Figure, less, median, more } from '../report/result.js';
import { readProfile, STAGE_NAMES, stagesOf, summarize } from '../report/stages.js';
import { type Run, verify } from '../run.js';
import { cpuSince, type Server, usageOf } from '../server.js';
import { POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';
import { deliverLines } from './throughput.js';

const HOOK = new URL('../load/profile-hook.js', import.meta.url).href;
const ROUNDS = 5;
/** Messages of a device in a round, and in the rounds that warm the compiler. */
const EACH = 10;
const ANSWER_MS = 30_000;
const ROLES = ['control', 'worker'] as const;

export const stages: Scenario = {
  about: 'processor time of a delivery by process and stage (parse, append, bus, session, encode, ...)',
  defaults: { devices: 5_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const { devices, small } = run.options;
    const dir = join(run.dir, 'profiles');
    mkdirSync(dir);
    const server = await run.server(
      {},
      { env: { BENCH_PROFILE_DIR: dir, NODE_OPTIONS: `--import=${HOOK}` } },
    );
    const fleet = await run.fleet(server);
    const sender = await run.sender(server);
    await fleet.open(POLITE_PER_SECOND, 120_000);
    const total = devices * EACH;
    await deliverLines(run, fleet, sender, total);
    const used = { control: [] as number[], worker: [] as number[] };
    const rates: number[] = [];
    for (let round = 0; round < (small ? 1 : ROUNDS); round += 1) {
      const before = usageOf(server);
      rates.push(total / (await deliverLines(run, fleet, sender, total)));
      const after = cpuSince(server, before);
      for (const role of ROLES) used[role].push((after[role] * 1e6) / total);
    }
    const parts = await byStage(run, server, dir, total, () => deliverLines(run, fleet, sender, total));
    return {
      wrong: await verify(fleet, sender),
      checked: fleet.tally().received,
      figures: [
        more('deliveries', median(rates), 'per second'),
        ...ROLES.map((role) => less(`${role}: all`, median(used[role]), 'us')),
        ...parts,
      ],
      series: [],
    };
  },
};

interface Threads {
  readonly main: number;
  readonly all: number;
}

/** One round more, with the profiler on: what it costs itself is in these figures. */
async function byStage(
  run: Run,
  server: Server,
  dir: string,
  total: number,
  work: () => Promise<number>,
): Promise<Figure[]> {
  const processes = server.processes().filter(({ role }) => role !== 'supervisor');
  await signalAll(dir, processes, 'begun');
  const before = processes.map(({ pid }) => threadsOf(pid));
  run.progress('with the profiler on');
  await work();
  const after = processes.map(({ pid }) => threadsOf(pid));
  await signalAll(dir, processes, 'cpuprofile');
  return ROLES.flatMap((role) => {
    const sums = new Map<string, number>();
    const put = (name: string, us: number): void => void sums.set(name, (sums.get(name) ?? 0) + us);
    processes.forEach((process, i) => {
      if (process.role !== role) return;
      const main = (after[i]?.main ?? 0) - (before[i]?.main ?? 0);
      const all = (after[i]?.all ?? 0) - (before[i]?.all ?? 0);
      const summary = summarize(readProfile(join(dir, `${process.pid}.cpuprofile`)));
      for (const [stage, time] of stagesOf(summary)) put(stage, (time / summary.busy) * main * 1e6);
      put('other threads (V8, store)', Math.max(0, all - main) * 1e6);
    });
    const whole = [...sums.values()].reduce((sum, us) => sum + us, 0);
    return [...STAGE_NAMES, 'other threads (V8, store)'].flatMap((stage) => {
      const us = sums.get(stage);
      if (us === undefined) return [];
      const share = `${((us * 100) / whole).toFixed(1)} % of the process`;
      return [less(`${role}: ${stage}`, us / total, 'us', share)];
    });
  });
}

function threadsOf(pid: number): Threads {
  return { main: mainThreadSeconds(pid), all: cpuSeconds(pid) };
}

async function signalAll(dir: string, processes: readonly { pid: number }[], answer: string): Promise<void> {
  for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
  const deadline = performance.now() + ANSWER_MS;
  for (const { pid } of processes)
    while (!existsSync(join(dir, `${pid}.${answer}`))) {
      if (performance.now() > deadline) throw new Error(`process ${pid} did not answer with ${answer}`);
      await sleep(20);
    }
}
