import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_QUERY } from '../families.js';
import { line, numberChoice, optional, required, time } from '../parameters.js';
import { APP, PAGE } from '../push-parameters.js';
import { listSchedules } from '../schedule-actions.js';

export const queryMpsSchedulerList = defineAction({
  name: 'QueryMpsSchedulerList',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'As QueryPushSchedulerList.',
  family: PUSH_QUERY,
  parameters: {
    ...APP,
    StartTime: required(time(), 'Planned for this time or later.'),
    EndTime: required(time(), 'Planned for this time or earlier.'),
    Type: optional(numberChoice([0, 1, 2, 3]), '0 simple, 1 template, 2 multiple, 3 broadcast.'),
    UniqueId: optional(line(64), 'A task and, of a loop, all its children; or one child.'),
    ...PAGE,
  },
  answer:
    'ResultContent.Data: TotalCount, List of UniqueId, ParentId, PushTime, PushTitle, PushContent, Type, DeliveryType, StrategyType, ExecutedStatus, CreateType, GmtCreate.',
  handle: listSchedules,
});
