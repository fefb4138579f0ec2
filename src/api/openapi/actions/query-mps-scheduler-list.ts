import type { Action } from '../action.js';
import { queryPushSchedulerList } from './query-push-scheduler-list.js';

/** The same action under the name of older clients. */
export const queryMpsSchedulerList: Action = {
  ...queryPushSchedulerList,
  name: 'QueryMpsSchedulerList',
  about: 'As QueryPushSchedulerList.',
};
