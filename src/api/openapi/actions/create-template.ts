import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_TEMPLATE } from '../families.js';
import { jsonObject } from '../json-parameters.js';
import { numberChoice, optional, required, text } from '../parameters.js';
import { APP } from '../push-parameters.js';

export const createTemplate = defineAction({
  name: 'CreateTemplate',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Creates a template. `#name#` in title, content and uri stands for a value given with each push.',
  family: PUSH_TEMPLATE,
  parameters: {
    ...APP,
    TemplateName: required(
      text(1000),
      'Name: letters, digits and underscores, at most 200; unique in the app.',
      { missing: '3037', tooLong: '3038' },
    ),
    DescInfo: optional(text(1000), 'Description, at most 200 characters.', { tooLong: '3041' }),
    Title: optional(text(1000), 'Title, at most 200 characters.', { tooLong: '3040' }),
    Content: optional(text(1000), 'Text, at most 200 characters.', { tooLong: '3039' }),
    Uri: optional(text(4096), 'What a tap opens, at most 2048 characters.', { tooLong: '3042' }),
    Variables: optional(
      text(1000),
      'Names of the placeholders; they are read from the texts, so this is taken and ignored.',
    ),
    JumpAction: optional(numberChoice([0, 1]), 'What a tap opens: 0 a web address (default), 1 an activity.'),
    ShowStyle: optional(numberChoice([0, 1]), '1 for messages that are not shown; default 0.'),
    PushStyle: optional(numberChoice([0, 1, 2]), '0 default, 1 big text, 2 image and text.'),
    ImageUrls: optional(jsonObject(8192), 'Large images, by channel.'),
    IconUrls: optional(jsonObject(8192), 'Icons, by channel.'),
  },
  answer: 'Data: id of the template.',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    const template = await call.services.templates.create(instance, {
      name: values.TemplateName,
      description: values.DescInfo ?? '',
      title: values.Title ?? '',
      content: values.Content ?? '',
      uri: values.Uri ?? '',
      action: values.JumpAction ?? 0,
      silent: values.ShowStyle === 1,
      style: values.PushStyle ?? 0,
      imageUrls: values.ImageUrls === undefined ? '' : JSON.stringify(values.ImageUrls),
      iconUrls: values.IconUrls === undefined ? '' : JSON.stringify(values.IconUrls),
    });
    return { Data: template.id };
  },
});
