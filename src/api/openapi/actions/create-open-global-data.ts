import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { SYNC } from '../families.js';
import { optional, text } from '../parameters.js';
import { SINGLE_AND_GLOBAL, sendSync } from '../sync-parameters.js';

export const createOpenGlobalData = defineAction({
  name: 'CreateOpenGlobalData',
  versions: MPAAS_VERSIONS,
  about: 'Syncs data to all devices of the app.',
  family: SYNC,
  parameters: {
    ...SINGLE_AND_GLOBAL,
    MaxUid: optional(
      text(20),
      'Highest number, 00 to 99, made of the third- and second-last characters of the id.',
    ),
    MinUid: optional(text(20), 'Lowest number, likewise.'),
    Uids: optional(text(1000), 'The numbers themselves, comma between; wins over MinUid and MaxUid.'),
  },
  answer: '',
  handle: async (values, call) =>
    sendSync(call, true, values, { minUid: values.MinUid, maxUid: values.MaxUid, uids: values.Uids }),
});
