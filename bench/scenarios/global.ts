/** One record for everybody online, while messages for single devices go on. */
import { GLOBAL_BIZ, USER_BIZ } from '../load/longlink.js';
import { processesFor } from '../machine.js';
import { startBareFleet } from '../peers/bare-fleet.js';
import { delayFigures, type Figure, less, median } from '../report/result.js';
import { type Run, verify } from '../run.js';
import { ARRIVE_MS, arrived } from './common.js';
import { NO_ADMISSION } from './connect.js';
import type { Scenario } from './scenario.js';

const ROUNDS = 5;
/** Unrelated messages a second. */
const SINGLES_PER_SECOND = 200;
const CONNECTIONS = 64;
const CALM_SECONDS = 5;
const OPEN_PER_SECOND = 2_000;
/** One that was not answered in time while all of them connect comes again. */
const COME_BACK_MS = 2_000;

export const global: Scenario = {
  about:
    'one global record to all online devices, what it does to the others, and the bare platform writing as much',
  defaults: { devices: 10_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const { small, devices } = run.options;
    const workers = String(processesFor(devices));
    const settings = { ...NO_ADMISSION, workers, 'delivery.globalPacePerSecond': '1000000' };
    const server = await run.server(settings, { deliver: 'immediate' });
    const fleet = await run.fleet(server, { rules: { comeBackMs: COME_BACK_MS } });
    const sender = await run.sender(server);
    await fleet.open(OPEN_PER_SECOND, 300_000);
    const singles = { biz: USER_BIZ, connections: CONNECTIONS, perSecond: SINGLES_PER_SECOND };

    let before = (await fleet.refresh()).received;
    fleet.resetDelays();
    const calm = await sender.requests({ ...singles, seconds: small ? 0.5 : CALM_SECONDS });
    await arrived(run, fleet, before, calm.accepted);
    const quiet = delayFigures('single messages before', fleet.delays).figures;

    before = (await fleet.refresh()).received;
    fleet.resetDelays();
    const lasts: number[] = [];
    let calls = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      fleet.globalDelays.reset();
      const others = sender.requests({ ...singles, seconds: small ? 0.2 : 1 });
      const sent = await sender.lines({ biz: GLOBAL_BIZ, total: 1, global: true });
      if (sent.refused > 0) throw new Error(`refused: ${sent.refusals.join(' ')}`);
      calls += (await others).accepted;
      await arrived(run, fleet, before, calls + (round + 1) * devices);
      lasts.push(fleet.globalDelays.max / 1000);
    }
    const meanwhile = delayFigures('single messages meanwhile', fleet.delays);
    const last = median(lasts);
    const wrong = await verify(fleet, sender);
    const checked = fleet.tally().received;
    await fleet.close();
    await server.kill();
    const bare = await bareWrites(run);
    const p99 = (figures: readonly Figure[]): number =>
      figures.find(({ name }) => name.endsWith('p99'))?.value ?? Number.NaN;
    return {
      wrong,
      checked,
      figures: [
        less('until the last device has it, median', last, 'ms'),
        less('bare platform: until the last device has it, median', bare, 'ms'),
        less('until the last device has it, of that of the bare platform', last / bare, 'times'),
        less(
          'p99 of single messages meanwhile, of that before',
          p99(meanwhile.figures) / p99(quiet),
          'times',
        ),
        ...quiet,
        ...meanwhile.figures,
      ],
      series: meanwhile.series,
    };
  },
};

/** The bare platform writes a message to every socket in one go. @returns ms to the last, a median. */
async function bareWrites(run: Run): Promise<number> {
  const bare = await startBareFleet(run, { comeBackMs: COME_BACK_MS });
  await bare.open(OPEN_PER_SECOND, 300_000);
  const lasts: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) lasts.push(await bare.broadcast(ARRIVE_MS));
  await bare.close();
  return median(lasts);
}
