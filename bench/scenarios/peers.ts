/** The same work by others, side by side: one lean client, the same devices, payloads and window. */
import type { DeviceFleet } from '../fleet.js';
import { cpuSeconds, residentBytes } from '../machine.js';
import { weigh } from '../memory.js';
import { PEERS, type Peer, TLS_PEERS } from '../peers/peer.js';
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
import { type Run, verify } from '../run.js';
import { arrived, keepAhead, POLITE_PER_SECOND } from './common.js';
import type { Scenario } from './scenario.js';

/** Messages under way, as in `throughput`. */
const AHEAD = 16_384;
const ROUNDS = 5;
const QUICK_ROUNDS = 3;
/** Most messages of a round, by device; fewer for a peer that would take longer than this for them. */
const EACH = 20;
const ROUND_SECONDS = 5;

interface Entrant {
  readonly peer: Peer;
  readonly fleet: DeviceFleet;
  readonly rates: number[];
  /** Processor microseconds a delivery. */
  readonly costs: number[];
  /** Resident bytes of an idle device. */
  readonly held: number;
  /** Messages of a round. */
  readonly total: number;
}

export const peers: Scenario = {
  about: 'the same work by the bare platform, Aedes, Mosquitto and NATS JetStream',
  defaults: { devices: 5_000, payloadBytes: 300 },
  small: { devices: 100 },
  async run(run) {
    const entrants: Entrant[] = [];
    const skipped: string[] = [];
    for (const start of run.options.tls ? TLS_PEERS : PEERS) {
      const peer = await start(run);
      if (peer === null) skipped.push(start.name.replace('start', '').toLowerCase());
      else entrants.push(await enter(run, peer));
    }
    const { small, quick, devices } = run.options;
    const rounds = small ? 1 : quick ? QUICK_ROUNDS : ROUNDS;
    // In turn, round by round: whatever slows the machine down slows all of them down.
    for (let round = 0; round < rounds; round += 1)
      for (const entrant of entrants) await deliver(run, entrant, small ? devices * 2 : entrant.total, round);
    let wrong: Wrong = NOTHING_WRONG;
    let checked = 0;
    for (const { fleet, peer } of entrants) {
      wrong = addWrong(wrong, await verify(fleet, peer.sender));
      checked += fleet.tally().received;
    }
    const missing = skipped.map((name) => plain(`${name}: not installed, left out`, 0, ''));
    return { wrong, checked, figures: [...figuresOf(entrants), ...missing], series: [] };
  },
};

/** Connects the devices, gives each a message, and weighs the process that holds them. */
async function enter(run: Run, peer: Peer): Promise<Entrant> {
  const { tls, devices } = run.options;
  run.progress(`${peer.name}: connecting`);
  const ports = { tls: peer.port, tcp: peer.port, api: 0, admin: 0 };
  // The first devices make things grow that are not theirs.
  const fleet = await run.fleet({ ports }, { protocol: peer.protocol, rules: { tls, port: peer.port } });
  const before = await held(peer);
  await fleet.open(POLITE_PER_SECOND, 300_000);
  const entrant: Entrant = { peer, fleet, rates: [], costs: [], held: 0, total: 0 };
  await deliver(run, entrant, devices, 0);
  const after = await held(peer);
  const total = Math.round(Math.min(devices * EACH, (entrant.rates[0] ?? 0) * ROUND_SECONDS));
  return {
    ...entrant,
    rates: [],
    costs: [],
    held: (after - before) / devices,
    total: Math.max(total, devices),
  };
}

async function held(peer: Peer): Promise<number> {
  if (peer.heapDir !== null) return (await weigh(peer.heapDir, peer.holders)).rss;
  return peer.holders.reduce((sum, pid) => sum + residentBytes(pid), 0);
}

async function deliver(
  run: Run,
  { peer, fleet, rates, costs }: Entrant,
  total: number,
  round: number,
): Promise<void> {
  run.progress(`${peer.name}: round ${round + 1}`);
  const cpu = (): number => peer.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = (await fleet.refresh()).received;
  const cpuBefore = cpu();
  const ahead = keepAhead(fleet, peer.sender, AHEAD);
  const started = performance.now();
  await peer.sender.send(total, AHEAD);
  await arrived(run, fleet, before, total);
  const seconds = (performance.now() - started) / 1000;
  await ahead.stop();
  rates.push(total / seconds);
  costs.push(((cpu() - cpuBefore) * 1e6) / total);
}

function figuresOf(entrants: readonly Entrant[]): Figure[] {
  const own = entrants.map(({ peer, rates, costs, held }) => [
    more(`${peer.name}: deliveries`, median(rates), 'per second', peer.note),
    less(`${peer.name}: CPU per delivery`, median(costs), 'us'),
    less(`${peer.name}: RSS per idle device`, held / 1024, 'KiB'),
  ]);
  const [first, ...others] = entrants;
  if (first === undefined) return own.flat();
  const ratios = others.map(({ peer, rates, costs, held }) => [
    more(
      `deliveries, of those of ${peer.name}`,
      median(first.rates.map((rate, i) => rate / (rates[i] ?? 1))),
      'times',
    ),
    less(`CPU per delivery, of that of ${peer.name}`, median(first.costs) / median(costs), 'times'),
    less(`RSS per idle device, of that of ${peer.name}`, first.held / held, 'times'),
  ]);
  return [...own.flat(), ...ratios.flat()];
}
