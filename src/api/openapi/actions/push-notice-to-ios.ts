import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { jsonObject } from '../json-parameters.js';
import { APP_KEY, apnsEnvironment, IOS_EXT, SUMMARY, TARGET } from '../mobile-parameters.js';
import { required } from '../parameters.js';

export const pushNoticeToiOS = defineAction({
  name: 'PushNoticeToiOS',
  versions: [MOBILE_PUSH_2015],
  about: 'Sends a notice to iOS devices that are online.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...TARGET,
    Env: required(apnsEnvironment, 'APNs environment.'),
    ...SUMMARY,
    Ext: required(jsonObject(4096), 'Sound and badge, and own data.'),
    ...IOS_EXT,
  },
  answer: 'ResponseId: id of the push, a decimal number as text.',
});
