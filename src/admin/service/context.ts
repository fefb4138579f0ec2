/** What the service functions work on, and the one error they refuse with. */
import type { SendOutcome, SendRequest } from '../../core/delivery.js';
import type { Catalogue, Now, Store } from '../../core/ports.js';
import type { Bindings } from './bindings.js';
import type { Follower } from './follow.js';
import type { SyncLimits } from './sync-request.js';

/** Delivery's `send`, bound. The one way in for data. */
export type Send = (request: SendRequest) => Promise<SendOutcome>;

/** Delivery's `sendAll`, bound: many requests that share a commit. Rejects when one is at fault; then none is stored. */
export type SendAll = (requests: readonly SendRequest[]) => Promise<readonly SendOutcome[]>;

export interface ServiceContext {
  readonly store: Store;
  readonly clock: () => Now;
  readonly limits: SyncLimits;
  /** The catalogue in force in this process. */
  readonly catalogue: () => Catalogue;
  /**
   * Called after instances or configurations have changed in the store; resolves when the new
   * catalogue is in force here and on its way to every worker.
   */
  readonly catalogueChanged: () => Promise<void>;
  /** Runs the changes one after the other, so that each sees what the one before it wrote. */
  readonly exclusive: Exclusive;
  /** For changes of other documents: those of one name run one after the other, on all nodes. */
  readonly turns: Turns;
  /** Whether work by the clock is this node's: of several, one does it. */
  readonly leads: (job: string) => Promise<boolean>;
  /** Marks the messages that an operator follows; whoever makes `Send` calls it. */
  readonly follower: Follower;
  /** Which devices a user has been seen on. */
  readonly bindings: Bindings;
  /** The payload of a stored record. Implemented by wire/. */
  readonly decodeBody: (body: Uint8Array) => { readonly payload: Uint8Array; readonly binary: boolean };
}

/** Who asks for a change, for the audit record. */
export interface Actor {
  readonly name: string;
  /** Peer address, or empty. */
  readonly address: string;
}

export type ServiceErrorCode =
  | 'INVALID'
  | 'NOT_FOUND'
  | 'EXISTS'
  | 'CONFLICT'
  | 'UNAUTHORIZED'
  | 'TOO_LARGE'
  | 'UNAVAILABLE';

/** HTTP status of each code. */
export const SERVICE_STATUS: Readonly<Record<ServiceErrorCode, number>> = {
  INVALID: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  EXISTS: 409,
  CONFLICT: 409,
  TOO_LARGE: 413,
  UNAVAILABLE: 503,
};

/** A request that is refused, for a reason the caller is told. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly field: string | undefined;
  readonly limit: number | undefined;

  constructor(code: ServiceErrorCode, message: string, field?: string, limit?: number) {
    super(message);
    this.code = code;
    this.field = field;
    this.limit = limit;
  }
}

/** By name. To be called once for each. */
export type Turns = (name: string) => Exclusive;

export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of one: read-modify-write on the few documents of a tenant must not interleave. */
export function createExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
