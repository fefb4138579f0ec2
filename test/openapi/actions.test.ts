import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { ACTIONS } from '../../src/api/openapi/actions/index.js';
import type { Schema } from '../../src/api/openapi/parameters.js';
import { printReference } from '../../src/api/openapi/reference.js';
import { MPS_CODES } from '../../src/push/codes.js';
import { ROOT } from '../tidy/sources.js';

t.test('every file of the actions is in the table, under its own name', async (t) => {
  const files = readdirSync(`${ROOT}/src/api/openapi/actions`).filter((file) => file !== 'index.ts');
  const names = ACTIONS.map(
    ({ name }) =>
      `${name
        .replace('iOS', 'Ios')
        .replace(/(?<=[a-z])([A-Z])/g, '-$1')
        .toLowerCase()}.ts`,
  );
  t.same([...names].sort(), files.sort());
  t.equal(new Set(ACTIONS.map((action) => action.name.toLowerCase())).size, ACTIONS.length);
});

t.test('the actions of each version are those of its SDK', async (t) => {
  const of = (version: string) =>
    ACTIONS.filter((action) => action.versions.some((known) => known === version)).map(({ name }) => name);
  t.same(of('2019-08-21').sort(), [
    'CreateOpenGlobalData',
    'CreateOpenSingleData',
    'PushBroadcast',
    'PushMultiple',
    'PushSimple',
    'PushTemplate',
  ]);
  // Aliases came with a later version (2016-08-01), and are taken under both.
  t.same(of('2015-08-27').sort(), [
    'BindAlias',
    'BindTag',
    'GetDeviceInfos',
    'ListTags',
    'Push',
    'PushMessageToAndroid',
    'PushMessageToiOS',
    'PushNoticeToAndroid',
    'PushNoticeToiOS',
    'QueryAliases',
    'QueryTags',
    'UnbindAlias',
    'UnbindTag',
  ]);
  const bindings = ['PushBind', 'PushUnBind', 'PushReport'];
  t.same(
    of('2020-10-28')
      .filter((name) => bindings.includes(name))
      .sort(),
    [...bindings].sort(),
  );
  t.notOk(of('2020-07-10').some((name) => bindings.includes(name)));
  t.notOk(of('2020-10-28').includes('CancelMpsScheduler'));
});

t.test('parameters of message push refuse with codes that exist', async (t) => {
  const codes = (schema: Schema): string[] =>
    Object.values(schema).flatMap(({ codes: own, kind }) => [
      ...Object.values(own),
      ...(kind.fields === undefined ? [] : codes(kind.fields)),
    ]);
  for (const action of ACTIONS.filter(({ family }) => family.name === 'message push')) {
    t.same(
      codes(action.parameters).filter((code) => !Object.hasOwn(MPS_CODES, code)),
      [],
      action.name,
    );
  }
});

t.test('docs/openapi/reference.md is as printed from the table', async (t) => {
  t.equal(
    readFileSync(`${ROOT}/docs/openapi/reference.md`, 'utf8'),
    printReference(ACTIONS),
    'npm run openapi',
  );
});
