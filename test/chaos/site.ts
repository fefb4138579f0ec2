/** The servers of a run: one on the embedded store, or several nodes that share a Redis. */
import { join } from 'node:path';
import { type Cluster, type ConfigPart, createCluster, merge } from '../faults/cluster.js';
import type { Site, Story } from '../faults/run.js';
import {
  LOADS_TORN_FILES,
  type RedisServer,
  type RedisSet,
  SENTINEL_NAME,
  startRedis,
  startRedisCluster,
  startSentinelSet,
} from '../redis/servers.js';
import { canIsolate, type Namespace, type Namespaces, openNamespaces } from './namespaces.js';
import type { StoreKind } from './row.js';

/** What a fault can hurt. */
export interface Hosts extends Site {
  readonly gateways: readonly Cluster[];
  readonly apis: readonly Cluster[];
  /** Servers that hold data; the first was the first primary. */
  readonly redis: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The host that a node has for itself: where there are several nodes, and namespaces can be made. */
  hostOf(node: Cluster): Namespace | null;
}

export interface SiteOptions {
  readonly store: StoreKind;
  readonly gateways: number;
  /** 0: the gateways answer calls themselves. */
  readonly apis: number;
  /** What an answer promises, on Redis. */
  readonly level: 'R0' | 'R1' | 'R2';
}

interface Shared extends RedisSet {
  readonly sentinels: readonly RedisServer[];
  readonly config: ConfigPart;
}

function addresses(servers: readonly RedisServer[]): string[] {
  return servers.map(({ host, port }) => `${host}:${port}`);
}

/** A primary without its replicas takes no writes for long: a node insists on it at level R2. */
async function demandReplicas(
  servers: readonly RedisServer[],
  level: string,
  replicas: number,
): Promise<void> {
  if (level !== 'R2') return;
  for (const server of servers) await server.command('config', 'set', 'min-replicas-to-write', replicas);
}

/** A Redis of the kind, and what a node must know of it. */
async function startShared(
  store: StoreKind,
  level: SiteOptions['level'],
  plant: string | undefined,
): Promise<Shared> {
  if (store === 'sentinel') {
    const set = await startSentinelSet();
    await demandReplicas(set.servers, level, 2);
    const nodes = addresses(set.sentinels);
    return { ...set, config: { mode: 'sentinel', nodes, sentinelName: SENTINEL_NAME, level, replicas: 2 } };
  }
  if (store === 'cluster') {
    const set = await startRedisCluster();
    await demandReplicas(set.servers, level, 1);
    const nodes = addresses(set.servers.slice(0, 3));
    return { ...set, sentinels: [], config: { mode: 'cluster', nodes, level, replicas: 1 } };
  }
  const server = await startRedis(plant === 'load-torn' ? [LOADS_TORN_FILES] : []);
  const config = { mode: 'single', nodes: addresses([server]), level };
  return { servers: [server], sentinels: [], stop: () => server.stop(), config };
}

/** Nodes by their names, each with a configuration of its own over what they share. */
async function makeNodes(
  names: readonly string[],
  shared: ConfigPart,
  story: Story,
  more: { readonly plant?: string; readonly workers?: number },
  newHost: () => Namespace | null,
): Promise<Map<Cluster, Namespace | null>> {
  const nodes = new Map<Cluster, Namespace | null>();
  for (const node of names) {
    const config = merge(merge(shared, { cluster: { node } }), story.cluster?.config ?? {});
    const host = newHost();
    const through = [...(host?.through ?? []), ...(story.cluster?.through ?? [])];
    const cluster = await createCluster({ ...story.cluster, ...more, config, through });
    host?.serve(Object.values(cluster.ports));
    nodes.set(cluster, host);
  }
  return nodes;
}

/** Hosts for the nodes; null where the nodes are processes of this machine. */
function openHosts(options: SiteOptions): Namespaces | null {
  return options.gateways + options.apis > 1 && canIsolate() ? openNamespaces() : null;
}

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

async function sharedSite(options: SiteOptions, story: Story, plant: string | undefined): Promise<Hosts> {
  const redis = await startShared(options.store, options.level, plant);
  const hosts = openHosts(options);
  try {
    return await makeNodesOn(redis, hosts, options, story, plant);
  } catch (error) {
    hosts?.close();
    await redis.stop();
    throw error;
  }
}

async function makeNodesOn(
  redis: Shared,
  hosts: Namespaces | null,
  options: SiteOptions,
  story: Story,
  plant: string | undefined,
): Promise<Hosts> {
  const planted = plant === undefined ? {} : { plant };
  const key = join(redis.servers[0]?.directory ?? '', 'openapi.key');
  const base = { store: { driver: 'redis' }, redis: redis.config, openapi: { secretKeyFile: key } };
  const role = options.apis > 0 ? 'link' : 'all';
  const reach = [...redis.servers, ...redis.sentinels].map(({ port }) => port);
  const newHost = (): Namespace | null => hosts?.add(reach) ?? null;
  const linked = named('gateway', options.gateways);
  const gatewayHosts = await makeNodes(linked, { ...base, role }, story, planted, newHost);
  const called = named('api', options.apis);
  const apiHosts = await makeNodes(
    called,
    { ...base, role: 'api' },
    story,
    { ...planted, workers: 1 },
    newHost,
  );
  const [gateways, apis] = [[...gatewayHosts.keys()], [...apiHosts.keys()]];
  const all = [...apis, ...gateways];
  const [first] = all;
  if (first === undefined) throw new RangeError('a site has at least one node');
  return {
    first,
    others: { gateways, apis: apis.length > 0 ? apis : gateways, firstIsGateway: false },
    gateways,
    apis,
    redis: redis.servers,
    sentinels: redis.sentinels,
    hostOf: (node) => gatewayHosts.get(node) ?? apiHosts.get(node) ?? null,
    async start() {
      // The first makes what all need.
      for (const node of all) await node.start();
    },
    log: () => all.map((node) => node.log()).join(''),
    async dispose() {
      await Promise.all(all.map((node) => node.dispose()));
      hosts?.close();
      await redis.stop();
    },
  };
}

/** Prepares the servers of a run; no node runs before `start`. */
export async function makeSite(
  options: SiteOptions,
  story: Story,
  plant: string | undefined,
): Promise<Hosts> {
  if (options.store !== 'embedded') return sharedSite(options, story, plant);
  const first = await createCluster({ ...story.cluster, ...(plant === undefined ? {} : { plant }) });
  const { start, log, dispose } = first;
  const others = { gateways: [], apis: [], firstIsGateway: true };
  const alone = { gateways: [first], apis: [first], redis: [], sentinels: [], hostOf: () => null };
  return { first, others, ...alone, start, log, dispose };
}
