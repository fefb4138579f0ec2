/**
 * A node as a member of the cluster: its lease in Redis, and who else has one. Without a lease a node
 * sends its devices no data, so that one that was frozen or cut off sends nothing that is not true any
 * more; when it has one again it first compares all its sessions with what has happened meanwhile.
 */
import type { ClusterKeys } from './links.js';
import { type Scripts, texts } from './scripts.js';

/** How often a lease is renewed, and how long it is valid: several renewals may fail. */
export const RENEW_EVERY_MS = 500;
export const LEASE_MS = 3000;
/** Records of nodes that ended without a word stay so long. */
const FORGET_MS = 60_000;
/** A member that was not seen for so long is not slow any more: it is gone. */
export const GONE_MS = 60_000;

/** What a node says of itself. */
export interface NodeFacts {
  readonly node: string;
  readonly role: string;
  readonly version: string;
  readonly startedMs: number;
  /** Address of its admin port, or empty. */
  readonly admin: string;
  readonly workers: number;
  readonly draining: boolean;
  /** Live sessions, in all and by instance. */
  readonly connections: number;
  readonly instances: Readonly<Record<string, number>>;
  /** Newest epoch that it has seen. */
  readonly epoch: number;
  /** Turnaround of its last renewal, ms. */
  readonly lagMs: number;
}

export interface LiveNode extends NodeFacts {
  /** Node name and start: another life of the node is another member. */
  readonly member: string;
}

export interface Member {
  /** Ms for which this node may still grant leases to its workers; 0 when it may not. */
  leaseMs(): number;
  /** By the last renewal, this node included. */
  live(): readonly LiveNode[];
  isLive(member: string): boolean;
  /** Alive, or so young that it need not be on the list yet. */
  mayBeLive(member: string): boolean;
  /** Whether Redis has granted this node a lease; it may still be comparing its sessions. */
  hasLease(): boolean;
  /** Not seen for long enough that nothing of it needs to be kept. */
  isGone(member: string): boolean;
  /** Something was not told to Redis, or may be lost there: everything is compared anew. */
  distrust(): void;
  /** One renewal. Never rejects. */
  renew(): Promise<void>;
  /** Resolves when the comparison under way has ended. */
  settled(): Promise<void>;
  /** Gives the lease back. */
  leave(): Promise<void>;
}

export interface MemberOptions {
  readonly scripts: Scripts;
  readonly keys: ClusterKeys;
  readonly member: string;
  readonly facts: () => Omit<NodeFacts, 'lagMs'>;
  /** Monotonic ms. */
  readonly mono: () => number;
  /** Whether a member began a moment ago. */
  readonly isNew: (member: string) => boolean;
  readonly readMail: () => Promise<void>;
  /** The lease had lapsed, or is new: compares all sessions. Rejects when that could not be done. */
  readonly rejoin: () => Promise<void>;
  /** Nodes that are not alive any more. */
  readonly onDead: (members: readonly string[]) => void;
  readonly onLease: (held: boolean, reason: unknown) => void;
}

export function createMember(options: MemberOptions): Member {
  const { scripts, keys, member: self, mono } = options;
  const startMono = mono();
  let leaseUntil = 0;
  let trusted = false;
  let rejoining: Promise<void> | null = null;
  let live: LiveNode[] = [];
  const seen = new Map<string, number>();
  let lagMs = 0;
  let left = false;
  let held = false;
  let distrusts = 0;

  const tell = (now: boolean, reason: unknown): void => {
    if (now === held) return;
    held = now;
    options.onLease(now, reason);
  };
  const remaining = (): number => (trusted && !left ? Math.max(0, leaseUntil - mono()) : 0);

  const take = (reply: unknown): boolean => {
    const [wasLive = '0', ...pairs] = texts(reply);
    const before = live;
    live = [];
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const [member = '', json = '{}'] = pairs.slice(at, at + 2);
      live.push({ ...(JSON.parse(json) as NodeFacts), member });
      seen.set(member, mono());
    }
    const dead = before.filter((old) => !live.some(({ member }) => member === old.member));
    if (dead.length > 0) options.onDead(dead.map(({ member }) => member));
    return wasLive === '1';
  };

  const rejoin = async (): Promise<void> => {
    const asked = distrusts;
    try {
      await options.rejoin();
      if (asked === distrusts) trusted = true;
      tell(remaining() > 0, null);
    } catch (error) {
      tell(false, error);
    } finally {
      rejoining = null;
    }
  };

  return {
    leaseMs: remaining,
    live: () => live,
    isLive: (member) => live.some((node) => node.member === member),
    mayBeLive: (member) => live.some((node) => node.member === member) || options.isNew(member),
    hasLease: () => !left && mono() < leaseUntil,
    isGone: (member) => mono() - (seen.get(member) ?? startMono) > GONE_MS,
    distrust() {
      distrusts += 1;
      trusted = false;
    },
    async renew() {
      if (left) return;
      const sentMono = mono();
      try {
        // Mail first: who has a lease from here on has read what was posted before it.
        await options.readMail();
        // It would take back what `leave` gave away meanwhile.
        if (left) return;
        const facts: NodeFacts = { ...options.facts(), lagMs: Math.round(lagMs) };
        const wasLive = take(
          await scripts.run(
            'renew',
            [keys.nodes, keys.leases],
            [self, JSON.stringify(facts), LEASE_MS, FORGET_MS],
          ),
        );
        lagMs = mono() - sentMono;
        if (left) return;
        // It may have lapsed by either clock.
        if (!wasLive || sentMono >= leaseUntil) {
          trusted = false;
          distrusts += 1;
        }
        leaseUntil = sentMono + LEASE_MS;
      } catch (error) {
        if (remaining() === 0) tell(false, error);
        return;
      }
      // Renewals go on beside it: comparing many sessions may take longer than a lease.
      if (!trusted) rejoining ??= rejoin();
      tell(remaining() > 0, null);
    },
    async settled() {
      await rejoining;
    },
    async leave() {
      left = true;
      await scripts
        .run('renew', [keys.nodes, keys.leases], [self, '{}', 0, FORGET_MS])
        .catch(() => undefined);
    },
  };
}
