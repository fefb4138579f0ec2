/**
 * Who is online on which node, kept in Redis with the owner: a device's newest session has its claim,
 * a user's nodes are listed, and one of them may feed the user's single-device streams. A node writes
 * what its own route table says, again and again until Redis has taken it.
 */
import type { OwnerKind } from '../core/model.js';
import { StoreUnavailable } from '../core/ports.js';
import { ownerKey, routesKey } from '../redis/owner-key.js';
import type { Channel } from './channel.js';
import type { ClusterLinks } from './links.js';
import type { Member } from './member.js';
import { refuse, type Scripts, texts } from './scripts.js';

/** Keys of routes live so long without being written; a node writes its own again long before. */
export const ROUTE_LIFE_MS = 1_800_000;
/** A member that began less than this ago may not be on everybody's list yet. */
export const NEW_MEMBER_MS = 10_000;
/** The node whose turn it is to feed asks so often whether the one before has let go. */
const ASK_AGAIN_MS = 300;

/** What the registry asks of the node's own route table. */
export interface LocalRoutes {
  /** Epoch of its newest session of the user, or 0. */
  newestOf(instance: string, user: string): number;
  /** No session here feeds the user's single-device streams or is letting go. */
  hasLetGo(instance: string, user: string): boolean;
  /** Whether a session here may feed them. */
  hold(instance: string, user: string, held: boolean): void;
  /** Whether one may, by the last `hold`. */
  isHeld(instance: string, user: string): boolean;
}

export interface OlderSession {
  readonly member: string;
  readonly epoch: number;
  /** Whether its node has a lease, as far as is known: else nobody waits for it. */
  readonly isAlive: boolean;
}

export interface Claim {
  /** 0: a newer session of the device is known, this one is over. */
  readonly epoch: number;
  /** Sessions of the device on other nodes: to be fenced. */
  readonly older: readonly OlderSession[];
}

export interface Registry {
  /**
   * Claims the device for a session of this node.
   *
   * @param epoch the session's, or 0 for a new one
   * @throws {StoreUnavailable} (as rejection) when it is not known whether it was
   */
  claim(instance: string, deviceId: string, epoch: number): Promise<Claim>;
  /** The session is over. */
  release(instance: string, deviceId: string, epoch: number): void;
  /**
   * The sessions of the user here have changed. Resolves when Redis knows what they are now; rejects
   * when it does not answer: it is tried again then, by itself.
   */
  userChanged(instance: string, user: string): Promise<void>;
  /** Alive members other than this one that hold sessions of the owner. */
  nodesOf(instance: string, kind: OwnerKind, owner: string): Promise<string[]>;
  /** Writes what could not be written before. */
  retry(): void;
  stop(): void;
}

export interface RegistryOptions {
  readonly links: ClusterLinks;
  readonly scripts: Scripts;
  readonly self: string;
  readonly member: () => Member;
  readonly channel: () => Channel;
  readonly local: LocalRoutes;
  /** A holder that does not let go is passed over after so long; longer than a lease. */
  readonly forceAfterMs: number;
  readonly onError: (error: unknown) => void;
}

/** Writes of one user's state: one at a time, the next with what is true then. */
interface Writing {
  again: boolean;
  /** Of the run under way, and of the one after it. */
  current: Waiter[];
  next: Waiter[];
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

export function createRegistry(options: RegistryOptions): Registry {
  const { links, scripts, self, local } = options;
  const { prefix } = links;
  const users = new Map<string, Writing>();
  const timers = new Map<string, NodeJS.Timeout>();
  /** Not written because Redis did not answer. */
  const unwritten = new Map<string, () => void>();
  let stopped = false;

  const noteUnwritten = (key: string, again: () => void): void => {
    if (!stopped) unwritten.set(key, again);
  };

  const offer = async (instance: string, user: string): Promise<void> => {
    const member = options.member();
    // Who is alive is known only while the own lease is.
    if (!member.hasLease()) throw new StoreUnavailable('this node has no lease');
    const epoch = local.newestOf(instance, user);
    const letGo = local.hasLetGo(instance, user);
    const routes = routesKey(prefix, instance, 'u', user);
    const reply = await scripts.run(
      'offer',
      [routes, `${ownerKey(prefix, instance, 'u', user)}:feeder`],
      [
        ...[self, epoch, letGo ? 1 : 0, ROUTE_LIFE_MS, options.forceAfterMs, NEW_MEMBER_MS],
        ...member.live().map((node) => node.member),
      ],
    );
    const [holder = '', winner = '', changed = '0', ...members] = texts(reply);
    dropGone(routes, members);
    local.hold(instance, user, holder === self && winner === self);
    const told = new Set([holder, winner].filter((one) => one !== self && one !== ''));
    if (changed === '1') for (const other of told) postFeeder(other, instance, user);
    if (winner === self && holder !== self) askAgain(instance, user, ASK_AGAIN_MS);
    // It may have had nothing to let go of.
    const hands = holder === self && winner !== self;
    if (hands && !letGo && local.hasLetGo(instance, user)) askAgain(instance, user, 0);
  };

  const postFeeder = (to: string, instance: string, user: string): void => {
    options.channel().post(to, { type: 'feeder', instance, user }).catch(options.onError);
  };

  const askAgain = (instance: string, user: string, afterMs: number): void => {
    const id = key(instance, user);
    if (timers.has(id) || stopped) return;
    const timer = setTimeout(() => {
      timers.delete(id);
      registry.userChanged(instance, user).catch(() => {});
    }, afterMs);
    timers.set(id, timer);
  };

  const dropGone = (routes: string, members: readonly string[]): void => {
    const gone = members.filter((member) => member !== self && options.member().isGone(member));
    if (gone.length > 0) links.client.hdel(routes, ...gone).catch(options.onError);
  };

  const write = async (instance: string, user: string, writing: Writing): Promise<void> => {
    do {
      writing.again = false;
      writing.current = writing.next;
      writing.next = [];
      try {
        await offer(instance, user);
        for (const waiter of writing.current) waiter.resolve();
      } catch (error) {
        noteUnwritten(`u${key(instance, user)}`, () => {
          registry.userChanged(instance, user).catch(() => {});
        });
        for (const waiter of writing.current) waiter.reject(error);
      }
    } while (writing.again && !stopped);
    users.delete(key(instance, user));
  };

  const registry: Registry = {
    async claim(instance, deviceId, epoch) {
      const reply = texts(
        await scripts.run(
          'claim',
          [routesKey(prefix, instance, 'd', deviceId)],
          [self, epoch, ROUTE_LIFE_MS],
        ),
      );
      const older: OlderSession[] = [];
      for (let at = 1; at + 1 < reply.length; at += 2) {
        const [name = '', text = '0'] = reply.slice(at, at + 2);
        older.push({ member: name, epoch: Number(text), isAlive: options.member().isLive(name) });
      }
      return { epoch: Number(reply[0] ?? '0'), older };
    },
    release(instance, deviceId, epoch) {
      const routes = routesKey(prefix, instance, 'd', deviceId);
      scripts.run('release', [routes], [self, epoch]).catch(() => {
        noteUnwritten(`d${key(instance, deviceId)}`, () => registry.release(instance, deviceId, epoch));
      });
    },
    userChanged(instance, user) {
      const id = key(instance, user);
      return new Promise((resolve, reject) => {
        const writing = users.get(id);
        const waiter = { resolve, reject };
        if (writing !== undefined) {
          writing.again = true;
          writing.next.push(waiter);
          return;
        }
        const begun: Writing = { again: false, current: [], next: [waiter] };
        users.set(id, begun);
        void write(instance, user, begun);
      });
    },
    async nodesOf(instance, kind, owner) {
      const members = await links.client.hkeys(routesKey(prefix, instance, kind, owner)).catch(refuse);
      return members.filter((member) => member !== self && options.member().mayBeLive(member));
    },
    retry() {
      const all = [...unwritten.values()];
      unwritten.clear();
      for (const again of all) again();
    },
    stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      unwritten.clear();
    },
  };
  return registry;
}

const key = (instance: string, name: string): string => `${instance}\0${name}`;
