import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
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
});
