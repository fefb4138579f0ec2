/** One node of the cluster, put together: lease, messages and registry, and what keeps them true. */
import type { CloseCode } from '../core/codes.js';
import type { OwnerKind } from '../core/model.js';
import type { Route, Wake } from '../core/ports.js';
import { type Channel, type ChannelStats, openChannel } from './channel.js';
import { type ClusterLinks, clusterKeys } from './links.js';
import { createMember, type LiveNode, type Member, type NodeFacts, RENEW_EVERY_MS } from './member.js';
import type { NodeMessage, NodeQuestion } from './messages.js';
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
/** Sessions that are compared with Redis at once. */
const COMPARE_AT_ONCE = 200;
const ANSWER_MS = 1000;

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
    isNew: (name) => options.wall() - Number(/@(\d+)$/.exec(name)?.[1] ?? 0) < NEW_MEMBER_MS,
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

  const askAll = async (members: readonly string[], question: NodeQuestion): Promise<Route[]> => {
    const answers = members.map((to) =>
      questions.ask(ANSWER_MS, (seq) => channel.send(to, { type: 'ask', seq, from: self, question })),
    );
    const found = await Promise.all(answers);
    return found.flatMap((routes, at) =>
      (routes ?? []).map((route) => ({ ...route, node: members[at] ?? '' })),
    );
  };
  const others = (): string[] =>
    member
      .live()
      .map((live) => live.member)
      .filter((name) => name !== self);

  const node: ClusterNode = {
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
    async fenceElsewhere(instance, deviceId, older) {
      const fences = older.map(async ({ member: to, epoch, isAlive }) => {
        const answer = questions.ask(options.fenceTimeoutMs, (seq) => {
          const message = { type: 'fence', instance, deviceId, epoch, from: self, seq } as const;
          channel.post(to, message).catch(options.onError);
        });
        // One without a lease sends nothing; it hears of this before it has one again.
        if (isAlive) options.onFence((await answer) !== null);
      });
      await Promise.all(fences);
    },
    broadcast(message) {
      for (const to of others()) channel.send(to, message);
    },
    tell: channel.post,
    async find(instance, kind, name) {
      const members = await registry.nodesOf(instance, kind, name);
      return askAll(members, { kind: 'find', instance, owner: kind, name });
    },
    list: (instance, limit) => askAll(others(), { kind: 'list', instance, limit }),
    async close() {
      closed = true;
      clearTimeout(renewing);
      clearInterval(refreshing);
      registry.stop();
      await member.leave();
      await channel.close();
      questions.close();
    },
  };

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
    await node.close();
    throw new Error('Redis did not grant this node a lease');
  }
  return node;
}

interface Receivers {
  readonly host: ClusterHost;
  readonly channel: Channel;
  readonly registry: Registry;
  readonly questions: ReturnType<typeof createOpenQuestions>;
  readonly onError: (error: unknown) => void;
}

function receive(message: NodeMessage, { host, channel, registry, questions, onError }: Receivers): void {
  switch (message.type) {
    case 'wake':
      host.wake(message.wake);
      break;
    case 'fence': {
      const { instance, deviceId, epoch, from, seq } = message;
      host
        .fence(instance, deviceId, epoch)
        .then(() => channel.send(from, { type: 'fenced', seq }))
        .catch(onError);
      break;
    }
    case 'feeder':
      registry.userChanged(message.instance, message.user).catch(() => {});
      break;
    case 'changed':
      host.changed();
      break;
    case 'kick':
      host.kick(message.route, message.code, message.retryAfterMs, message.redirect);
      break;
    case 'drain':
      host.drain(message.overMs, message.redirect);
      break;
    case 'ask': {
      const { seq, from, question } = message;
      channel.send(from, { type: 'answer', seq, routes: host.answer(question) });
      break;
    }
    case 'fenced':
      questions.settle(message.seq, []);
      break;
    case 'answer':
      questions.settle(message.seq, message.routes);
  }
}

function wakeOthers(
  wake: Wake,
  members: readonly string[],
  self: string,
  member: Member,
  channel: Channel,
): number {
  const message = { type: 'wake', wake } as const;
  let told = 0;
  if (wake.stream.kind === 'g') {
    for (const live of member.live()) {
      if (live.member === self || live.role === 'api') continue;
      channel.send(live.member, message);
      told += live.instances[wake.stream.instance] ?? 0;
    }
    return told;
  }
  for (const name of members) {
    if (name === self || member.isGone(name)) continue;
    // One that is not on the list may have come back a moment ago.
    channel.send(name, message);
    if (member.mayBeLive(name)) told += 1;
  }
  return told;
}

/** Claims every session again; those that were replaced meanwhile end. Then the users. */
async function compare(node: ClusterNode, host: ClusterHost): Promise<void> {
  const group: Promise<void>[] = [];
  for (const route of [...host.sessions()]) {
    group.push(compareOne(node, host, route));
    if (group.length === COMPARE_AT_ONCE) await Promise.all(group.splice(0));
  }
  await Promise.all(group);
  await compareUsers(node, host, false);
}

async function compareOne(node: ClusterNode, host: ClusterHost, route: Route): Promise<void> {
  const { instance, deviceId, epoch } = route;
  const claim = await node.claim(instance, deviceId, epoch);
  if (claim.epoch === 0) await host.fence(instance, deviceId, epoch);
  else if (claim.older.length > 0) await node.fenceElsewhere(instance, deviceId, claim.older);
}

/** @param waitingOnly those whose streams another node may have had; failures are left to the next time. */
async function compareUsers(node: ClusterNode, host: ClusterHost, waitingOnly: boolean): Promise<void> {
  const users = new Map<string, Route>();
  for (const route of host.sessions())
    if (route.user !== '') users.set(`${route.instance}\0${route.user}`, route);
  const work: Promise<void>[] = [];
  for (const { instance, user } of users.values()) {
    if (waitingOnly && host.local.isHeld(instance, user)) continue;
    const written = node.userChanged(instance, user);
    work.push(waitingOnly ? written.catch(() => {}) : written);
    if (work.length === COMPARE_AT_ONCE) await Promise.all(work.splice(0));
  }
  await Promise.all(work);
}

/** Questions to other nodes; null when no answer came in time. */
function createOpenQuestions() {
  const open = new Map<number, { readonly settle: (routes: readonly Route[] | null) => void }>();
  let last = 0;
  return {
    ask(timeoutMs: number, send: (seq: number) => void): Promise<readonly Route[] | null> {
      last += 1;
      const seq = last;
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(null), timeoutMs);
        const settle = (routes: readonly Route[] | null): void => {
          clearTimeout(timer);
          open.delete(seq);
          resolve(routes);
        };
        open.set(seq, { settle });
        send(seq);
      });
    },
    settle(seq: number, routes: readonly Route[]): void {
      open.get(seq)?.settle(routes);
    },
    close(): void {
      for (const { settle } of [...open.values()]) settle(null);
    },
  };
}
