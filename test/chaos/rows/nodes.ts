/** Nodes of all roles that share one Redis, hurt one after the other in one run. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespace } from '../namespaces.js';
import type { Blow, Row, Run } from '../row.js';
import { apiKilled, workerKilled } from './processes.js';
import { MANY, nodeKilled, REDIS, SHARED } from './redis.js';

/** A device on a link that went silent notices after a while. */
const NOTICED_MS = 1_000;

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
  cluster: { config: { delivery: { ackTimeoutMs: 10_000 } } },
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
  cluster: { config: { delivery: { ackTimeoutMs: 10_000 } } },
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

export const NODES: readonly Row[] = [nodesByTurns, nodeCut];
