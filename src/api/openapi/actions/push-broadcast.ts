import { PushKind } from '../../../push/schedules/schedules.js';
import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { PUSH } from '../families.js';
import { line, numberChoice, optional, required, text } from '../parameters.js';
import {
  contentOf,
  fromTemplate,
  loginOf,
  message,
  pushOrSchedule,
  taskOf,
  templateOf,
} from '../push-actions.js';
import {
  APP,
  deliveryType,
  EXTENDED,
  MSG_KEY_CHARACTERS,
  PRESENTATION,
  SCHEDULE,
  TASK,
  TEMPLATE_NAME,
  TEMPLATE_VALUES,
  VALIDITY,
} from '../push-parameters.js';

export const pushBroadcast = defineAction({
  name: 'PushBroadcast',
  versions: MPAAS_VERSIONS,
  about: 'Pushes one message, made from a template, to all devices of a platform.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TASK,
    ...deliveryType([1, 2, 7], '1 Android, 2 iOS, 7 HarmonyOS.', '3030'),
    Msgkey: required(line(MSG_KEY_CHARACTERS), 'Business message id, unique.'),
    ...TEMPLATE_NAME,
    ...TEMPLATE_VALUES,
    ...VALIDITY,
    ...EXTENDED,
    PushStatus: optional(
      numberChoice([0, 1, 2]),
      'Devices with a user (0, the default), all (1), those whose user has left (2).',
    ),
    BindPeriod: optional(
      numberChoice([1, 2, 3, 4]),
      'For devices with a user: bound within 7 days, 15 days, 60 days, or ever (default).',
    ),
    UnBindPeriod: optional(
      numberChoice([1, 2, 3, 4]),
      'For devices whose user has left: within 7, 15, 60 days, or ever. Needed when PushStatus is 1 or 2.',
      { invalid: '3052' },
    ),
    AndroidChannel: optional(numberChoice([1, 2]), 'Own channel (1) or default channel (2).', {
      invalid: '3057',
    }),
    TimeMode: optional(text(100), 'Taken and ignored.'),
    BindStartTime: optional(text(100), 'Taken and ignored.'),
    BindEndTime: optional(text(100), 'Taken and ignored.'),
    UnBindStartTime: optional(text(100), 'Taken and ignored.'),
    UnBindEndTime: optional(text(100), 'Taken and ignored.'),
    ...PRESENTATION,
    ...SCHEDULE,
  },
  answer: 'PushResult.Data: the task id, or the id of the scheduled task.',
  handle: async (values, call) => {
    const task = { ...(await taskOf(call, values, 'BROADCAST')), login: loginOf(values) };
    const template = await templateOf(call, task.instance, values.TemplateName);
    const content = contentOf(template, values.TemplateKeyValue, values);
    const toAll = message('', values.Msgkey, content, undefined);
    return {
      Data: await pushOrSchedule(call, values, PushKind.BROADCAST, {
        call: 'toAll',
        args: [fromTemplate(task, template), toAll],
      }),
    };
  },
});
