/** One record for everybody online, while messages for single devices go on. */
import { GLOBAL_BIZ, USER_BIZ } from '../load/longlink.js';
import { delayFigures, less } from '../report/result.js';
import { verify } from '../run.js';
import { arrived, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

const ROUNDS = 5;
/** Unrelated messages a second. */
const SINGLES_PER_SECOND = 200;
const CONNECTIONS = 64;
const CALM_SECONDS = 5;

export const global: Scenario = {
  about: 'one global record to all online devices, and what it does to the others',
  defaults: { devices: 10_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const { small, devices } = run.options;
    const server = await run.server({ 'delivery.globalPacePerSecond': '1000000' }, { deliver: 'immediate' });
    const fleet = await run.fleet(server);
    const sender = await run.sender(server);
    await fleet.open(POLITE_PER_SECOND, 300_000);
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
    const last = lasts.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    return {
      wrong: await verify(fleet, sender),
      checked: fleet.tally().received,
      figures: [less('until the last device has it, median', last, 'ms'), ...quiet, ...meanwhile.figures],
      series: meanwhile.series,
    };
  },
};
