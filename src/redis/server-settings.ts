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
      const facts = await factsOf(node);
      return typeof facts === 'string' ? [facts] : problemsOf(facts, settings);
    }),
  );
  return problems.flat();
}

/** The facts, or why they are kept from us. */
async function factsOf(node: Redis): Promise<ServerFacts | string> {
  const address = `${node.options.host}:${node.options.port}`;
  const config = new Map<string, string>();
  try {
    const info = parseInfo(await node.info());
    for (const name of WANTED) {
      const [, value = ''] = (await node.config('GET', name)) as string[];
      config.set(name, value);
    }
    return { address, info, config };
  } catch (error) {
    // A managed service, or an ACL user without the right.
    const { message } = error as Error;
    if (!/^(NOPERM|ERR unknown)/.test(message)) throw error;
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
