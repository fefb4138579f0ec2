/** Devices as the signed APIs ask for them, over the store and the route table. */
import type { Fleet } from '../../admin/options.js';
import type { Bindings } from '../../admin/service/bindings.js';
import { userOf } from '../../core/device-bindings.js';
import type { DeviceRecord } from '../../core/model.js';
import type { Store } from '../../core/ports.js';
import { NO_KEY } from '../../push/channel-sending.js';
import type { DeviceDirectory } from './services.js';

/** 64 hex characters, as Ad-tokens are and device ids of the SDK are not. */
const AD_TOKEN = /^[0-9a-f]{64}$/;

export function createDeviceDirectory(
  store: Pick<Store, 'device' | 'saveDevice'>,
  fleet: Pick<Fleet, 'find'>,
  bindings: Pick<Bindings, 'devicesOf'>,
  now: () => number,
): DeviceDirectory {
  const byDeviceId = (instance: string, deviceId: string): Promise<DeviceRecord | null> =>
    store.device(instance, { deviceId });
  return {
    async find(instance, device) {
      const byToken = AD_TOKEN.test(device) ? await store.device(instance, { adToken: device }) : null;
      return byToken ?? (await byDeviceId(instance, device));
    },
    async ofUser(instance, user) {
      const ids = await bindings.devicesOf(instance, user);
      const records = await Promise.all(ids.map((id) => byDeviceId(instance, id)));
      // The list is of devices ever seen with the user; the record says whose the device is now.
      return records.filter((record) => record !== null).filter((record) => userOf(record) === user);
    },
    async register(instance, token, os) {
      const known = await byDeviceId(instance, token);
      if (known !== null) return known;
      const times = { createdMs: now(), seenMs: now() };
      const record: DeviceRecord = {
        instance,
        deviceId: token,
        adToken: AD_TOKEN.test(token) ? token : '',
        keyHash: NO_KEY,
        ...{ os, appVersion: '', model: '', user: '' },
        ...times,
      };
      await store.saveDevice(record);
      return record;
    },
    async isOnline(instance, device) {
      if ((await fleet.find(instance, { deviceId: device })).length > 0) return true;
      return AD_TOKEN.test(device) && (await fleet.find(instance, { adToken: device })).length > 0;
    },
  };
}
