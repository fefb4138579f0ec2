import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_TEMPLATE } from '../families.js';
import { line, optional } from '../parameters.js';
import { APP } from '../push-parameters.js';
import { shownTemplate } from '../template-answer.js';

export const getTemplate = defineAction({
  name: 'GetTemplate',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Shows a template.',
  family: PUSH_TEMPLATE,
  parameters: {
    ...APP,
    TemplateName: optional(line(200), 'Name of the template.'),
    TemplateId: optional(line(20), 'Or its id.'),
  },
  answer:
    'Data: Id, Name, DescInfo, Title, Content, Action, Uri, Variables, ShowStyle, PushStyle, ImageUrls, IconUrls, GmtCreate, GmtModified, all texts.',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    const template = await call.services.templates.get(instance, {
      name: values.TemplateName ?? '',
      id: values.TemplateId ?? '',
    });
    return { Data: shownTemplate(template) };
  },
});
