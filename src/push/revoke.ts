/** Pushes that are taken back: mPaaS MPS server API, "revocation". */
import type { DeviceRecord } from '../core/model.js';
import type { DocStore, Revoked } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import type { RevokeItem } from '../core/revocation.js';
import { PushRefusal } from './codes.js';
import type { Schedules } from './schedules/schedules.js';
import { messagesOf } from './tasks.js';

export interface RevokerOptions {
  readonly store: DocStore;
  /** core/revocation.ts, bound. */
  readonly revoke: (items: readonly RevokeItem[]) => Promise<(Revoked | null)[]>;
  /** By Ad-token or device id. */
  readonly findDevice: (instance: string, device: string) => Promise<DeviceRecord | null>;
  readonly schedules: Pick<Schedules, 'withdraw'>;
}

export interface Revoker {
  /**
   * Takes a message back by its business message id and the user, Ad-token or device it went to.
   *
   * @throws {PushRefusal} 3028 when there was none in the last seven days
   */
  message(instance: string, msgKey: string, target: string): Promise<void>;
  /**
   * Takes all messages of a task back. Of a scheduled task, what waits is cancelled.
   *
   * @throws {PushRefusal} 3028 when there was none in the last seven days
   */
  task(instance: string, taskId: string): Promise<void>;
}

const TOO_OLD = 'was pushed within the last seven days';
/** Messages in one commit. */
const AT_ONCE = 500;

export function createRevoker(options: RevokerOptions): Revoker {
  return {
    async message(instance, msgKey, target) {
      const device = await options.findDevice(instance, target);
      const user = { stream: { instance, kind: 'u', owner: target, biz: PUSH_BIZ.user }, thirdMsgId: msgKey };
      const items: RevokeItem[] = [user as RevokeItem];
      if (device !== null) {
        const stream = { instance, kind: 'd', owner: device.deviceId, biz: PUSH_BIZ.device } as const;
        items.push({ stream, thirdMsgId: msgKey });
      }
      const revoked = await options.revoke(items);
      if (revoked.every((one) => one === null)) throw new PushRefusal('3028', `no such message ${TOO_OLD}`);
    },
    async task(instance, taskId) {
      const withdrawn = await options.schedules.withdraw(instance, taskId);
      const pushed = withdrawn === null ? [taskId] : withdrawn.pushed;
      const found = await Promise.all(pushed.map((id) => messagesOf(options.store, instance, id)));
      const items = found.flatMap((messages) => messages ?? []);
      let known = withdrawn?.cancelled === true;
      for (let at = 0; at < items.length; at += AT_ONCE) {
        const revoked = await options.revoke(items.slice(at, at + AT_ONCE));
        known ||= revoked.some((one) => one !== null);
      }
      if (!known) throw new PushRefusal('3028', `no such task ${TOO_OLD}`);
    },
  };
}
