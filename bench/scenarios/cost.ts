/** What a delivery costs with few and with very many connections on the same server. */
import { processesFor } from '../machine.js';
import { addWrong, less, median, plain } from '../report/result.js';
import { verify } from '../run.js';
import { cpuSince, usageOf } from '../server.js';
import { NO_ADMISSION } from './connect.js';
import type { Scenario } from './scenario.js';
import { deliverLines } from './throughput.js';

const FEW = 1_000;
const SMALL_FEW = 50;
/** Messages of each measurement, as many for few devices as for many; to the few in rounds. */
const MESSAGES = 100_000;
const ROUNDS = 5;
const OPEN_PER_SECOND = 2_500;
/** As many are connected as come online within this; the figure says how many. */
const OPEN_LIMIT_MS = 100_000;
const COME_BACK_MS = 2_000;

export const cost: Scenario = {
  about: 'processor time of a delivery with 100,000 connections and with 1,000',
  defaults: { devices: 100_000, payloadBytes: 300 },
  small: { devices: 400 },
  async run(run) {
    const { devices, small } = run.options;
    const few = small ? SMALL_FEW : FEW;
    const total = small ? devices : Math.max(devices, MESSAGES);
    const server = await run.server({ ...NO_ADMISSION, workers: String(processesFor(devices)) });
    const first = await run.fleet(server, { devices: few });
    const sender = await run.sender(server, { devices: few });
    await first.open(OPEN_PER_SECOND, 120_000);
    await deliverLines(run, first, sender, Math.ceil(total / 4));
    const once = async (fleet: typeof first, by: typeof sender, count: number): Promise<number> => {
      const before = usageOf(server);
      await deliverLines(run, fleet, by, count);
      const used = cpuSince(server, before);
      return ((used.control + used.worker + used.supervisor) * 1e6) / count;
    };
    const measure = async (): Promise<number> => {
      const rounds: number[] = [];
      for (let round = 0; round < (small ? 1 : ROUNDS); round += 1)
        rounds.push(await once(first, sender, Math.ceil(total / ROUNDS)));
      return median(rounds);
    };
    const alone = await measure();
    const rules = { comeBackMs: COME_BACK_MS };
    const second = await run.fleet(server, { devices: devices - few, firstDevice: few, rules });
    const opened = await second.openWithin(OPEN_PER_SECOND, OPEN_LIMIT_MS);
    const later = await run.sender(server, { devices: opened, firstDevice: few });
    const beside = await measure();
    const spread = await once(second, later, total);
    return {
      wrong: addWrong(await verify(first, sender), await verify(second, later)),
      checked: first.tally().received + second.tally().received,
      figures: [
        plain('connections', few + opened, 'devices'),
        less(`CPU per delivery, ${few} connections`, alone, 'us'),
        less('CPU per delivery to the same, the others idle', beside, 'us'),
        less('CPU per delivery to all the others', spread, 'us'),
        less('to the same, of that with few', beside / alone, 'times'),
        less('to all the others, of that with few', spread / alone, 'times'),
      ],
      series: [],
    };
  },
};
