import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ACTIONS } from '../../src/api/openapi/actions/index.js';
import type { Schema } from '../../src/api/openapi/parameters.js';
import { encodeForm, FORM_TYPE, send, signed } from './support.js';
import { startAll, startShop } from './whole-server.js';

/** Values that some reader, key or query somewhere might stumble over. */
const NASTY = [
  ...['\0', 'a\0b', '\u0001', ' ', ',', ',,,', '/', '../../etc/passwd', '__proto__', 'constructor', '*'],
  ...['-1', '0', '1', '2', '3', '4294967296', '9007199254740993', '1e999', 'NaN', 'true', '1.5', '0x10'],
  ...[
    '{}',
    '[]',
    'null',
    '""',
    '{"a":"b"}',
    '{"__proto__":"x"}',
    '{"a":{"b":[{}]}}',
    '{"a\\u0000":"\\ud800"}',
  ],
  ...[
    '{"and":[{"tag":"a"},{"not":{"tag":"b"}}]}',
    '['.repeat(20_000),
    "{'a': 'b'}",
    "{'a",
    '#a##b#',
    '$push.user',
  ],
  ...[
    'x'.repeat(300),
    'x'.repeat(5_000),
    '张'.repeat(300),
    '😀'.repeat(512),
    'é'.repeat(70_000),
    '9'.repeat(400),
  ],
  ...[
    '2026-01-02T03:04:05Z',
    '9999-12-31T23:59:59Z',
    'a,b,c',
    Array.from({ length: 1500 }, (_, i) => i).join(','),
  ],
];

/** Values with which most calls are taken, so that hostile ones reach further than the first check. */
const USABLE: Record<string, string> = {
  ...{ AppId: 'demo', WorkspaceId: 'default', AppKey: '20000001', Target: 'account', TargetValue: 'u1' },
  ...{
    BizType: 'DEMO-USER',
    LinkToken: 'u1',
    Payload: 'p',
    ThirdMsgId: 't',
    TaskName: 't',
    ExpiredSeconds: '60',
  },
  ...{
    DeliveryType: '3',
    TargetMsgkey: '{"u":"k"}',
    Title: 't',
    Content: 'c',
    Body: 'b',
    Message: 'm',
    Summary: 's',
  },
  ...{
    TemplateName: 'hi',
    TemplateKeyValue: '{"a":"b"}',
    Msgkey: 'm',
    ClientKey: 'c',
    KeyType: '2',
    TagName: 'tag',
  },
  ...{
    DeviceType: '3',
    Devices: 'd',
    TargetType: '2',
    StartTime: '1',
    EndTime: '2',
    TaskId: '1',
    UniqueIds: '1',
  },
  ...{ MessageId: 'm', TargetId: 'u', DeliveryToken: 'd', UserId: 'u', OsType: '1' },
};

/** The same numbers in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function names(schema: Schema): string[] {
  return Object.entries(schema).flatMap(([name, { kind }]) =>
    kind.fields === undefined
      ? [name, `${name}.x.y`]
      : [
          name,
          `${name}.1`,
          ...names(kind.fields).flatMap((field) => [`${name}.1.${field}`, `${name}.2.${field}`]),
        ],
  );
}

t.test('no signed call of any action, whatever its values, is a failure inside', async (t) => {
  const all = await startShop(t, ['*'], ['*']);
  const { keyId, secret } = all;
  await all.admin('PUT', '/v1/instances/default_demo/app-key');
  const port = all.portOf('openapi');
  const random = createRandom(20_261_122);
  const seen = new Map<number, number>();

  for (const action of ACTIONS.filter(({ run }) => run !== null)) {
    const known = names(action.parameters);
    for (let round = 0; round < 40; round++) {
      const values: Record<string, string> = { Action: action.name, Version: action.versions.at(-1) ?? '' };
      for (const name of known) if (USABLE[name] !== undefined && random(20) > 0) values[name] = USABLE[name];
      for (let count = 1 + random(3); count > 0; count--) {
        values[known[random(known.length)] ?? ''] = NASTY[random(NASTY.length)] ?? '';
      }
      const form = encodeForm(signed({ keyId, secret }, 'POST', values));
      const answer = await send(port, 'POST', '/', FORM_TYPE, form);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      if (![200, 400, 403].includes(answer.status) || answer.json.RequestId === undefined) {
        t.fail(`${answer.status} ${answer.text} for ${JSON.stringify(values).slice(0, 500)}`);
      }
    }
  }
  t.ok((seen.get(200) ?? 0) > 300, JSON.stringify([...seen]));
  t.equal(({} as Record<string, unknown>).x, undefined, 'nothing was put on all objects');
});

t.test('no bytes at all are a failure inside', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'longlink-hostile-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const all = await startAll(dataDir);
  t.teardown(() => all.server.stop());
  const random = createRandom(7);
  const words = [
    'Action',
    'Format',
    'json',
    '=',
    '&',
    '%',
    '%00',
    '%ff',
    '+',
    '?',
    '/',
    'Signature',
    '\u00e9',
    '.',
  ];
  const noise = (): string => Array.from({ length: random(40) }, () => words[random(words.length)]).join('');
  for (let round = 0; round < 300; round++) {
    const path = `/${random(4) === 0 ? noise() : `?${noise()}`}`;
    const headers = {
      ...(random(2) === 0 ? FORM_TYPE : {}),
      ...(random(3) === 0 ? { authorization: `ACS3-HMAC-SHA256 ${noise().replace(/\u00e9/g, 'e')}` } : {}),
    };
    const body = random(2) === 0 ? '' : Buffer.from(Array.from({ length: random(200) }, () => random(256)));
    const answer = await send(
      all.portOf('openapi'),
      body === '' ? 'GET' : 'POST',
      path.replace(/\u00e9/g, '%E9'),
      headers,
      body,
    );
    if (![400, 404].includes(answer.status)) t.fail(`${answer.status} ${answer.text} for ${path}`);
  }
  t.pass('three hundred of them');
});
