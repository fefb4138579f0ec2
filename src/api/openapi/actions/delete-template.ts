import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_TEMPLATE } from '../families.js';
import { line, optional } from '../parameters.js';
import { APP } from '../push-parameters.js';

export const deleteTemplate = defineAction({
  name: 'DeleteTemplate',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Deletes a template.',
  family: PUSH_TEMPLATE,
  parameters: {
    ...APP,
    TemplateName: optional(line(200), 'Name of the template.'),
    TemplateId: optional(line(20), 'Or its id.'),
  },
  answer: '',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    await call.services.templates.remove(instance, {
      name: values.TemplateName ?? '',
      id: values.TemplateId ?? '',
    });
    return {};
  },
});
