/** Who is online, for the admin port: on this node, and on the others. */
import type { Fleet } from '../admin/options.js';
import type { OwnerKind } from '../core/model.js';
import type { Route } from '../core/ports.js';
import { routesOf, routesOfInstance } from '../core/route-table.js';
import type { ControlCluster } from './control-cluster.js';
import type { ControlRoutes } from './control-routes.js';

/** @param deviceOf the device of an Ad-token: other nodes are found by owners, and a token is none of them. */
export function createFleet(
  routes: ControlRoutes,
  cluster: ControlCluster | null,
  deviceOf: (instance: string, adToken: string) => Promise<string | null>,
): Fleet {
  const { table } = routes;
  const find = async (instance: string, kind: OwnerKind, name: string): Promise<Route[]> => {
    const here = routesOf(table, instance, kind, name);
    const elsewhere = cluster === null ? [] : await cluster.node.find(instance, kind, name);
    return [...here, ...elsewhere].sort((a, b) => b.epoch - a.epoch);
  };
  return {
    async find(instance, by) {
      if ('user' in by) return find(instance, 'u', by.user);
      if ('deviceId' in by) return find(instance, 'd', by.deviceId);
      const here = routesOf(table, instance, 't', by.adToken);
      if (cluster === null || here.length > 0) return here;
      const deviceId = await deviceOf(instance, by.adToken);
      const found = deviceId === null ? [] : await find(instance, 'd', deviceId);
      return found.filter((route) => route.adToken === by.adToken);
    },
    count(instance) {
      const here = instance === null ? table.bySession.size : (table.perInstance.get(instance)?.size ?? 0);
      return here + countElsewhere(cluster, instance);
    },
    async list(instance, limit) {
      const found: Route[] = [];
      for (const route of routesOfInstance(table, instance)) {
        if (found.length === limit) break;
        found.push(route);
      }
      if (cluster !== null && found.length < limit) {
        found.push(...(await cluster.node.list(instance, limit - found.length)));
      }
      return found.slice(0, limit);
    },
    kick(route, code, retryAfterMs, redirect) {
      if (route.node === undefined || cluster === null) routes.kick(route, code, retryAfterMs, redirect);
      else
        cluster.node.tell(route.node, { type: 'kick', route, code, retryAfterMs, redirect }).catch(() => {});
    },
  };
}

function countElsewhere(cluster: ControlCluster | null, instance: string | null): number {
  let count = 0;
  for (const node of cluster?.nodes() ?? []) {
    if (node.member === cluster?.node.member) continue;
    count += instance === null ? node.connections : (node.instances[instance] ?? 0);
  }
  return count;
}
