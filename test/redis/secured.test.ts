/** A Redis that speaks only TLS to known clients, and an ACL user with no more than the server needs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import t, { type Test as Tap } from 'tap';
import { openRedis } from '../../src/redis/connection.js';
import type { RedisSettings } from '../../src/redis/options.js';
import { checkServers } from '../../src/redis/server-settings.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import { createCluster, until } from '../faults/cluster.js';
import { beginTrial } from '../faults/trial.js';
import { freePort } from '../free-port.js';
import { conformance } from '../store/conformance.js';
import { redisHarness, settingsFor } from '../store/redis-harness.js';
import { type RedisServer, redisAvailable, startRedis } from './servers.js';

const PREFIX = 'secured';
const USER = 'longlink';
const PASSWORD = 'pass word #1';
/** As docs/operations.md has it, "Redis". */
const RIGHTS = [`~${PREFIX}:*`, `&${PREFIX}:*`, '+@all', '-@dangerous', '+info', '+config|get'];

interface Secured {
  readonly server: RedisServer;
  readonly settings: RedisSettings;
  /** Another certificate than the server's. */
  readonly otherCa: string;
  /** What the user was refused. */
  denied(): Promise<unknown[]>;
  /** Gives the user these rights and no others. */
  permit(rights: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

async function writePair(dir: string, name: string): Promise<{ cert: string; key: string }> {
  const pair = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const files = { cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  writeFileSync(files.cert, pair.cert);
  writeFileSync(files.key, pair.private, { mode: 0o600 });
  return files;
}

async function startSecured(): Promise<Secured> {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-secured-'));
  const own = await writePair(dir, 'redis');
  const other = await writePair(dir, 'other');
  const port = await freePort();
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  // The port without TLS is the test's own.
  const server = await startRedis([
    `tls-port ${port}`,
    `tls-cert-file ${own.cert}`,
    `tls-key-file ${own.key}`,
    `tls-ca-cert-file ${own.cert}`,
    'tls-auth-clients yes',
  ]);
  const permit = (rights: readonly string[]): Promise<unknown> =>
    server.command('acl', 'setuser', USER, 'reset', 'on', `>${PASSWORD}`, ...rights);
  await permit(RIGHTS);
  const settings = settingsFor('single', [{ ...server, port }], {
    ...{ prefix: PREFIX, username: USER, passwordFile, tls: true },
    ...{ caFile: own.cert, certFile: own.cert, keyFile: own.key, connectTimeoutMs: 1_500 },
  });
  return {
    server,
    settings,
    otherCa: other.cert,
    denied: async () => (await server.command('acl', 'log')) as unknown[],
    permit,
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

if (redisAvailable('Redis over TLS, and with an ACL user')) {
  const secured = await startSecured();
  t.teardown(() => secured.stop());
  t.test('a whole server gets by with its rights', (t) => wholeServer(t, secured));
  t.test('what is wrong is said at the start', (t) => wrong(t, secured));
  conformance(
    'redis over TLS as an ACL user',
    redisHarness(secured.settings, () => secured.server.command('flushall')),
  );
  t.test('nothing was refused meanwhile', async (t) => t.same(await secured.denied(), []));
}

async function wholeServer(t: Tap, { settings, denied }: Secured): Promise<void> {
  const redis = { ...settings };
  const cluster = await createCluster({ workers: 1, config: { store: { driver: 'redis' }, redis } });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const trial = await beginTrial(cluster);
  t.teardown(() => trial.close());
  await trial.addBiz('news');
  trial.addDevice({ dev: 'd1', user: 'u1' }).start();
  await trial.allConnected();
  t.equal(await trial.sendUntilKnown('news', 'u1', 'm1'), 'ok');
  await until('acknowledged', 10_000, () => trial.isAcked('news', 'm1'));
  t.equal((await cluster.admin('GET', '/v1/nodes')).status, 200);
  t.equal(await cluster.stop(), 0);
  t.same(await denied(), [], 'it asked for nothing that it may not');
}

/** What a process does first. @throws {Error} for what is wrong. */
async function open(settings: RedisSettings): Promise<void> {
  const connection = await openRedis(settings, { onState: () => {} });
  try {
    const ignore = { isSingleReader: () => false, onCorrupt: () => {} };
    const store = await openRedisStore({ ...ignore, connection });
    await store.close();
    const [problem] = await checkServers(connection);
    if (problem !== undefined) throw new Error(problem);
  } finally {
    connection.close();
  }
}

async function wrong(t: Tap, { settings, otherCa, permit, server }: Secured): Promise<void> {
  const nothing = { username: '', password: '', passwordFile: '' };
  const cases: readonly (readonly [string, Partial<RedisSettings>, readonly string[], RegExp])[] = [
    ['another CA', { caFile: otherCa }, RIGHTS, /no answer from Redis at [\d.:]+: .*certificate/],
    ['no TLS', { tls: false }, RIGHTS, /no answer from Redis at [\d.:]+: /],
    ['a wrong password', { ...nothing, username: USER, password: 'no' }, RIGHTS, /WRONGPASS/],
    [
      'no right to the keys',
      {},
      RIGHTS.map((right) => right.replace(`~${PREFIX}`, '~other')),
      /NOPERM|permission/,
    ],
    ['no right to look at settings', {}, [...RIGHTS, '-config|get'], /CONFIG GET is not allowed/],
    ['no right to scripts', {}, [...RIGHTS, '-@scripting'], /scripts are not allowed, so nothing can be/],
  ];
  for (const [what, change, rights, said] of cases) {
    await permit(rights);
    const outcome = await open({ ...settings, ...change }).then(
      () => 'nothing is wrong',
      (error: Error) => error.message,
    );
    t.match(outcome, said, what);
    t.notMatch(outcome, PASSWORD, `${what}: the password is not told`);
  }
  await permit(RIGHTS);
  await server.command('acl', 'log', 'reset');
}
