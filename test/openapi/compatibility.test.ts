/** docs/openapi/compatibility.md against the table of actions, and that against the vendor's documents. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ACTIONS } from '../../src/api/openapi/actions/index.js';
import type { Schema } from '../../src/api/openapi/parameters.js';
import { ROOT } from '../tidy/sources.js';

const PAGE = readFileSync(join(ROOT, 'docs/openapi/compatibility.md'), 'utf8');

function rows(from: string): string[][] {
  const part = PAGE.slice(PAGE.indexOf(from));
  const table = part.slice(part.indexOf('|---'));
  const end = table.indexOf('\n\n');
  return (end < 0 ? table : table.slice(0, end))
    .split('\n')
    .slice(1)
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function namesOf(schema: Schema, path = ''): string[] {
  return Object.entries(schema).flatMap(([name, { kind }]) =>
    kind.fields === undefined
      ? [path + name]
      : [`${path}${name}.N`, ...namesOf(kind.fields, `${path}${name}.N.`)],
  );
}

const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** Of the mPaaS server APIs and of the Mobile Push OpenAPI: every action and parameter of their tables. */
const PUSH_COMMON = 'AppId WorkspaceId TaskName DeliveryType ExpiredSeconds ExtendedParams PushAction Silent';
const PUSH_STRATEGY =
  'NotifyType Classification StrategyType StrategyContent ThirdChannelCategory MiChannelId';
const PUSH_VENDOR = 'TransparentMessagePayload TransparentMessageUrgency';
const SMS = 'SmsStrategy SmsSignName SmsTemplateCode SmsTemplateParam';
const ACTIVITY = 'ActivityEvent ActivityContentState DismissalDate';
const INDEX = 'AppId WorkspaceId StartTime EndTime Platform Channel Type TaskId';
const SYNC =
  'AppId WorkspaceId BizType Payload ThirdMsgId OsType AppMinVersion AppMaxVersion ValidTimeStart ValidTimeEnd';
const TEMPLATE = 'AppId WorkspaceId TemplateName';
const DOCUMENTED: Readonly<Record<string, string>> = {
  CreateOpenSingleData: `${SYNC} LinkToken`,
  CreateOpenGlobalData: `${SYNC} MaxUid MinUid Uids`,
  PushSimple: `${PUSH_COMMON} ${PUSH_STRATEGY} ${PUSH_VENDOR} ${SMS} ${ACTIVITY} TargetMsgkey Title Content Uri PushStyle ImageUrls IconUrls`,
  PushTemplate: `${PUSH_COMMON} ${PUSH_STRATEGY} ${PUSH_VENDOR} ${SMS} ${ACTIVITY} TargetMsgkey TemplateName TemplateKeyValue`,
  PushMultiple: `${PUSH_COMMON} ${PUSH_STRATEGY} ${PUSH_VENDOR} ${ACTIVITY} TemplateName TargetMsg.N TargetMsg.N.Target TargetMsg.N.MsgKey TargetMsg.N.TemplateKeyValue TargetMsg.N.ExtendedParams`,
  PushBroadcast: `${PUSH_COMMON} ${PUSH_STRATEGY} ${PUSH_VENDOR} Msgkey TemplateName TemplateKeyValue PushStatus BindPeriod UnBindPeriod AndroidChannel`,
  RevokePushMessage: 'AppId WorkspaceId MessageId TargetId',
  RevokePushTask: 'AppId WorkspaceId TaskId',
  QueryPushAnalysisCoreIndex: INDEX,
  ListAnalysisCoreIndex: INDEX,
  QueryPushAnalysisTaskList: 'AppId WorkspaceId StartTime TaskId TaskName PageNumber PageSize',
  QueryPushAnalysisTaskDetail: 'AppId WorkspaceId TaskId',
  QueryPushSchedulerList: 'AppId WorkspaceId StartTime EndTime Type UniqueId PageNumber PageSize',
  QueryMpsSchedulerList: 'AppId WorkspaceId StartTime EndTime Type UniqueId PageNumber PageSize',
  CancelPushScheduler: 'AppId WorkspaceId UniqueIds Type',
  CancelMpsScheduler: 'AppId WorkspaceId UniqueIds Type',
  PushBind: 'AppId WorkspaceId DeliveryToken UserId OsType PhoneNumber',
  PushUnBind: 'AppId WorkspaceId DeliveryToken UserId',
  PushReport:
    'AppId WorkspaceId DeliveryToken OsType ThirdChannel ThirdChannelDeviceToken AppVersion Channel ConnectType Imei Imsi Model PushVersion',
  PushQueryDeviceState: 'AppId WorkspaceId Target TargetType',
  CreateTemplate: `${TEMPLATE} DescInfo Title Content Uri Variables JumpAction ShowStyle PushStyle ImageUrls IconUrls`,
  DeleteTemplate: `${TEMPLATE} TemplateId`,
  GetTemplate: `${TEMPLATE} TemplateId`,
  ListTemplatePage: 'AppId WorkspaceId CurrentPage PageSize',
  PushMessageToAndroid: 'AppKey Target TargetValue Message',
  PushNoticeToAndroid: 'AppKey Target TargetValue Title Summary AndroidExtParameters',
  PushMessageToiOS: 'AppKey Target TargetValue Message Summary',
  PushNoticeToiOS: 'AppKey Target TargetValue Env Summary Ext iOSExtParameters',
  Push: 'AppKey Target TargetValue DeviceType Type Title Body Summary iOSMusic iOSBadge iOSExtParameters ApnsEnv Remind AndroidMusic AndroidOpenType AndroidActivity AndroidOpenUrl AndroidExtParameters PushTime StoreOffline ExpireTime BatchNumber',
  GetDeviceInfos: 'AppKey Devices',
  BindTag: 'AppKey ClientKey KeyType TagName',
  UnbindTag: 'AppKey ClientKey KeyType TagName',
  ListTags: 'AppKey',
  QueryTags: 'AppKey ClientKey KeyType',
};

t.test('every documented action and parameter is known, and every action is served', (t) => {
  const known = new Map(ACTIONS.map((action) => [action.name, action]));
  for (const [name, parameters] of Object.entries(DOCUMENTED)) {
    const action = known.get(name);
    const names = action === undefined ? [] : namesOf(action.parameters);
    t.same(
      parameters.split(' ').filter((one) => !names.includes(one)),
      [],
      name,
    );
    t.not(action?.run ?? null, null, `${name} is served`);
  }
  t.end();
});

t.test('the page says of every parameter of every action what it does', (t) => {
  const table = rows('## Parameters');
  t.same(
    table.map(([name]) => name),
    ACTIONS.map(({ name }) => name),
  );
  for (const [name = '', done = '', ignored = ''] of table) {
    const action = ACTIONS.find((one) => one.name === name);
    if (action === undefined) continue;
    t.same([...codeIn(done), ...codeIn(ignored)].sort(), namesOf(action.parameters).sort(), name);
    const saidIgnored = Object.entries(action.parameters).filter(([, { about }]) =>
      about.startsWith('Taken and ignored'),
    );
    t.same(
      saidIgnored.map(([one]) => one).filter((one) => !codeIn(ignored).includes(one)),
      [],
      name,
    );
  }
  t.end();
});

t.test('the page names, for every action, tests that call it', (t) => {
  const table = rows('# Compatibility');
  const listed = table.flatMap(([names = '']) => names.split(', '));
  t.same(listed.sort(), ACTIONS.map(({ name }) => name).sort());
  for (const [names = '', served = '', tests = ''] of table) {
    t.equal(served, 'yes', names);
    const files = codeIn(tests).map((file) => join(ROOT, 'test', file.includes('/') ? '' : 'openapi', file));
    const texts = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
    t.ok(texts.length > 0 && texts.every((text) => text !== ''), `${names}: ${tests}`);
    for (const name of names.split(', '))
      t.ok(
        texts.some((text) => text.includes(name)),
        `${name} stands in ${tests}`,
      );
  }
  t.end();
});
