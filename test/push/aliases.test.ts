import t from 'tap';
import { createAliases, MAX_ALIAS_DEVICES, MAX_ALIASES, TooManyAliases } from '../../src/push/aliases.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { phone, start, until } from './rig.js';

t.test('aliases and devices, many to many, within bounds', async (t) => {
  const aliases = createAliases(createMemoryStore());
  await aliases.bind('ws_a', 'phone', ['b/1', 'a', 'a']);
  await aliases.bind('ws_a', 'tablet', ['a']);
  await aliases.bind('ws_b', 'phone', ['other app']);
  t.same(await aliases.of('ws_a', 'phone'), ['a', 'b/1']);
  t.same(await aliases.devices('ws_a', 'a'), ['phone', 'tablet']);
  await aliases.unbind('ws_a', 'phone', ['a', 'not bound']);
  t.same(await aliases.devices('ws_a', 'a'), ['tablet']);
  await aliases.unbind('ws_a', 'phone', null);
  t.same(await aliases.of('ws_a', 'phone'), []);
  t.same(await aliases.devices('ws_a', 'b/1'), []);
  t.same(await aliases.of('ws_b', 'phone'), ['other app']);

  const many = Array.from({ length: MAX_ALIASES }, (_, n) => `alias ${n}`);
  await aliases.bind('ws_a', 'phone', many);
  await t.rejects(aliases.bind('ws_a', 'phone', ['one more']), TooManyAliases);
  await aliases.bind('ws_a', 'phone', many.slice(0, 3));
  for (let n = 0; n < MAX_ALIAS_DEVICES; n++) await aliases.bind('ws_a', `device ${n}`, ['shared']);
  await t.rejects(aliases.bind('ws_a', 'one device more', ['fine', 'shared']), TooManyAliases);
  t.same(await aliases.of('ws_a', 'one device more'), [], 'all or none');
});

t.test('aliases bound on the link and by the API are reached by pushes', async (t) => {
  const { all, call } = await start(t);
  const { appKey: AppKey } = (await all.admin('PUT', '/v1/instances/default_demo/app-key')) as unknown as {
    appKey: string;
  };
  const [ann, bob] = [phone(all.portOf('tcp'), 'ann'), phone(all.portOf('tcp'), 'bob')];
  const device = await ann.open();
  const other = await bob.open();
  await until(() => ann.isConnected() && bob.isConnected());
  await device.bindAlias('both');
  await device.bindAlias('only ann');
  await other.bindAlias('both');
  t.same(await device.listAliases(), ['both', 'only ann']);
  await t.rejects(device.bindAlias(''), /INVALID/);
  await t.rejects(device.bindAlias('a,b'), /INVALID/);
  await t.rejects(device.bindAlias('x'.repeat(129)), /INVALID/);
  for (const [index, { name }] of SDK_CORES.entries()) {
    ann.shown.length = 0;
    bob.shown.length = 0;
    const own = `api ${index}`;
    const bind = { AppKey, DeviceId: ann.deviceId(), AliasName: `${own},second ${index}` };
    t.match(await call(index, 'BindAlias', bind), { RequestId: String }, name);
    t.match(
      await call(index, 'QueryAliases', { AppKey, DeviceId: ann.adToken() }),
      { AliasInfos: { AliasInfo: [{ AliasName: own }, { AliasName: 'both' }, {}, {}] } },
      name,
    );
    t.ok((await device.listAliases()).includes(own));
    const push = (TargetValue: string) =>
      call(index, 'Push', {
        ...{ AppKey, Target: 'alias', TargetValue, DeviceType: 1, Type: 1, Title: 'T', Body: 'B' },
        ...{ AndroidOpenType: 1, StoreOffline: true },
      });
    await push(`${own},both`);
    await push('only ann');
    await push('nobody has this');
    await until(() => ann.shown.length === 2 && bob.shown.length === 1);
    t.equal(ann.shown.length, 2, `${name}: one of two aliases, once`);
    t.equal(bob.shown.length, 1, name);
    const unbind = { AppKey, DeviceId: ann.deviceId(), AliasName: own };
    t.match(await call(index, 'UnbindAlias', unbind), { RequestId: String }, name);
    await call(index, 'UnbindAlias', { ...unbind, AliasName: `second ${index}` });
    const refusals: [string, object][] = [
      ['BindAlias', { ...bind, DeviceId: 'unknown' }],
      ['BindAlias', { ...bind, AliasName: Array.from({ length: 11 }, (_, n) => `a${n}`).join(',') }],
      ['UnbindAlias', { AppKey, DeviceId: ann.deviceId() }],
      ['QueryAliases', { AppKey: '99999999', DeviceId: ann.deviceId() }],
    ];
    for (const [action, parameters] of refusals)
      await t.rejects(
        call(index, action, parameters as Record<string, unknown>),
        /InvalidParameter|MissingParameter|Forbidden/,
        `${name} ${action}`,
      );
  }
  t.same(await device.listAliases(), ['both', 'only ann']);
  await device.unbindAlias('both');
  await call(0, 'UnbindAlias', { AppKey, DeviceId: ann.deviceId(), UnbindAll: true });
  t.same(await device.listAliases(), []);
  await ann.close();
  await t.rejects(device.bindAlias('offline'), 'not connected');
  await bob.close();
});
