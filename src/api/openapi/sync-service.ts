/** Data synchronization through the same check and the same delivery as `/webapi/sync/*`. */
import type { Send } from '../../admin/service/context.js';
import { UnusableField } from '../../admin/service/field-values.js';
import { parseSyncRequest, type SyncLimits } from '../../admin/service/sync-request.js';
import type { Now } from '../../core/ports.js';
import type { Services } from './services.js';

/** @param limits lengths of the fields, as configured */
export function createSyncService(send: Send, limits: SyncLimits, clock: () => Now): Services['sync'] {
  return async ({ instance, global, fields }) => {
    try {
      const request = parseSyncRequest(fields, { instance, global, nowMs: clock().wall, limits });
      const { result } = await send(request);
      return { result, detail: '' };
    } catch (error) {
      if (error instanceof UnusableField) return { result: error.result, detail: error.message };
      throw error;
    }
  };
}
