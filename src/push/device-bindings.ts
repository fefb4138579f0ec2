/** Users bound to devices by a back end: PushBind and PushUnBind of the MPS server API. */
import { bindingsOf, userOf, withoutUser, withUser } from '../core/device-bindings.js';
import type { DeviceRecord } from '../core/model.js';
import type { Store } from '../core/ports.js';
import { PushRefusal } from './codes.js';
import { isUsableName } from './names.js';

export interface BinderOptions {
  readonly store: Pick<Store, 'saveDevice'>;
  /** By Ad-token or device id. */
  readonly findDevice: (instance: string, device: string) => Promise<DeviceRecord | null>;
  /** Lists the device among the user's. */
  readonly note: (instance: string, user: string, deviceId: string) => Promise<void>;
  /** Has the device connect anew: whom it is bound to is decided in its handshake. */
  readonly reconnect: (instance: string, deviceId: string) => void;
  /** Wall clock, ms. */
  readonly now: () => number;
}

export interface DeviceBinder {
  /** @throws {PushRefusal} 3054 for a device that is not known, 3028 for a user that cannot be one */
  bind(instance: string, device: string, user: string): Promise<void>;
  /** @throws {PushRefusal} 3054 for a device that is not known, 3028 for a user never bound to it */
  unbind(instance: string, device: string, user: string): Promise<void>;
}

/** Read back, because the device's own process may have said otherwise in the same moment. */
const ATTEMPTS = 3;

export function createDeviceBinder(options: BinderOptions): DeviceBinder {
  const known = async (instance: string, device: string): Promise<DeviceRecord> => {
    const record = await options.findDevice(instance, device);
    if (record === null) throw new PushRefusal('3054', 'no such device');
    return record;
  };
  const change = async (
    instance: string,
    device: string,
    next: (record: DeviceRecord) => DeviceRecord,
  ): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await known(instance, device);
      const after = next(before);
      if (after === before) return;
      await options.store.saveDevice(after);
      if (userOf(before) !== userOf(after)) options.reconnect(instance, before.deviceId);
    }
  };
  return {
    async bind(instance, device, user) {
      if (!isUsableName(user))
        throw new PushRefusal('3028', 'the user id is too long or has control characters');
      const { deviceId } = await known(instance, device);
      await options.note(instance, user, deviceId);
      await change(instance, device, (record) => withUser(record, user, options.now(), 'api'));
    },
    async unbind(instance, device, user) {
      const record = await known(instance, device);
      if (!bindingsOf(record).some((binding) => binding.user === user))
        throw new PushRefusal('3028', 'the user was never bound to this device');
      await change(instance, device, (current) =>
        userOf(current) === user ? withoutUser(current, options.now(), 'api') : current,
      );
    },
  };
}
