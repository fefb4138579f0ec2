import { defineAction, MPAAS_2020_10 } from '../action.js';
import { PUSH } from '../families.js';
import { line, required } from '../parameters.js';
import { APP, TARGET_CHARACTERS, TOKEN } from '../push-parameters.js';

export const pushUnBind = defineAction({
  name: 'PushUnBind',
  versions: [MPAAS_2020_10],
  about: 'Unbinds a user from a device.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TOKEN,
    UserId: required(line(TARGET_CHARACTERS), 'The user.', { missing: '3012' }),
  },
  answer: '',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    await call.services.binder.unbind(instance, values.DeliveryToken, values.UserId);
    return {};
  },
});
