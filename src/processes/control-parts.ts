/** How the parts of control come to know each other, on one node and on several. */
import {
  createExclusive,
  type Exclusive,
  type ServiceContext,
  type Turns,
} from '../admin/service/context.js';
import type { ControlBus } from '../bus/port.js';
import { type Delivery, nextTransientId, send, sendAll } from '../core/delivery.js';
import { isReservedBiz } from '../core/push-streams.js';
import type { RedisConnection } from '../redis/connection.js';
import type { Control } from './control.js';
import { type ControlCluster, openControlCluster } from './control-cluster.js';
import type { ControlOperations } from './control-operations.js';
import type { ControlReceipts } from './control-receipts.js';
import type { ControlRoutes } from './control-routes.js';
import type { ProcessTools } from './process-tools.js';

/** How long a worker's lease is valid. Renewals come each second, and may be late. */
const LEASE_FOR_MS = 3000;

/** Parts that know each other; each is there before anything is asked of it. */
export interface Made {
  bus: ControlBus | null;
  routes: ControlRoutes | null;
  operations: ControlOperations | null;
  cluster: ControlCluster | null;
}

export function there<T>(part: T | null): T {
  if (part === null) throw new Error('a part of control was used before it was made');
  return part;
}

/** Changes of documents, one after the other: of this process, or of all nodes. */
export function makeTurns(made: Made, isCluster: boolean): Turns {
  return (name) => {
    if (!isCluster) return createExclusive();
    let inTurn: Exclusive | null = null;
    return (work) => {
      inTurn ??= there(made.cluster).locks.inTurn(name);
      return inTurn(work);
    };
  };
}

/** Another node may have changed a moment ago what a change looks at in memory. */
export function reloading(inTurn: Exclusive, reloads: readonly (() => Promise<void>)[]): Exclusive {
  return (work) =>
    inTurn(async () => {
      for (const reload of reloads) await reload();
      return work();
    });
}

/** Resolves when this node has its lease. */
export async function join(
  tools: ProcessTools,
  redis: RedisConnection,
  made: Made,
  reloads: readonly (() => Promise<void>)[],
  delivery: Delivery,
): Promise<ControlCluster> {
  const { log } = tools;
  return openControlCluster(tools, redis, {
    bus: () => made.bus,
    routes: () => there(made.routes),
    operations: () => made.operations,
    reload() {
      for (const reload of reloads)
        reload().catch((err) => log.warn({ err }, 'documents were not read again'));
    },
    renumber(wake) {
      const id = nextTransientId(delivery);
      return { ...wake, id, oplog: wake.oplog === null ? null : { ...wake.oplog, id } };
    },
  });
}

export function makeSending(
  delivery: Delivery,
  follower: ServiceContext['follower'],
  receipts: ControlReceipts | null,
): Pick<Control, 'send' | 'sendAll'> {
  return {
    async send(request) {
      const outcome = await send(delivery, follower.mark(request));
      await receipts?.onSend(request, outcome);
      return outcome;
    },
    async sendAll(requests) {
      const outcomes = await sendAll(delivery, requests.map(follower.mark));
      // Only pushes have receipts, and a promise for each of thousands of other records is not nothing.
      for (let at = 0; at < requests.length; at += 1) {
        const [request, outcome] = [requests[at], outcomes[at]];
        if (request !== undefined && outcome !== undefined && isReservedBiz(request.biz))
          await receipts?.onSend(request, outcome);
      }
      return outcomes;
    },
  };
}

/** A worker's lease ends no later than that of its node. */
export function lease(bus: ControlBus, worker: number, cluster: ControlCluster | null): void {
  const forMs = cluster === null ? LEASE_FOR_MS : Math.min(LEASE_FOR_MS, cluster.leaseMs());
  if (forMs > 0) bus.send(worker, { type: 'lease', forMs });
}
