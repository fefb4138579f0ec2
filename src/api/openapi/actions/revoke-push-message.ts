import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH } from '../families.js';
import { line, required } from '../parameters.js';
import { APP, MSG_KEY_CHARACTERS, TARGET_CHARACTERS } from '../push-parameters.js';

export const revokePushMessage = defineAction({
  name: 'RevokePushMessage',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Takes back a simple or template push of the last seven days.',
  family: PUSH,
  parameters: {
    ...APP,
    MessageId: required(line(MSG_KEY_CHARACTERS), 'Business message id.'),
    TargetId: required(line(TARGET_CHARACTERS), 'The target that it was pushed to.', { missing: '3021' }),
  },
  answer: '',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    await call.services.revoker.message(instance, values.MessageId, values.TargetId);
    return {};
  },
});
