import { defineAction, MPAAS_2020_10 } from '../action.js';
import { PUSH } from '../families.js';
import { line, optional, required } from '../parameters.js';
import { APP, OS_TYPE, TARGET_CHARACTERS, TOKEN } from '../push-parameters.js';

export const pushBind = defineAction({
  name: 'PushBind',
  versions: [MPAAS_2020_10],
  about: 'Binds a user to a device, in place of the one before.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TOKEN,
    UserId: required(line(TARGET_CHARACTERS), 'The user.', { missing: '3012' }),
    ...OS_TYPE,
    PhoneNumber: optional(line(40), 'Taken and ignored: this server sends no text messages.'),
  },
  answer: '',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    await call.services.binder.bind(instance, values.DeliveryToken, values.UserId);
    return {};
  },
});
