/** What an idle device costs: memory of the workers and of the kernel, and processor time of nothing. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Weight, weigh, weighable } from '../memory.js';
import { addWrong, less, plain } from '../report/result.js';
import { verify } from '../run.js';
import { cpuSince, type Server, usageOf } from '../server.js';
import { POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';
import { deliverLines } from './throughput.js';

/** Devices of a first fleet: what the first ones make grow is not theirs. */
const WARM_UP_SHARE = 0.2;
const IDLE_MS = 10_000;
const SMALL_IDLE_MS = 500;

export const density: Scenario = {
  about: 'memory and processor time of idle devices',
  defaults: { devices: 10_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const { devices, small } = run.options;
    const heapDir = join(run.dir, 'heap');
    const server = await run.server({}, { env: weighable(heapDir) });
    const warm = Math.ceil(devices * WARM_UP_SHARE);
    const rest = devices - warm;
    const first = await run.fleet(server, { devices: warm });
    const sender = await run.sender(server, { devices: warm });
    await first.open(POLITE_PER_SECOND, 120_000);
    await deliverLines(run, first, sender, warm);
    const base = await weighRoles(heapDir, server);

    const second = await run.fleet(server, { devices: rest, firstDevice: warm });
    const later = await run.sender(server, { devices: rest, firstDevice: warm });
    await second.open(POLITE_PER_SECOND, 300_000);
    await deliverLines(run, second, later, rest);
    const full = await weighRoles(heapDir, server);
    const idleMs = small ? SMALL_IDLE_MS : IDLE_MS;
    const idle = usageOf(server);
    await sleep(idleMs);
    const used = cpuSince(server, idle);
    const share = (seconds: number): number => (seconds * 1000 * 100) / idleMs;
    const each = (before: number, after: number): number => (after - before) / rest / 1024;
    return {
      wrong: addWrong(await verify(first, sender), await verify(second, later)),
      checked: first.tally().received + second.tally().received,
      figures: [
        less('RSS of the workers per device', each(base.workers.rss, full.workers.rss), 'KiB'),
        less('V8 heap of the workers per device', each(base.workers.heapUsed, full.workers.heapUsed), 'KiB'),
        less('RSS of control per device', each(base.control.rss, full.control.rss), 'KiB'),
        less(
          'kernel socket memory per device, both ends',
          each(base.control.kernelSockets, full.control.kernelSockets),
          'KiB',
        ),
        plain('RSS of the workers', full.workers.rss / 2 ** 20, 'MiB'),
        plain('RSS of control', full.control.rss / 2 ** 20, 'MiB'),
        less('idle: CPU of the workers', share(used.worker), '% of a core'),
        less('idle: CPU of control', share(used.control), '% of a core'),
      ],
      series: [],
    };
  },
};

async function weighRoles(dir: string, server: Server): Promise<{ workers: Weight; control: Weight }> {
  const pids = (role: string): number[] =>
    server
      .processes()
      .filter((process) => process.role === role)
      .map(({ pid }) => pid);
  return { workers: await weigh(dir, pids('worker')), control: await weigh(dir, pids('control')) };
}
