/** Devices come back to 10, 1,000 and 10,000 stored messages each. */
import type { DeviceFleet } from '../fleet.js';
import { USER_BIZ } from '../load/longlink.js';
import {
  addWrong,
  type Figure,
  less,
  more,
  NOTHING_WRONG,
  type Series,
  type Wrong,
} from '../report/result.js';
import { type Run, verify } from '../run.js';
import { residentByRole, type Server } from '../server.js';
import { ARRIVE_MS, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

/** Stored messages of one device, and how many devices come back to so many. */
const CASES = [
  { each: 10, share: 1 },
  { each: 1_000, share: 0.05 },
  { each: 10_000, share: 0.005 },
];
const SMALL_CASES = [
  { each: 10, share: 1 },
  { each: 300, share: 0.05 },
];

export const backlog: Scenario = {
  about: 'devices come back to 10, 1,000 and 10,000 stored messages each',
  defaults: { devices: 5_000, payloadBytes: 300 },
  small: { devices: 100 },
  async run(run) {
    const server = await run.server();
    const figures: Figure[] = [];
    const series: Series[] = [];
    let wrong: Wrong = NOTHING_WRONG;
    let checked = 0;
    let first = 0;
    for (const { each, share } of run.options.small ? SMALL_CASES : CASES) {
      const devices = Math.max(1, Math.round(run.options.devices * share));
      const place = { devices, firstDevice: first };
      const sender = await run.sender(server, place);
      run.progress(`storing ${each} messages each for ${devices} devices`);
      const total = devices * each;
      const sent = await sender.lines({ biz: USER_BIZ, total });
      if (sent.refused > 0) throw new Error(`${sent.refused} lines refused: ${sent.refusals.join(' ')}`);
      const fleet = await run.fleet(server, place);
      const drained = await drain(run, server, fleet, total);
      const name = `${devices} devices, ${each} each`;
      figures.push(
        less(`${name}: until all is acknowledged`, drained.seconds, 's'),
        more(`${name}: messages`, total / drained.seconds, 'per second'),
        less(
          `${name}: RSS of the workers while draining, above before`,
          drained.workerBytes / 2 ** 20,
          'MiB',
        ),
        less(`${name}: RSS of control while draining, above before`, drained.controlBytes / 2 ** 20, 'MiB'),
      );
      series.push({
        name: `${name}: messages received`,
        xUnit: 's',
        yUnit: 'per second',
        points: fleet.received,
      });
      wrong = addWrong(wrong, await verify(fleet, sender));
      checked += fleet.tally().received;
      await fleet.close();
      first += devices;
    }
    return { wrong, checked, figures, series };
  },
};

async function drain(run: Run, server: Server, fleet: DeviceFleet, total: number) {
  const before = residentByRole(server);
  let workerBytes = 0;
  let controlBytes = 0;
  const started = performance.now();
  const opened = fleet.open(POLITE_PER_SECOND, ARRIVE_MS);
  await fleet.until(`${total} messages`, ARRIVE_MS * 5, ({ received }) => {
    const now = residentByRole(server);
    workerBytes = Math.max(workerBytes, now.worker - before.worker);
    controlBytes = Math.max(controlBytes, now.control - before.control);
    run.progress(`${received} of ${total} messages`);
    return received >= total;
  });
  await opened;
  return { seconds: (performance.now() - started) / 1000, workerBytes, controlBytes };
}
