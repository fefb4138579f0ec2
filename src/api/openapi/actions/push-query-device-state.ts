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
});
