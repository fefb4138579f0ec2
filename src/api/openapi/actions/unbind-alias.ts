import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { ALIAS_DEVICE, aliasNames, ofDevice } from '../alias-actions.js';
import { MOBILE_PUSH, Refusal } from '../families.js';
import { APP_KEY } from '../mobile-parameters.js';
import { flag, optional } from '../parameters.js';

export const unbindAlias = defineAction({
  name: 'UnbindAlias',
  versions: [MOBILE_PUSH_2015],
  about: 'Takes aliases from a device.',
  family: MOBILE_PUSH,
  parameters: {
    ...APP_KEY,
    ...ALIAS_DEVICE,
    AliasName: optional(aliasNames, 'Aliases, comma between. Needed unless UnbindAll is true.'),
    UnbindAll: optional(flag(), 'Takes all aliases of the device.'),
  },
  answer: '',
  handle: async (values, call) => {
    const { AliasName: names = [], UnbindAll: all = false } = values;
    if (!all && names.length === 0) throw new Refusal('MissingParameter', 'AliasName');
    await ofDevice(call, values, names, (aliases, instance, deviceId) =>
      aliases.unbind(instance, deviceId, all ? null : names),
    );
    return {};
  },
});
