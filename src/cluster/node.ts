/** One node of the cluster, put together: lease, messages and registry, and what keeps them true. */
import type { CloseCode } from '../core/codes.js';
import type { OwnerKind } from '../core/model.js';
import type { Route, Wake } from '../core/ports.js';
import { type Channel, type ChannelStats, openChannel } from './channel.js';
import { type ClusterLinks, clusterKeys } from './links.js';
import { createMember, type LiveNode, type Member, type NodeFacts, RENEW_EVERY_MS } from './member.js';
import type { NodeMessage, NodeQuestion } from './messages.js';
import {
  askAll,
  compare,
  compareUsers,
  createOpenQuestions,
  fenceOthers,
  receive,
  wakeOthers,
} from './node-work.js';
import {
  createRegistry,
  type LocalRoutes,
  NEW_MEMBER_MS,
  type OlderSession,
  type Registry,
} from './registry.js';
import { createScripts, type Scripts } from './scripts.js';

/** All routes are written anew in so long: what Redis lost is there again, and lives on. */
const REFRESH_EVERY_MS = 300_000;

/** What a node does for the others. */
export interface ClusterHost {
  readonly local: LocalRoutes;
  /** All live sessions of this node. */
  sessions(): Iterable<Route>;
  /** Ends the device's session of this epoch or an older one; resolves when it is over and written. */
  fence(instance: string, deviceId: string, epoch: number): Promise<void>;
  wake(wake: Wake): void;
  /** What is held in memory of the store's documents may be old. */
  changed(): void;
  kick(route: Route, code: CloseCode, retryAfterMs: number, redirect: string): void;
  drain(overMs: number, redirect: string): void;
  answer(question: NodeQuestion): readonly Route[];
  /** Redis has answered again after it was away: wake-ups may have been lost. */
  missed(): void;
}

export interface ClusterNodeOptions {
  readonly links: ClusterLinks;
  /** Name of the node, and when this life of it began, ms since 1970. */
  readonly node: string;
  readonly startedMs: number;
  readonly facts: () => Omit<NodeFacts, 'lagMs' | 'node' | 'startedMs'>;
  /** Monotonic ms. */
  readonly mono: () => number;
  /** Wall clock, ms. */
  readonly wall: () => number;
  readonly host: ClusterHost;
  readonly fenceTimeoutMs: number;
  /** See `RegistryOptions`. */
  readonly forceAfterMs: number;
  readonly onLease: (held: boolean, reason: unknown) => void;
  readonly onFence: (confirmed: boolean) => void;
  readonly onError: (error: unknown) => void;
}

export interface ClusterNode extends Pick<Registry, 'claim' | 'release' | 'userChanged' | 'nodesOf'> {
  readonly member: string;
  readonly scripts: Scripts;
  readonly links: ClusterLinks;
  /** Ms for which leases may be granted to workers now. */
  leaseMs(): number;
  distrust(): void;
  nodes(): readonly LiveNode[];
  stats(): ChannelStats;
  /** @returns how many nodes, for global data how many sessions there, were told. */
  wake(wake: Wake, members: readonly string[]): number;
  fenceElsewhere(instance: string, deviceId: string, older: readonly OlderSession[]): Promise<void>;
  /** Tells every other node; at most once. */
  broadcast(message: NodeMessage): void;
  /** Tells one; it arrives while the node has its lease. */
  tell(member: string, message: NodeMessage): Promise<void>;
  /** Live sessions of an owner on other nodes. Those of a node that does not answer in time are left out. */
  find(instance: string, kind: OwnerKind, name: string): Promise<Route[]>;
  /** Some live sessions of an instance on other nodes. */
  list(instance: string, limit: number): Promise<Route[]>;
  /** Starts no more work; gives the lease back. */
  close(): Promise<void>;
}

/** Resolves when the node has its lease. Rejects when Redis does not answer. */
export async function openClusterNode(options: ClusterNodeOptions): Promise<ClusterNode> {
  const { links, host, mono } = options;
  const keys = clusterKeys(links.prefix);
  const scripts = createScripts(links.client);
  const self = `${options.node}@${options.startedMs}`;
  const questions = createOpenQuestions();
  let closed = false;

  const channel: Channel = await openChannel({
    links,
    keys,
    self,
    onMessage: (message) =>
      receive(message, { host, channel, registry, questions, onError: options.onError }),
    onError: options.onError,
  });
  const member: Member = createMember({
    scripts,
    keys,
    member: self,
    facts: () => ({ ...options.facts(), node: options.node, startedMs: options.startedMs }),
    mono,
    isNew: (name) => Math.abs(options.wall() - Number(/@(\d+)$/.exec(name)?.[1] ?? 0)) < NEW_MEMBER_MS,
    readMail: channel.readMail,
    rejoin: async () => {
      await compare(node, host);
      registry.retry();
      host.missed();
    },
    onDead: () => void compareUsers(node, host, true),
    onLease: options.onLease,
  });
  const registry = createRegistry({
    links,
    scripts,
    self,
    member: () => member,
    channel: () => channel,
    local: host.local,
    forceAfterMs: options.forceAfterMs,
    onError: options.onError,
  });

  const node = makeNode({ self, links, scripts, channel, member, registry, questions, options });
  let renewing: NodeJS.Timeout | undefined;
  const renew = async (): Promise<void> => {
    await member.renew();
    if (member.leaseMs() > 0) registry.retry();
    if (!closed) renewing = setTimeout(() => void renew(), RENEW_EVERY_MS);
  };
  await renew();
  await member.settled();
  const refreshing = setInterval(() => {
    if (member.leaseMs() > 0) compare(node, host).catch(options.onError);
  }, REFRESH_EVERY_MS);
  if (member.leaseMs() === 0) {
    closed = true;
    clearTimeout(renewing);
    clearInterval(refreshing);
    await node.close();
    throw new Error('Redis did not grant this node a lease');
  }
  return {
    ...node,
    async close() {
      closed = true;
      clearTimeout(renewing);
      clearInterval(refreshing);
      await node.close();
    },
  };
}

interface NodeParts extends Pick<ClusterNode, 'links' | 'scripts'> {
  readonly self: string;
  readonly channel: Channel;
  readonly member: Member;
  readonly registry: Registry;
  readonly questions: ReturnType<typeof createOpenQuestions>;
  readonly options: ClusterNodeOptions;
}

function makeNode(parts: NodeParts): ClusterNode {
  const { self, links, scripts, channel, member, registry, questions, options } = parts;
  const others = (): string[] =>
    member
      .live()
      .map((live) => live.member)
      .filter((name) => name !== self);

  return {
    member: self,
    scripts,
    links,
    claim: registry.claim,
    release: registry.release,
    userChanged: registry.userChanged,
    nodesOf: registry.nodesOf,
    leaseMs: member.leaseMs,
    distrust: member.distrust,
    nodes: member.live,
    stats: channel.stats,
    wake: (wake, members) => wakeOthers(wake, members, self, member, channel),
    fenceElsewhere: (instance, deviceId, older) =>
      fenceOthers({ instance, deviceId, from: self }, older, { channel, questions, options }),
    broadcast(message) {
      for (const to of others()) channel.send(to, message);
    },
    tell: channel.post,
    async find(instance, kind, name) {
      const members = await registry.nodesOf(instance, kind, name);
      return askAll(members, self, { channel, questions }, { kind: 'find', instance, owner: kind, name });
    },
    list: (instance, limit) =>
      askAll(others(), self, { channel, questions }, { kind: 'list', instance, limit }),
    async close() {
      registry.stop();
      await member.leave();
      await channel.close();
      questions.close();
    },
  };
}
