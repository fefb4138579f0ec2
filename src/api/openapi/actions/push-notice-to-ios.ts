import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { jsonObject } from '../json-parameters.js';
import { ONLINE_ONLY, PLAIN, parameters, sendMobile } from '../mobile-actions.js';
import { APP_KEY, apnsEnvironment, IOS_EXT, SUMMARY, TARGET } from '../mobile-parameters.js';
import { required } from '../parameters.js';

export const pushNoticeToiOS = defineAction({
  name: 'PushNoticeToiOS',
  versions: [MOBILE_PUSH_2015],
  about:
    'Sends a notice to iOS devices that are online; others end as NoChannel until there is an APNs channel.',
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
  handle: async (values, call) =>
    sendMobile(call, values, {
      ...PLAIN,
      ...ONLINE_ONLY,
      os: 'ios',
      body: values.Summary,
      params: parameters({ ext: JSON.stringify(values.Ext), iosExt: values.iOSExtParameters }),
    }),
});
