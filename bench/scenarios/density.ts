/** What an idle device costs: memory of the workers and of the kernel, and processor time of nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelSocketBytes } from '../machine.js';
import { addWrong, less, plain } from '../report/result.js';
import { verify } from '../run.js';
import { cpuSince, residentByRole, type Server, usageOf } from '../server.js';
import { POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';
import { deliverLines } from './throughput.js';

/** Devices of a first fleet: what the first ones make grow is not theirs. */
const WARM_UP_SHARE = 0.2;
const IDLE_MS = 10_000;
const SETTLE_MS = 3_000;

export const density: Scenario = {
  about: 'memory and processor time of idle devices',
  defaults: { devices: 10_000, seconds: 10, payloadBytes: 300 },
  small: { devices: 200, seconds: 0.5 },
  async run(run) {
    const { devices, small } = run.options;
    const server = await run.server();
    const warm = Math.ceil(devices * WARM_UP_SHARE);
    const rest = devices - warm;
    const first = await run.fleet(server, { devices: warm });
    const sender = await run.sender(server, { devices: warm });
    await first.open(POLITE_PER_SECOND, 120_000);
    await deliverLines(run, first, sender, warm);
    const base = await settled(server, small);

    const second = await run.fleet(server, { devices: rest, firstDevice: warm });
    const later = await run.sender(server, { devices: rest, firstDevice: warm });
    await second.open(POLITE_PER_SECOND, 300_000);
    await deliverLines(run, second, later, rest);
    const full = await settled(server, small);
    const idle = usageOf(server);
    const idleMs = small ? 500 : IDLE_MS;
    await sleep(idleMs);
    const used = cpuSince(server, idle);
    const share = (seconds: number): number => (seconds * 1000 * 100) / idleMs;
    const each = (a: number, b: number): number => (b - a) / rest / 1024;
    return {
      wrong: addWrong(await verify(first, sender), await verify(second, later)),
      checked: first.tally().received + second.tally().received,
      figures: [
        less('RSS of the workers per device', each(base.workers, full.workers), 'KiB'),
        less('RSS of control per device', each(base.control, full.control), 'KiB'),
        less('kernel socket memory per device, both ends', each(base.kernel, full.kernel), 'KiB'),
        plain('RSS of the workers', full.workers / 2 ** 20, 'MiB'),
        plain('RSS of control', full.control / 2 ** 20, 'MiB'),
        less('idle: CPU of the workers', share(used.worker), '% of a core'),
        less('idle: CPU of control', share(used.control), '% of a core'),
      ],
      series: [],
    };
  },
};

interface Held {
  readonly workers: number;
  readonly control: number;
  readonly kernel: number;
}

/** What is held when what can be freed is freed. */
async function settled(server: Server, small: boolean): Promise<Held> {
  await sleep(small ? 200 : SETTLE_MS);
  const { worker, control } = residentByRole(server);
  return { workers: worker, control, kernel: kernelSocketBytes() };
}
