/** Highest rate of persisted, acknowledged deliveries to online devices, by NDJSON and by single requests. */
import type { DeviceFleet } from '../fleet.js';
import { USER_BIZ } from '../load/longlink.js';
import { delayFigures, type Figure, more, plain } from '../report/result.js';
import { type Run, type Sender, verify } from '../run.js';
import { type Server, usageOf } from '../server.js';
import { arrived, cpuFigures, keepAhead, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

/** Messages that may be under way: between what the sender sent and the devices have. */
const AHEAD = 16_384;
const REQUEST_CONNECTIONS = 64;
/** Messages of a first round that warms the compiler. */
const WARM_UP = 5;

export const throughput: Scenario = {
  about: 'highest rate of persisted, acknowledged deliveries to online devices',
  defaults: { devices: 5_000, seconds: 10, payloadBytes: 300 },
  small: { devices: 200, seconds: 1 },
  async run(run) {
    const server = await run.server();
    const fleet = await run.fleet(server);
    const sender = await run.sender(server);
    await fleet.open(POLITE_PER_SECOND, 120_000);
    await deliverLines(run, fleet, sender, run.options.devices * WARM_UP);
    const { enqueue } = run.options;
    const lines = enqueue === 'requests' ? [] : await byLines(run, server, fleet, sender);
    const requests = enqueue === 'lines' ? [] : await byRequests(run, server, fleet, sender);
    const wrong = await verify(fleet, sender);
    const { received, redelivered } = fleet.tally();
    return {
      wrong,
      checked: received,
      figures: [...lines, ...requests, plain('sent again before their ack', redelivered, 'messages')],
      series: [{ name: 'messages received', xUnit: 's', yUnit: 'per second', points: fleet.received }],
    };
  },
};

/** Sends so many messages by NDJSON and waits until the devices have them. @returns seconds. */
export async function deliverLines(
  run: Run,
  fleet: DeviceFleet,
  sender: Sender,
  total: number,
): Promise<number> {
  const before = (await fleet.refresh()).received;
  const ahead = keepAhead(fleet, sender, AHEAD);
  const started = performance.now();
  const sent = await sender.lines({ biz: USER_BIZ, total, granted: AHEAD });
  if (sent.refused > 0) throw new Error(`${sent.refused} lines refused: ${sent.refusals.join(' ')}`);
  await arrived(run, fleet, before, total);
  await ahead.stop();
  return (performance.now() - started) / 1000;
}

async function byLines(run: Run, server: Server, fleet: DeviceFleet, sender: Sender): Promise<Figure[]> {
  // A first guess of the rate, so that the run takes about as long as asked for.
  const probe = run.options.devices * WARM_UP;
  const rate = probe / (await deliverLines(run, fleet, sender, probe));
  const total = Math.max(probe, Math.round(rate * run.options.seconds));
  const before = usageOf(server);
  const seconds = await deliverLines(run, fleet, sender, total);
  return [
    more('NDJSON: deliveries', total / seconds, 'per second'),
    ...named('NDJSON: ', cpuFigures(server, before, total, 'delivery')),
  ];
}

async function byRequests(run: Run, server: Server, fleet: DeviceFleet, sender: Sender): Promise<Figure[]> {
  const received = (await fleet.refresh()).received;
  fleet.resetDelays();
  const before = usageOf(server);
  const started = performance.now();
  const { seconds } = run.options;
  const sent = await sender.requests({
    biz: USER_BIZ,
    connections: REQUEST_CONNECTIONS,
    seconds,
    perSecond: 0,
  });
  if (sent.refused > 0) throw new Error(`${sent.refused} requests refused: ${sent.refusals.join(' ')}`);
  await arrived(run, fleet, received, sent.accepted);
  const took = (performance.now() - started) / 1000;
  return [
    more('single requests: deliveries', sent.accepted / took, 'per second'),
    ...named('single requests: ', cpuFigures(server, before, sent.accepted, 'delivery')),
    ...named('single requests: ', delayFigures('API to device', fleet.delays).figures),
  ];
}

function named(prefix: string, figures: readonly Figure[]): Figure[] {
  return figures.map((figure) => ({ ...figure, name: prefix + figure.name }));
}
