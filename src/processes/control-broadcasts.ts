/** Broadcasts as control manages them for the admin port. */
import { type Broadcasts, createBroadcasts } from '../admin/service/broadcasts.js';
import { ServiceError } from '../admin/service/context.js';
import type { Config } from '../config.js';
import { sumTask } from '../push/analysis/queries.js';
import { PushRefusal } from '../push/codes.js';
import type { Revoker } from '../push/revoke.js';
import type { Control } from './control.js';

export function openBroadcasts(
  { delivery, workers }: Pick<Config, 'delivery' | 'workers'>,
  { service, fleet }: Pick<Control, 'service' | 'fleet'>,
  revoker: Revoker,
): Broadcasts {
  return createBroadcasts({
    service,
    online: fleet.count,
    arrived: async (instance, taskId) => (await sumTask(service.store, instance, taskId)).arrived,
    pacePerSecond: delivery.globalPacePerSecond * Math.max(1, workers),
    async revokeTask(instance, taskId) {
      try {
        await revoker.task(instance, taskId);
      } catch (error) {
        if (!(error instanceof PushRefusal)) throw error;
        const isDown = error.code === '9000';
        throw new ServiceError(isDown ? 'UNAVAILABLE' : 'CONFLICT', error.message, 'taskId');
      }
    },
  });
}
