/** All devices are cut at once, by kill -9 of every worker, and come back while calls go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceFleet } from '../fleet.js';
import { USER_BIZ } from '../load/longlink.js';
import { startBare } from '../peers/peer.js';
import {
  addWrong,
  delayFigures,
  type Figure,
  less,
  NOTHING_WRONG,
  type Series,
  type Wrong,
} from '../report/result.js';
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

const KINDS: readonly Kind[] = [
  { name: 'at once', settings: NO_ADMISSION, comeBackMs: 100, obeyRetryAfter: false, openPerSecond: 2_000 },
  {
    name: 'shipped limits, delays of up to 30 s',
    settings: {},
    comeBackMs: 30_000,
    obeyRetryAfter: true,
    openPerSecond: 700,
  },
];

export const storm: Scenario = {
  about: 'every worker is killed; all devices come back at once, and so they do to the bare platform',
  defaults: { devices: 10_000, tls: true, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    let wrong: Wrong = NOTHING_WRONG;
    let checked = 0;
    const figures: Figure[] = [];
    const series: Series[] = [];
    let soonest = 0;
    for (const kind of run.options.small || run.options.quick ? KINDS.slice(0, 1) : KINDS) {
      const server = await run.server(kind.settings);
      const { comeBackMs, obeyRetryAfter, openPerSecond } = kind;
      const fleet = await run.fleet(server, { rules: { comeBackMs, obeyRetryAfter } });
      const sender = await run.sender(server);
      await fleet.open(openPerSecond, 600_000);
      const measured = await measure(run, server, fleet, sender, kind.name);
      figures.push(...measured);
      if (kind.name === 'at once') soonest = measured[0]?.value ?? 0;
      series.push({
        name: `${kind.name}: messages received`,
        xUnit: 's',
        yUnit: 'per second',
        points: fleet.received,
      });
      wrong = addWrong(wrong, await verify(fleet, sender));
      checked += fleet.tally().received;
      await fleet.close();
      await server.kill();
    }
    const bare = await bareStorm(run);
    figures.push(
      less('bare platform: until 99 % are back', bare, 's'),
      less('at once, of the time of the bare platform', soonest / bare, 'times'),
    );
    return { wrong, checked, figures, series };
  },
};

/** As many handshakes by the bare platform: all devices are cut and come back. @returns seconds. */
async function bareStorm(run: Run): Promise<number> {
  const peer = await startBare(run);
  const { tls, devices } = run.options;
  const ports = { tls: peer.port, tcp: peer.port, api: 0, admin: 0 };
  const rules = { tls, port: peer.port, comeBackMs: 100, obeyRetryAfter: false };
  const fleet = await run.fleet({ ports }, { rules, history: null });
  await fleet.open(2_000, 600_000);
  const started = performance.now();
  const before = (await fleet.refresh()).welcomes;
  await fleet.cut();
  const wanted = before + Math.ceil(devices * BACK_SHARE);
  await fleet.until(`${wanted} are back`, ARRIVE_MS * 5, ({ welcomes }) => welcomes >= wanted);
  const seconds = (performance.now() - started) / 1000;
  await fleet.close();
  return seconds;
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
