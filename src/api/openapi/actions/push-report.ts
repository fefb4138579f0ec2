import { defineAction, MPAAS_2020_10 } from '../action.js';
import { reportDevice } from '../device-actions.js';
import { PUSH } from '../families.js';
import { integer, line, optional } from '../parameters.js';
import { APP, OS_TYPE, TOKEN } from '../push-parameters.js';

export const pushReport = defineAction({
  name: 'PushReport',
  versions: [MPAAS_2020_10],
  about: 'Reports the vendor token and the state of a device.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TOKEN,
    ...OS_TYPE,
    ThirdChannel: optional(integer(0, 100), '4 Xiaomi, 5 Huawei, 7 OPPO, 8 vivo.'),
    ThirdChannelDeviceToken: optional(line(1024), 'Token of the device in that channel.'),
    AppVersion: optional(line(40), 'Version of the app.'),
    Channel: optional(line(100), 'Where the app was installed from.'),
    ConnectType: optional(line(40), 'Kind of network.'),
    Imei: optional(line(100), 'Taken and ignored.'),
    Imsi: optional(line(100), 'Taken and ignored.'),
    Model: optional(line(100), 'Model of the device.'),
    PushVersion: optional(line(40), 'Version of the push SDK.'),
  },
  answer: '',
  handle: reportDevice,
});
