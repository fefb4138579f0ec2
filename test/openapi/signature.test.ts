import t from 'tap';
import { decodePairs, type Pair, percentEncode } from '../../src/api/openapi/percent.js';
import {
  canonicalRequestAcs3,
  sameText,
  sha256Hex,
  signAcs3,
  signV1,
  stringToSignV1,
} from '../../src/api/openapi/signature.js';

const pairs = (text: string): Pair[] => decodePairs(Buffer.from(text), 100);
const pairsOf = (fields: Record<string, string>): Pair[] =>
  Object.entries(fields).map(([name, value]) => ({ name, value }));

t.test('the worked example of Mobile Push OpenAPI 2015-08-27 comes out', async (t) => {
  const query = pairs(
    'Format=XML&AccessKeyId=testid&Action=GetDeviceInfos&SignatureMethod=HMAC-SHA1&RegionId=cn-hangzhou' +
      '&Devices=e2ba19de97604f55b165576736477b74%2C92a1da34bdfd4c9692714917ce22d53d' +
      '&SignatureNonce=c4f5f0de-b3ff-4528-8a89-fa478bda8d80&SignatureVersion=1.0&Version=2015-08-27' +
      '&AppKey=23267207&Timestamp=2016-03-29T03%3A59%3A24Z&Signature=ignored',
  );
  t.equal(
    stringToSignV1('GET', query),
    'GET&%2F&AccessKeyId%3Dtestid%26Action%3DGetDeviceInfos%26AppKey%3D23267207%26Devices%3D' +
      'e2ba19de97604f55b165576736477b74%252C92a1da34bdfd4c9692714917ce22d53d%26Format%3DXML%26RegionId%3D' +
      'cn-hangzhou%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dc4f5f0de-b3ff-4528-8a89-fa478bda8d80' +
      '%26SignatureVersion%3D1.0%26Timestamp%3D2016-03-29T03%253A59%253A24Z%26Version%3D2015-08-27',
  );
  t.equal(signV1('GET', query, 'testsecret'), 'Q4jj5vC+NRtz294V+oIW7gfaJ6U=');
});

t.test('V1 over query and form together, with every character that encoders treat differently', async (t) => {
  const parameters = pairsOf({
    Action: 'PushMultiple',
    Format: 'json',
    Version: '2020-10-28',
    Timestamp: '2026-01-02T03:04:05Z',
    SignatureNonce: 'nonce-0001',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    AccessKeyId: 'testid',
    AppId: 'APP1',
    WorkspaceId: 'default',
    TaskName: "a b*~!'()",
    DeliveryType: '3',
    ExpiredSeconds: '600',
    TemplateName: '张三',
    'TargetMsg.1.Target': 'u1',
    'TargetMsg.1.MsgKey': 'k1',
    'TargetMsg.1.TemplateKeyValue': '{"name":"张三"}',
  });
  t.equal(signV1('POST', parameters, 'testsecret'), 'HiLQEC7ch3U9G0Ho3f5Tm862/tU=');
  t.equal(signV1('POST', [...parameters].reverse(), 'testsecret'), 'HiLQEC7ch3U9G0Ho3f5Tm862/tU=');
});

t.test('list names are sorted as text, empty values are signed', async (t) => {
  t.equal(
    stringToSignV1('POST', pairs('TargetMsg.2.Target=b&SignatureType=&TargetMsg.10.Target=a')),
    'POST&%2F&SignatureType%3D%26TargetMsg.10.Target%3Da%26TargetMsg.2.Target%3Db',
  );
});

const HEADERS = {
  host: '127.0.0.1:8080',
  'x-acs-version': '2020-10-28',
  'x-acs-date': '2026-01-02T03:04:05Z',
};

t.test('ACS3 with a form body', async (t) => {
  const body =
    "AppId=APP1&WorkspaceId=default&BizType=UCHAT&LinkToken=u1&Payload=a%20b*~!'()%E5%BC%A0%E4%B8%89&ThirdMsgId=t1";
  const payloadHash = sha256Hex(Buffer.from(body));
  t.equal(payloadHash, 'ba6320799f6f155022483abdcdc739731b0c73b0cead8fd0e295bc7ea10525ac');
  const headers = new Map(
    Object.entries({
      ...HEADERS,
      'content-type': 'application/x-www-form-urlencoded',
      'x-acs-action': 'CreateOpenSingleData',
      'x-acs-signature-nonce': 'nonce-0002',
      'x-acs-credentials-provider': 'static_ak',
      'x-acs-content-sha256': payloadHash,
    }),
  );
  const signedHeaders = [...headers.keys()].sort();
  const canonical = canonicalRequestAcs3({ method: 'POST', query: [], headers, signedHeaders, payloadHash });
  t.equal(sha256Hex(canonical), '20e1092d36c3228f94cf9c637f341d45ff5bff46cf68864e891a5c371d1092bb');
  t.equal(
    signAcs3(canonical, 'testsecret'),
    '2e9049fe384d09cfa8f1bb3c222862cf9fdd3beab589491007e44a68edd5cee1',
  );
});

t.test('ACS3 with the parameters in the query of a POST and no body', async (t) => {
  const payloadHash = sha256Hex('');
  t.equal(payloadHash, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const headers = new Map(
    Object.entries({
      ...HEADERS,
      'x-acs-version': '2015-08-27',
      'x-acs-action': 'GetDeviceInfos',
      'x-acs-signature-nonce': 'nonce-0003',
      'x-acs-content-sha256': payloadHash,
    }),
  );
  const query = pairs('AppKey=23267207&Devices=a%2Cb%20c');
  const signedHeaders = [...headers.keys()].sort();
  const canonical = canonicalRequestAcs3({ method: 'POST', query, headers, signedHeaders, payloadHash });
  t.equal(
    signAcs3(canonical, 'testsecret'),
    'a612fd4bf9c067c08bfb61825482bc0d0f22c3cfbcd0c507c0d348f15ad33a97',
  );
});

t.test('encoding is strict, decoding takes both forms of a space', async (t) => {
  t.equal(percentEncode("aZ09-_.~ *!'()/:+&=%张"), 'aZ09-_.~%20%2A%21%27%28%29%2F%3A%2B%26%3D%25%E5%BC%A0');
  t.same(pairs('a+b=c+d%20e%2Bf&&g&h==i'), [
    { name: 'a b', value: 'c d e+f' },
    { name: 'g', value: '' },
    { name: 'h', value: '=i' },
  ]);
  for (const broken of ['a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%c0%af', 'a=%ed%a0%80']) {
    t.throws(() => pairs(broken), { name: 'MalformedPairs' }, broken);
  }
  t.throws(() => decodePairs(Buffer.from([0x61, 0x3d, 0xff]), 10), { name: 'MalformedPairs' });
  t.throws(() => decodePairs(Buffer.from('a=1&b=2&c=3'), 2), { name: 'MalformedPairs' });
});

t.test('comparison takes any length', async (t) => {
  t.ok(sameText('abc', 'abc'));
  t.notOk(sameText('abc', 'abd'));
  t.notOk(sameText('abc', 'abcd'));
  t.notOk(sameText('', 'a'));
});
