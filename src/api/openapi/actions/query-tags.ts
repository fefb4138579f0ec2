import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY } from '../mobile-parameters.js';
import { line, numberChoice, required } from '../parameters.js';
import { answerTags, tagClients } from '../tag-actions.js';

export const queryTags = defineAction({
  name: 'QueryTags',
  versions: [MOBILE_PUSH_2015],
  about: 'Lists the tags of one device or account.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ClientKey: required(line(256), 'One device or account.'),
    KeyType: required(numberChoice([1, 2]), 'What ClientKey names: 1 a device, 2 an account.'),
  },
  answer: 'TagInfos.TagInfo: list of TagName.',
  handle: async (values, call) => {
    const instance = await call.appKeyInstance(values.AppKey);
    const [client] = tagClients([values.ClientKey], values.KeyType);
    return answerTags(client === undefined ? [] : await call.services.tags.of(instance, client));
  },
});
