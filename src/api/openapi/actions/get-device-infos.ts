import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY, MAX_DEVICES } from '../mobile-parameters.js';
import { commaList, required } from '../parameters.js';

export const getDeviceInfos = defineAction({
  name: 'GetDeviceInfos',
  versions: [MOBILE_PUSH_2015],
  about: 'Tells which devices are online.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    Devices: required(commaList(MAX_DEVICES, 256), 'Device ids, comma between.'),
  },
  answer: 'DeviceInfos.DeviceInfo: list of DeviceId, IsOnline.',
  handle: async (values, call) => {
    const instance = await call.appKeyInstance(values.AppKey);
    const { devices } = call.services;
    const infos = await Promise.all(
      values.Devices.map(async (device) => ({
        DeviceId: device,
        IsOnline: await devices.isOnline(instance, device),
      })),
    );
    return { DeviceInfos: { DeviceInfo: infos } };
  },
});
