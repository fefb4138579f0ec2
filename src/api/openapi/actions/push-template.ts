import { PushKind } from '../../../push/schedules/schedules.js';
import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { PUSH } from '../families.js';
import { contentOf, fromTemplate, messagesTo, pushOrSchedule, taskOf, templateOf } from '../push-actions.js';
import {
  ACTIVITY,
  APP,
  deliveryType,
  EXTENDED,
  PRESENTATION,
  SCHEDULE,
  SMS,
  TARGET_MSG_KEY,
  TASK,
  TEMPLATE_NAME,
  TEMPLATE_VALUES,
  VALIDITY,
} from '../push-parameters.js';

export const pushTemplate = defineAction({
  name: 'PushTemplate',
  versions: MPAAS_VERSIONS,
  about: 'Pushes one message, made from a template, to each of up to ten targets.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TASK,
    ...deliveryType(
      [1, 2, 3, 5, 6, 7],
      '1 Android device, 2 iOS device, 3 user, 5 Live Activity push token, 6 Live Activity id, 7 HarmonyOS device.',
    ),
    ...TARGET_MSG_KEY,
    ...TEMPLATE_NAME,
    ...TEMPLATE_VALUES,
    ...VALIDITY,
    ...EXTENDED,
    ...PRESENTATION,
    ...SCHEDULE,
    ...SMS,
    ...ACTIVITY,
  },
  answer: 'PushResult.Data: the task id, or the id of the scheduled task.',
  handle: async (values, call) => {
    const task = await taskOf(call, values, 'TEMPLATE');
    const template = await templateOf(call, task.instance, values.TemplateName);
    const content = contentOf(template, values.TemplateKeyValue, values);
    const messages = messagesTo(values.TargetMsgkey, content);
    return {
      Data: await pushOrSchedule(call, values, PushKind.TEMPLATE, {
        call: 'toTargets',
        args: [fromTemplate(task, template), messages],
      }),
    };
  },
});
