import { defineAction, MPAAS_2020_07, MPAAS_2020_10 } from '../action.js';
import { PUSH_QUERY } from '../families.js';
import { choice, line, optional, required, time } from '../parameters.js';
import { APP } from '../push-parameters.js';

export const queryPushAnalysisCoreIndex = defineAction({
  name: 'QueryPushAnalysisCoreIndex',
  versions: [MPAAS_2020_07, MPAAS_2020_10],
  about: 'Counts pushes, arrivals, openings and ignored ones.',
  family: PUSH_QUERY,
  parameters: {
    ...APP,
    StartTime: required(time(), 'First day.'),
    EndTime: required(time(), 'Last day, at most 90 days later.'),
    Platform: optional(choice(['IOS', 'ANDROID', 'HARMONYOS']), 'Of this platform only.'),
    Channel: optional(
      choice(['IOS', 'FCM', 'HMS', 'MIUI', 'OPPO', 'VIVO', 'ANDROID', 'HARMONYOS']),
      'Of this channel only; ANDROID is the own one.',
    ),
    Type: optional(choice(['SIMPLE', 'TEMPLATE', 'MULTIPLE', 'BROADCAST']), 'Of this kind of push only.'),
    TaskId: optional(line(64), 'Of this task only.'),
  },
  answer:
    'ResultContent.Data: PushTotalNum, PushNum, ArrivalNum, ArrivalRate, OpenNum, OpenRate, IgnoreNum, IgnoreRate, all numbers.',
});
