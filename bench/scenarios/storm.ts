/** All devices are cut at once, by kill -9 of every worker, and come back while calls go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceFleet } from '../fleet.js';
import { USER_BIZ } from '../load/longlink.js';
import { processesFor } from '../machine.js';
import { startBareFleet } from '../peers/bare-fleet.js';
import { delayFigures, type Figure, less, median, medians, type Outcome } from '../report/result.js';
import { type Run, type Sender, verify } from '../run.js';
import type { Server, Settings } from '../server.js';
import { ARRIVE_MS } from './common.js';
import { NO_ADMISSION } from './connect.js';
import { samplesToHistogram } from './samples.js';
import type { Scenario } from './scenario.js';

/** Calls a second while the devices come back. */
const CALLS_PER_SECOND = 200;
const CONNECTIONS = 64;
const CALM_SECONDS = 3;
/** Share of the devices that must be back. */
const BACK_SHARE = 0.99;

interface Kind {
  readonly name: string;
  readonly settings: Settings;
  /** Upper bound of the random delay before a device comes back, ms. */
  readonly comeBackMs: number;
  readonly obeyRetryAfter: boolean;
  /** New connections a second before the storm. */
  readonly openPerSecond: number;
}

const AT_ONCE: Kind = {
  name: 'at once',
  // The load has a core for all its handshakes and is what takes longest; the bare platform gives it 120 s, too.
  settings: { ...NO_ADMISSION, 'link.tlsHandshakeTimeoutMs': '120000', 'link.helloTimeoutMs': '120000' },
  comeBackMs: 100,
  obeyRetryAfter: false,
  openPerSecond: 2_000,
};
const SHIPPED: Kind = {
  name: 'shipped limits, delays of up to 30 s',
  settings: {},
  comeBackMs: 30_000,
  obeyRetryAfter: true,
  openPerSecond: 700,
};
const ROUNDS = 5;

export const storm: Scenario = {
  about: 'every worker is killed; all devices come back at once, and so they do to the bare platform',
  defaults: { devices: 10_000, tls: true, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const { small, quick } = run.options;
    const rounds = small || quick ? 1 : ROUNDS;
    const own = await hurt(run, AT_ONCE, rounds);
    const bare = await bareStorm(run, rounds);
    return {
      ...own,
      figures: [
        ...own.figures,
        less('bare platform: until 99 % are back', median(bare), 's'),
        less(
          'at once, of the time of the bare platform',
          // Not in turn: thousands of devices of each would have to be kept at a time.
          median(own.times) / median(bare),
          'times',
        ),
      ],
    };
  },
};

export const comeback: Scenario = {
  about: 'every worker is killed; all devices come back under the shipped limits, after delays of up to 30 s',
  defaults: { devices: 10_000, tls: true, payloadBytes: 300 },
  small: { devices: 100 },
  async run(run) {
    const { small } = run.options;
    return hurt(run, small ? { ...SHIPPED, comeBackMs: 1_000 } : SHIPPED, 1);
  },
};

/** Storms of one kind, one after the other on one server, whose every figure is a median of them. */
async function hurt(run: Run, kind: Kind, rounds: number): Promise<Outcome & { readonly times: number[] }> {
  const workers = String(processesFor(run.options.devices));
  const server = await run.server({ ...kind.settings, workers });
  const { comeBackMs, obeyRetryAfter, openPerSecond, name } = kind;
  const fleet = await run.fleet(server, { rules: { comeBackMs, obeyRetryAfter } });
  const sender = await run.sender(server);
  await fleet.open(openPerSecond, 600_000);
  const all: Figure[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    run.progress(`${name}: storm ${round + 1}`);
    all.push(await measure(run, server, fleet, sender, name));
  }
  const figures = medians(all);
  const times = all.map(([first]) => first?.value ?? 0);
  const wrong = await verify(fleet, sender);
  const checked = fleet.tally().received;
  const series = [
    { name: `${name}: messages received`, xUnit: 's', yUnit: 'per second', points: fleet.received },
  ];
  await fleet.close();
  await fleet.stop();
  await server.kill();
  return { wrong, checked, figures, series, times };
}

/** As many handshakes by the bare platform: all devices are cut and come back. @returns seconds of each round. */
async function bareStorm(run: Run, rounds: number): Promise<number[]> {
  const { devices } = run.options;
  const bare = await startBareFleet(run, { comeBackMs: 100, obeyRetryAfter: false });
  await bare.open(2_000, 600_000);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    run.progress(`bare platform: storm ${round + 1}`);
    await bare.reached('online', devices, ARRIVE_MS);
    const before = await bare.count('welcomes');
    const started = performance.now();
    await bare.cut();
    await bare.reached('welcomes', before + Math.ceil(devices * BACK_SHARE), ARRIVE_MS * 5);
    times.push((performance.now() - started) / 1000);
  }
  await bare.close();
  return times;
}

async function measure(
  run: Run,
  server: Server,
  fleet: DeviceFleet,
  sender: Sender,
  name: string,
): Promise<Figure[]> {
  const requests = { biz: USER_BIZ, connections: CONNECTIONS, perSecond: CALLS_PER_SECOND };
  const calm = await sender.requests({ ...requests, seconds: run.options.small ? 0.5 : CALM_SECONDS });
  const { devices } = fleet;
  const before = (await fleet.refresh()).welcomes;
  fleet.resetDelays();
  const storming = sender.requests({ ...requests, seconds: run.options.small ? 2 : CALM_SECONDS * 5 });
  for (const { role, pid } of server.processes()) if (role === 'worker') process.kill(pid, 'SIGKILL');
  const started = performance.now();
  await fleet.until('most devices are cut', 30_000, ({ online }) => online < devices / 2);
  const wanted = Math.ceil(devices * BACK_SHARE);
  await fleet.until(`${wanted} devices are back`, ARRIVE_MS * 5, ({ online }) => {
    run.progress(`${online} of ${devices} are back`);
    return online >= wanted;
  });
  const seconds = (performance.now() - started) / 1000;
  const sent = await storming;
  const { received } = fleet.tally();
  await fleet.until('all are back', ARRIVE_MS * 2, ({ online }) => online >= devices);
  const total = await countSent(sender);
  await fleet.until(
    `${total} messages`,
    ARRIVE_MS,
    (tally) => tally.received >= total || tally.received < received,
  );
  await sleep(200);
  const { welcomes } = await fleet.refresh();
  const p99 = (samples: Uint32Array): number => samplesToHistogram(samples).percentile(99) / 1000;
  return [
    less(`${name}: until 99 % are back`, seconds, 's'),
    less(`${name}: API p99 before`, p99(calm.latencies), 'ms'),
    less(`${name}: API p99 meanwhile`, p99(sent.latencies), 'ms'),
    less(`${name}: connections disturbed once more`, Math.max(0, welcomes - before - devices), 'connections'),
    ...delayFigures(`${name}: reconnect`, fleet.connectTimes).figures,
  ];
}

async function countSent(sender: Sender): Promise<number> {
  const { sequences } = await sender.sent();
  return sequences.reduce((sum, count) => sum + count, 0);
}
