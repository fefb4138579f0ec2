import { defineAction, MOBILE_PUSH_2015 } from '../action.js';
import { ALIAS_DEVICE, ofDevice } from '../alias-actions.js';
import { MOBILE_PUSH } from '../families.js';
import { APP_KEY } from '../mobile-parameters.js';

export const queryAliases = defineAction({
  name: 'QueryAliases',
  versions: [MOBILE_PUSH_2015],
  about: 'Lists the aliases of a device.',
  family: MOBILE_PUSH,
  parameters: { ...APP_KEY, ...ALIAS_DEVICE },
  answer: 'AliasInfos.AliasInfo: list of AliasName.',
  handle: async (values, call) => {
    const names = await ofDevice(call, values, [], (aliases, instance, deviceId) =>
      aliases.of(instance, deviceId),
    );
    return { AliasInfos: { AliasInfo: names.map((name) => ({ AliasName: name })) } };
  },
});
