/** Who is online, for the admin port. */
import type { Fleet } from '../admin/options.js';
import { routesOf, routesOfInstance } from '../core/route-table.js';
import type { ControlRoutes } from './control-routes.js';

export function createFleet(routes: ControlRoutes): Fleet {
  const { table } = routes;
  return {
    find(instance, by) {
      if ('user' in by) return [...routesOf(table, instance, 'u', by.user)].reverse();
      if ('deviceId' in by) return routesOf(table, instance, 'd', by.deviceId);
      return routesOf(table, instance, 't', by.adToken);
    },
    count: (instance) =>
      instance === null ? table.bySession.size : (table.perInstance.get(instance)?.size ?? 0),
    list(instance, limit) {
      const found = [];
      for (const route of routesOfInstance(table, instance)) {
        if (found.length === limit) break;
        found.push(route);
      }
      return found;
    },
    kick: routes.kick,
  };
}
