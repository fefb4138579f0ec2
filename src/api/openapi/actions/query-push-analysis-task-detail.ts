import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { taskDetail } from '../analysis-actions.js';
import { PUSH_QUERY } from '../families.js';
import { line, required } from '../parameters.js';
import { APP } from '../push-parameters.js';

export const queryPushAnalysisTaskDetail = defineAction({
  name: 'QueryPushAnalysisTaskDetail',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Counts of one multiple or broadcast push.',
  family: PUSH_QUERY,
  parameters: {
    ...APP,
    TaskId: required(line(64), 'Task id.'),
  },
  answer:
    'ResultContent.Data: TaskId, PushNum, PushSuccessNum, PushArrivalNum, StartTime, EndTime, Duration.',
  handle: taskDetail,
});
