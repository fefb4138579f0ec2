/** Every action with a call that succeeds, what a device shows of it, and calls that are refused. */

export type Parameters = Readonly<Record<string, unknown>>;

/** What the calls of one core are about, and what they remember for later ones. */
export interface Round {
  /** Makes ids of this core's own. */
  readonly n: string;
  readonly appKey: string;
  /** Ad-token of the Android device of `ann`, which is online. */
  readonly token: string;
  /** Ad-token of a device without a user, which is offline. */
  readonly spare: string;
  readonly startMs: number;
  /** Ids of answers, by the name of their row. */
  readonly kept: Map<string, string>;
}

export interface Row {
  readonly action: string;
  readonly happy: (round: Round) => Parameters;
  /** What the answer holds beside the family's own success. */
  readonly answer?: (round: Round) => object;
  /** Name under which the id of the answer is kept. */
  readonly keep?: string;
  /** What the device of `ann`, or the iPhone of `ida`, shows. */
  readonly phone?: (round: Round) => string;
  readonly iphone?: (round: Round) => string;
  /** It is sent at a time of its own. */
  readonly isLater?: boolean;
  /** Changes to the happy call, and the result code that they lead to. */
  readonly refused?: readonly (readonly [change: Parameters, code: string])[];
}

const DAY = 86_400_000;
const SOON = 3000;
const to = (target: string, msgKey: string): string => JSON.stringify({ [target]: msgKey });
const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const kept = (round: Round, name: string): string => round.kept.get(name) ?? '';

const TASK = { TaskName: 'every action', ExpiredSeconds: 300 };
const simple = (n: string, key: string): Parameters => ({
  ...{ ...TASK, DeliveryType: 3, TargetMsgkey: to('ann', `${key}-${n}`), Title: key, Content: n },
});
const template = (n: string): Parameters => ({
  ...{ ...TASK, DeliveryType: 3, TemplateName: `hi${n}`, TemplateKeyValue: `{"name":"${n}"}` },
});
const TEMPLATE_REFUSED = [
  [{ TemplateName: 'nobody' }, '3022'],
  [{ TemplateName: '' }, '3025'],
  [{ ExpiredSeconds: 0 }, '3020'],
  [{ ExpiredSeconds: 2_592_001 }, '3026'],
  [{ TaskName: '' }, '3019'],
  [{ ExtendedParams: '[1]' }, '3044'],
] as const;
const later = (ms: number): Parameters => ({
  StrategyType: 1,
  StrategyContent: JSON.stringify({ fixedTime: ms }),
});
const range = ({ startMs }: Round): Parameters => ({ StartTime: startMs - DAY, EndTime: startMs + 2 * DAY });
const RANGE_REFUSED = [
  [{ StartTime: '' }, '3028'],
  [{ EndTime: 'x' }, '3028'],
] as const;
const INDEX_REFUSED = [...RANGE_REFUSED, [{ EndTime: 0 }, '3028'], [{ Type: 'NONE' }, '3028']] as const;
const BY_NAME_REFUSED = [
  [{ TemplateName: 'nobody' }, '3022'],
  [{ TemplateName: '', TemplateId: '' }, '3037'],
] as const;

const MPAAS: readonly Row[] = [
  {
    action: 'CreateOpenSingleData',
    happy: ({ n }) => ({
      ...{ BizType: 'DEMO-USER', LinkToken: 'ann', Payload: `single ${n}`, ThirdMsgId: `s${n}` },
    }),
    phone: ({ n }) => `single ${n}`,
    refused: [
      [{ ThirdMsgId: '' }, 'THIRD_MSG_ID_IS_NULL'],
      [{ ThirdMsgId: 'x'.repeat(501) }, 'THIRD_MSG_ID_LONG'],
      [{ LinkToken: '' }, 'ARGS_IS_NULL'],
      [{ BizType: 'NOWHERE' }, 'BIZ_NOT_ONLINE'],
    ],
  },
  {
    action: 'CreateOpenGlobalData',
    happy: ({ n }) => ({ BizType: 'DEMO-GLOBAL', Payload: `global ${n}`, ThirdMsgId: `g${n}` }),
    phone: ({ n }) => `global ${n}`,
    iphone: ({ n }) => `global ${n}`,
    refused: [
      [{ ThirdMsgId: '' }, 'THIRD_MSG_ID_IS_NULL'],
      [{ Payload: '' }, 'ARGS_IS_NULL'],
      [{ BizType: 'NOWHERE' }, 'BIZ_NOT_ONLINE'],
    ],
  },
  {
    action: 'CreateTemplate',
    happy: ({ n }) => ({ TemplateName: `hi${n}`, Title: 'T #name#', Content: 'c' }),
    answer: () => ({ Data: String }),
    refused: [
      [{ TemplateName: '' }, '3037'],
      [{ TemplateName: 'a b' }, '3038'],
      [{ Title: '' }, '3040'],
      [{ Content: 'x'.repeat(201) }, '3039'],
      [{ JumpAction: 5 }, '3028'],
    ],
  },
  {
    action: 'GetTemplate',
    happy: ({ n }) => ({ TemplateName: `hi${n}` }),
    answer: () => ({ Data: { Title: 'T #name#' } }),
    refused: BY_NAME_REFUSED,
  },
  {
    action: 'ListTemplatePage',
    happy: () => ({ PageSize: 1 }),
    answer: ({ n }) => ({ Data: [{ Name: `hi${n}` }] }),
    refused: [[{ PageSize: 501 }, '3028']],
  },
  {
    action: 'PushSimple',
    happy: ({ n, startMs }) => ({
      ...simple(n, 'at its time'),
      ...later(Math.ceil((startMs + SOON) / 1000) * 1000),
    }),
    phone: ({ n }) => `at its time ${n}`,
    isLater: true,
    refused: [
      [later(1_630_303_126_000), '3028'],
      [{ StrategyContent: '' }, '3028'],
    ],
  },
  {
    action: 'PushSimple',
    happy: ({ n, token }) => ({
      ...{ ...simple(n, 'simple'), DeliveryType: 1, TargetMsgkey: to(token, `simple-${n}`) },
    }),
    phone: ({ n }) => `simple ${n}`,
    refused: [
      [{ TargetMsgkey: '{"nobody":"k"}' }, '3054'],
      [{ TargetMsgkey: '' }, '3021'],
      [{ Title: '' }, '3024'],
      [{ Title: 'x'.repeat(201) }, '3043'],
      [{ DeliveryType: 4 }, '3009'],
      [{ DeliveryType: 5 }, '3008'],
      [{ ExpiredSeconds: 0 }, '3020'],
      [{ ExpiredSeconds: 2_592_001 }, '3026'],
      [{ TaskName: '' }, '3019'],
    ],
  },
  {
    action: 'PushTemplate',
    happy: ({ n }) => ({ ...template(n), TargetMsgkey: to('ann', `template-${n}`) }),
    phone: ({ n }) => `T ${n} c`,
    refused: [
      ...TEMPLATE_REFUSED,
      [{ TemplateKeyValue: '{}' }, '3023'],
      [{ TargetMsgkey: '' }, '3021'],
      [{ DeliveryType: 4 }, '3009'],
    ],
  },
  {
    action: 'PushMultiple',
    happy: ({ n }) => ({
      ...{ ...TASK, DeliveryType: 3, TemplateName: `hi${n}` },
      ...{ 'TargetMsg.1.Target': 'ann', 'TargetMsg.1.MsgKey': `multiple-${n}` },
      'TargetMsg.1.TemplateKeyValue': `{"name":"one of ${n}"}`,
    }),
    keep: 'task',
    phone: ({ n }) => `T one of ${n} c`,
    refused: [
      ...TEMPLATE_REFUSED,
      [{ 'TargetMsg.1.Target': '' }, '3021'],
      [{ 'TargetMsg.1.MsgKey': '' }, '3028'],
      [{ 'TargetMsg.1.TemplateKeyValue': '{}' }, '3023'],
      [{ DeliveryType: 5 }, '3009'],
    ],
  },
  {
    action: 'PushBroadcast',
    happy: ({ n }) => ({
      ...{ ...template(n), DeliveryType: 1, Msgkey: `all-${n}`, TemplateKeyValue: `{"name":"all of ${n}"}` },
    }),
    phone: ({ n }) => `T all of ${n} c`,
    refused: [
      ...TEMPLATE_REFUSED,
      [{ DeliveryType: 3 }, '3030'],
      [{ Msgkey: '' }, '3028'],
      [{ PushStatus: 1 }, '3051'],
      [{ PushStatus: 1, UnBindPeriod: 9 }, '3052'],
      [{ AndroidChannel: 3 }, '3057'],
    ],
  },
  ...['Push', 'Mps'].flatMap((name): Row[] => [
    {
      action: 'PushSimple',
      happy: ({ n, startMs }) => ({ ...simple(n, name), ...later(startMs + DAY) }),
      keep: name,
    },
    {
      action: `Query${name}SchedulerList`,
      happy: (round) => ({ ...range(round), UniqueId: kept(round, name) }),
      answer: (round) => ({ ResultContent: { Data: { List: [{ UniqueId: kept(round, name) }] } } }),
      refused: RANGE_REFUSED,
    },
    {
      action: `Cancel${name}Scheduler`,
      happy: (round) => ({ UniqueIds: kept(round, name) }),
      answer: (round) => ({ ResultContent: `{${kept(round, name)}=1}` }),
      refused: [
        [{ UniqueIds: '' }, '3028'],
        [{ Type: 2 }, '3028'],
      ],
    },
  ]),
  {
    action: 'PushReport',
    happy: ({ n }) => ({ DeliveryToken: `apns${n}`, OsType: 2, Model: 'iPhone' }),
    refused: [
      [{ DeliveryToken: '' }, '3001'],
      [{ OsType: 3 }, '3008'],
      [{ OsType: 1, DeliveryToken: 'nobody' }, '3054'],
      [{ ThirdChannel: 5 }, '3028'],
    ],
  },
  {
    action: 'PushBind',
    happy: ({ n, spare }) => ({ DeliveryToken: spare, UserId: `user${n}`, OsType: 1 }),
    refused: [
      [{ DeliveryToken: '' }, '3001'],
      [{ DeliveryToken: 'f'.repeat(64) }, '3054'],
      [{ UserId: '' }, '3012'],
      [{ OsType: 9 }, '3008'],
    ],
  },
  {
    action: 'PushQueryDeviceState',
    happy: ({ token }) => ({ Target: token, TargetType: 1 }),
    answer: () => ({ Data: { UserId: 'ann', Statue: 'ONLINE' } }),
    refused: [
      [{ Target: '' }, '3021'],
      [{ TargetType: 5 }, '3028'],
    ],
  },
  {
    action: 'PushUnBind',
    happy: ({ n, spare }) => ({ DeliveryToken: spare, UserId: `user${n}` }),
    refused: [
      [{ UserId: 'stranger' }, '3028'],
      [{ UserId: '' }, '3012'],
      [{ DeliveryToken: 'f'.repeat(64) }, '3054'],
    ],
  },
  {
    action: 'QueryPushAnalysisCoreIndex',
    happy: range,
    answer: () => ({ ResultContent: { Data: { PushNum: Number } } }),
    refused: INDEX_REFUSED,
  },
  {
    action: 'ListAnalysisCoreIndex',
    happy: range,
    answer: () => ({ ResultContent: { Data: { PushNum: /^\d+$/ } } }),
    refused: INDEX_REFUSED,
  },
  {
    action: 'QueryPushAnalysisTaskList',
    happy: ({ startMs, kept: ids }) => ({ StartTime: startMs - DAY, TaskId: ids.get('task') }),
    answer: () => ({ ResultContent: { Data: [{ TaskName: TASK.TaskName, Type: 2 }] } }),
    refused: [
      [{ StartTime: '' }, '3028'],
      [{ PageSize: 501 }, '3028'],
    ],
  },
  {
    action: 'QueryPushAnalysisTaskDetail',
    happy: (round) => ({ TaskId: kept(round, 'task') }),
    answer: () => ({ ResultContent: { Data: { PushNum: 1, PushSuccessNum: 1 } } }),
    refused: [
      [{ TaskId: '1' }, '3028'],
      [{ TaskId: '' }, '3028'],
    ],
  },
  {
    action: 'RevokePushMessage',
    happy: ({ n, token }) => ({ MessageId: `simple-${n}`, TargetId: token }),
    refused: [
      [{ MessageId: 'never' }, '3028'],
      [{ MessageId: '' }, '3028'],
      [{ TargetId: '' }, '3021'],
    ],
  },
  {
    action: 'RevokePushTask',
    happy: (round) => ({ TaskId: kept(round, 'task') }),
    refused: [
      [{ TaskId: '1' }, '3028'],
      [{ TaskId: '' }, '3028'],
    ],
  },
  {
    action: 'DeleteTemplate',
    happy: ({ n }) => ({ TemplateName: `hi${n}` }),
    refused: BY_NAME_REFUSED,
  },
];

const toUser = (user: string): Parameters => ({ Target: 'account', TargetValue: user });
const sent = (): object => ({ ResponseId: /^\d{16}$/ });
const TARGET_REFUSED = [
  [{ Target: '' }, 'MissingParameter'],
  [{ Target: 'nobody' }, 'InvalidParameter'],
  [{ TargetValue: '' }, 'MissingParameter'],
] as const;
const push = (n: string, name: string): Parameters => ({
  ...{ ...toUser('ann'), DeviceType: 1, Type: 1, Title: name, Body: n, StoreOffline: true },
});

const MOBILE: readonly Row[] = [
  {
    action: 'PushMessageToAndroid',
    happy: ({ n }) => ({ ...toUser('ann'), Message: `message ${n}` }),
    answer: sent,
    phone: ({ n }) => ` message ${n}`,
    refused: [...TARGET_REFUSED, [{ Message: '' }, 'MissingParameter']],
  },
  {
    action: 'PushNoticeToAndroid',
    happy: ({ n, token }) => ({ Target: 'device', TargetValue: token, Title: 'notice', Summary: n }),
    answer: sent,
    phone: ({ n }) => `notice ${n}`,
    refused: [
      ...TARGET_REFUSED,
      [{ Title: '' }, 'MissingParameter'],
      [{ Title: 'x'.repeat(21) }, 'InvalidParameter'],
    ],
  },
  {
    action: 'PushMessageToiOS',
    happy: ({ n }) => ({ ...toUser('ida'), Message: `message ${n}`, Summary: 's' }),
    answer: sent,
    iphone: ({ n }) => ` message ${n}`,
    refused: [...TARGET_REFUSED, [{ Summary: '' }, 'MissingParameter']],
  },
  {
    action: 'PushNoticeToiOS',
    happy: ({ n }) => ({ ...toUser('ida'), Env: 'DEV', Summary: `notice ${n}`, Ext: '{"badge":5}' }),
    answer: sent,
    iphone: ({ n }) => ` notice ${n}`,
    refused: [
      ...TARGET_REFUSED,
      [{ Env: 'x' }, 'InvalidParameter'],
      [{ Ext: 'x' }, 'InvalidParameter'],
      [{ Ext: '' }, 'MissingParameter'],
    ],
  },
  {
    action: 'Push',
    happy: ({ n }) => push(n, 'push'),
    answer: sent,
    phone: ({ n }) => `push ${n}`,
    refused: [
      ...TARGET_REFUSED,
      [{ DeviceType: 2 }, 'InvalidParameter'],
      [{ DeviceType: '' }, 'MissingParameter'],
      [{ Body: '' }, 'MissingParameter'],
      [{ PushTime: 'tomorrow' }, 'InvalidParameter'],
      [{ PushTime: '2199-01-01T00:00:00Z' }, 'InvalidParameter'],
      [{ ExpireTime: '2001-01-01T00:00:00Z' }, 'InvalidParameter'],
    ],
  },
  {
    action: 'Push',
    happy: ({ n, startMs }) => ({ ...push(n, 'push later'), PushTime: utc(startMs + SOON) }),
    answer: sent,
    phone: ({ n }) => `push later ${n}`,
    isLater: true,
  },
  {
    action: 'GetDeviceInfos',
    happy: ({ token }) => ({ Devices: `${token},nobody` }),
    answer: ({ token }) => ({
      DeviceInfos: {
        DeviceInfo: [
          { DeviceId: token, IsOnline: true },
          { DeviceId: 'nobody', IsOnline: false },
        ],
      },
    }),
    refused: [
      [{ Devices: '' }, 'MissingParameter'],
      [{ Devices: 'x'.repeat(257) }, 'InvalidParameter'],
    ],
  },
  {
    action: 'BindTag',
    happy: ({ n }) => ({ ClientKey: 'ann', KeyType: 2, TagName: `tag${n}` }),
    refused: [
      [{ TagName: '' }, 'MissingParameter'],
      [{ TagName: 'a,b,c,d,e,f,g,h,i,j,k' }, 'InvalidParameter'],
      [{ KeyType: 3 }, 'InvalidParameter'],
    ],
  },
  {
    action: 'Push',
    happy: ({ n }) => ({ ...push(n, 'by tag'), Target: 'tag', TargetValue: `tag${n}` }),
    answer: sent,
    phone: ({ n }) => `by tag ${n}`,
    refused: [[{ TargetValue: '{"and":[]}' }, 'InvalidParameter']],
  },
  {
    action: 'QueryTags',
    happy: () => ({ ClientKey: 'ann', KeyType: 2 }),
    answer: ({ n }) => ({ TagInfos: { TagInfo: [{ TagName: `tag${n}` }] } }),
    refused: [
      [{ ClientKey: '' }, 'MissingParameter'],
      [{ KeyType: 3 }, 'InvalidParameter'],
    ],
  },
  {
    action: 'ListTags',
    happy: () => ({}),
    answer: ({ n }) => ({ TagInfos: { TagInfo: [{ TagName: `tag${n}` }] } }),
  },
  {
    action: 'UnbindTag',
    happy: ({ n }) => ({ ClientKey: 'ann', KeyType: 2, TagName: `tag${n}` }),
    refused: [
      [{ TagName: '' }, 'MissingParameter'],
      [{ KeyType: 0 }, 'InvalidParameter'],
    ],
  },
  {
    action: 'BindAlias',
    happy: ({ n, token }) => ({ DeviceId: token, AliasName: `alias${n}` }),
    refused: [
      [{ DeviceId: 'nobody' }, 'InvalidParameter'],
      [{ AliasName: '' }, 'MissingParameter'],
    ],
  },
  {
    action: 'Push',
    happy: ({ n }) => ({ ...push(n, 'by alias'), Target: 'alias', TargetValue: `alias${n}` }),
    answer: sent,
    phone: ({ n }) => `by alias ${n}`,
  },
  {
    action: 'QueryAliases',
    happy: ({ token }) => ({ DeviceId: token }),
    answer: ({ n }) => ({ AliasInfos: { AliasInfo: [{ AliasName: `alias${n}` }] } }),
    refused: [[{ DeviceId: 'nobody' }, 'InvalidParameter']],
  },
  {
    action: 'UnbindAlias',
    happy: ({ n, token }) => ({ DeviceId: token, AliasName: `alias${n}` }),
    refused: [
      [{ DeviceId: 'nobody' }, 'InvalidParameter'],
      [{ AliasName: '' }, 'MissingParameter'],
    ],
  },
];

/** In the order in which they are to be called. */
export const EVERY_ACTION: readonly Row[] = [...MPAAS, ...MOBILE];
