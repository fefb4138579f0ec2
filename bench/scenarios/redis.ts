/** The same deliveries on the embedded store, on one Redis at R1, and on that kind of Redis with two gateway nodes. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisServer, redisAvailable, startRedis } from '../../test/redis/servers.js';
import type { DeviceFleet } from '../fleet.js';
import { INSTANCE, USER_BIZ } from '../load/longlink.js';
import { cpuSeconds } from '../machine.js';
import {
  addWrong,
  type Figure,
  less,
  median,
  more,
  NOTHING_WRONG,
  plain,
  type Wrong,
} from '../report/result.js';
import { type Run, type Sender, verify } from '../run.js';
import type { Server } from '../server.js';
import { ARRIVE_MS, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

const ROUNDS = 5;
/** Messages of a device in a round. */
const EACH = 10;
/** Messages under way. On Redis more of them would wait longer than a command may. */
const AHEAD = 2_048;
const SEES_STREAMS_MS = 20_000;

/** Devices of one node, and who sends to them through which node: half of what each sends is for the other's. */
interface Part {
  readonly fleet: DeviceFleet;
  readonly sender: Sender;
  readonly devices: number;
}

interface Entrant {
  readonly name: string;
  readonly note: string;
  readonly parts: readonly Part[];
  readonly servers: readonly Server[];
  readonly redis: RedisServer | null;
  readonly rates: number[];
  /** Processor microseconds a delivery: of the gateway's processes, and of Redis. */
  readonly gateway: number[];
  readonly store: number[];
}

export const redis: Scenario = {
  about: 'deliveries on Redis at R1 beside the embedded store, with one gateway node and with two',
  defaults: { devices: 2_000, payloadBytes: 300 },
  small: { devices: 200 },
  async run(run) {
    const entrants = [
      await enter(run, 'embedded', 'LMDB, synced before the answer', [await run.server()], null),
    ];
    const isThere = redisAvailable('deliveries on Redis');
    if (isThere)
      for (const nodes of [1, 2]) {
        const server = await startPinned(run);
        const name = nodes === 1 ? 'Redis R1' : `Redis R1, ${nodes} nodes`;
        const note = 'one Redis, appendfsync always; it shares the cores of the gateway';
        entrants.push(await enter(run, name, note, await startNodes(run, server, nodes), server));
      }
    for (let round = 0; round < (run.options.small ? 1 : ROUNDS); round += 1)
      for (const entrant of entrants) {
        run.progress(`${entrant.name}: round ${round + 1}`);
        await deliver(run, entrant);
      }
    let wrong: Wrong = NOTHING_WRONG;
    let checked = 0;
    for (const { parts } of entrants)
      for (const { fleet, sender } of parts) {
        wrong = addWrong(wrong, await verify(fleet, sender));
        checked += fleet.tally().received;
      }
    const missing = isThere ? [] : [plain('redis-server is not installed: left out', 0, '')];
    return { wrong, checked, figures: [...figuresOf(entrants), ...missing], series: [] };
  },
};

/** On the cores of the server, in a directory of its own. */
async function startPinned(run: Run): Promise<RedisServer> {
  const server = await startRedis();
  run.defer(() => server.stop());
  const { cores } = run.options;
  if (cores.server !== null)
    execFileSync('taskset', ['-acp', cores.server.join(','), String(server.pid())], { stdio: 'ignore' });
  return server;
}

async function startNodes(run: Run, { host, port }: RedisServer, count: number): Promise<Server[]> {
  const servers: Server[] = [];
  for (let at = 0; at < count; at += 1) {
    const settings = {
      'store.driver': 'redis',
      'redis.nodes': JSON.stringify([`${host}:${port}`]),
      'cluster.node': `bench-${at + 1}`,
    };
    const server = await run.server(settings, { streams: at === 0 });
    if (at > 0) await seesStreams(server);
    servers.push(server);
  }
  return servers;
}

/** Until the node knows what was made on another. */
async function seesStreams(server: Server): Promise<void> {
  const deadline = performance.now() + SEES_STREAMS_MS;
  for (;;) {
    const answer = await server.admin('GET', `/v1/instances/${INSTANCE}/configs`).catch(() => null);
    const { configs = [] } = (answer ?? {}) as {
      readonly configs?: readonly { readonly bizType?: string }[];
    };
    if (configs.some(({ bizType }) => bizType === USER_BIZ)) return;
    if (performance.now() > deadline) throw new Error('the second node does not know the streams');
    await sleep(50);
  }
}

/** Parts for every pair of nodes, the one that a message is sent through and the one that has the device. */
async function enter(
  run: Run,
  name: string,
  note: string,
  servers: readonly Server[],
  server: RedisServer | null,
): Promise<Entrant> {
  const parts: Part[] = [];
  const devices = Math.floor(run.options.devices / servers.length ** 2);
  for (const through of servers)
    for (const at of servers) {
      const place = { devices, firstDevice: parts.length * devices };
      parts.push({ fleet: await run.fleet(at, place), sender: await run.sender(through, place), devices });
    }
  run.progress(`${name}: connecting`);
  for (const { fleet } of parts) await fleet.open(POLITE_PER_SECOND, ARRIVE_MS);
  const entrant = { name, note, parts, servers, redis: server, rates: [], gateway: [], store: [] };
  await deliver(run, entrant);
  return { ...entrant, rates: [], gateway: [], store: [] };
}

async function deliver(run: Run, entrant: Entrant): Promise<void> {
  const { parts, servers, redis: server } = entrant;
  const pids = servers.flatMap((one) => one.processes().map(({ pid }) => pid));
  const gateway = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const store = (): number => (server === null ? 0 : cpuSeconds(server.pid()));
  const before = { gateway: gateway(), store: store() };
  const started = performance.now();
  await Promise.all(parts.map((part) => deliverPart(part, AHEAD / parts.length)));
  const seconds = (performance.now() - started) / 1000;
  const total = parts.reduce((sum, { devices }) => sum + devices * EACH, 0);
  entrant.rates.push(total / seconds);
  entrant.gateway.push(((gateway() - before.gateway) * 1e6) / total);
  entrant.store.push(((store() - before.store) * 1e6) / total);
  run.progress(`${entrant.name}: ${Math.round(total / seconds)} a second`);
}

async function deliverPart({ fleet, sender, devices }: Part, ahead: number): Promise<void> {
  const total = devices * EACH;
  const first = (await fleet.refresh()).received;
  const sending = sender.lines({ biz: USER_BIZ, total, granted: ahead });
  await fleet.until(`${total} messages`, ARRIVE_MS, ({ received }) => {
    void sender.grant(received - first + ahead).catch(() => undefined);
    return received - first >= total;
  });
  const { refused, refusals } = await sending;
  if (refused > 0) throw new Error(`${refused} lines refused: ${refusals.join(' ')}`);
}

function figuresOf(entrants: readonly Entrant[]): Figure[] {
  const own = entrants.flatMap(({ name, note, rates, gateway, store, redis: server }) => [
    more(`${name}: deliveries`, median(rates), 'per second', note),
    less(`${name}: CPU of the gateway per delivery`, median(gateway), 'us'),
    ...(server === null ? [] : [less(`${name}: CPU of Redis per delivery`, median(store), 'us')]),
  ]);
  const ratios = entrants.slice(1).map(({ name, rates }, at) => {
    const other = entrants[at];
    const each = rates.map((rate, round) => rate / (other?.rates[round] ?? Number.NaN));
    return more(`${name}: deliveries, of those of ${other?.name}`, median(each), 'times');
  });
  return [...own, ...ratios];
}
