/** The one table of actions. A test holds it equal to the files of this directory. */
import type { Action } from '../action.js';
import { bindAlias } from './bind-alias.js';
import { bindTag } from './bind-tag.js';
import { cancelMpsScheduler } from './cancel-mps-scheduler.js';
import { cancelPushScheduler } from './cancel-push-scheduler.js';
import { createOpenGlobalData } from './create-open-global-data.js';
import { createOpenSingleData } from './create-open-single-data.js';
import { createTemplate } from './create-template.js';
import { deleteTemplate } from './delete-template.js';
import { getDeviceInfos } from './get-device-infos.js';
import { getTemplate } from './get-template.js';
import { listAnalysisCoreIndex } from './list-analysis-core-index.js';
import { listTags } from './list-tags.js';
import { listTemplatePage } from './list-template-page.js';
import { push } from './push.js';
import { pushBind } from './push-bind.js';
import { pushBroadcast } from './push-broadcast.js';
import { pushMessageToAndroid } from './push-message-to-android.js';
import { pushMessageToiOS } from './push-message-to-ios.js';
import { pushMultiple } from './push-multiple.js';
import { pushNoticeToAndroid } from './push-notice-to-android.js';
import { pushNoticeToiOS } from './push-notice-to-ios.js';
import { pushQueryDeviceState } from './push-query-device-state.js';
import { pushReport } from './push-report.js';
import { pushSimple } from './push-simple.js';
import { pushTemplate } from './push-template.js';
import { pushUnBind } from './push-un-bind.js';
import { queryAliases } from './query-aliases.js';
import { queryMpsSchedulerList } from './query-mps-scheduler-list.js';
import { queryPushAnalysisCoreIndex } from './query-push-analysis-core-index.js';
import { queryPushAnalysisTaskDetail } from './query-push-analysis-task-detail.js';
import { queryPushAnalysisTaskList } from './query-push-analysis-task-list.js';
import { queryPushSchedulerList } from './query-push-scheduler-list.js';
import { queryTags } from './query-tags.js';
import { revokePushMessage } from './revoke-push-message.js';
import { revokePushTask } from './revoke-push-task.js';
import { unbindAlias } from './unbind-alias.js';
import { unbindTag } from './unbind-tag.js';

export const ACTIONS: readonly Action[] = [
  createOpenSingleData,
  createOpenGlobalData,
  pushSimple,
  pushTemplate,
  pushMultiple,
  pushBroadcast,
  revokePushMessage,
  revokePushTask,
  queryPushAnalysisCoreIndex,
  listAnalysisCoreIndex,
  queryPushAnalysisTaskList,
  queryPushAnalysisTaskDetail,
  queryPushSchedulerList,
  queryMpsSchedulerList,
  cancelPushScheduler,
  cancelMpsScheduler,
  pushBind,
  pushUnBind,
  pushReport,
  pushQueryDeviceState,
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplatePage,
  pushMessageToAndroid,
  pushNoticeToAndroid,
  pushMessageToiOS,
  pushNoticeToiOS,
  push,
  getDeviceInfos,
  bindTag,
  unbindTag,
  listTags,
  queryTags,
  bindAlias,
  unbindAlias,
  queryAliases,
];
