import { PushKind } from '../../../push/schedules/schedules.js';
import { defineAction, MPAAS_VERSIONS } from '../action.js';
import { PUSH } from '../families.js';
import { jsonObject } from '../json-parameters.js';
import { numberChoice, optional, required, text } from '../parameters.js';
import { messagesTo, pushOrSchedule, taskOf } from '../push-actions.js';
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
  VALIDITY,
} from '../push-parameters.js';

export const pushSimple = defineAction({
  name: 'PushSimple',
  versions: MPAAS_VERSIONS,
  about: 'Pushes one message to each of up to ten targets.',
  family: PUSH,
  parameters: {
    ...APP,
    ...TASK,
    ...deliveryType(
      [1, 2, 3, 5, 6, 7],
      '1 Android device, 2 iOS device, 3 user, 5 Live Activity push token, 6 Live Activity id, 7 HarmonyOS device.',
    ),
    ...TARGET_MSG_KEY,
    Title: required(text(200), 'Title.', { missing: '3024', tooLong: '3043' }),
    Content: required(text(4096), 'Text.', { missing: '3024', tooLong: '3043' }),
    ...VALIDITY,
    ...EXTENDED,
    Uri: optional(text(2048), 'What a tap opens.'),
    PushStyle: optional(numberChoice([0, 1, 2]), '0 default, 1 big text, 2 image and text.'),
    ImageUrls: optional(jsonObject(8192), 'Large images, by channel.'),
    IconUrls: optional(jsonObject(8192), 'Icons, by channel.'),
    ...PRESENTATION,
    ...SCHEDULE,
    ...SMS,
    ...ACTIVITY,
  },
  answer: 'PushResult.Data: the task id, or the id of the scheduled task.',
  handle: async (values, call) => {
    const task = await taskOf(call, values, 'SIMPLE');
    const content = {
      title: values.Title,
      content: values.Content,
      uri: values.Uri ?? '',
      action: values.PushAction ?? 0,
      silent: values.Silent === 1,
      style: values.PushStyle ?? 0,
      imageUrls: values.ImageUrls === undefined ? '' : JSON.stringify(values.ImageUrls),
      iconUrls: values.IconUrls === undefined ? '' : JSON.stringify(values.IconUrls),
    };
    const messages = messagesTo(values.TargetMsgkey, content);
    return {
      Data: await pushOrSchedule(call, values, PushKind.SIMPLE, {
        call: 'toTargets',
        args: [task, messages],
      }),
    };
  },
});
