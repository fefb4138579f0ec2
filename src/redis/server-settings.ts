/**
 * Whether the servers are set as the level of the configuration needs it: looked at before the first
 * answer is given, and again while the process lives, because settings change and replicas go.
 */
import type { Redis } from 'ioredis';
import type { RedisConnection } from './connection.js';
import type { RedisSettings } from './options.js';

const OLDEST: readonly [number, number] = [6, 2];
const CHECK_EVERY_MS = 10_000;
const WANTED = [
  'aof-load-truncated',
  'appendfsync',
  'maxmemory-policy',
  'min-replicas-to-write',
  'no-appendfsync-on-rewrite',
] as const;

/** What one primary says of itself. */
export interface ServerFacts {
  /** `host:port`. */
  readonly address: string;
  /** Fields of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** Settings by name. */
  readonly config: ReadonlyMap<string, string>;
}

/**
 * What is wrong, one line each; none when the level can be kept.
 *
 * @throws {Error} when a primary does not answer: then nothing is known.
 */
export async function checkServers({ settings, primaries }: RedisConnection): Promise<string[]> {
  const nodes = primaries();
  if (nodes.length === 0) throw new Error('no primary of Redis is known');
  const problems = await Promise.all(
    nodes.map(async (node) => {
      const [facts, scripts] = await Promise.all([factsOf(node), scriptsOf(node)]);
      return [...scripts, ...(typeof facts === 'string' ? [facts] : problemsOf(facts, settings))];
    }),
  );
  return problems.flat();
}

const addressOf = (node: Redis): string => `${node.options.host}:${node.options.port}`;
/** What a managed service says, or one to whose ACL user a right was not given. */
const REFUSED = /^(NOPERM|ERR unknown)/;

/** Nothing is written without scripts: better said at the start than at the first message. */
async function scriptsOf(node: Redis): Promise<string[]> {
  try {
    await node.eval('return 1', 0);
    return [];
  } catch (error) {
    const { message } = error as Error;
    if (!REFUSED.test(message)) throw error;
    return [`${addressOf(node)}: scripts are not allowed, so nothing can be written (${message})`];
  }
}

/** The facts, or why they are kept from us. */
async function factsOf(node: Redis): Promise<ServerFacts | string> {
  const address = addressOf(node);
  const config = new Map<string, string>();
  try {
    const info = parseInfo(await node.info());
    for (const name of WANTED) {
      const [, value = ''] = (await node.config('GET', name)) as string[];
      config.set(name, value);
    }
    return { address, info, config };
  } catch (error) {
    const { message } = error as Error;
    if (!REFUSED.test(message)) throw error;
    return `${address}: INFO or CONFIG GET is not allowed, so nobody knows what a write survives (${message})`;
  }
}

/** `name:value` lines; the other lines are headings. */
export function parseInfo(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** What keeps a server from the level, one line each. */
export function problemsOf({ address, info, config }: ServerFacts, settings: RedisSettings): string[] {
  const { level, replicas } = settings;
  const problems: string[] = [];
  const say = (text: string) => problems.push(`${address}: ${text}`);
  const version = info.get('redis_version') ?? '';
  if (isOlder(version)) say(`version ${version}; ${OLDEST.join('.')} is the oldest that will do`);
  if (info.get('aof_enabled') !== '1') say(`appendonly is off; level ${level} needs it`);
  const fsync = config.get('appendfsync') ?? '';
  const enough = level === 'R0' ? ['everysec', 'always'] : ['always'];
  if (!enough.includes(fsync)) say(`appendfsync is ${fsync}; level ${level} needs ${enough.join(' or ')}`);
  if (level !== 'R0' && config.get('no-appendfsync-on-rewrite') === 'yes')
    say('no-appendfsync-on-rewrite is yes: writes during a rewrite of the file are not on the disk');
  // Redis 7.0.15 cuts a torn file within a transaction, and carries the first half of it out at the start after the
  // next kill (test/redis/torn-file.test.ts): an id would be given twice, counters would not add up.
  if (config.get('aof-load-truncated') === 'yes')
    say(
      'aof-load-truncated is yes: after two crashes half a transaction may be in the store (docs/operations.md, Redis)',
    );
  const policy = config.get('maxmemory-policy') ?? '';
  if (policy !== 'noeviction') say(`maxmemory-policy is ${policy}: full memory would drop stored data`);
  const written = info.get('aof_last_write_status') ?? 'ok';
  if (written !== 'ok') say('the last write to the append-only file failed');
  if (level === 'R2') {
    const connected = Number(info.get('connected_slaves') ?? 0);
    if (connected < replicas) say(`${connected} of ${replicas} replicas: no write can be answered`);
    if (connected > replicas)
      say(
        `${connected} replicas, but redis.replicas is ${replicas}: one that was not waited for may be promoted`,
      );
    if (Number(config.get('min-replicas-to-write') ?? 0) < 1)
      say('min-replicas-to-write is 0: a primary that was cut off goes on taking writes');
  }
  return problems;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/**
 * Looks again and again, and tells when what is wrong has changed. While Redis is away nothing is told:
 * that shows elsewhere.
 *
 * @returns how to end it.
 */
export function watchServers(
  connection: RedisConnection,
  onChange: (problems: readonly string[]) => void,
  known: readonly string[],
  everyMs = CHECK_EVERY_MS,
): () => void {
  let last = known.join('\n');
  const look = async (): Promise<void> => {
    const problems = await checkServers(connection);
    if (problems.join('\n') === last) return;
    last = problems.join('\n');
    onChange(problems);
  };
  const timer = setInterval(() => void look().catch(() => {}), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
