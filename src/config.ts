/**
 * Reads the configuration once, checks it against src/config-schema.ts and freezes it. The only
 * module that reads the environment.
 *
 * Order, the later wins: defaults of the schema, the JSON file, `LONGLINK_…` variables, flags.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Value from 'typebox/value';
import { type Config, configSchema } from './config-schema.js';

export type { Config, ListenerConfig } from './config-schema.js';

/** The configuration cannot be used. `message` has one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Where the configuration comes from. */
export interface ConfigSources {
  /** Path of the file, or empty for `LONGLINK_CONFIG`, else the packaged `config/default.json`. */
  readonly file?: string;
  /** Flags as [key, value text], for example `['link.heartbeatSec', '60']`. */
  readonly flags?: readonly (readonly [string, string])[];
  /** The environment; that of the process when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A key of the schema that is not an object of further keys. */
export interface ConfigKey {
  /** Dotted path, for example `link.heartbeatSec`. */
  readonly key: string;
  readonly env: string;
  readonly schema: SchemaNode;
}

/** The parts of a JSON schema node that are read here. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly description?: string;
}

type Json = Record<string, unknown>;

const PACKAGE_DIR = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ENV_PREFIX = 'LONGLINK_';

/** The variable of a key: dots and capitals become `_`. `link.heartbeatSec` is LONGLINK_LINK_HEARTBEAT_SEC. */
export function envName(key: string): string {
  return (
    ENV_PREFIX +
    key
      .replace(/([A-Z])/g, '_$1')
      .replaceAll('.', '_')
      .toUpperCase()
  );
}

/** Every key in the schema's order. Arrays are one key each; their items are not listed. */
export function configKeys(): ConfigKey[] {
  const keys: ConfigKey[] = [];
  const walk = (node: SchemaNode, path: string): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      const key = path === '' ? name : `${path}.${name}`;
      if (child.properties === undefined) keys.push({ key, env: envName(key), schema: child });
      else walk(child, key);
    }
  };
  walk(configSchema as SchemaNode, '');
  return keys;
}

/**
 * The checked, frozen configuration.
 *
 * @throws {ConfigError} naming every key that cannot be used, its value and the limit.
 */
export function readConfig(sources: ConfigSources = {}): Config {
  const env = sources.env ?? process.env;
  const file = sources.file || env[`${ENV_PREFIX}CONFIG`] || join(PACKAGE_DIR, 'config/default.json');
  const tree = readTree(file);
  const keys = configKeys();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || name === `${ENV_PREFIX}CONFIG` || value === undefined) continue;
    const known = keys.find((key) => key.env === name);
    if (known === undefined) {
      throw new ConfigError(
        `${name}: no such variable${nearest(
          name,
          keys.map((key) => key.env),
        )}`,
      );
    }
    setKey(tree, known, value, name);
  }
  for (const [key, value] of sources.flags ?? []) {
    const known = keys.find((candidate) => candidate.key === key);
    if (known === undefined)
      throw new ConfigError(
        `${key}: no such key${nearest(
          key,
          keys.map((k) => k.key),
        )}`,
      );
    setKey(tree, known, value, key);
  }
  return checkConfig(tree);
}

/**
 * Checks a configuration given as plain data; what is missing takes its default.
 *
 * @throws {ConfigError} as `readConfig`.
 */
export function checkConfig(tree: Json): Config {
  const unknown = unknownKeys(configSchema as SchemaNode, tree, '');
  if (unknown.length > 0) throw new ConfigError(unknown.join('\n'));
  const filled = Value.Default(configSchema, structuredClone(tree));
  if (!Value.Check(configSchema, filled)) throw new ConfigError(schemaProblems(filled).join('\n'));
  const problems = crossProblems(filled);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return deepFreeze({ ...filled, dataDir: resolve(filled.dataDir) });
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function readTree(file: string): Json {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the configuration file ${file}: ${reason(error)}`);
  }
  try {
    const tree: unknown = JSON.parse(content);
    if (isObject(tree)) return tree;
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${reason(error)}`);
  }
  throw new ConfigError(`${file} holds no JSON object`);
}

/** Puts the text of a variable or flag at its key. Text stays text; all else is read as JSON. */
function setKey(tree: Json, known: ConfigKey, value: string, source: string): void {
  const parts = known.key.split('.');
  const last = parts.pop() ?? '';
  let place = tree;
  for (const part of parts) {
    const next = place[part] ?? {};
    if (!isObject(next)) throw new ConfigError(`${part}: must be an object`);
    place[part] = next;
    place = next;
  }
  place[last] = isText(known.schema) ? value : fromText(value, source);
}

function fromText(value: string, source: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new ConfigError(`${source}: ${JSON.stringify(value)} is not a number, true, false or JSON`);
  }
}

function isText(schema: SchemaNode): boolean {
  return schema.type === 'string' || schema.enum !== undefined;
}

function unknownKeys(node: SchemaNode, value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    const { items } = node;
    return items === undefined ? [] : value.flatMap((item, at) => unknownKeys(items, item, `${path}[${at}]`));
  }
  const { properties } = node;
  if (!isObject(value) || properties === undefined) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const key = path === '' ? name : `${path}.${name}`;
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (schema !== undefined) return unknownKeys(schema, child, key);
    return [`${key}: no such key${nearest(name, Object.keys(properties))}`];
  });
}

function schemaProblems(tree: unknown): string[] {
  const lines = Value.Errors(configSchema, tree).map((error) => {
    const path = error.instancePath.split('/').slice(1);
    const value = path.reduce<unknown>((at, part) => (at as Json | undefined)?.[part], tree);
    const missing = error.keyword === 'required' ? ` (${JSON.stringify(error.params)})` : '';
    const allowed = error.keyword === 'enum' ? `: ${JSON.stringify(error.params)}` : '';
    return `${path.join('.') || 'configuration'}: ${JSON.stringify(value)} ${error.message}${missing}${allowed}`;
  });
  return [...new Set(lines)];
}

/** Rules that span keys. */
function crossProblems(config: Config): string[] {
  const { link, admin, tls } = config;
  const problems: string[] = [];
  const ordered = (low: string, lowValue: number, high: string, highValue: number): void => {
    if (lowValue > highValue)
      problems.push(`${low}: ${lowValue} must not be above ${high}, which is ${highValue}`);
  };
  ordered('link.minHeartbeatSec', link.minHeartbeatSec, 'link.heartbeatSec', link.heartbeatSec);
  ordered('link.heartbeatSec', link.heartbeatSec, 'link.maxHeartbeatSec', link.maxHeartbeatSec);
  ordered('link.retryAfterMinMs', link.retryAfterMinMs, 'link.retryAfterMaxMs', link.retryAfterMaxMs);
  ordered('link.maxBytesBeforeHello', link.maxBytesBeforeHello, 'link.maxFrameBytes', link.maxFrameBytes);
  const { ackTimeoutMs, ackTimeoutMaxMs } = config.delivery;
  ordered('delivery.ackTimeoutMs', ackTimeoutMs, 'delivery.ackTimeoutMaxMs', ackTimeoutMaxMs);
  problems.push(...redisProblems(config));
  if (!isTimeZone(config.push.timeZone)) {
    problems.push(
      `push.timeZone: ${JSON.stringify(config.push.timeZone)} is no time zone such as Europe/Berlin`,
    );
  }
  const names = config.listeners.map((one) => one.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) problems.push(`listeners: two are named ${JSON.stringify(twice)}`);
  for (const [section, pair] of [['tls', tls] as const, ['admin', admin] as const]) {
    if ((pair.certFile === '') !== (pair.keyFile === '')) {
      problems.push(`${section}: certFile and keyFile must be set together`);
    }
  }
  if (!isLoopback(admin.host) && admin.certFile === '') {
    problems.push(
      `admin.host: ${admin.host} is not a loopback address; set admin.certFile and admin.keyFile, or use 127.0.0.1`,
    );
  }
  return problems;
}

/** Only where Redis is used: the section may stand in a file that serves several deployments. */
function redisProblems({ store, redis, cluster, role }: Config): string[] {
  if (store.driver !== 'redis')
    return role === 'all'
      ? []
      : [`role: ${role} shares its data with other nodes: it needs store.driver redis`];
  const problems: string[] = [];
  if (!/^[\w.-]{0,60}$/.test(cluster.node))
    problems.push(
      `cluster.node: ${JSON.stringify(cluster.node)} must be 1 to 60 of letters, digits, _ . - or empty`,
    );
  if (redis.mode === 'single' && redis.nodes.length > 1)
    problems.push('redis.nodes: one address with redis.mode single');
  for (const node of redis.nodes)
    if (!/^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(node))
      problems.push(`redis.nodes: ${JSON.stringify(node)} is no host:port`);
  if (redis.password !== '' && redis.passwordFile !== '')
    problems.push('redis: password or passwordFile, not both');
  if ((redis.certFile === '') !== (redis.keyFile === ''))
    problems.push('redis: certFile and keyFile must be set together');
  if (!/^[\w.-]{1,40}$/.test(redis.prefix))
    problems.push(`redis.prefix: ${JSON.stringify(redis.prefix)} must be 1 to 40 of letters, digits, _ . -`);
  return problems;
}

/** Empty is the server's own. */
function isTimeZone(name: string): boolean {
  if (name === '') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** ` (did you mean x?)` for the known name at the smallest edit distance, or nothing. */
function nearest(name: string, known: readonly string[]): string {
  let best = '';
  let bestDistance = Math.max(3, Math.ceil(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
