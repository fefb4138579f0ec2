import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { ONLINE_ONLY, PLAIN, parameters, sendMobile } from '../mobile-actions.js';
import { ANDROID_EXT, APP_KEY, SUMMARY, TARGET, TITLE } from '../mobile-parameters.js';

export const pushNoticeToAndroid = defineAction({
  name: 'PushNoticeToAndroid',
  versions: [MOBILE_PUSH_2015],
  about: 'Sends a notice to Android devices that are online.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...TARGET,
    ...TITLE,
    ...SUMMARY,
    ...ANDROID_EXT,
  },
  answer: 'ResponseId: id of the push, a decimal number as text.',
  handle: async (values, call) =>
    sendMobile(call, values, {
      ...PLAIN,
      ...ONLINE_ONLY,
      os: 'android',
      title: values.Title,
      body: values.Summary,
      params: parameters({ ext: values.AndroidExtParameters }),
    }),
});
