/** Nodes of all roles that share one Redis, hurt one after the other in one run. */
import type { Blow, Row, Run } from '../row.js';
import { apiKilled, workerKilled } from './processes.js';
import { MANY, nodeKilled, REDIS, SHARED } from './redis.js';

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

export const NODES: readonly Row[] = [nodesByTurns];
