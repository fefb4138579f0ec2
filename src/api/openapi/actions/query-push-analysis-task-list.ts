import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { taskList } from '../analysis-actions.js';
import { PUSH_QUERY } from '../families.js';
import { line, optional, required, text, time } from '../parameters.js';
import { APP, PAGE } from '../push-parameters.js';

export const queryPushAnalysisTaskList = defineAction({
  name: 'QueryPushAnalysisTaskList',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Lists multiple and broadcast pushes.',
  family: PUSH_QUERY,
  parameters: {
    ...APP,
    StartTime: required(time(), 'Created on this day or later.'),
    TaskId: optional(line(64), 'This task only.'),
    TaskName: optional(text(200), 'Tasks of this name only.'),
    ...PAGE,
  },
  answer:
    'ResultContent.Data: list of TaskId, TaskName, TemplateId, TemplateName, Type, GmtCreate; the oldest first.',
  handle: taskList,
});
