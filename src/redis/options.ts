/** From the configuration to what ioredis takes: addresses, secrets, TLS. */
import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';

/** How the server is reached and what it promises; docs/operations.md, "Redis". */
export interface RedisSettings {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** `host:port`, an IPv6 host in brackets. */
  readonly nodes: readonly string[];
  readonly sentinelName: string;
  readonly sentinelPasswordFile: string;
  readonly level: 'R0' | 'R1' | 'R2';
  readonly replicas: number;
  readonly settingsCheck: 'strict' | 'alarm';
  readonly prefix: string;
  readonly username: string;
  readonly password: string;
  readonly passwordFile: string;
  readonly tls: boolean;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly maxPending: number;
}

/** Those of every connection; replies are mapped as ioredis has always done. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Settings in which nothing is left out, for tests and tools that name only a few. */
export const DEFAULT_REDIS_SETTINGS: RedisSettings = {
  mode: 'single',
  nodes: ['127.0.0.1:6379'],
  sentinelName: 'longlink',
  sentinelPasswordFile: '',
  level: 'R1',
  replicas: 1,
  settingsCheck: 'strict',
  prefix: 'longlink',
  username: '',
  password: '',
  passwordFile: '',
  tls: false,
  caFile: '',
  certFile: '',
  keyFile: '',
  connectTimeoutMs: 10_000,
  commandTimeoutMs: 800,
  maxPending: 20_000,
};

/** A connection that got no byte for so many command time-outs is dead, and what waits on it is unknown. */
const SILENT_TIMEOUTS = 2;
const RECONNECT_MAX_MS = 500;
const RECONNECT_STEP_MS = 50;

/** @throws {Error} for what is no `host:port`. */
export function parseAddress(node: string): RedisAddress {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(node);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw new Error(`redis.nodes: ${JSON.stringify(node)} is no host:port`);
  return { host: match[1] ?? match[2] ?? '', port };
}

/**
 * What every connection has in common. Nothing waits for a connection that is away, and nothing is
 * sent twice: whether a command that got no answer was carried out, only its caller can find out.
 *
 * @throws {Error} when a file that is named cannot be read.
 */
export function connectionOptions(settings: RedisSettings, name: string): ConnectionOptions {
  const { commandTimeoutMs, username } = settings;
  const password = settings.passwordFile === '' ? settings.password : readSecret(settings.passwordFile);
  return {
    connectionName: `longlink-${name}`,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs * SILENT_TIMEOUTS,
    connectTimeout: Math.min(settings.connectTimeoutMs, 2000),
    retryStrategy: reconnectAfterMs,
    lazyConnect: true,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(settings.tls ? { tls: tlsOptions(settings) } : {}),
  };
}

/** With jitter, so that a fleet of gateways does not come back in step. */
export function reconnectAfterMs(times: number): number {
  return Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS) * (0.5 + Math.random() / 2);
}

export function tlsOptions({ caFile, certFile, keyFile }: RedisSettings) {
  return {
    minVersion: 'TLSv1.2' as const,
    ...(caFile === '' ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === '' ? {} : { cert: readFileSync(certFile), key: readFileSync(keyFile) }),
  };
}

/** The password in a file, without the line's end. */
export function readSecret(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}
