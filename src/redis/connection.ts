/**
 * The connection to Redis that the store and the bus of a process share: one server, a Sentinel set or
 * a Cluster behind the same few words. When Redis is away every command is refused at once, and the
 * connection comes back by itself.
 */
import { Cluster, Redis } from 'ioredis';
import {
  connectionOptions,
  parseAddress,
  type RedisSettings,
  readSecret,
  reconnectAfterMs,
  tlsOptions,
} from './options.js';

/** What commands are called on: one server's client, or a Cluster's, which finds the node of a key. */
export type RedisClient = Redis | Cluster;

export interface RedisEvents {
  /** The connection went up or down; told once for each change. */
  readonly onState: (up: boolean, reason: string) => void;
}

export interface RedisConnection {
  readonly settings: RedisSettings;
  /** For commands. Errors are those of ioredis: see errors.ts. */
  readonly client: RedisClient;
  /** Whether commands can be sent now. Says nothing on how long the answers take. */
  isUp(): boolean;
  /**
   * A further connection of the same kind, for what a shared one cannot do: subscribe, or WAIT.
   * It comes back by itself, too; closed with this one.
   *
   * @param name for `CLIENT LIST`.
   */
  another(name: string, options?: AnotherOptions): RedisClient;
  /** A client for each primary: itself, or the primaries of the Cluster as they are known now. */
  primaries(): Redis[];
  close(): void;
}

export interface AnotherOptions {
  /** Subscribe with SSUBSCRIBE on every node of a Cluster. */
  readonly sharded?: boolean;
}

/**
 * Connects, and waits until the server has answered.
 *
 * @throws {Error} in plain words when it does not within `connectTimeoutMs`. Never names the password.
 */
export async function openRedis(settings: RedisSettings, events: RedisEvents): Promise<RedisConnection> {
  const client = makeClient(settings, 'commands');
  const further: RedisClient[] = [];
  let up = false;
  let lastError = 'the connection was closed';
  client.on('ready', () => {
    up = true;
    events.onState(true, '');
  });
  client.on('error', (error: Error) => {
    lastError = error.message;
  });
  client.on('close', () => {
    if (!up) return;
    up = false;
    events.onState(false, lastError);
  });
  try {
    await connect(client, settings, () => lastError);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return {
    settings,
    client,
    isUp: () => up,
    another(name, options = {}) {
      const made = makeClient(settings, name, options.sharded);
      // What is wrong shows in the commands and in the shared connection's state.
      made.on('error', () => {});
      made.connect().catch(() => {});
      further.push(made);
      return made;
    },
    primaries: () => (client instanceof Cluster ? client.nodes('master') : [client]),
    close() {
      up = false;
      for (const one of [client, ...further]) one.disconnect();
    },
  };
}

function makeClient(settings: RedisSettings, name: string, sharded = false): RedisClient {
  const options = connectionOptions(settings, name);
  const nodes = settings.nodes.map(parseAddress);
  const [first = parseAddress('')] = nodes;
  if (settings.mode === 'single') return new Redis({ ...options, ...first });
  if (settings.mode === 'sentinel') {
    const { sentinelPasswordFile: file } = settings;
    return new Redis({
      ...options,
      name: settings.sentinelName,
      sentinels: nodes,
      sentinelRetryStrategy: reconnectAfterMs,
      ...(file === '' ? {} : { sentinelPassword: readSecret(file) }),
      ...(settings.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(settings) } : {}),
    });
  }
  const { retryStrategy: _, enableOfflineQueue: __, ...redisOptions } = options;
  return new Cluster([...nodes], {
    enableOfflineQueue: false,
    lazyConnect: true,
    redisOptions,
    clusterRetryStrategy: reconnectAfterMs,
    clusterNodeRetryStrategy: reconnectAfterMs,
    // It would send again what may have been carried out.
    retryDelayOnFailover: 0,
    slotsRefreshTimeout: settings.commandTimeoutMs,
    // Doubles what a Cluster of three takes, where for one server it only adds waiting (measured).
    enableAutoPipelining: true,
    shardedSubscribers: sharded,
  });
}

/**
 * A Cluster is called ready when one node has told of all. The others are connected to by the first
 * command for them, and refuse the ones that come while that takes; so here they are before.
 */
async function nodesReady(client: RedisClient): Promise<void> {
  if (!(client instanceof Cluster)) return;
  const connectNow = (node: Redis): void => {
    if (node.status === 'wait') node.connect().catch(() => {});
  };
  client.on('+node', connectNow);
  const primaries = client.nodes('master');
  await Promise.all(
    primaries.map((node) => {
      connectNow(node);
      return node.status === 'ready'
        ? undefined
        : new Promise<void>((resolve) => node.once('ready', resolve));
    }),
  );
}

/** Tries until the server answers: at a start of everything it may come up a moment later. */
async function connect(client: RedisClient, settings: RedisSettings, lastError: () => string): Promise<void> {
  const endMono = performance.now() + settings.connectTimeoutMs;
  const isReady = new Promise<void>((resolve) => client.once('ready', resolve)).then(() =>
    nodesReady(client),
  );
  client.connect().catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer from Redis at ${settings.nodes.join(', ')}: ${lastError()}`)),
      endMono - performance.now(),
    );
  });
  try {
    await Promise.race([isReady, late]);
  } finally {
    clearTimeout(timer);
  }
}
