import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH } from '../families.js';
import { line, required } from '../parameters.js';
import { APP } from '../push-parameters.js';

export const revokePushTask = defineAction({
  name: 'RevokePushTask',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Takes back a multiple or broadcast push of the last seven days.',
  family: PUSH,
  parameters: {
    ...APP,
    TaskId: required(line(64), 'Task id.'),
  },
  answer: '',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    await call.services.revoker.task(instance, values.TaskId);
    return {};
  },
});
