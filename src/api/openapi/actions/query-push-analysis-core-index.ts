import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { coreIndex } from '../analysis-actions.js';
import { PUSH_QUERY } from '../families.js';
import { CORE_INDEX } from '../push-parameters.js';

export const queryPushAnalysisCoreIndex = defineAction({
  name: 'QueryPushAnalysisCoreIndex',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Counts pushes, arrivals, openings and ignored ones.',
  family: PUSH_QUERY,
  parameters: CORE_INDEX,
  answer:
    'ResultContent.Data: PushTotalNum, PushNum, ArrivalNum, ArrivalRate, OpenNum, OpenRate, IgnoreNum, IgnoreRate, all numbers; rates in percent.',
  handle: async (values, call) => ({ ResultContent: { Data: await coreIndex(values, call) } }),
});
