import { type Action, defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { asTexts, coreIndex } from '../analysis-actions.js';
import { PUSH_QUERY } from '../families.js';
import { CORE_INDEX } from '../push-parameters.js';

/** The same question; only the form of the answer differs. */
export const listAnalysisCoreIndex: Action = defineAction({
  name: 'ListAnalysisCoreIndex',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'As QueryPushAnalysisCoreIndex.',
  family: PUSH_QUERY,
  parameters: CORE_INDEX,
  answer: 'ResultContent.Data as there, but all texts.',
  handle: async (values, call) => ({ ResultContent: { Data: asTexts(await coreIndex(values, call)) } }),
});
