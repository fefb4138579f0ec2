import { userOf } from '../../../core/device-bindings.js';
import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_DEVICE } from '../families.js';
import { line, numberChoice, required } from '../parameters.js';
import { APP, TARGET_CHARACTERS } from '../push-parameters.js';

export const pushQueryDeviceState = defineAction({
  name: 'PushQueryDeviceState',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Tells whether a device, or the device of a user, is online.',
  family: PUSH_DEVICE,
  parameters: {
    ...APP,
    Target: required(line(TARGET_CHARACTERS), 'Device or user.', { missing: '3021' }),
    TargetType: required(numberChoice([1, 2]), 'What Target is: 1 device, 2 user.'),
  },
  answer:
    'Data: DeviceId, UserId, DeliveryToken, ThirdToken, Platform, Manufacturer, Statue (ONLINE, OFFLINE, UNKNOW).',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    const { devices } = call.services;
    const byUser = values.TargetType === 2;
    const found = byUser
      ? await devices.ofUser(instance, values.Target)
      : [await devices.find(instance, values.Target)].filter((device) => device !== null);
    const online = await Promise.all(found.map(({ deviceId }) => devices.isOnline(instance, deviceId)));
    const device = found[Math.max(0, online.indexOf(true))];
    if (device === undefined) {
      return { Data: { [byUser ? 'UserId' : 'DeviceId']: values.Target, Statue: 'UNKNOW' } };
    }
    const reported = await call.services.tokens.of(instance, device.deviceId);
    return {
      Data: {
        DeviceId: device.deviceId,
        UserId: userOf(device),
        DeliveryToken: device.adToken,
        ThirdToken: reported?.token ?? '',
        Platform: device.os.toUpperCase(),
        Manufacturer: reported?.model || device.model,
        // Spelled so in the vendor's model.
        Statue: online.includes(true) ? 'ONLINE' : 'OFFLINE',
      },
    };
  },
});
