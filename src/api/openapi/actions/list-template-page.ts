import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_TEMPLATE } from '../families.js';
import { integer, optional } from '../parameters.js';
import { APP } from '../push-parameters.js';
import { shownTemplate } from '../template-answer.js';

export const listTemplatePage = defineAction({
  name: 'ListTemplatePage',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Lists templates, the newest first.',
  family: PUSH_TEMPLATE,
  parameters: {
    ...APP,
    CurrentPage: optional(integer(1, 1_000_000), 'Page; default 1.'),
    PageSize: optional(integer(1, 500), 'Entries of a page; default 10.'),
  },
  answer: 'Data: list of what GetTemplate shows; CurrentPage, PageSize, TotalSize.',
  handle: async (values, call) => {
    const instance = await call.instance(values.WorkspaceId, values.AppId);
    const page = values.CurrentPage ?? 1;
    const size = values.PageSize ?? 10;
    const { templates, total } = await call.services.templates.list(instance, page, size);
    return { Data: templates.map(shownTemplate), CurrentPage: page, PageSize: size, TotalSize: total };
  },
});
