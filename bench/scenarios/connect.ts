/** New connections at full speed: plain, TLS with a full handshake, TLS resumed. */
import type { DeviceFleet } from '../fleet.js';
import { delayFigures, type Figure, less, more, NOTHING_WRONG } from '../report/result.js';
import type { Run } from '../run.js';
import { cpuSince, type Server, type Settings, usageOf } from '../server.js';
import type { Scenario } from './scenario.js';

/** Admission is for bad days; here it would be what is measured. */
export const NO_ADMISSION: Settings = {
  'link.acceptPerSecond': '100000',
  'link.connectionsPerAddress': '1000000',
  'link.flapConnectsPerMinute': '10000',
};
const AT_ONCE = 128;

const KINDS = [
  { name: 'plain', tls: false, handshakes: 'full' },
  { name: 'TLS full', tls: true, handshakes: 'full' },
  { name: 'TLS resumed', tls: true, handshakes: 'resumed' },
] as const;

export const connect: Scenario = {
  about: 'new connections a second and core, plain, TLS full and resumed',
  defaults: { devices: 4_000, seconds: 5 },
  small: { devices: 300, seconds: 0.5 },
  async run(run) {
    const server = await run.server(NO_ADMISSION);
    const figures: Figure[] = [];
    let checked = 0;
    let lost = 0;
    for (const kind of KINDS) {
      const { tls, handshakes, name } = kind;
      const port = tls ? server.ports.tls : server.ports.tcp;
      const fleet = await run.fleet(server, { rules: { tls, handshakes, port }, history: null });
      run.progress(name);
      figures.push(...(await measure(run, server, fleet, name)));
      const { welcomes, kicks, failures } = fleet.tally();
      checked += welcomes;
      // A connection that was wished for and not accepted.
      lost += kicks + failures;
      await fleet.stop();
    }
    return { wrong: { ...NOTHING_WRONG, lost }, checked, figures, series: [] };
  },
};

async function measure(run: Run, server: Server, fleet: DeviceFleet, name: string): Promise<Figure[]> {
  await fleet.churn(AT_ONCE, run.options.seconds / 5);
  fleet.resetDelays();
  const welcomed = (await fleet.refresh()).welcomes;
  const before = usageOf(server);
  const started = performance.now();
  await fleet.churn(AT_ONCE, run.options.seconds);
  const seconds = (performance.now() - started) / 1000;
  const count = (await fleet.refresh()).welcomes - welcomed;
  const used = cpuSince(server, before);
  return [
    more(`${name}: handshakes`, count / seconds, 'per second'),
    more(`${name}: handshakes per core of the workers`, count / used.worker, 'per second'),
    less(`${name}: CPU of the workers per handshake`, (used.worker * 1000) / count, 'ms'),
    less(`${name}: CPU of control per handshake`, (used.control * 1000) / count, 'ms'),
    ...delayFigures(name, fleet.connectTimes).figures,
  ];
}
