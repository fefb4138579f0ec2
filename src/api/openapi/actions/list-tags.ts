import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY } from '../mobile-parameters.js';
import { answerTags } from '../tag-actions.js';

export const listTags = defineAction({
  name: 'ListTags',
  versions: [MOBILE_PUSH_2015],
  about: 'Lists the tags of the app.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
  },
  answer: 'TagInfos.TagInfo: list of TagName.',
  handle: async (values, call) => {
    const instance = await call.appKeyInstance(values.AppKey);
    return answerTags(await call.services.tags.list(instance));
  },
});
