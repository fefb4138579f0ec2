/** Where the data is: LMDB in the data directory, or a Redis that other nodes share. */
import type { CatalogueView } from '../core/catalogue.js';
import type { Store } from '../core/ports.js';
import { openRedis, type RedisConnection } from '../redis/connection.js';
import { checkServers, watchServers } from '../redis/server-settings.js';
import { backupStore } from '../store/embedded/backup.js';
import { openEmbeddedReader, openEmbeddedStore } from '../store/embedded/index.js';
import type { OnCorrupt } from '../store/options.js';
import { openRedisStore } from '../store/redis/index.js';
import type { ProcessTools } from './process-tools.js';
import { ExitCode, StartError } from './start-error.js';
import type { WorkerStoreReads } from './worker-bus.js';

/** The store as control has it. */
export interface Storage {
  readonly store: Store;
  /** Null for a store of this machine alone. */
  readonly redis: RedisConnection | null;
  /** Writes a hot backup into a directory that does not exist yet. */
  readonly backup: (directory: string) => Promise<void>;
}

/** @throws {StartError} when it cannot be used */
export async function openStorage(tools: ProcessTools, view: CatalogueView): Promise<Storage> {
  const isSingleReader = (instance: string, biz: string): boolean =>
    view.instances.get(instance)?.byBiz.get(biz)?.userReader ?? false;
  return tools.config.store.driver === 'redis'
    ? openShared(tools, isSingleReader, true)
    : openEmbedded(tools, isSingleReader);
}

/** What a worker reads by itself, and how it is closed. @throws {StartError} when it cannot be used */
export async function openReader(
  tools: ProcessTools,
): Promise<{ readonly reader: WorkerStoreReads; close(): Promise<void> }> {
  const { config } = tools;
  if (config.store.driver === 'redis') {
    // Which streams have a single reader matters to writes alone.
    const { store } = await openShared(tools, () => false, false);
    return { reader: store, close: () => store.close() };
  }
  const reader = await openEmbeddedReader({ path: config.dataDir, onCorrupt: reportDamage(tools) });
  return { reader, close: () => reader.close() };
}

type IsSingleReader = (instance: string, biz: string) => boolean;

async function openEmbedded(tools: ProcessTools, isSingleReader: IsSingleReader): Promise<Storage> {
  const { config, log } = tools;
  try {
    const store = await openEmbeddedStore({
      path: config.dataDir,
      commitTimeoutMs: config.store.commitTimeoutMs,
      reserveBytes: config.store.reserveMb * 1024 * 1024,
      isSingleReader,
      onCorrupt: reportDamage(tools),
      onFatal(err) {
        // After a failed flush nobody knows what is on the disk: only reading it anew tells.
        log.fatal({ err }, 'the store cannot promise anything any more');
        process.exit(ExitCode.FAULT);
      },
    });
    return { store, redis: null, backup: (directory) => backupStore(config.dataDir, directory) };
  } catch (error) {
    throw new StartError((error as Error).message, ExitCode.DATA_DIR);
  }
}

/** @param checks looks after the settings of the servers, too: one process does. */
async function openShared(
  tools: ProcessTools,
  isSingleReader: IsSingleReader,
  checks: boolean,
): Promise<Storage> {
  const { config, log, metrics } = tools;
  let redis: RedisConnection | null = null;
  try {
    redis = await openRedis(config.redis, {
      onState(up, reason) {
        metrics.set('longlink_redis_up', up ? 1 : 0, { role: checks ? 'control' : 'worker' });
        if (up) log.info('connected to Redis');
        else log.error({ reason }, 'Redis is away; devices keep their connections');
      },
    });
    const connection = redis;
    const unwatch = checks ? await watchSettings(tools, connection) : () => {};
    const store = await openRedisStore({ connection, isSingleReader, onCorrupt: reportDamage(tools) });
    return {
      store: {
        ...store,
        async close() {
          unwatch();
          await store.close();
          connection.close();
        },
      },
      redis,
      backup: () => Promise.reject(new Error('a store in Redis is backed up by the means of Redis')),
    };
  } catch (error) {
    redis?.close();
    throw new StartError((error as Error).message, ExitCode.DATA_DIR);
  }
}

/** What a server is not set to, it does not keep: an error at the start, an alarm later. */
async function watchSettings(tools: ProcessTools, connection: RedisConnection): Promise<() => void> {
  const { config, log, metrics } = tools;
  const tell = (problems: readonly string[]): void => {
    metrics.set('longlink_redis_problems', problems.length);
    for (const problem of problems) log.error({ level: config.redis.level }, `Redis: ${problem}`);
    if (problems.length === 0) log.info('Redis is set as its level needs it');
  };
  const problems = await checkServers(connection);
  if (problems.length > 0 && config.redis.settingsCheck === 'strict') {
    throw new Error(`Redis does not keep level ${config.redis.level}:\n  ${problems.join('\n  ')}`);
  }
  tell(problems);
  return watchServers(connection, tell, problems);
}

/** A damaged row is left out, never in silence. */
function reportDamage({ metrics, log }: ProcessTools): OnCorrupt {
  const damaged = metrics.count('longlink_damaged_rows_total');
  return (where) => {
    damaged.inc();
    log.error({ where }, 'a stored row is damaged and is left out');
  };
}
