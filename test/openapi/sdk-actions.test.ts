/** Every action, by every vendor core over http, refused and happy, with devices that receive. */
import t, { type Test } from 'tap';
import { ACTIONS } from '../../src/api/openapi/actions/index.js';
import { MOBILE_PUSH, SYNC } from '../../src/api/openapi/families.js';
import { EVERY_ACTION, type Parameters, type Round, type Row } from './every-action.js';
import { SDK_CORES, type SdkCore, type SdkResult } from './sdk-cores.js';
import { openPhone, startShop, until } from './whole-server.js';

type Caller = (row: Row, parameters: Parameters) => Promise<SdkResult>;

t.test('the table names every action that is served, each with a refusal', async (t) => {
  const served = ACTIONS.filter(({ run }) => run !== null).map(({ name }) => name);
  t.same([...new Set(EVERY_ACTION.map(({ action }) => action))].sort(), served.sort());
  const refused = EVERY_ACTION.filter((row) => refusalsOf(row).length > 2).map(({ action }) => action);
  // It has no parameter but the app's.
  t.same([...new Set([...refused, 'ListTags'])].sort(), served.sort());
});

t.test('every vendor core drives every action', async (t) => {
  const all = await startShop(t);
  const { keyId, secret } = all;
  const { appKey } = (await all.admin('PUT', '/v1/instances/default_demo/app-key')) as unknown as {
    appKey: string;
  };
  const port = all.portOf('tcp');
  const phone = await openPhone(port, { user: 'ann', os: 'android' });
  t.teardown(() => phone.close());
  const iphone = await openPhone(port, { user: 'ida', os: 'ios' });
  t.teardown(() => iphone.close());
  const away = await openPhone(port, { user: '', os: 'android' });
  await until(() => [phone, iphone, away].every((device) => device.adToken() !== ''));
  const spare = away.adToken();
  await away.close();

  const shown = { phone: phone.shown, iphone: iphone.shown };
  const expected = { phone: [] as string[], iphone: [] as string[] };
  for (const [index, core] of SDK_CORES.entries()) {
    const round: Round = {
      ...{ n: `${index}`, appKey, token: phone.adToken(), spare, startMs: Date.now(), kept: new Map() },
    };
    const call: Caller = (row, parameters) => {
      const { family, versions } = actionOf(row);
      const inQuery = family === MOBILE_PUSH;
      const app = inQuery ? { AppKey: appKey } : { AppId: 'demo', WorkspaceId: 'default' };
      const sdk = { port: all.portOf('openapi'), keyId, secret, version: versions.at(-1) ?? '' };
      return core.call({ ...sdk, action: row.action, parameters: { ...app, ...parameters }, inQuery });
    };
    for (const row of EVERY_ACTION) {
      await refuse(t, core, row, round, call);
      await succeed(t, core, row, round, call);
      for (const of of ['phone', 'iphone'] as const) {
        const text = row[of]?.(round);
        if (text === undefined) continue;
        expected[of].push(text);
        // Before the next call, which may take it back.
        if (row.isLater !== true) await until(() => shown[of].includes(text));
      }
    }
  }
  await until(
    () => shown.phone.length + shown.iphone.length >= expected.phone.length + expected.iphone.length,
  );
  t.same([...shown.phone].sort(), expected.phone.sort(), 'what the device of ann shows');
  t.same([...shown.iphone].sort(), expected.iphone.sort(), 'what the iPhone of ida shows');
});

function actionOf({ action }: Row) {
  const found = ACTIONS.find(({ name }) => name === action);
  if (found === undefined) throw new Error(`no action ${action}`);
  return found;
}

/** Those of the row, another app and no app. */
function refusalsOf(row: Row): readonly (readonly [change: Parameters, code: string])[] {
  const { family } = actionOf(row);
  const isMobile = family === MOBILE_PUSH;
  const missing = isMobile ? 'MissingParameter' : family === SYNC ? 'ARGS_IS_NULL' : '3003';
  const name = isMobile ? 'AppKey' : 'AppId';
  return [[{ [name]: '1' }, family.denied], [{ [name]: '' }, missing], ...(row.refused ?? [])];
}

async function refuse(t: Test, core: SdkCore, row: Row, round: Round, call: Caller): Promise<void> {
  const isMobile = actionOf(row).family === MOBILE_PUSH;
  for (const [change, code] of refusalsOf(row)) {
    const result = await call(row, { ...row.happy(round), ...change });
    const read = result.ok ? (result.body.ResultCode ?? result.body.Code) : result.code;
    const what = `${core.name}: ${row.action} with ${JSON.stringify(change).slice(0, 60)}`;
    t.equal(read, isMobile ? core.errorCode(code) : code, what);
    if (isMobile) t.notOk(result.ok, what);
  }
}

async function succeed(t: Test, core: SdkCore, row: Row, round: Round, call: Caller): Promise<void> {
  const { family } = actionOf(row);
  const result = await call(row, row.happy(round));
  const answer = { ok: true, body: { ...successOf(family.success({})), ...row.answer?.(round) } };
  t.match(result, answer, `${core.name}: ${row.action}`);
  if (row.keep === undefined || !result.ok) return;
  const { Data } = result.body.PushResult as { Data: string };
  t.match(Data, /^[0-9a-f]{16,32}$/, `${core.name}: the id of ${row.keep}`);
  round.kept.set(row.keep, Data);
}

/** Without the HTTP status, which only some cores hand on. */
function successOf(fields: Parameters): Parameters {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'HttpStatusCode'));
}
