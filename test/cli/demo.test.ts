/** The demo on Redis: the whole product, as whoever tries it out sees it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { redisAvailable, startRedis } from '../redis/servers.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const skip = !redisAvailable('the demo on Redis') && 'no redis-server is installed';

async function demo(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      out += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out };
}

t.test('with a redis-server of its own', { skip }, async (t) => {
  const { code, out } = await demo('--store', 'redis');
  t.equal(code, 0, out);
  t.match(out, /Data is kept in a redis-server of its own on port \d+\./);
  t.match(out, /All as promised\./);
});

t.test('in a Redis that is named, which is left as it was', { skip }, async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  await redis.command('set', 'mine', '1');
  const { code, out } = await demo('--redis', `redis://127.0.0.1:${redis.port}`);
  t.equal(code, 0, out);
  t.match(out, new RegExp(`Data is kept in the Redis at 127.0.0.1:${redis.port}`));
  t.match(out, /All as promised\./);
  t.same(await redis.command('keys', '*'), ['mine']);
});

t.test('one that does not answer is named', { skip }, async (t) => {
  const redis = await startRedis();
  await redis.stop();
  const { code, out } = await demo('--redis', `redis://127.0.0.1:${redis.port}`);
  t.equal(code, 1);
  t.match(out, new RegExp(`The demo failed: no answer from Redis at 127.0.0.1:${redis.port}`));
});
