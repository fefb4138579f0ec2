/** What the admin port needs from the rest of the server. */
import type { Logger } from 'pino';
import type { CloseCode } from '../core/codes.js';
import type { Route } from '../core/ports.js';
import type { AccessKeys } from './service/access-keys.js';
import type { AppKeys } from './service/app-keys.js';
import type { Broadcasts } from './service/broadcasts.js';
import type { Send, SendAll, ServiceContext } from './service/context.js';
import type { PushCallbacks } from './service/push-callbacks.js';

/** Who is online, everywhere. Implemented over the route table. */
export interface Fleet {
  /**
   * Live sessions of one device, one Ad-token or one user, on all nodes; the newest first. Those of a
   * node that does not answer in time are left out.
   */
  find(
    instance: string,
    by: { readonly deviceId: string } | { readonly adToken: string } | { readonly user: string },
  ): Promise<readonly Route[]>;
  /** Live sessions of an instance, or of all for null; of other nodes as they said half a second ago. */
  count(instance: string | null): number;
  /** Some live sessions of an instance. */
  list(instance: string, limit: number): Promise<readonly Route[]>;
  kick(route: Route, code: CloseCode, retryAfterMs: number, redirect: string): void;
}

/** What an operator can tell the server as a whole. */
export interface Operations {
  /** False while the server must not get traffic: starting, draining, or its store does not answer. */
  readonly ready: () => boolean;
  /** Prometheus text, and its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Sends the devices away over `overMs`, to `redirect` when it is not empty. */
  readonly drain: (overMs: number, redirect: string) => Promise<void>;
  /** Accepts a held step of the system clock; returns its length in ms, 0 when none was held. */
  readonly acceptClock: () => Promise<number>;
  /** Writes a hot backup of the store into a directory that does not exist yet. */
  readonly backup: (directory: string) => Promise<void>;
}

/** The nodes that share a Redis. */
export interface AdminNodes {
  /** This node, and what is left of its lease. */
  readonly self: () => { readonly member: string; readonly leaseMs: number };
  readonly list: () => readonly {
    readonly member: string;
    readonly node: string;
    readonly role: string;
    readonly version: string;
    readonly startedMs: number;
    readonly admin: string;
    readonly workers: number;
    readonly draining: boolean;
    readonly connections: number;
    readonly epoch: number;
    readonly lagMs: number;
  }[];
  /** Tells the nodes of that name to send their devices away. @returns their members. */
  readonly drain: (name: string, overMs: number, redirect: string) => Promise<readonly string[]>;
}

/** Keys of the signed APIs. */
export interface SignedApiKeys {
  readonly accessKeys: AccessKeys;
  readonly appKeys: AppKeys;
}

/** Receipts of pushes. */
export interface PushReceipts {
  readonly callbacks: Pick<PushCallbacks, 'get' | 'change' | 'rotate'>;
  /** One call with a made-up receipt. Null while there is no address. */
  readonly test: (instance: string) => Promise<{
    readonly ok: boolean;
    readonly tookMs: number;
    /** Why it failed; else empty. */
    readonly error: string;
    readonly url: string;
    readonly body: string;
  } | null>;
  /** Receipts that were given up; the newest first. */
  readonly dead: (instance: string) => Promise<
    readonly {
      readonly receipt: { readonly msgId: string; readonly targetId: string; readonly status: string };
      readonly attempts: number;
      readonly deadMs: number;
      readonly reason: string;
    }[]
  >;
}

/** A push as the look-up tells of it. */
export interface FoundPush {
  /** User or device id; empty for a broadcast. */
  readonly target: string;
  readonly msgKey: string;
  readonly biz: string;
  readonly id: number;
  readonly taskId: string;
  readonly kind: string;
  readonly atMs: number;
  readonly expiresMs: number;
  readonly state: string;
}

/** Pushes of the last 30 days, the oldest first. */
export type FindPushes = (
  instance: string,
  by: { readonly target: string } | { readonly msgKey: string },
  limit: number,
) => Promise<FoundPush[]>;

export interface AdminOptions {
  readonly service: ServiceContext;
  readonly send: Send;
  readonly sendAll: SendAll;
  readonly fleet: Fleet;
  readonly operations: Operations;
  /** Left out on one node. */
  readonly nodes?: AdminNodes;
  /** Left out where the signed APIs are not served. */
  readonly signedApi?: SignedApiKeys;
  /** Left out where the signed APIs are not served. */
  readonly receipts?: PushReceipts;
  /** Left out where the signed APIs are not served. */
  readonly broadcasts?: Broadcasts;
  /** Left out where the signed APIs are not served. */
  readonly findPushes?: FindPushes;
  /** The bearer token. */
  readonly token: string;
  /** PEM, for a port that is not on a loopback address. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly log: Logger;
}
