import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { coversAppKey, coversInstance, createAccessKeys } from '../../src/admin/service/access-keys.js';
import { createSealer, loadMasterKey } from '../../src/admin/service/master-key.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { ACTOR, SCOPE } from './support.js';

t.test('a tenant has at most two active keys, also when asked for at once', async (t) => {
  const keys = createAccessKeys(createMemoryStore(), createSealer(Buffer.alloc(32, 1)), () => 1000);
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => keys.create(ACTOR, 'a', SCOPE, '')),
  );
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  t.equal(made.length, 2);
  t.equal((await keys.list('a')).length, 2);
  t.ok(await keys.create(ACTOR, 'b', SCOPE, ''), 'another tenant has its own two');
  const first = made[0]?.key.id ?? '';
  await t.rejects(keys.rotate(ACTOR, first), {
    name: 'ServiceError',
    code: 'CONFLICT',
    message: /disable one/,
  });
  await keys.change(ACTOR, first, { active: false });
  const { key } = await keys.create(ACTOR, 'a', SCOPE, 'third');
  await t.rejects(keys.change(ACTOR, first, { active: true }), { name: 'ServiceError' });
  await t.rejects(keys.remove(ACTOR, key.id), {
    name: 'ServiceError',
    code: 'CONFLICT',
    message: /is active/,
  });
  await keys.remove(ACTOR, first);
  t.equal(await keys.find(first), null);
  await t.rejects(keys.change(ACTOR, first, { active: true }), { name: 'ServiceError', code: 'NOT_FOUND' });
});

t.test('rotation gives a second key of the same scope while the first goes on', async (t) => {
  const keys = createAccessKeys(createMemoryStore(), createSealer(Buffer.alloc(32, 1)), () => 1000);
  const old = await keys.create(ACTOR, 'a', SCOPE, 'shop');
  const fresh = await keys.rotate(ACTOR, old.key.id);
  t.not(fresh.secret, old.secret);
  t.match(fresh.key, { tenant: 'a', note: 'shop', scope: SCOPE, active: true });
  t.same((await keys.find(old.key.id))?.secret, old.secret);
  t.match(old.key.id, /^LLAK[0-9A-F]{20}$/);
  t.equal(old.secret.length, 40);
});

t.test(
  'secrets are in the store sealed, bound to their key, and open with the right file only',
  async (t) => {
    const docs = createMemoryStore();
    const keys = createAccessKeys(docs, createSealer(Buffer.alloc(32, 1)), () => 1000);
    const one = await keys.create(ACTOR, 'a', SCOPE, '');
    const two = await keys.create(ACTOR, 'a', SCOPE, '');
    const stored = await docs.docs('access-keys', '', 10);
    t.notMatch(JSON.stringify(stored), one.secret);
    t.notMatch(JSON.stringify(await keys.list()), /secret|"iv"|"tag"/);
    const strange = createAccessKeys(docs, createSealer(Buffer.alloc(32, 2)), () => 1000);
    await t.rejects(strange.find(one.key.id), { name: 'SealBroken', message: /another master key/ });
    const [first, second] = [
      await docs.doc('access-keys', one.key.id),
      await docs.doc('access-keys', two.key.id),
    ];
    const swapped = { ...(first as object), secret: (second as { secret: unknown }).secret };
    await docs.saveDocs([{ collection: 'access-keys', key: one.key.id, value: swapped }]);
    await t.rejects(keys.find(one.key.id), { name: 'SealBroken', message: /was changed/ });
  },
);

t.test('last use is written for many calls at once, and does not undo a change', async (t) => {
  const keys = createAccessKeys(createMemoryStore(), createSealer(Buffer.alloc(32, 1)), () => 1000);
  const { key } = await keys.create(ACTOR, 'a', SCOPE, '');
  keys.touch(key.id, 5000);
  keys.touch(key.id, 6000);
  t.match(await keys.list(), [{ lastUsedMs: 6000 }], 'shown before it is written');
  await Promise.all([keys.change(ACTOR, key.id, { active: false }), keys.flush()]);
  t.match(await keys.list(), [{ lastUsedMs: 6000, active: false }]);
  keys.touch('nobody', 7000);
  await keys.flush();
  t.equal((await keys.list()).length, 1);
});

t.test('a scope names instances and AppKeys; names are checked', async (t) => {
  const keys = createAccessKeys(createMemoryStore(), createSealer(Buffer.alloc(32, 1)), () => 1000);
  t.ok(coversInstance(SCOPE, 'default_APP1'));
  t.notOk(coversInstance(SCOPE, 'default_APP2'));
  t.notOk(coversInstance({ instances: [], appKeys: ['*'] }, 'default_APP1'));
  t.ok(coversInstance({ instances: ['*'], appKeys: [] }, 'default_APP2'));
  t.ok(coversAppKey(SCOPE, '23267207'));
  t.notOk(coversAppKey(SCOPE, '1'));
  for (const scope of [
    { instances: ['noworkspace'], appKeys: [] },
    { instances: [], appKeys: ['abc'] },
  ]) {
    await t.rejects(keys.create(ACTOR, 'a', scope, ''), { name: 'ServiceError' });
  }
  await t.rejects(keys.create(ACTOR, 'a b', SCOPE, ''), { name: 'ServiceError' });
  await t.rejects(keys.create(ACTOR, 'a', SCOPE, 'x'.repeat(201)), { name: 'ServiceError' });
  const { key } = await keys.create(ACTOR, 'a', SCOPE, '');
  t.match(await keys.change(ACTOR, key.id, { scope: { instances: ['w_a', 'w_a'], appKeys: [] } }), {
    scope: { instances: ['w_a'], appKeys: [] },
  });
});

t.test(
  'the master key file is made once, for its owner only, and refused when others can read it',
  async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'longlink-keys-'));
    t.teardown(() => rm(dir, { recursive: true }));
    const file = join(dir, 'secrets', 'openapi.key');
    const made = await loadMasterKey(file);
    t.equal((await stat(file)).mode & 0o777, 0o600);
    t.match(await readFile(file, 'utf8'), /^[0-9a-f]{64}\n$/);
    t.same(await loadMasterKey(file), made);
    await chmod(file, 0o644);
    await t.rejects(loadMasterKey(file), { message: /readable by its owner only/ });
    await writeFile(join(dir, 'short'), 'abc\n', { mode: 0o600 });
    await t.rejects(loadMasterKey(join(dir, 'short')), { message: /64 hex/ });
  },
);
