/**
 * Parameters that the push actions of mPaaS share: MPS server API, and the generated SDKs of
 * versions 2019-08-21 to 2020-10-28.
 */
import { dottedObject, jsonMap, jsonObject } from './json-parameters.js';
import { choice, integer, line, numberChoice, optional, required, text, time } from './parameters.js';

/** Longest validity of a push: what a stream keeps at most. */
const MAX_EXPIRED_SECONDS = 30 * 86_400;
const MAX_INT = 2_147_483_647;

/** Business message ids and target ids. */
export const MSG_KEY_CHARACTERS = 64;
export const TARGET_CHARACTERS = 256;
export const MAX_TARGETS = 10;
export const MAX_MULTIPLE_TARGETS = 100;

const NO_APP = { missing: '3003', invalid: '3007', tooLong: '3007' } as const;

/** Every action of mPaaS. */
export const APP = {
  AppId: required(line(100), 'The app.', NO_APP),
  WorkspaceId: required(line(100), 'The workspace.', NO_APP),
  TenantId: optional(line(200), 'Taken and ignored.'),
} as const;

/** Extended parameters: of all targets. */
export const EXTENDED = {
  ExtendedParams: optional(
    jsonMap({ pairs: 20, keyCharacters: 128, valueCharacters: 2048 }),
    'Extended parameters, handed to the app with the message.',
    { invalid: '3044', tooLong: '3044', tooMany: '3035' },
  ),
} as const;

export const TARGET_MSG_KEY = {
  TargetMsgkey: required(
    jsonMap({ pairs: MAX_TARGETS, keyCharacters: TARGET_CHARACTERS, valueCharacters: MSG_KEY_CHARACTERS }),
    'Targets, each with its business message id.',
    { missing: '3021', tooMany: '3029' },
  ),
} as const;

export const TEMPLATE_NAME = {
  TemplateName: required(line(200), 'The template.', { missing: '3025', tooLong: '3022', invalid: '3022' }),
} as const;

export const TEMPLATE_VALUES = {
  TemplateKeyValue: optional(
    jsonMap({ pairs: 100, keyCharacters: 128, valueCharacters: 2048 }),
    'Values of the placeholders, by name without the `#`.',
    { invalid: '3023', tooMany: '3023', tooLong: '3023' },
  ),
} as const;

/** `DeliveryType` with the values that an action takes, and the code for others. */
export function deliveryType<const T extends number>(values: readonly T[], about: string, code = '3009') {
  return {
    DeliveryType: required(numberChoice(values), about, { missing: code, invalid: code }),
  };
}

export const TASK = {
  TaskName: required(text(200), 'Name of the task.', { missing: '3019' }),
} as const;

export const VALIDITY = {
  ExpiredSeconds: required(
    integer(1, MAX_INT),
    `Seconds for which the message is valid; more than ${MAX_EXPIRED_SECONDS} (30 days) is refused.`,
    { missing: '3020', invalid: '3020' },
  ),
} as const;
export { MAX_EXPIRED_SECONDS };

/** How and when it is shown and sent. */
export const PRESENTATION = {
  PushAction: optional(numberChoice([0, 1]), 'What a tap opens: 0 a web address (default), 1 an activity.'),
  Silent: optional(numberChoice([0, 1]), '1 for a message that is not shown; default 0.'),
  NotifyType: optional(choice(['transparent', 'notify']), 'Own channel, or the default channel.'),
  Classification: optional(line(10), 'Message class of the vivo channel: 0 operational, 1 system.'),
  ThirdChannelCategory: optional(
    jsonMap({ pairs: 20, keyCharacters: 40, valueCharacters: 100 }),
    'Message categories of vendor channels.',
  ),
  MiChannelId: optional(line(100), 'Channel id of the Xiaomi channel.'),
  TransparentMessagePayload: optional(dottedObject(4096), 'Data for vendor channels, by channel.', {
    tooLong: '3050',
  }),
  TransparentMessageUrgency: optional(choice(['HIGH', 'NORMAL']), 'Priority of it.'),
  ChannelId: optional(line(200), 'Taken and ignored.'),
  NotifyLevel: optional(text(1000), 'Taken and ignored.'),
  VendorTemplate: optional(text(4096), 'Taken and ignored.'),
} as const;

export const SCHEDULE = {
  StrategyType: optional(numberChoice([0, 1, 2]), '0 at once (default), 1 at a fixed time, 2 in a loop.'),
  StrategyContent: optional(
    jsonObject(2000),
    'When, for the types 1 and 2: fixedTime; or startTime, endTime, circleType, circleValue and time.',
  ),
} as const;

/** Texts that stand in for a message on vendor channels that do not reach the phone. */
export const SMS = {
  SmsStrategy: optional(
    numberChoice([0, 1, 2]),
    '0 no text message (default), 1 when the push fails, 2 beside it.',
  ),
  SmsSignName: optional(text(200), 'Signature of the text message.'),
  SmsTemplateCode: optional(line(200), 'Template of the text message.'),
  SmsTemplateParam: optional(jsonObject(2000), 'Values of that template.'),
} as const;

/** Live Activities of iOS. */
export const ACTIVITY = {
  ActivityEvent: optional(choice(['update', 'end']), 'Event of a Live Activity.'),
  ActivityContentState: optional(dottedObject(4096), 'State of it.', { tooLong: '3050' }),
  DismissalDate: optional(integer(0, 99_999_999_999), 'When an ended one goes, in seconds since 1970.'),
} as const;

export const TOKEN = {
  DeliveryToken: required(
    line(TARGET_CHARACTERS),
    'The Ad-token of an Android device, the APNs token of an iOS one.',
    {
      missing: '3001',
      invalid: '3054',
      tooLong: '3054',
    },
  ),
} as const;

export const OS_TYPE = {
  OsType: required(numberChoice([1, 2]), '1 Android, 2 iOS.', { missing: '3008', invalid: '3008' }),
} as const;

/** A page of a list; numbered from 1. */
export const PAGE = {
  PageNumber: optional(integer(1, 1_000_000), 'Page; default 1.'),
  PageSize: optional(integer(1, 500), 'Entries of a page; default 500.'),
} as const;

/** What the analysis is asked for. */
export const CORE_INDEX = {
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
} as const;
