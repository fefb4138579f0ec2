/** The Redis store as the conformance suite opens it, on servers that a test has started. */
import { openRedis, type RedisConnection } from '../../src/redis/connection.js';
import { DEFAULT_REDIS_SETTINGS, type RedisSettings } from '../../src/redis/options.js';
import { openRedisStore } from '../../src/store/redis/index.js';
import type { RedisServer } from '../redis/servers.js';
import type { Harness } from './harness.js';

let harnesses = 0;

/** How a test reaches its servers. On a busy machine commands may take their time. */
export function settingsFor(
  mode: RedisSettings['mode'],
  servers: readonly RedisServer[],
  more: Partial<RedisSettings> = {},
): RedisSettings {
  const nodes = servers.map(({ host, port }) => `${host}:${port}`);
  return { ...DEFAULT_REDIS_SETTINGS, mode, nodes, commandTimeoutMs: 5000, ...more };
}

/**
 * Each with a prefix of its own; what it stored is removed at its end.
 *
 * @param empty removes it, where the user of the settings may not; then the prefix is that of the settings.
 */
export function redisHarness(
  settings: RedisSettings,
  empty?: () => Promise<unknown>,
): () => Promise<Harness> {
  return async () => {
    const prefix = empty === undefined ? `t${harnesses++}` : settings.prefix;
    const connections: RedisConnection[] = [];
    return {
      durable: true,
      async open(options = {}) {
        const connection = await openRedis({ ...settings, prefix }, { onState: () => {} });
        connections.push(connection);
        const ignore = { isSingleReader: () => false, onCorrupt: () => {} };
        return openRedisStore({ ...ignore, ...options, connection });
      },
      async dispose() {
        if (empty === undefined)
          for (const node of connections.at(-1)?.primaries() ?? []) await node.flushall();
        else await empty();
        for (const connection of connections) connection.close();
      },
    };
  };
}
