/**
 * Real Redis servers for tests: one alone, a Sentinel set, a Cluster of six. Each has a directory of
 * its own and ports that were free; what was started is ended by its pid.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.js';

const HOST = '127.0.0.1';
const UP_MS = 30_000;
const POLL_MS = 50;
/** Name of the primary in the Sentinel set. */
export const SENTINEL_NAME = 'longlink';

/** One process of redis-server, which can be killed and started again on its directory. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly directory: string;
  /** Of the process now, or of the last one. */
  pid(): number;
  signal(signal: NodeJS.Signals): void;
  /** Kills it and waits for its end; its directory stays. */
  kill(): Promise<void>;
  /** After `kill`: on the same port and directory. */
  start(): Promise<void>;
  /** Kills it and removes its directory. */
  stop(): Promise<void>;
  /** One command on a connection of its own. */
  command(name: string, ...args: (string | number)[]): Promise<unknown>;
}

/** A set of servers that are started and ended together. */
export interface RedisSet {
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

export interface SentinelSet extends RedisSet {
  /** Of the Sentinel processes. */
  readonly sentinels: readonly RedisServer[];
  readonly name: string;
}

let available: boolean | null = null;

/**
 * True where a redis-server is installed. Where none is, says loudly what is not tested.
 *
 * @param what is skipped without it, in words.
 */
export function redisAvailable(what: string): boolean {
  if (available === null) {
    try {
      execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
      available = true;
    } catch {
      available = false;
    }
  }
  if (!available) {
    process.stderr.write(
      `\n*** NO redis-server IS INSTALLED: SKIPPED: ${what} (apt-get install redis-server) ***\n\n`,
    );
  }
  return available;
}

/** What is shipped for servers of Redis. */
export const SHIPPED = fileURLToPath(new URL('../../../config/redis', import.meta.url));
/** Settings of every server: those that are shipped, at which a write is on the disk before it is answered. */
const DURABLE = [
  `include ${join(SHIPPED, 'longlink.conf')}`,
  'save ""',
  'repl-diskless-sync-delay 0',
  'repl-ping-replica-period 1',
];

/**
 * What Redis does without our settings: it cuts a torn file itself, and nothing mends it before. A server
 * with this line among its settings is started so.
 */
export const LOADS_TORN_FILES = 'aof-load-truncated yes';

/**
 * Starts one server.
 *
 * @param settings further lines of its configuration file.
 */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  return startServer(await freePort(), [...DURABLE, ...settings], []);
}

async function startServer(
  port: number,
  settings: readonly string[],
  args: readonly string[],
): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'longlink-redis-'));
  const file = join(directory, 'server.conf');
  const common = [`port ${port}`, `bind ${HOST}`, `dir ${directory}`, 'protected-mode no', 'daemonize no'];
  writeFileSync(file, `${[...common, ...settings].join('\n')}\n`);
  let child: ChildProcess | null = null;
  let pid = 0;

  const server: RedisServer = {
    host: HOST,
    port,
    directory,
    pid: () => pid,
    signal(signal) {
      child?.kill(signal);
    },
    async kill() {
      const dying = child;
      if (dying === null) return;
      child = null;
      if (dying.exitCode !== null || dying.signalCode !== null) return;
      const ended = new Promise((resolve) => dying.once('exit', resolve));
      dying.kill('SIGKILL');
      await ended;
    },
    async start() {
      const log = openSync(join(directory, 'log'), 'a');
      if (!settings.includes(LOADS_TORN_FILES)) await mend(directory, log);
      const started = spawn('redis-server', [file, ...args], { stdio: ['ignore', log, log] });
      closeSync(log);
      child = started;
      pid = started.pid ?? 0;
      await waitFor(`the server on port ${port}`, async () => (await server.command('ping')) === 'PONG');
    },
    async stop() {
      await server.kill();
      // A test that failed half-way may leave one; no other test would end it.
      process.off('exit', killNow);
      await remove(directory);
    },
    command: (name, ...given) => command(port, name, given),
  };
  const killNow = (): void => {
    child?.kill('SIGKILL');
  };
  process.once('exit', killNow);
  await server.start();
  return server;
}

/** As it is done before each start of a Redis under Longlink. @param log descriptor for what it says. */
async function mend(directory: string, log: number): Promise<void> {
  const mending = spawn(join(SHIPPED, 'mend-aof.sh'), [directory], { stdio: ['ignore', log, log] });
  const [code] = (await once(mending, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mend-aof.sh ${directory} ended with ${code}`);
}

/** A child of a killed server that was saving may still make a file: `maxRetries` would not look for it. */
async function remove(directory: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      rmSync(directory, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 40) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function command(port: number, name: string, args: readonly (string | number)[]): Promise<unknown> {
  const client = new Redis(port, HOST, {
    lazyConnect: true,
    retryStrategy: () => null,
    commandTimeout: 5000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + UP_MS;
  let last: unknown = 'no';
  while (performance.now() < end) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what} is not up after ${UP_MS} ms: ${String(last)}`);
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

/**
 * A primary (the first of `servers`), two replicas and three Sentinels that agree by two.
 *
 * @param downAfterMs silence after which a Sentinel takes a server for dead.
 */
export async function startSentinelSet(downAfterMs = 1000): Promise<SentinelSet> {
  const primary = await startRedis();
  const replicas = await Promise.all([1, 2].map(() => startRedis([`replicaof ${HOST} ${primary.port}`])));
  const settings = [
    `sentinel monitor ${SENTINEL_NAME} ${HOST} ${primary.port} 2`,
    `sentinel down-after-milliseconds ${SENTINEL_NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${SENTINEL_NAME} 5000`,
    `sentinel parallel-syncs ${SENTINEL_NAME} 2`,
  ];
  const sentinels: RedisServer[] = [];
  for (let count = 0; count < 3; count += 1) {
    sentinels.push(await startServer(await freePort(), settings, ['--sentinel']));
  }
  const servers = [primary, ...replicas];
  for (const sentinel of sentinels) {
    await waitFor('the Sentinel set', async () => {
      const reply = await sentinel.command('sentinel', 'master', SENTINEL_NAME);
      const state = fields(reply);
      return state.get('num-slaves') === '2' && state.get('num-other-sentinels') === '2';
    });
  }
  await replicasUp(servers);
  return { servers, sentinels, name: SENTINEL_NAME, stop: () => stopAll([...sentinels, ...servers]) };
}

/** RESP2 answers pairs as a flat list, RESP3 as a map. */
function fields(reply: unknown): Map<string, string> {
  if (!Array.isArray(reply)) return new Map(Object.entries((reply ?? {}) as Record<string, string>));
  const pairs = new Map<string, string>();
  for (let at = 0; at + 1 < reply.length; at += 2) pairs.set(String(reply[at]), String(reply[at + 1]));
  return pairs;
}

async function replicasUp(servers: readonly RedisServer[]): Promise<void> {
  for (const server of servers) {
    await waitFor(`replication of port ${server.port}`, async () => {
      const info = String(await server.command('info', 'replication'));
      return info.includes('role:master') || info.includes('master_link_status:up');
    });
  }
}

/**
 * Three primaries (the first three of `servers`) with one replica each.
 *
 * @param nodeTimeoutMs silence after which the nodes take one for dead.
 */
export async function startRedisCluster(nodeTimeoutMs = 2000): Promise<RedisSet> {
  const servers: RedisServer[] = [];
  for (let count = 0; count < 6; count += 1) {
    const settings = [
      'cluster-enabled yes',
      // Without it the bus listens on the port + 10000, which nobody has looked at.
      `cluster-port ${await freePort()}`,
      `cluster-node-timeout ${nodeTimeoutMs}`,
      'cluster-config-file nodes.conf',
      'cluster-replica-validity-factor 0',
    ];
    servers.push(await startRedis(settings));
  }
  const addresses = servers.map(({ host, port }) => `${host}:${port}`);
  execFileSync(
    'redis-cli',
    ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'],
    { stdio: 'ignore', timeout: UP_MS },
  );
  for (const server of servers) {
    await waitFor('the Cluster', async () => {
      const info = String(await server.command('cluster', 'info'));
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:6');
    });
  }
  await replicasUp(servers);
  return { servers, stop: () => stopAll(servers) };
}
