/** Very many devices at once on one machine, heartbeats on: memory, idle processor time, then traffic. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { USER_BIZ } from '../load/longlink.js';
import { processesFor } from '../machine.js';
import { weigh, weighable } from '../memory.js';
import { delayFigures, less, more, plain } from '../report/result.js';
import { verify } from '../run.js';
import { cpuSince, usageOf } from '../server.js';
import { arrived, cpuFigures } from './common.js';
import type { Scenario } from './scenario.js';
import { deliverLines } from './throughput.js';

/** Below a worker's 1,000 new connections a second; and what the load itself can open. */
const OPEN_PER_WORKER = 500;
const MOST_OPEN_PER_SECOND = 2_500;
/** As many devices are held as come online within this; the figure says how many. */
const OPEN_LIMIT_MS = 210_000;
const COME_BACK_MS = 2_000;
const HEARTBEAT_SEC = 240;
/** What so many handshakes leave behind, garbage and code to compile, goes on for a quarter of a minute. */
const SETTLE_MS = 25_000;
const IDLE_MS = 20_000;
const CALLS_PER_SECOND = 300;

export const hold: Scenario = {
  about: '200,000 devices at once on this machine, heartbeats on, traffic flowing',
  defaults: { devices: 200_000, seconds: 20, payloadBytes: 300 },
  small: { devices: 400, seconds: 1 },
  async run(run) {
    const { devices, seconds, small } = run.options;
    const workers = Math.max(2, processesFor(devices));
    const heapDir = join(run.dir, 'heap');
    const server = await run.server({ workers: String(workers) }, { env: weighable(heapDir) });
    const pids = server
      .processes()
      .filter(({ role }) => role === 'worker')
      .map(({ pid }) => pid);
    const fleet = await run.fleet(server, {
      // One that was refused, or not answered in time, comes again; it counts as failed.
      rules: { comeBackMs: COME_BACK_MS },
      pingMs: small ? 500 : HEARTBEAT_SEC * 1000,
      longlink: { heartbeatSec: HEARTBEAT_SEC },
    });
    const base = await weigh(heapDir, pids);
    const perSecond = Math.min(MOST_OPEN_PER_SECOND, workers * OPEN_PER_WORKER);
    const held = await fleet.openWithin(perSecond, OPEN_LIMIT_MS);
    const sender = await run.sender(server, { devices: held });
    const full = await weigh(heapDir, pids);
    if (!small) await sleep(SETTLE_MS);
    const idleMs = small ? 500 : IDLE_MS;
    const idle = usageOf(server);
    await sleep(idleMs);
    const used = cpuSince(server, idle);

    const before = usageOf(server);
    const delivered = await deliverLines(run, fleet, sender, held);
    const cost = cpuFigures(server, before, held, 'delivery');
    const { received } = await fleet.refresh();
    fleet.resetDelays();
    const sent = await sender.requests({
      biz: USER_BIZ,
      connections: 64,
      seconds,
      perSecond: CALLS_PER_SECOND,
    });
    await arrived(run, fleet, received, sent.accepted);
    const delays = delayFigures('due to device', fleet.delays);
    const { online, kicks, failures } = fleet.tally();
    const wrong = await verify(fleet, sender);
    return {
      // A device that fell off while nothing was wrong with it counts as lost.
      wrong: { ...wrong, lost: wrong.lost + (held - online) },
      checked: fleet.tally().received,
      figures: [
        plain('devices online at the end', online, 'devices'),
        less('connections ended or failed', kicks + failures, 'connections'),
        less('RSS of the workers per device', (full.rss - base.rss) / held / 1024, 'KiB'),
        less('V8 heap of the workers per device', (full.heapUsed - base.heapUsed) / held / 1024, 'KiB'),
        less(
          'idle with heartbeats: CPU of the server',
          ((used.worker + used.control) * 1e5) / idleMs,
          '% of a core',
        ),
        more('one message to each: deliveries', held / delivered, 'per second'),
        ...cost,
        ...delays.figures,
      ],
      series: delays.series,
    };
  },
};
