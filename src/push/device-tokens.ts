/**
 * What a device has reported of itself beside its handshake: its token in a vendor's channel, app
 * version and model. Kept beside the device record, which link workers write as a whole.
 */
import type { DocStore } from '../core/ports.js';

const COLLECTION = 'push-device-tokens';

export interface DeviceToken {
  /** Lower case: `xiaomi`, `huawei`, `oppo`, `vivo`, `apns` …; empty with an empty token. */
  readonly vendor: string;
  readonly token: string;
  readonly appVersion: string;
  readonly model: string;
  readonly reportedMs: number;
}

export interface DeviceTokens {
  /** What is empty leaves what was reported before. */
  save(instance: string, deviceId: string, reported: Omit<DeviceToken, 'reportedMs'>): Promise<void>;
  of(instance: string, deviceId: string): Promise<DeviceToken | null>;
}

/** Names of the vendors by their numbers: mPaaS MPS guide, 8.1, `thirdChannel`. */
export const VENDORS: Readonly<Record<number, string>> = {
  4: 'xiaomi',
  5: 'huawei',
  7: 'oppo',
  8: 'vivo',
};

/** @param now wall clock, ms */
export function createDeviceTokens(store: DocStore, now: () => number): DeviceTokens {
  const keyOf = (instance: string, deviceId: string): string =>
    `${instance}/${Buffer.from(deviceId).toString('base64url')}`;
  const of = async (instance: string, deviceId: string): Promise<DeviceToken | null> =>
    (await store.doc(COLLECTION, keyOf(instance, deviceId))) as DeviceToken | null;
  return {
    of,
    async save(instance, deviceId, reported) {
      const before = await of(instance, deviceId);
      const hasToken = reported.token !== '';
      const value: DeviceToken = {
        vendor: hasToken ? reported.vendor.toLowerCase() : (before?.vendor ?? ''),
        token: hasToken ? reported.token : (before?.token ?? ''),
        appVersion: reported.appVersion || (before?.appVersion ?? ''),
        model: reported.model || (before?.model ?? ''),
        reportedMs: now(),
      };
      await store.saveDocs([{ collection: COLLECTION, key: keyOf(instance, deviceId), value }]);
    },
  };
}
