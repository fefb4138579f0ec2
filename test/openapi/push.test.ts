import t from 'tap';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { get, KNOWN_TOKEN, post, startGateway, type TestGateway, timestamp } from './support.js';

const APP = { AppId: 'APP1', WorkspaceId: 'default' };
const SIMPLE = {
  ...APP,
  Action: 'PushSimple',
  TaskName: 'simpleTest',
  Title: '测试',
  Content: '测试',
  DeliveryType: '3',
  TargetMsgkey: '{"user1024":"1578807462788"}',
  ExpiredSeconds: '300',
};
const TEMPLATE = { TaskName: 'x', DeliveryType: '3', TemplateName: 'hi', ExpiredSeconds: '300', ...APP };
const BROADCAST = { ...TEMPLATE, Action: 'PushBroadcast', DeliveryType: '1', Msgkey: 'b1' };

async function withTemplate(gateway: TestGateway): Promise<void> {
  await get(gateway, { Action: 'CreateTemplate', ...APP, TemplateName: 'hi', Title: '#a#', Content: 'c' });
}

function targets(count: number): string {
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`u${index}`, `k${index}`])),
  );
}

t.test('simple pushes are refused with the codes of the document, and nothing is sent', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const pairs = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])));
  const cases: [Record<string, string | undefined>, string, string][] = [
    [{ AppId: undefined }, '3003', 'NEED_APPID_WORKSPACEID'],
    [{ WorkspaceId: '' }, '3003', 'NEED_APPID_WORKSPACEID'],
    [{ AppId: 'OTHER' }, '8014', 'ACCOUNT_NO_PERMISSION'],
    [{ TaskName: undefined }, '3019', 'TASKNAME_NULL'],
    [{ DeliveryType: undefined }, '3009', 'DELIVERY_TYPE_NOT_SUPPORTED'],
    [{ DeliveryType: '4' }, '3009', 'DELIVERY_TYPE_NOT_SUPPORTED'],
    [{ DeliveryType: '2' }, '3054', 'DELIVERYTOKEN_INVALID'],
    [{ DeliveryType: '5' }, '3008', 'OS_TYPE_NOT_SUPPORTED'],
    [{ ExpiredSeconds: undefined }, '3020', 'EXPIREDSECONDS_WRONG'],
    [{ ExpiredSeconds: '0' }, '3020', 'EXPIREDSECONDS_WRONG'],
    [{ ExpiredSeconds: '-5' }, '3020', 'EXPIREDSECONDS_WRONG'],
    [{ ExpiredSeconds: 'x' }, '3020', 'EXPIREDSECONDS_WRONG'],
    [{ ExpiredSeconds: '2592001' }, '3026', 'EXPIREDTIME_TOO_LONG'],
    [{ TargetMsgkey: undefined }, '3021', 'TOKEN_OR_USERID_NULL'],
    [{ TargetMsgkey: '{}' }, '3021', 'TOKEN_OR_USERID_NULL'],
    [{ TargetMsgkey: 'user' }, '3028', 'INVALID_PARAM'],
    [{ TargetMsgkey: '{"u":""}' }, '3028', 'INVALID_PARAM'],
    [{ TargetMsgkey: '{"a\\u0000b":"k"}' }, '3028', 'INVALID_PARAM'],
    [{ TargetMsgkey: '{"\\ud800":"k"}' }, '3028', 'INVALID_PARAM'],
    [{ TargetMsgkey: '{"u":"k\\u0000"}' }, '3028', 'INVALID_PARAM'],
    [{ TargetMsgkey: targets(11) }, '3029', 'SINGLE_PUSH_TARGET_TOO_MUCH'],
    [{ Title: undefined }, '3024', 'PAYLOAD_NOT_ENOUGH'],
    [{ Content: '' }, '3024', 'PAYLOAD_NOT_ENOUGH'],
    [{ Title: 'x'.repeat(201) }, '3043', 'SINGLE_PUSH_CONTENT_TOO_LONG'],
    [{ Content: 'x'.repeat(4097) }, '3043', 'SINGLE_PUSH_CONTENT_TOO_LONG'],
    [{ ExtendedParams: pairs(21) }, '3035', 'EXTEND_PARAM_TO_MUCH'],
    [{ ExtendedParams: '[1]' }, '3044', 'INVALID_EXTEND_PARAM'],
    [{ ExtendedParams: '{"taskId":"1"}' }, '3044', 'INVALID_EXTEND_PARAM'],
    [{ ExtendedParams: '{"min_version":"x"}' }, '3044', 'INVALID_EXTEND_PARAM'],
    [{ ExtendedParams: '{"badge_add_num":"many","badge_class":"c"}' }, '3058', 'BADGE_ADD_NUM_INVALID'],
    [{ ExtendedParams: '{"badge_add_num":"1"}' }, '3059', 'BADGE_ADD_NUM_NEED_BADGE_CLASS'],
    [{ ImageUrls: 'x' }, '3028', 'INVALID_PARAM'],
    [{ PushStyle: '3' }, '3028', 'INVALID_PARAM'],
    [{ Uri: `http://${'x'.repeat(2048)}` }, '3028', 'INVALID_PARAM'],
    [{ StrategyType: '1', StrategyContent: '{"fixedTime":1630303126000}' }, '3028', 'INVALID_PARAM'],
    [{ SmsStrategy: '2' }, '3028', 'INVALID_PARAM'],
    [{ DeliveryType: '1', TargetMsgkey: '{"nobody":"k"}' }, '3054', 'DELIVERYTOKEN_INVALID'],
  ];
  for (const [change, code, name] of cases) {
    const { status, json } = await post(gateway, { ...SIMPLE, ...change });
    const message = new RegExp(`^${name}`);
    const expected = {
      ResultCode: code,
      ResultMessage: message,
      PushResult: { Success: false, ResultMsg: message },
    };
    t.match({ status, json }, { status: 200, json: expected }, JSON.stringify(change).slice(0, 80));
  }
  t.same(gateway.sent, []);
  t.same(gateway.failures, []);
});

t.test('a simple push becomes one record for each target', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const before = Date.now();
  const rich = {
    ...SIMPLE,
    TargetMsgkey: '{"ann":"k1","bob":"k2"}',
    Uri: 'http://x',
    PushAction: '1',
    Silent: '1',
    PushStyle: '2',
    ImageUrls: '{"defaultUrl":"http://i"}',
    ExtendedParams: '{"key1":"value1","sound":"s","badge":"3","min_version":"1.2.3","max_version":"2.0"}',
    'TransparentMessagePayload.hms.pushtype': '0',
    SmsStrategy: '0',
    ChannelId: 'ignored',
  };
  t.match(await post(gateway, rich), {
    json: { ResultCode: 'OK', ResultMessage: 'SUCCESS', PushResult: { Success: true } },
  });
  t.match(gateway.sent, [
    { instance: 'default_APP1', biz: PUSH_BIZ.user, linkToken: 'ann', thirdMsgId: 'k1', global: false },
    { biz: PUSH_BIZ.user, linkToken: 'bob', thirdMsgId: 'k2' },
  ]);
  const [record] = gateway.sent;
  t.match(record, {
    minVersion: '1.2.3.0.0.1',
    maxVersion: '1.999999999.999999999.999999999.999999999.999999999',
  });
  const validMs = (record?.validEndMs ?? 0) - before;
  t.ok(validMs >= 300_000 && validMs < 310_000, `${validMs} ms`);
  const { k, bData } = JSON.parse(Buffer.from(record?.payload ?? []).toString()) as {
    k: string;
    bData: string;
  };
  t.match(k, /^[0-9a-f]{32}$/);
  t.same(JSON.parse(bData), {
    title: '测试',
    content: '测试',
    uri: 'http://x',
    action: '1',
    silent: 'true',
    pushStyle: '2',
    imageUrls: '{"defaultUrl":"http://i"}',
    params: { key1: 'value1', badge: '3' },
  });
});

t.test('an Ad-token is the device behind it; unknown ones beside it are passed over', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const both = { DeliveryType: '1', TargetMsgkey: JSON.stringify({ [KNOWN_TOKEN]: 'k1', gone: 'k2' }) };
  t.match(await post(gateway, { ...SIMPLE, ...both }), { json: { ResultCode: 'OK' } });
  t.match(gateway.sent, [{ biz: PUSH_BIZ.device, linkToken: 'device1', thirdMsgId: 'k1' }]);
  t.equal(gateway.sent.length, 1);
});

t.test('template, multiple and broadcast pushes have codes of their own', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  await withTemplate(gateway);
  const template = {
    ...TEMPLATE,
    Action: 'PushTemplate',
    TargetMsgkey: '{"u":"k"}',
    TemplateKeyValue: '{"a":"b"}',
  };
  const one = {
    'TargetMsg.1.Target': 'u',
    'TargetMsg.1.MsgKey': 'k',
    'TargetMsg.1.TemplateKeyValue': '{"a":"b"}',
  };
  const multiple = { ...TEMPLATE, Action: 'PushMultiple', ...one };
  const many = Object.fromEntries(
    Array.from({ length: 101 }, (_, index) => [
      [`TargetMsg.${index + 1}.Target`, `u${index}`],
      [`TargetMsg.${index + 1}.MsgKey`, `k${index}`],
    ]).flat(),
  );
  const ten = JSON.stringify(
    Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, 'v'])),
  );
  const cases: [Record<string, string | undefined>, string][] = [
    [{ ...template, TemplateName: undefined }, '3025'],
    [{ ...template, TemplateName: 'nobody' }, '3022'],
    [{ ...template, TemplateKeyValue: undefined }, '3023'],
    [{ ...template, TemplateKeyValue: 'x' }, '3023'],
    [{ ...multiple, 'TargetMsg.1.Target': undefined }, '3021'],
    [{ ...multiple, 'TargetMsg.1.MsgKey': '' }, '3028'],
    [{ ...multiple, ...many }, '3055'],
    [{ ...multiple, 'TargetMsg.1.TemplateKeyValue': '' }, '3023'],
    [{ ...multiple, 'TargetMsg.1.ExtendedParams': ten }, '3049'],
    [{ ...multiple, DeliveryType: '5' }, '3009'],
    [{ ...TEMPLATE, Action: 'PushMultiple' }, '3021'],
    [{ ...BROADCAST, DeliveryType: '3' }, '3030'],
    [{ ...BROADCAST, Msgkey: undefined }, '3028'],
    [{ ...BROADCAST, PushStatus: '1' }, '3051'],
    [{ ...BROADCAST, PushStatus: '1', UnBindPeriod: '9' }, '3052'],
    [{ ...BROADCAST, PushStatus: '1', UnBindPeriod: '4', AndroidChannel: '1' }, '3053'],
    [{ ...BROADCAST, AndroidChannel: '7' }, '3057'],
    [BROADCAST, '3023'],
  ];
  for (const [call, code] of cases) {
    t.match(
      await post(gateway, call),
      { status: 200, json: { ResultCode: code } },
      JSON.stringify(call).slice(0, 160),
    );
  }
  t.same(gateway.sent, []);
  const { TargetMsg: _, ...extended } = {
    ...multiple,
    TargetMsg: '',
    'TargetMsg.1.ExtendedParams': '{"own":"1"}',
    ExtendedParams: '{"all":"2"}',
  };
  t.match(await post(gateway, extended), { json: { ResultCode: 'OK' } });
  t.match(await post(gateway, { ...BROADCAST, DeliveryType: '7', TemplateKeyValue: "{'a': 'x'}" }), {
    json: { ResultCode: 'OK' },
  });
  t.match(gateway.sent, [
    { biz: PUSH_BIZ.user, linkToken: 'u' },
    { biz: PUSH_BIZ.all, global: true, linkToken: '', os: 'harmony', thirdMsgId: 'b1' },
  ]);
  const { bData } = JSON.parse(Buffer.from(gateway.sent[0]?.payload ?? []).toString()) as { bData: string };
  t.match(JSON.parse(bData), { title: 'b', params: { own: '1', all: '2' } });
});

t.test('a store that does not answer and a push API that is off are told', async (t) => {
  let result: 'SYSTEM_ERROR' | 'BIZ_NOT_ONLINE' | 'DUPLICATED_BIZ_ID' = 'SYSTEM_ERROR';
  const gateway = await startGateway({ sendResult: () => result });
  t.teardown(() => gateway.close());
  t.match(await get(gateway, SIMPLE), {
    status: 200,
    json: { ResultCode: '9000', ResultMessage: /^SYSTEM_ERROR/ },
  });
  const mobile = {
    Action: 'PushMessageToAndroid',
    Version: '2015-08-27',
    AppKey: '23267207',
    Target: 'all',
    TargetValue: 'all',
    Message: 'm',
  };
  t.match(await get(gateway, mobile), { status: 503, json: { Code: 'ServiceUnavailable' } });
  result = 'BIZ_NOT_ONLINE';
  t.match(await get(gateway, SIMPLE), {
    json: { ResultCode: '3032', ResultMessage: /^REST_API_SWITCH_NOT_OPEN/ },
  });
  t.match(await get(gateway, mobile), { status: 403, json: { Code: 'Forbidden' } });
  result = 'DUPLICATED_BIZ_ID';
  t.match(await get(gateway, SIMPLE), { json: { ResultCode: 'OK' } });
});

const MOBILE = { Version: '2015-08-27', AppKey: '23267207' };
const PUSH = {
  ...MOBILE,
  Action: 'Push',
  Target: 'device',
  TargetValue: `${KNOWN_TOKEN},gone`,
  Title: 'hello',
  Body: 'hello',
  Type: '1',
  AndroidOpenType: '1',
  DeviceType: '3',
  Remind: 'false',
  StoreOffline: 'false',
};

t.test('the examples of Mobile Push are sent to the right streams', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const sent = async (call: Record<string, string>) => {
    gateway.sent.length = 0;
    const answer = await get(gateway, call);
    t.match(answer, { status: 200, json: { ResponseId: /^\d{16}$/ } }, `${call.Action} ${answer.text}`);
    return gateway.sent;
  };
  t.match(await sent(PUSH), [{ biz: PUSH_BIZ.liveDevice, linkToken: 'device1', os: undefined }]);
  const stored = { ...PUSH, StoreOffline: 'true', ExpireTime: timestamp(Date.now() + 3_600_000) };
  const [record] = await sent(stored);
  t.match(record, { biz: PUSH_BIZ.device });
  t.ok(Math.abs((record?.validEndMs ?? 0) - Date.now() - 3_600_000) < 10_000);
  const later = await sent({ ...PUSH, Target: 'all', PushTime: timestamp(Date.now() + 3_600_000) });
  t.match(later, [{ biz: PUSH_BIZ.all, global: true }]);
  t.ok((later[0]?.validStartMs ?? 0) > Date.now() + 3_500_000);
  const all = {
    ...MOBILE,
    Target: 'all',
    TargetValue: 'all',
    Title: 'hello',
    Summary: 's',
    Message: 'hello',
  };
  t.match(await sent({ ...all, Action: 'PushMessageToAndroid' }), [{ biz: PUSH_BIZ.liveAll, os: 'android' }]);
  t.match(await sent({ ...all, Action: 'PushNoticeToAndroid', Target: 'ALL' }), [
    { biz: PUSH_BIZ.liveAll, os: 'android' },
  ]);
  t.match(await sent({ ...all, Action: 'PushMessageToiOS' }), [{ biz: PUSH_BIZ.liveAll, os: 'ios' }]);
  t.match(
    await sent({ ...PUSH, Type: '0', DeviceType: '0', Target: 'account', TargetValue: 'ann, bob,ann' }),
    [
      { biz: PUSH_BIZ.liveUser, linkToken: 'ann', os: 'ios' },
      { biz: PUSH_BIZ.liveUser, linkToken: 'bob' },
    ],
  );

  const bind = { ...MOBILE, Action: 'BindTag' };
  await get(gateway, { ...bind, KeyType: '2', ClientKey: 'ann,bob,eve', TagName: '男性' });
  await get(gateway, { ...bind, KeyType: '2', ClientKey: 'bob', TagName: '90后' });
  await get(gateway, { ...bind, KeyType: '1', ClientKey: KNOWN_TOKEN, TagName: '男性,活跃' });
  await get(gateway, { ...bind, KeyType: '2', ClientKey: 'eve', TagName: '国外' });
  const expression =
    '{"and":[{"tag":"男性"},{"not":{"tag":"90后"}},{"or":[{"not":{"tag":"国外"}},{"tag":"活跃"}]}]}';
  const tagged = await sent({ ...PUSH, Target: 'tag', TargetValue: expression });
  t.same(tagged.map(({ biz, linkToken }) => `${biz} ${linkToken}`).sort(), [
    `${PUSH_BIZ.liveDevice} device1`,
    `${PUSH_BIZ.liveUser} ann`,
  ]);
  t.equal((await sent({ ...PUSH, Target: 'tag', TargetValue: 'nobody has it' })).length, 0);
});

t.test('what Mobile Push cannot use is named', async (t) => {
  const gateway = await startGateway();
  t.teardown(() => gateway.close());
  const hundred = Array.from({ length: 101 }, (_, index) => `u${index}`).join(',');
  const cases: [Record<string, string | undefined>, string, string][] = [
    [{ Title: undefined }, 'MissingParameter', 'Title'],
    [{ Title: 'x'.repeat(21) }, 'InvalidParameter', 'Title'],
    [{ DeviceType: '2' }, 'InvalidParameter', 'DeviceType'],
    [{ Target: 'somebody' }, 'InvalidParameter', 'Target'],
    [{ Target: 'alias', TargetValue: hundred }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'account', TargetValue: hundred }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'account', TargetValue: 'a\u0000b' }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'account', TargetValue: '张'.repeat(500) }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'account', TargetValue: ' , ' }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'tag', TargetValue: '{"not":{"tag":"a"}}' }, 'InvalidParameter', 'TargetValue'],
    [{ Target: 'tag', TargetValue: '{"xor":[]}' }, 'InvalidParameter', 'TargetValue'],
    [{ PushTime: 'soon' }, 'InvalidParameter', 'PushTime'],
    [{ PushTime: timestamp(Date.now() + 40 * 86_400_000) }, 'InvalidParameter', 'PushTime'],
    [{ StoreOffline: 'true', ExpireTime: timestamp(Date.now() - 5_000) }, 'InvalidParameter', 'ExpireTime'],
    [
      { StoreOffline: 'true', ExpireTime: timestamp(Date.now() + 73 * 3_600_000) },
      'InvalidParameter',
      'ExpireTime',
    ],
    [{ AppKey: '123' }, 'Forbidden', 'not authorized'],
  ];
  for (const [change, code, about] of cases) {
    const { json } = await get(gateway, { ...PUSH, ...change });
    t.match(json, { Code: code, Message: new RegExp(about) }, JSON.stringify(change).slice(0, 90));
  }
  t.same(gateway.sent, []);
});
