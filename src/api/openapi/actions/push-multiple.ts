import { PushKind } from '../../../push/schedules/schedules.js';
import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { PUSH } from '../families.js';
import { jsonMap } from '../json-parameters.js';
import { line, list, optional, required } from '../parameters.js';
import { contentOf, fromTemplate, message, pushOrSchedule, taskOf, templateOf } from '../push-actions.js';
import {
  ACTIVITY,
  APP,
  deliveryType,
  EXTENDED,
  MAX_MULTIPLE_TARGETS,
  MSG_KEY_CHARACTERS,
  PRESENTATION,
  SCHEDULE,
  TARGET_CHARACTERS,
  TASK,
  TEMPLATE_NAME,
  TEMPLATE_VALUES,
  VALIDITY,
} from '../push-parameters.js';

export const pushMultiple = defineAction({
  name: 'PushMultiple',
  versions: MPAAS_VERSIONS,
  about: 'Pushes to each of up to a hundred targets a message of its own, made from a template.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TASK,
    ...deliveryType([1, 2, 3, 7], '1 Android device, 2 iOS device, 3 user, 7 HarmonyOS device.'),
    ...TEMPLATE_NAME,
    TargetMsg: required(
      list(
        {
          Target: required(line(TARGET_CHARACTERS), 'The target.', { missing: '3021' }),
          MsgKey: required(line(MSG_KEY_CHARACTERS), 'Its business message id, unique.'),
          ...TEMPLATE_VALUES,
          ExtendedParams: optional(
            jsonMap({ pairs: 9, keyCharacters: 128, valueCharacters: 2048 }),
            'Extended parameters of this target, beside those of all.',
            { invalid: '3044', tooLong: '3044', tooMany: '3049' },
          ),
        },
        MAX_MULTIPLE_TARGETS,
      ),
      'The targets.',
      { missing: '3021', tooMany: '3055' },
    ),
    ...VALIDITY,
    ...EXTENDED,
    ...PRESENTATION,
    ...SCHEDULE,
    ...ACTIVITY,
  },
  answer: 'PushResult.Data: the task id, or the id of the scheduled task.',
  handle: async (values, call) => {
    const task = await taskOf(call, values, 'MULTIPLE');
    const template = await templateOf(call, task.instance, values.TemplateName);
    const messages = values.TargetMsg.map((target) => {
      const content = contentOf(template, target.TemplateKeyValue, values);
      return message(target.Target, target.MsgKey, content, target.ExtendedParams);
    });
    return {
      Data: await pushOrSchedule(call, values, PushKind.MULTIPLE, {
        call: 'toTargets',
        args: [fromTemplate(task, template), messages],
      }),
    };
  },
});
