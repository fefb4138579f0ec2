/** Nodes that share one Redis and are killed, frozen, drained or cut off, one kind at a time or by turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, type ClusterOptions, signal } from '../../faults/cluster.js';
import type { RawDevice } from '../../history/device.js';
import type { Namespace } from '../namespaces.js';
import type { Blow, Row, Run } from '../row.js';
import { apiKilled, workerKilled } from './processes.js';
import { REDIS, SHARED } from './redis.js';

/** A device on a link that went silent notices after a while. */
const NOTICED_MS = 1_000;

/** Three gateways and two nodes for calls. */
const MANY = { gateways: 3, apis: 2 } as const;
const DRAINING = 4_000;
/** While all devices of a node shake hands again, an ack may wait its turn: that is no silence. */
const PATIENT: ClusterOptions = { config: { delivery: { ackTimeoutMs: 10_000 } } };

function nextNode(run: Run, turn: number): Cluster {
  const node = run.hosts.gateways[turn % run.hosts.gateways.length];
  if (node === undefined) throw new RangeError('no node');
  return node;
}

export const nodeKilled: Row = {
  name: 'node-killed',
  group: 'redis',
  stores: SHARED,
  needs: REDIS,
  what: 'kill -9 of all processes of one gateway of three; started again',
  holds: 'its devices come back to the others; nothing is lost',
  plant: { bug: 'skip-backlog', seen: /^LOST/m },
  nodes: MANY,
  cluster: PATIENT,
  world: { heartbeatSec: 15, retryMs: 1_000 },
  check: { maxLatencyMs: 20_000 },
  arm(run) {
    let turn = 0;
    return {
      inject() {
        turn += 1;
        return nextNode(run, turn).killAll();
      },
      lastsMs: 1_000,
      heal: () => nextNode(run, turn).start(),
    };
  },
};

function pidsOf(node: Cluster): number[] {
  const { supervisor, control, workers } = node.pids();
  return [supervisor, control, ...workers].filter((pid) => pid > 0);
}

export const nodeFrozen: Row = {
  name: 'node-frozen',
  group: 'redis',
  stores: SHARED,
  needs: REDIS,
  what: 'SIGSTOP of all processes of a gateway until its devices are on the others, then SIGCONT',
  holds: 'woken, it sends nothing to the connections that were replaced, and closes them',
  plant: { bug: 'ignore-lease', seen: /^(STALE_LEASE|NOT_FENCED)/m },
  nodes: MANY,
  cluster: { workers: 1, config: { link: { heartbeatSec: 60 }, ...PATIENT.config } },
  world: { users: 20, heartbeatSec: 60, callers: 8, pauseMs: 10 },
  check: { maxLatencyMs: 30_000 },
  arm(run) {
    const { trial, complain } = run;
    let turn = 0;
    let old: readonly RawDevice[] = [];
    return {
      async inject() {
        turn += 1;
        for (const pid of pidsOf(nextNode(run, turn))) signal(pid, 'SIGSTOP');
        old = [...trial.devices];
        const twins = old.map((device) => device.twin());
        for (const twin of twins) twin.start();
        trial.devices.splice(0, trial.devices.length, ...twins);
        await trial.allConnected(60_000);
      },
      lastsMs: 6_000,
      async heal() {
        const sum = ({ tally }: RawDevice): number => tally.handedOver + tally.duplicates;
        const before = old.map(sum);
        for (const pid of pidsOf(nextNode(run, turn))) signal(pid, 'SIGCONT');
        await sleep(4_000);
        const stale = old.filter((device, index) => sum(device) !== before[index]).length;
        if (stale > 0) complain(`STALE_LEASE ${stale} replaced connections were sent data`);
        const left = old.filter((device) => device.connection !== null).length;
        if (left > 0) complain(`NOT_FENCED ${left} replaced connections are still up`);
        for (const device of old) device.stop();
      },
    };
  },
};

export const nodeUpgrade: Row = {
  name: 'node-upgrade',
  group: 'redis',
  stores: SHARED,
  needs: REDIS,
  what: 'one gateway of three after the other is ended by SIGTERM and started again',
  holds: 'each of its devices is told to come back, and nothing is lost',
  plant: { bug: 'silent-drain', seen: /^UNTOLD/m },
  nodes: MANY,
  cluster: PATIENT,
  check: { maxLatencyMs: 20_000 },
  world: { heartbeatSec: 15, retryMs: 1_000 },
  arm(run) {
    const { trial, complain } = run;
    let turn = 0;
    return {
      async inject() {
        turn += 1;
        const before = trial.devices.map(({ tally }) => ({
          connects: tally.connects,
          kicks: tally.kicks.length,
        }));
        const code = await nextNode(run, turn).stop();
        if (code !== 0) complain(`ENDED with ${code}`);
        await trial.allConnected(60_000);
        const moved = trial.devices.filter(({ tally }, index) => tally.connects !== before[index]?.connects);
        const told = trial.devices.filter(({ tally }, index) =>
          tally.kicks.slice(before[index]?.kicks).includes(DRAINING),
        );
        if (told.length < moved.length)
          complain(`UNTOLD ${moved.length - told.length} devices lost their connections without a word`);
      },
      lastsMs: 0,
      heal: () => nextNode(run, turn).start(),
    };
  },
};

/** The last API node: the first is the one that the run itself asks. */
function killApiNode({ hosts }: Run): Blow {
  const node = hosts.apis.at(-1);
  if (node === undefined) throw new RangeError('no API node');
  return { inject: () => node.killAll(), lastsMs: 1_000, heal: () => node.start() };
}

/** One blow that is another each time. */
function inTurn(blows: readonly Blow[]): Blow {
  let turn = -1;
  const current = (): Blow => {
    const blow = blows[turn % blows.length];
    if (blow === undefined) throw new RangeError('no blow');
    return blow;
  };
  return {
    inject() {
      turn += 1;
      return current().inject();
    },
    get lastsMs() {
      return current().lastsMs;
    },
    heal: () => current().heal(),
  };
}

export const nodesByTurns: Row = {
  name: 'nodes-by-turns',
  group: 'redis',
  stores: SHARED,
  needs: REDIS,
  what: 'kill -9 in turn: all processes of a gateway, a worker, the control process of a gateway, an API node',
  holds: 'level R1: every device gets in order what was accepted for it',
  plant: { bug: 'skip-backlog', seen: /^LOST/m },
  nodes: MANY,
  leastBlows: 4,
  world: { heartbeatSec: 15, retryMs: 1_000 },
  check: { maxLatencyMs: 20_000 },
  cluster: PATIENT,
  async arm(run) {
    const rows = [nodeKilled, workerKilled, apiKilled];
    const blows = await Promise.all(rows.map((row) => row.arm(run)));
    return inTurn([...blows, killApiNode(run)]);
  },
};

export const nodeCut: Row = {
  name: 'node-cut',
  group: 'network',
  stores: SHARED,
  needs: [...REDIS, 'root', 'ip', 'nft', 'nsenter'],
  what: 'the link of a gateway of three falls silent: no packet passes to Redis, to callers or to its devices',
  holds: 'its devices come back to the others, and nothing is lost; healed, it takes devices again',
  plant: { bug: 'skip-backlog', seen: /^LOST/m },
  nodes: MANY,
  recoveryMs: 60_000,
  world: { heartbeatSec: 15, retryMs: 1_000 },
  check: { maxLatencyMs: 30_000 },
  cluster: PATIENT,
  arm(run) {
    let turn = 0;
    const host = (): Namespace => {
      const node = run.hosts.gateways[turn % run.hosts.gateways.length];
      const found = node === undefined ? null : run.hosts.hostOf(node);
      if (found === null) throw new RangeError('the gateway has no host of its own');
      return found;
    };
    return {
      async inject() {
        turn += 1;
        host().cut();
        await sleep(NOTICED_MS);
        // A device that hears nothing gives its connection up, and finds another gateway.
        for (const device of run.trial.devices) device.drop();
        await run.trial.allConnected(60_000);
      },
      lastsMs: 4_000,
      heal: () => host().heal(),
    };
  },
};

export const NODES: readonly Row[] = [nodeKilled, nodeFrozen, nodeUpgrade, nodesByTurns, nodeCut];
