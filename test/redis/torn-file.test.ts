/**
 * A Redis that is killed while it writes leaves the beginning of a transaction at the end of its file. Redis 7
 * with `aof-load-truncated yes` cut the last command off and left the rest: new writes went behind it, and the
 * start after the next kill carried half an append out. A chaos run found it: a counter was off by one.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { openRedis } from '../../src/redis/connection.js';
import { checkRedisStore } from '../../src/store/redis/check.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import { ALL, appendOne, checkConservation, streamOf } from '../store/harness.js';
import { settingsFor } from '../store/redis-harness.js';
import { type RedisServer, redisAvailable, SHIPPED, startRedis } from './servers.js';
import { appendOnlyFile, lastCommandOf, lastTransaction, tear } from './torn-file.js';

const mend = (...args: string[]) => spawnSync(join(SHIPPED, 'mend-aof.sh'), args, { encoding: 'utf8' });

/** Stores a message of which only the first bytes reach the file before the kill. */
async function tornAppend(
  server: RedisServer,
  append: () => Promise<unknown>,
  bytesOf: (transaction: Buffer) => number,
): Promise<void> {
  await append();
  await server.kill();
  const file = appendOnlyFile(server);
  const transaction = lastTransaction(server, ':accepted');
  truncateSync(file, statSync(file).size - transaction.length);
  tear(server, transaction, bytesOf(transaction));
}

async function torn(test: Test, server: RedisServer, bytesOf: (all: Buffer) => number) {
  const connection = await openRedis(settingsFor('single', [server]), { onState: () => {} });
  test.teardown(connection.close);
  const store = await openRedisStore({ connection, isSingleReader: () => false, onCorrupt: () => {} });
  const anna = streamOf('anna');
  const again = async (message: string): Promise<void> => {
    for (;;) {
      const done = await appendOne(store, anna, message).catch(() => null);
      if (done !== null) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await appendOne(store, anna, 'before');
  await tornAppend(server, () => appendOne(store, anna, 'torn'), bytesOf);
  await server.start();
  await again('after');
  await server.kill();
  await server.start();
  await again('in the third life');
  const { oplogs } = await store.readAfter(anna, 0, ALL);
  test.same(
    oplogs.map(({ thirdMsgId }) => thirdMsgId),
    ['before', 'after', 'in the third life'],
  );
  await checkConservation(test, store, [anna]);
  test.same((await checkRedisStore(connection, false)).problems, []);
}

async function script(test: Test, server: RedisServer): Promise<void> {
  const file = appendOnlyFile(server);
  await server.command('eval', "redis.call('rpush', 'list', 'b') redis.call('incr', 'count')", 0);
  await server.kill();
  const whole = statSync(file).size;
  test.match(mend(server.directory), { status: 0, stdout: '' }, 'a whole file is left alone');
  const transaction = lastTransaction(server, 'rpush');
  tear(server, transaction, transaction.length - 1);
  const kept = `${file}.cut-at-${whole}`;
  test.match(mend(server.directory, '10'), { status: 1, stderr: /not what a crash leaves; nothing was/ });
  for (const args of [[], ['/no/such/directory'], [server.directory, 'a lot'], [server.directory, '1', '2']])
    test.match(mend(...args), { status: 2, stderr: /usage: mend-aof.sh DIRECTORY/ });
  test.equal(statSync(file).size, whole + transaction.length - 1);
  test.notOk(readdirSync(dirname(file)).some((name) => name.includes('.cut-at-')));
  test.match(mend(server.directory), { status: 0, stdout: /cut off \d+ bytes behind byte \d+/ });
  test.equal(statSync(file).size, whole);
  test.same(readFileSync(kept), transaction.subarray(0, -1), 'what was cut off is kept');
  await server.start();
  test.same(await server.command('lrange', 'list', 0, -1), ['b']);
}

if (redisAvailable('files of Redis that a crash has torn')) {
  const cuts: Readonly<Record<string, (transaction: Buffer) => number>> = {
    'in the first word': () => 3,
    'after the first command': (transaction) => transaction.indexOf('\r\n*', 15) + 2,
    'in the middle': (transaction) => transaction.length >> 1,
    'between two counters': lastCommandOf,
    'in the last counter': (transaction) => lastCommandOf(transaction) + 9,
    'in the last word': (transaction) => transaction.length - 2,
  };
  for (const [where, bytesOf] of Object.entries(cuts)) {
    t.test(`an append whose write is cut ${where} has never been`, async (test) => {
      const server = await startRedis();
      test.teardown(() => server.stop());
      await torn(test, server, bytesOf);
    });
  }
  t.test('mend-aof.sh cuts off what a crash leaves, keeps it, and nothing more', async (test) => {
    const server = await startRedis();
    test.teardown(() => server.stop());
    await script(test, server);
  });
}
