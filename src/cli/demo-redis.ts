/** The Redis of the demo: one of its own, or one that is named and left as it was. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRedis } from '../redis/connection.js';
import { DEFAULT_REDIS_SETTINGS, type RedisSettings } from '../redis/options.js';
import { listKeys } from '../store/redis/scan.js';

const HOST = '127.0.0.1';
const SETTINGS = fileURLToPath(new URL('../../../config/redis/longlink.conf', import.meta.url));

export interface DemoRedis {
  /** Configuration keys for the server. */
  readonly settings: Readonly<Record<string, string>>;
  /** In words. */
  readonly what: string;
}

/**
 * @param url `redis://[user:password@]host:port`, or empty: then a redis-server is started.
 * @param onStarted given what ends or cleans it again.
 * @throws {Error} when none is found, or it does not answer.
 */
export async function startDemoRedis(
  dir: string,
  url: string,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<DemoRedis> {
  return url === '' ? startOwn(dir, onStarted) : useNamed(dir, url, onStarted);
}

async function startOwn(dir: string, onStarted: (stop: () => Promise<void>) => void): Promise<DemoRedis> {
  const directory = join(dir, 'redis');
  mkdirSync(directory);
  const port = await freePort();
  const args = ['--port', String(port), '--bind', HOST, '--dir', directory, '--save', ''];
  const child = spawn('redis-server', [SETTINGS, ...args], { stdio: 'ignore' });
  const missing = new Promise<never>((_, reject) => {
    child.once('error', () =>
      reject(new Error('no redis-server is installed here; install one, or name one with --redis URL')),
    );
  });
  onStarted(
    () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.pid === undefined) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  );
  const node = `${HOST}:${port}`;
  await Promise.race([ready({ ...DEFAULT_REDIS_SETTINGS, nodes: [node] }), missing]);
  return { settings: settingsOf([node], {}), what: `a redis-server of its own on port ${port}` };
}

/** All keys of the demo have a prefix of their own, and are removed in the end. */
async function useNamed(
  dir: string,
  url: string,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<DemoRedis> {
  const { protocol, hostname, port, username, password } = parse(url);
  const prefix = `longlink-demo-${randomBytes(4).toString('hex')}`;
  const node = `${hostname}:${port || '6379'}`;
  const tls = protocol === 'rediss:';
  const user = decodeURIComponent(username);
  // Not on a command line, where everybody can read it.
  const passwordFile = password === '' ? '' : join(dir, 'redis.password');
  if (passwordFile !== '') writeFileSync(passwordFile, decodeURIComponent(password), { mode: 0o600 });
  const settings = { ...DEFAULT_REDIS_SETTINGS, nodes: [node], prefix, tls, username: user, passwordFile };
  await ready(settings);
  onStarted(() => removeKeys(settings));
  const more = {
    prefix,
    username: user,
    passwordFile,
    tls: String(tls),
    settingsCheck: 'alarm',
    level: 'R0',
  };
  return { settings: settingsOf([node], more), what: `the Redis at ${node}, under ${prefix}` };
}

function parse(url: string): URL {
  if (!URL.canParse(url) || !/^rediss?:\/\/[^/]/.test(url))
    throw new Error('--redis takes an address such as redis://user:password@127.0.0.1:6379');
  return new URL(url);
}

function settingsOf(nodes: readonly string[], more: Record<string, string>): Record<string, string> {
  const redis = { nodes: JSON.stringify(nodes), ...more };
  return {
    'store.driver': 'redis',
    ...Object.fromEntries(Object.entries(redis).map(([key, value]) => [`redis.${key}`, value])),
  };
}

async function ready(settings: RedisSettings): Promise<void> {
  (await openRedis(settings, { onState: () => {} })).close();
}

async function removeKeys(settings: RedisSettings): Promise<void> {
  const connection = await openRedis(settings, { onState: () => {} });
  try {
    for await (const keys of listKeys(connection)) {
      for (const key of keys) await connection.client.unlink(key);
    }
  } finally {
    connection.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
