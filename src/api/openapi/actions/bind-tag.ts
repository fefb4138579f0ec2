import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY, CLIENT_KEYS, TAG_NAMES } from '../mobile-parameters.js';
import { changeTags } from '../tag-actions.js';

export const bindTag = defineAction({
  name: 'BindTag',
  versions: [MOBILE_PUSH_2015],
  about: 'Gives tags to devices or accounts. An app has at most 128 tags.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...CLIENT_KEYS,
    ...TAG_NAMES,
  },
  answer: '',
  handle: async (values, call) => changeTags(call, 'bind', values),
});
