import { type Action, MPAAS_2020_07 } from '../action.js';
import { cancelPushScheduler } from './cancel-push-scheduler.js';

/** The same action under the name of older clients. */
export const cancelMpsScheduler: Action = {
  ...cancelPushScheduler,
  name: 'CancelMpsScheduler',
  versions: [MPAAS_2020_07],
  about: 'As CancelPushScheduler.',
};
