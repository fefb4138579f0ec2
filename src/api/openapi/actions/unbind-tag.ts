import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY, CLIENT_KEYS, TAG_NAMES } from '../mobile-parameters.js';
import { changeTags } from '../tag-actions.js';

export const unbindTag = defineAction({
  name: 'UnbindTag',
  versions: [MOBILE_PUSH_2015],
  about: 'Takes tags from devices or accounts.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...CLIENT_KEYS,
    ...TAG_NAMES,
  },
  answer: '',
  handle: async (values, call) => changeTags(call, 'unbind', values),
});
