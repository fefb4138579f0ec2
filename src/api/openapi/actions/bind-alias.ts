import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { ALIAS_DEVICE, aliasNames, ofDevice } from '../alias-actions.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY } from '../mobile-parameters.js';
import { required } from '../parameters.js';

export const bindAlias = defineAction({
  name: 'BindAlias',
  versions: [MOBILE_PUSH_2015],
  about: 'Gives aliases to a device. A device has at most 128 aliases, an alias at most 128 devices.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...ALIAS_DEVICE,
    AliasName: required(aliasNames, 'Aliases, comma between.'),
  },
  answer: '',
  handle: async (values, call) => {
    await ofDevice(call, values, values.AliasName, (aliases, instance, deviceId) =>
      aliases.bind(instance, deviceId, values.AliasName),
    );
    return {};
  },
});
