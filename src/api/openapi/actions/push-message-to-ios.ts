import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { ONLINE_ONLY, PLAIN, parameters, sendMobile } from '../mobile-actions.js';
import { APP_KEY, MESSAGE, SUMMARY, TARGET } from '../mobile-parameters.js';

export const pushMessageToiOS = defineAction({
  name: 'PushMessageToiOS',
  versions: [MOBILE_PUSH_2015],
  about: 'Sends a message to iOS devices that are online.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...TARGET,
    ...MESSAGE,
    ...SUMMARY,
  },
  answer: 'ResponseId: id of the push, a decimal number as text.',
  handle: async (values, call) =>
    sendMobile(call, values, {
      ...PLAIN,
      ...ONLINE_ONLY,
      os: 'ios',
      body: values.Message,
      silent: true,
      params: parameters({ summary: values.Summary }),
    }),
});
