import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ReceivedSync } from '../../src/wire/frames.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { type Phone, phone } from '../push/rig.js';
import { redisAvailable, startRedis } from '../redis/servers.js';
import { type RigNode, startRig, until } from './rig.js';

const skip = !redisAvailable('pushes on many nodes') && 'no redis-server is installed';
const SECOND = 1000;
const APP = { AppId: 'demo', WorkspaceId: 'default' };
const SIMPLE = { ...APP, TaskName: 'test', ExpiredSeconds: 3000, Title: 'T', Content: 'C', DeliveryType: 3 };

interface Answer {
  readonly ResultCode?: string;
  readonly Code?: string;
  readonly PushResult?: { readonly Data?: string };
}

/** The tenant's server. Refuses everything while it is told to. */
async function startTenant() {
  const taken: string[] = [];
  const tenant = { taken, status: 200, refused: 0, origin: '', close: () => server.close() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { msgId, targetId, extInfo } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      if (tenant.status === 200) taken.push(`${msgId} ${targetId} ${extInfo.adToken}`);
      else tenant.refused += 1;
      response.writeHead(tenant.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tenant.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return tenant;
}

/** How often the device was sent it, its own repetitions included. */
function sent({ hold }: Phone, msgKey: string): number {
  const records = (hold.received as ReceivedSync[]).flatMap(({ oplogs }) => oplogs);
  return records.filter(({ thirdMsgId }) => thirdMsgId === msgKey).length;
}

async function fired(nodes: readonly RigNode[]): Promise<number> {
  const bodies = await Promise.all(nodes.map(async (node) => (await node.admin('GET', '/metrics')).body));
  return bodies.reduce(
    (sum, body) =>
      sum + Number(/^longlink_push_schedules_total\{result="fired"\} (\d+)/m.exec(body)?.[1] ?? 0),
    0,
  );
}

t.setTimeout(110_000);

t.test('pushes on two nodes that share one Redis', { skip }, async (t) => {
  const redis = await startRedis();
  const keyDir = mkdtempSync(join(tmpdir(), 'longlink-key-'));
  const tenant = await startTenant();
  const rig = await startRig({ nodes: [`127.0.0.1:${redis.port}`] }, []);
  t.teardown(async () => {
    await rig.dispose();
    tenant.close();
    await redis.stop();
    rmSync(keyDir, { recursive: true });
  });
  const config = {
    openapi: { secretKeyFile: join(keyDir, 'openapi.key') },
    push: { receiptSettleMs: 100, receiptFirstRetryMs: 200, receiptMaxRetryMs: 500 },
  };
  const a = await rig.make('a', config);
  const b = await rig.make('b', config);
  for (const node of [a, b]) await node.start();

  const scope = { instances: ['default_demo'], appKeys: ['*'] };
  const made = await a.admin('POST', '/v1/access-keys', { tenant: 'shop', scope });
  const { key, secret } = JSON.parse(made.body) as { key: { id: string }; secret: string };
  const { appKey: AppKey } = JSON.parse(
    (await a.admin('PUT', '/v1/instances/default_demo/app-key')).body,
  ) as {
    appKey: string;
  };
  const call = async (node: RigNode, action: string, parameters: Record<string, unknown>) => {
    const inQuery = 'AppKey' in parameters;
    const version = inQuery ? '2015-08-27' : '2020-10-28';
    const sdk = { port: node.ports.openapi, keyId: key.id, secret, version };
    const result = await SDK_CORES[0]?.call({ ...sdk, action, parameters, inQuery });
    if (result?.ok !== true) throw new Error(`${action}: ${JSON.stringify(result)}`);
    return result.body as Answer;
  };
  const push = (node: RigNode, msgKey: string, users: readonly string[], more: object = {}) => {
    const TargetMsgkey = JSON.stringify(Object.fromEntries(users.map((user) => [user, msgKey])));
    return call(node, 'PushSimple', { ...SIMPLE, TargetMsgkey, ...more });
  };
  const ann = phone(a.ports.tcp, 'ann');
  const bob = phone(b.ports.tcp, 'bob');
  t.teardown(() => Promise.all([ann.close(), bob.close()]));
  await ann.open();
  await bob.open();
  await until('both have connected', 5 * SECOND, () => ann.adToken() !== '' && bob.adToken() !== '');

  await t.test('an access key and a template made on one node are good on the other', async (t) => {
    const texts = { TemplateName: 'hi', Title: 'hi #name#', Content: 'C' };
    t.match(await call(a, 'CreateTemplate', { ...APP, ...texts }), { Code: '100' });
    const TargetMsgkey = '{"ann":"t","bob":"t"}';
    const filled = { ...SIMPLE, TemplateName: 'hi', TargetMsgkey, TemplateKeyValue: '{"name":"x"}' };
    t.match(await call(b, 'PushTemplate', filled), { ResultCode: 'OK' });
    await until('both have it', SECOND, () => sent(ann, 't') === 1 && sent(bob, 't') === 1);
  });

  await t.test('a broadcast reaches the devices of both nodes once', async (t) => {
    const all = { ...SIMPLE, DeliveryType: 1, TemplateName: 'hi', TemplateKeyValue: '{"name":"all"}' };
    t.match(await call(b, 'PushBroadcast', { ...all, Msgkey: 'everybody' }), { ResultCode: 'OK' });
    await until('shown', 2 * SECOND, () => [ann, bob].every(({ shown }) => shown.includes('everybody')));
    t.same([sent(ann, 'everybody'), sent(bob, 'everybody')], [1, 1]);
  });

  await t.test('aliases, tags and users bound on one node act on the other', async (t) => {
    await call(a, 'BindAlias', { AppKey, DeviceId: bob.deviceId(), AliasName: 'bobby' });
    await call(a, 'BindTag', { AppKey, KeyType: 1, ClientKey: bob.deviceId(), TagName: 'vip' });
    const mobile = { AppKey, DeviceType: 1, Type: 1, Title: 'T', Body: 'B', AndroidOpenType: 1 };
    const before = bob.shown.length;
    await call(b, 'Push', { ...mobile, Target: 'alias', TargetValue: 'bobby', StoreOffline: true });
    await call(b, 'Push', { ...mobile, Target: 'tag', TargetValue: 'vip', StoreOffline: true });
    await until('by alias and by tag', 2 * SECOND, () => bob.shown.length === before + 2);
    // The device is connected to the other node than the call comes to.
    const bound = { ...APP, DeliveryToken: bob.adToken(), UserId: 'carl', OsType: 1 };
    t.match(await call(a, 'PushBind', bound), { ResultCode: 'OK' });
    await push(a, 'for carl', ['carl']);
    await until('the new user', 5 * SECOND, () => bob.shown.includes('for carl'));
    t.equal(bob.users.at(-1), 'carl');
    bob.setUser('bob');
    await push(a, 'for bob', ['bob']);
    await until('his own user again', 5 * SECOND, () => bob.shown.includes('for bob'));
  });

  await t.test('what one node revokes the other does not send, and tells of', async (t) => {
    await until('shown', SECOND, () => bob.shown.includes('t'));
    const revoke = (MessageId: string) =>
      call(a, 'RevokePushMessage', { ...APP, MessageId, TargetId: 'bob' });
    t.match(await revoke('t'), { ResultCode: 'OK' });
    await until('told', SECOND, () => bob.revoked.includes('t'));
    await bob.close();
    await push(b, 'never', ['bob']);
    t.match(await revoke('never'), { ResultCode: 'OK' });
    await bob.open();
    await push(b, 'after it', ['bob']);
    await until('what came later', 5 * SECOND, () => bob.shown.includes('after it'));
    t.equal(sent(bob, 'never'), 0);
  });

  const later = (ms: number) => ({
    StrategyType: 1,
    StrategyContent: JSON.stringify({ fixedTime: Date.now() + ms }),
  });
  await t.test('a scheduled push goes out once, through whichever node', async (t) => {
    const names = Array.from({ length: 10 }, (_, number) => `s${number}`);
    const plan = later(3 * SECOND);
    await Promise.all(names.map((name, at) => push(at % 2 === 0 ? a : b, name, ['ann', 'bob'], plan)));
    await until('all', 10 * SECOND, () =>
      names.every((name) => ann.shown.includes(name) && bob.shown.includes(name)),
    );
    await until('counted', 2 * SECOND, async () => (await fired([a, b])) >= names.length);
    await new Promise((resolve) => setTimeout(resolve, 1.5 * SECOND));
    t.equal(await fired([a, b]), names.length);
    for (const name of names) t.same([sent(ann, name), sent(bob, name)], [1, 1], name);
  });

  await t.test('each acknowledgement is one receipt, whichever node took it', async (t) => {
    const callback = { url: `${tenant.origin}/push`, allow: [tenant.origin] };
    const path = '/v1/instances/default_demo/push-callback';
    t.equal((await a.admin('PATCH', path, callback)).status, 200);
    t.equal((await a.admin('PATCH', path, { on: true })).status, 200);
    await until('known on the other node', 3 * SECOND, async () =>
      (await b.admin('GET', path)).body.includes('"on":true'),
    );
    const names = Array.from({ length: 20 }, (_, number) => `r${number}`);
    for (const [at, name] of names.entries()) await push(at % 2 === 0 ? a : b, name, ['ann', 'bob']);
    await until('all receipts', 10 * SECOND, () => tenant.taken.length >= 2 * names.length);
    // A third node finds a queue that is being worked on.
    tenant.status = 500;
    await push(a, 'held', ['ann', 'bob']);
    await until('both are refused', 10 * SECOND, () => tenant.refused >= 2);
    const c = await rig.make('c', config);
    await c.start();
    tenant.status = 200;
    await until('taken', 10 * SECOND, () => tenant.taken.length >= 2 * names.length + 2);
    await new Promise((resolve) => setTimeout(resolve, 1.5 * SECOND));
    const expected = [...names, 'held'].flatMap((name) => [
      `${name} ann ${ann.adToken()}`,
      `${name} bob ${bob.adToken()}`,
    ]);
    t.same([...tenant.taken].sort(), expected.sort());
    t.equal(await c.stop(), 0);
  });

  await t.test('schedules and receipts of a dead node are taken up by the other', async (t) => {
    tenant.status = 500;
    const refused = tenant.refused;
    tenant.taken.length = 0;
    await push(a, 'left', ['ann', 'bob']);
    await until('both are refused', 10 * SECOND, () => tenant.refused >= refused + 2);
    await push(a, 'due', ['bob'], later(2 * SECOND));
    const token = ann.adToken();
    await a.killAll();
    tenant.status = 200;
    await until(
      'both receipts',
      15 * SECOND,
      () => tenant.taken.filter((one) => one.startsWith('left')).length >= 2,
    );
    await until('the schedule', 15 * SECOND, () => bob.shown.includes('due'));
    await until('its receipt', 5 * SECOND, () => tenant.taken.some((one) => one.startsWith('due')));
    await new Promise((resolve) => setTimeout(resolve, 1.5 * SECOND));
    t.equal(sent(bob, 'due'), 1);
    t.same(
      [...tenant.taken].sort(),
      [`due bob ${bob.adToken()}`, `left ann ${token}`, `left bob ${bob.adToken()}`].sort(),
    );
  });
});
