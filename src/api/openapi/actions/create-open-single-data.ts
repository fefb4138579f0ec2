import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { SYNC } from '../families.js';
import { optional, required, text } from '../parameters.js';
import { SINGLE_AND_GLOBAL, sendSync } from '../sync-parameters.js';

export const createOpenSingleData = defineAction({
  name: 'CreateOpenSingleData',
  versions: MPAAS_VERSIONS,
  about: 'Syncs data to one user or one device.',
  family: SYNC,
  parameters: {
    ...SINGLE_AND_GLOBAL,
    LinkToken: required(
      text(500),
      'User id or device id, as the sync configuration says; `limits.linkToken` characters.',
    ),
    CheckOnline: optional(text(10), 'Taken and ignored.'),
  },
  answer: '',
  handle: async (values, call) => sendSync(call, false, values, { linkToken: values.LinkToken }),
});
