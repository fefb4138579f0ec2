/** The control process as a node of a cluster: what its routes ask of the others, and they of it. */
import { hostname } from 'node:os';
import type { ControlBus } from '../bus/port.js';
import { createLocks, type Locks } from '../cluster/locks.js';
import type { LiveNode } from '../cluster/member.js';
import type { NodeQuestion } from '../cluster/messages.js';
import { type ClusterNode, openClusterNode } from '../cluster/node.js';
import { createSharedNonces, type SharedNonces } from '../cluster/nonces.js';
import type { Route, Wake } from '../core/ports.js';
import { hasLetGo, isHeld, newestOf, routesOf, routesOfInstance } from '../core/route-table.js';
import type { RedisConnection } from '../redis/connection.js';
import type { RouteCluster } from './cluster-routes.js';
import type { ControlOperations } from './control-operations.js';
import { type ControlRoutes, RELEASE_SLACK_MS } from './control-routes.js';
import { packageVersion } from './package-version.js';
import type { ProcessTools } from './process-tools.js';

/** A holder is passed over only when its lease has lapsed for sure. */
const LEASE_SLACK_MS = 4000;
/** Sessions of one owner or instance that a node names to another. */
const MAX_NAMED = 1000;

export interface ControlCluster extends RouteCluster {
  readonly node: ClusterNode;
  readonly locks: Locks;
  readonly nonces: SharedNonces;
  leaseMs(): number;
  nodes(): readonly LiveNode[];
  close(): Promise<void>;
}

/** The parts of control that other nodes reach. Called in later turns, when all are there. */
export interface ClusterParts {
  /** Null as long as it is not there: the node joins first. */
  readonly bus: () => ControlBus | null;
  readonly routes: () => ControlRoutes;
  readonly operations: () => ControlOperations | null;
  /** Reads again what is held in memory of the store's documents. */
  readonly reload: () => void;
  /** Gives non-persisted data of another node an id of this one: ids only order it on its connection. */
  readonly renumber: (wake: Wake) => Wake;
}

/** Resolves when this node has its lease. Rejects when Redis does not answer. */
export async function openControlCluster(
  tools: ProcessTools,
  redis: RedisConnection,
  parts: ClusterParts,
): Promise<ControlCluster> {
  const { config, clock, log, metrics } = tools;
  const { delivery, cluster, role } = config;
  const links = {
    client: redis.client,
    subscriber: redis.another('cluster', { sharded: redis.settings.mode === 'cluster' }),
    sharded: redis.settings.mode === 'cluster',
    prefix: redis.settings.prefix,
  };
  const confirmed = metrics.count('longlink_node_fences_total', { result: 'confirmed' });
  const timedOut = metrics.count('longlink_node_fences_total', { result: 'timeout' });
  const mono = (): number => clock.now().mono;
  const node = await openClusterNode({
    links,
    node: cluster.node || defaultName(config.workers),
    startedMs: Math.floor(clock.now().wall),
    facts: () => facts(role, config.admin, parts),
    mono,
    wall: () => clock.now().wall,
    host: hostOf(parts),
    fenceTimeoutMs: delivery.fenceTimeoutMs,
    forceAfterMs: delivery.handoverGraceMs + RELEASE_SLACK_MS + LEASE_SLACK_MS,
    onLease(held, err) {
      if (held) log.info('this node has its lease in the cluster');
      else log.error({ err }, 'this node has lost its lease: it sends no data until Redis answers again');
    },
    onFence: (inTime) => (inTime ? confirmed : timedOut).inc(),
    onError: (err) => log.warn({ err }, 'a message to another node was not sent'),
  });
  watch(tools, node);
  const locks = createLocks(links, node.scripts, node.member, mono);
  return {
    node,
    locks,
    nonces: createSharedNonces(links, () => clock.now().wall),
    leaseMs: node.leaseMs,
    nodes: node.nodes,
    claim: node.claim,
    release: node.release,
    userChanged: node.userChanged,
    fenceElsewhere: node.fenceElsewhere,
    distrust: node.distrust,
    wake: node.wake,
    async close() {
      await locks.close();
      await node.close();
    },
  };
}

/** The same in every life of control under one supervisor. */
function defaultName(workers: number): string {
  const host = hostname()
    .replace(/[^\w.-]/g, '-')
    .slice(0, 48);
  return `${host}-${workers === 0 ? process.pid : process.ppid}`;
}

function facts(role: string, admin: { readonly host: string; readonly port: number }, parts: ClusterParts) {
  const { table } = parts.routes();
  const instances: Record<string, number> = {};
  for (const [instance, routes] of table.perInstance) instances[instance] = routes.size;
  return {
    role,
    version: packageVersion(),
    admin: `${admin.host}:${admin.port}`,
    workers: parts.bus()?.workers().length ?? 0,
    draining: parts.operations()?.draining() ?? false,
    connections: table.bySession.size,
    instances,
    epoch: Math.floor(table.lastEpoch),
  };
}

function hostOf({ bus, routes, operations, reload, renumber }: ClusterParts) {
  const table = () => routes().table;
  return {
    local: {
      newestOf: (instance: string, user: string) => newestOf(table(), instance, user),
      hasLetGo: (instance: string, user: string) => hasLetGo(table(), instance, user),
      isHeld: (instance: string, user: string) => isHeld(table(), instance, user),
      hold: (instance: string, user: string, held: boolean) => routes().hold(instance, user, held),
    },
    sessions: () => table().bySession.values(),
    fence: (instance: string, deviceId: string, epoch: number) => routes().fence(instance, deviceId, epoch),
    wake: (wake: Wake) => routes().wakeHere(wake.transient ? renumber(wake) : wake),
    changed: reload,
    kick: (...args: Parameters<ControlRoutes['kick']>) => routes().kick(...args),
    drain(overMs: number, redirect: string) {
      void operations()?.drain(overMs, redirect);
    },
    answer: (question: NodeQuestion) => answer(routes(), question),
    missed() {
      for (const worker of bus()?.workers() ?? []) bus()?.send(worker, { type: 'recheck' });
    },
  };
}

function answer({ table }: ControlRoutes, question: NodeQuestion): Route[] {
  const { instance } = question;
  if (question.kind === 'find')
    return [...routesOf(table, instance, question.owner, question.name)].slice(-MAX_NAMED);
  const found: Route[] = [];
  for (const route of routesOfInstance(table, instance)) {
    if (found.length >= Math.min(question.limit, MAX_NAMED)) break;
    found.push(route);
  }
  return found;
}

function watch({ metrics }: ProcessTools, node: ClusterNode): void {
  const sent = metrics.count('longlink_node_messages_total', { direction: 'out' });
  const received = metrics.count('longlink_node_messages_total', { direction: 'in' });
  const dropped = metrics.count('longlink_node_messages_dropped_total');
  metrics.onCollect(() => {
    const stats = node.stats();
    sent.total(stats.sent);
    received.total(stats.received);
    dropped.total(stats.dropped);
    const nodes = node.nodes();
    metrics.set('longlink_nodes', nodes.length);
    metrics.set('longlink_node_lease_seconds', node.leaseMs() / 1000);
    const own = nodes.find(({ member }) => member === node.member);
    metrics.set('longlink_node_lag_seconds', (own?.lagMs ?? 0) / 1000);
  });
}
