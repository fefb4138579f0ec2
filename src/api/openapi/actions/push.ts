import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { pushOf, sendMobile } from '../mobile-actions.js';
import { ANDROID_EXT, APP_KEY, apnsEnvironment, body, IOS_EXT, TARGET, TITLE } from '../mobile-parameters.js';
import { flag, integer, line, numberChoice, optional, required, text, utcTime } from '../parameters.js';

export const push = defineAction({
  name: 'Push',
  versions: [MOBILE_PUSH_2015],
  about: 'Sends a message or a notice, at once or later, with offline storage.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...TARGET,
    DeviceType: required(numberChoice([0, 1, 3]), '0 iOS, 1 Android, 3 all.'),
    Type: optional(numberChoice([0, 1]), '0 message (default), 1 notice.'),
    ...TITLE,
    Body: required(body, 'Content.'),
    Summary: optional(body, 'Content of an iOS notice.'),
    iOSMusic: optional(line(200), 'Sound.'),
    iOSBadge: optional(line(20), 'Badge.'),
    ...IOS_EXT,
    ApnsEnv: optional(apnsEnvironment, 'APNs environment.'),
    iOSTitle: optional(text(200), 'Taken and ignored.'),
    iOSSubtitle: optional(text(200), 'Taken and ignored.'),
    iOSNotificationCategory: optional(text(200), 'Taken and ignored.'),
    iOSMutableContent: optional(text(20), 'Taken and ignored.'),
    Remind: optional(flag(), 'iOS message: to a device that is offline, goes through APNs as a notice.'),
    AndroidMusic: optional(line(200), 'Sound.'),
    AndroidOpenType: optional(
      numberChoice([1, 2, 3]),
      'What a tap opens: 1 the app, 2 an activity, 3 a web address.',
    ),
    AndroidActivity: optional(line(500), 'The activity.'),
    AndroidOpenUrl: optional(text(2048), 'The web address.'),
    ...ANDROID_EXT,
    XiaomiActivity: optional(text(500), 'Taken and ignored.'),
    PushTime: optional(utcTime(), 'When to send; at once by default.'),
    StoreOffline: optional(flag(), 'Kept for devices that are offline.'),
    ExpireTime: optional(utcTime(), 'Kept until then, at most 72 hours after it is sent.'),
    TimeOut: optional(integer(0, 259_200), 'Taken and ignored.'),
    BatchNumber: optional(line(100), 'Batch, for statistics.'),
  },
  answer: 'ResponseId: id of the push, a decimal number as text.',
  handle: async (values, call) => sendMobile(call, values, pushOf(values)),
});
