import type { Action } from '../action.js';
import { queryPushAnalysisCoreIndex } from './query-push-analysis-core-index.js';

/** The same question; only the form of the answer differs. */
export const listAnalysisCoreIndex: Action = {
  ...queryPushAnalysisCoreIndex,
  name: 'ListAnalysisCoreIndex',
  about: 'As QueryPushAnalysisCoreIndex.',
  answer: 'ResultContent.Data as there, but all texts.',
};
