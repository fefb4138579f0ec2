import t from 'tap';
import { dottedObject, jsonMap, jsonObject } from '../../src/api/openapi/json-parameters.js';
import {
  choice,
  commaList,
  flag,
  integer,
  type Kind,
  line,
  list,
  numberChoice,
  optional,
  parseUtcTime,
  readValues,
  required,
  text,
  utcTime,
} from '../../src/api/openapi/parameters.js';
import type { Bag } from '../../src/api/openapi/rpc-request.js';

const bag = (fields: Record<string, string>): Bag =>
  new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), { name, value }]));
const read = <T>(kind: Kind<T>, value: string): T | undefined => kind.read(bag({ P: value }), 'P', 'P');
const problem = (of: string) => ({ name: 'ParameterError', problem: of });

t.test('scalars', async (t) => {
  t.equal(read(line(3), '张三李'), '张三李');
  t.equal(read(text(2), '👍👍'), '👍👍', 'an emoji is one character');
  t.throws(() => read(text(2), '👍👍👍'), problem('tooLong'));
  t.throws(() => read(line(9), 'a\0b'), problem('invalid'));
  t.equal(read(text(9), 'a\nb'), 'a\nb');
  t.equal(read(integer(-5, 600), '-5'), -5);
  for (const wrong of ['6.0', '601', '0x10', '1e2', ' 1', '9007199254740993', '١']) {
    t.throws(() => read(integer(0, 600), wrong), problem('invalid'), wrong);
  }
  t.equal(read(flag(), 'TRUE'), true);
  t.throws(() => read(flag(), '1'), problem('invalid'));
  t.equal(read(choice(['DEV', 'PRODUCT']), 'dev'), 'DEV');
  t.throws(() => read(choice(['DEV']), 'toString'), problem('invalid'));
  t.equal(read(numberChoice([1, 7]), '7'), 7);
  t.throws(() => read(numberChoice([1, 7]), '07'), problem('invalid'));
  t.equal(read(utcTime(), '2016-02-25T12:00:00Z'), Date.UTC(2016, 1, 25, 12));
  t.equal(parseUtcTime('2016-02-30T12:00:00Z'), null);
  t.equal(parseUtcTime('2016-02-25T12:00:00+08:00'), null);
  t.equal(read(integer(0, 9), ''), undefined);
});

t.test('comma lists are trimmed and bounded', async (t) => {
  t.same(read(commaList(3, 4), 'a, b ,,c'.replace(',,', ',')), ['a', 'b', 'c']);
  t.throws(() => read(commaList(3, 4), 'a,b,c,d'), problem('tooMany'));
  t.throws(() => read(commaList(3, 4), 'abcde'), problem('tooLong'));
  t.throws(() => read(commaList(3, 4), ' , '), problem('missing'));
  t.throws(() => read(commaList(9, 4), 'x,'.repeat(1_000_000)), problem('tooMany'));
});

t.test('numbered lists of records', async (t) => {
  const kind = list({ Target: required(line(9), ''), MsgKey: optional(line(9), '', { tooLong: 'X' }) }, 3);
  const values = (fields: Record<string, string>) => kind.read(bag(fields), 'TargetMsg', 'TargetMsg');
  t.same(
    values({
      'TargetMsg.10.Target': 'c',
      'targetmsg.2.target': 'b',
      'TargetMsg.1.Target': 'a',
      'TargetMsg.1.MsgKey': 'k',
    }),
    [
      { Target: 'a', MsgKey: 'k' },
      { Target: 'b', MsgKey: undefined },
      { Target: 'c', MsgKey: undefined },
    ],
  );
  t.equal(values({ Other: 'x' }), undefined);
  t.throws(() => values({ 'TargetMsg.1.MsgKey': 'k' }), {
    name: 'ParameterError',
    parameter: 'TargetMsg.1.Target',
    problem: 'missing',
  });
  t.throws(() => values({ 'TargetMsg.1.Target': 'a', 'TargetMsg.1.MsgKey': '0123456789' }), {
    name: 'ParameterError',
    code: 'X',
  });
  for (const name of [
    'TargetMsg.0.Target',
    'TargetMsg.x.Target',
    'TargetMsg.01.Target',
    'TargetMsg.__proto__.Target',
    'TargetMsg.99999999999.Target',
    'TargetMsg.1',
  ]) {
    t.throws(() => values({ [name]: 'a' }), problem('invalid'), name);
  }
  const many = Object.fromEntries([1, 2, 3, 4].map((index) => [`TargetMsg.${index}.Target`, 'a']));
  t.throws(() => values(many), problem('tooMany'));
});

t.test('maps in JSON, and as Python prints them', async (t) => {
  const kind = jsonMap({ pairs: 3, keyCharacters: 10, valueCharacters: 20 });
  const entries = (value: string) => [...(read(kind, value) ?? [])];
  t.same(entries('{"user1024":"1578807462788"}'), [['user1024', '1578807462788']]);
  t.same(entries('{"n":1578807462788,"b":true}'), [
    ['n', '1578807462788'],
    ['b', 'true'],
  ]);
  t.same(entries('{}'), []);
  t.same(entries("{'name': '张三', \"it\": \"it's\", u'n': 5}"), [
    ['name', '张三'],
    ['it', "it's"],
    ['n', '5'],
  ]);
  t.same(entries("{'a': 'q\\'\\n\\u5f20\\\\', 'f': False,}"), [
    ['a', "q'\n张\\"],
    ['f', 'false'],
  ]);
  t.same(entries('{"__proto__":"x"}'), [['__proto__', 'x']], 'a name like any other');
  t.equal(({} as Record<string, unknown>).x, undefined);
  for (const wrong of [
    '[]',
    'null',
    '"a"',
    '{"a":{}}',
    '{"a":null}',
    '{"a":1578807462788123456}',
    "{'a'}",
    "{'a':",
    "{'a': 'b",
    "{'a': x}",
    "{'a': 'b'} x",
    "{'a': '\\u12'}",
    '{',
    '',
  ]) {
    if (wrong === '') t.equal(read(kind, wrong), undefined);
    else t.throws(() => read(kind, wrong), problem('invalid'), wrong);
  }
  t.throws(() => read(kind, '{"a":"","b":"","c":"","d":""}'), problem('tooMany'));
  t.throws(() => read(kind, '{"01234567890":""}'), problem('tooLong'));
  t.throws(() => read(kind, `{"a":"${'x'.repeat(21)}"}`), problem('tooLong'));
  t.throws(() => read(kind, `${'['.repeat(100_000)}`), problem('invalid'));
});

t.test('objects come as JSON or as dotted names', async (t) => {
  const kind = dottedObject(200);
  const value = (fields: Record<string, string>) => kind.read(bag(fields), 'Payload', 'Payload');
  t.equal(value({ Payload: '{"hms": {"pushtype": 0}}' }), '{"hms":{"pushtype":0}}');
  t.equal(
    value({ 'Payload.hms.pushtype': '0', 'payload.hms.Other': 'x', 'Payload.b.1': '1', 'Payload.b.2': '2' }),
    '{"hms":{"pushtype":"0","Other":"x"},"b":["1","2"]}',
  );
  t.equal(value({ 'Payload.__proto__.polluted': '1' }), '{"__proto__":{"polluted":"1"}}');
  t.equal(({} as Record<string, unknown>).polluted, undefined);
  t.throws(() => value({ 'Payload.a': '1', 'Payload.a.b': '2' }), problem('invalid'));
  t.throws(() => value({ 'Payload.a.b': '2', 'Payload.a': '1' }), problem('invalid'));
  t.throws(() => value({ [`Payload${'.a'.repeat(20)}`]: '1' }), problem('invalid'));
  t.throws(() => value({ 'Payload..a': '1' }), problem('invalid'));
  t.throws(() => value({ 'Payload.a': 'x'.repeat(300) }), problem('tooLong'));
  t.throws(() => value({ Payload: '[1]' }), problem('invalid'));
  t.throws(() => read(jsonObject(5), '{"a":1}'), problem('tooLong'));
});

t.test('a schema is read in its order, and knows the code of each problem', async (t) => {
  const schema = {
    A: required(line(3), '', { missing: '1' }),
    B: required(integer(0, 9), '', { invalid: '2' }),
  };
  t.same(readValues(schema, bag({ a: 'x', B: '3', C: 'ignored' })), { A: 'x', B: 3 });
  t.throws(() => readValues(schema, bag({ B: 'x' })), { parameter: 'A', code: '1' });
  t.throws(() => readValues(schema, bag({ A: 'x', B: 'x' })), { parameter: 'B', code: '2' });
  t.throws(() => readValues(schema, bag({ A: 'x' })), { parameter: 'B', problem: 'missing', code: '' });
});
