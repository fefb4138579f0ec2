import { defineAction, MPAAS_2020_07 } from '../action.js';
import { PUSH_QUERY } from '../families.js';
import { commaList, numberChoice, optional, required } from '../parameters.js';
import { APP } from '../push-parameters.js';
import { cancelSchedules } from '../schedule-actions.js';

export const cancelMpsScheduler = defineAction({
  name: 'CancelMpsScheduler',
  versions: [MPAAS_2020_07],
  about: 'As CancelPushScheduler.',
  family: PUSH_QUERY,
  parameters: {
    ...APP,
    UniqueIds: required(commaList(30, 64), 'Ids of scheduled pushes, comma between.'),
    Type: optional(numberChoice([0, 1]), 'Ids of tasks (0, the default) or of children of a loop (1).'),
  },
  answer: 'ResultContent: text `{id=1,id=0}`, 1 for cancelled and 0 for not.',
  handle: cancelSchedules,
});
