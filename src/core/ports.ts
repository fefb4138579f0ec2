/** What the core sees of the outside. Drivers implement these; core/ calls them and nothing else. */
import type { CloseCode } from './codes.js';
import type {
  Cursor,
  DeviceRecord,
  Filter,
  Head,
  HeadsWanted,
  Instance,
  Oplog,
  ReaderKey,
  StreamKey,
  SyncConfig,
} from './model.js';
import type { ReportAnswer, ReportRequest } from './reports.js';

/**
 * Both clocks, read once per turn. Rules on validity use `wall`, deadlines use `mono`:
 * a stepped system clock must neither expire data nor fire every timer.
 */
export interface Now {
  /** Trusted wall clock, ms since 1970. Never runs ahead of a sudden step (src/clock.ts). */
  readonly wall: number;
  /** Monotonic ms since the process began. */
  readonly mono: number;
}

// ── Store ───────────────────────────────────────────────────────────────────────────────────

/** One record to be appended. Its id is assigned in the atomic step that stores it. */
export interface AppendRequest {
  readonly stream: StreamKey;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
  readonly expiresMs: number;
  /** Wall ms at which it is to be appended and get its id, or 0 for now (docs/architecture.md). */
  readonly notBeforeMs: number;
  readonly filter: Filter | null;
  readonly traced: boolean;
  readonly resendOf: number;
  readonly body: Uint8Array;
  /** Newest records to keep of this stream, or 0 for no limit: the trimming of a single-reader
   *  stream whose reader is away, and the hard cap that protects the store. */
  readonly keepNewest: number;
}

export type AppendResult =
  /** Stored and durable. `prev` is the id before it in its stream when it was appended, or 0. */
  | {
      readonly status: 'stored';
      readonly oplog: Oplog;
      readonly prev: number;
      readonly trimmed: number;
      /** Members of the cluster that may hold sessions of the owner; absent where there is one node. */
      readonly nodes?: readonly string[];
    }
  /** The thirdMsgId was accepted before, within 30 days; `id` is the first one's (0 if still waiting for its time). */
  | { readonly status: 'duplicate'; readonly id: number; readonly acceptedMs: number }
  /** Kept durably aside until `notBeforeMs`. */
  | { readonly status: 'scheduled' };

/** A message to be taken back. */
export interface RevokeRequest {
  readonly stream: StreamKey;
  readonly thirdMsgId: string;
  /** One that was accepted before this wall ms is left alone. */
  readonly sinceMs: number;
}

/** What became of a message that was taken back. */
export interface Revoked {
  /** Its id, or 0 when it never got one: it waited for its time. */
  readonly id: number;
  readonly acceptedMs: number;
  /** The record as it was, when this call ended it; null when it had ended before, or waited. */
  readonly oplog: Oplog | null;
  /** It waited for its time, and now never comes. */
  readonly waited: boolean;
}

/** A record that came due and was appended. */
export interface DueAppend {
  readonly stream: StreamKey;
  readonly oplog: Oplog;
  readonly prev: number;
  readonly nodes?: readonly string[];
}

export interface ReadLimit {
  readonly records: number;
  readonly bytes: number;
}

/** Records after a position, oldest first. */
export interface Page {
  readonly oplogs: readonly Oplog[];
  /** Last id considered: that of the last record returned, or the head's last when `more` is false. */
  readonly through: number;
  readonly more: boolean;
}

/**
 * A new state for one cursor. `acked` never goes back and dead ids are united; `recent` holds only
 * the new advances, which are appended to the stored ones (the newest RECENT_ADVANCES stay);
 * `attempts` and `nextAttemptMs` replace the stored ones unless `acked` is behind the stored one.
 */
export interface CursorUpdate {
  readonly reader: ReaderKey;
  readonly cursor: Cursor;
}

/** A record given up for a reader. */
export interface DeadLetter {
  readonly stream: StreamKey;
  readonly id: number;
  readonly reader: ReaderKey;
  readonly attempts: number;
  readonly deadMs: number;
  /** `attempts`, or why else it was given up. */
  readonly reason: string;
  /** Id of the record that sends it again, or 0. */
  readonly resentAs: number;
}

/** A logged step of a message: the exceptions for all, every step for the traced. */
export interface MessageEvent {
  readonly stream: StreamKey;
  readonly id: number;
  /** retransmitted, dead, revoked, handed-over; for traced ones also sent, acked, filtered. */
  readonly what: string;
  readonly atMs: number;
  /** Device or user it concerns. */
  readonly reader: string;
  readonly worker: number;
  readonly detail: string;
}

/** What a session's end, ack or retry leaves to be written; lost ones cost a duplicate, never data. */
export interface ProgressBatch {
  readonly cursors: readonly CursorUpdate[];
  readonly dead: readonly DeadLetter[];
  readonly events: readonly MessageEvent[];
}

/** Exact since the store was made: accepted = retained + ended. Kept in the commits themselves. */
export interface Conservation {
  readonly instance: string;
  readonly biz: string;
  readonly accepted: number;
  readonly retained: number;
  readonly expired: number;
  readonly consumed: number;
  readonly trimmed: number;
  readonly revoked: number;
  readonly deleted: number;
}

/** How an oplog ends, once. docs/guarantees.md, "Conservation". */
export type EndReason = 'expired' | 'consumed' | 'trimmed' | 'revoked' | 'deleted';

/** Small documents: instances, configurations, keys, audit. Values are JSON. */
export interface DocWrite {
  readonly collection: string;
  readonly key: string;
  /** Null deletes. */
  readonly value: unknown;
}

/**
 * Adds to a document that holds counters: an object of safe integers. One that is not there counts as
 * empty. Removed like any document.
 */
export interface CounterAdd {
  readonly collection: string;
  readonly key: string;
  /** What is added, by name; safe integers. */
  readonly by: Readonly<Record<string, number>>;
}

export interface SweepResult {
  readonly scanned: number;
  readonly expired: number;
  /** True when the sweep reached the end of the store and the next call starts over. */
  readonly wrapped: boolean;
}

/**
 * The durable part. Every method that writes resolves only after the write is durable at the
 * driver's level; a rejected write is *unknown*, never *not there*.
 *
 * @throws {StoreUnavailable} (as rejection) when the driver cannot answer in its time limit.
 */
export interface Store {
  /** Stores each request in one atomic step of dedupe, id, record and trim. Order of ids follows
   *  the order of the calls and, within one, of the array. */
  append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;
  /** Appends what was kept aside and is due at `wallMs`; at most `max`. */
  appendDue(wallMs: number, max: number): Promise<DueAppend[]>;
  /** Ends the records of these messages as revoked, and forgets those that wait for their time. Their
   *  thirdMsgIds stay remembered. Atomic for each message; again the same, it changes nothing, so what a
   *  failure left over is done by calling again. @returns for each
   *  what it was; null for one that is not remembered or was accepted before `sinceMs`. */
  revoke(requests: readonly RevokeRequest[]): Promise<(Revoked | null)[]>;
  /** Raises the stream's counter so that the next id is above `floor`: a device has seen an id
   *  that this store lost. @returns false when it is already. */
  raiseFloor(stream: StreamKey, floor: number): Promise<boolean>;
  readAfter(stream: StreamKey, after: number, limit: ReadLimit): Promise<Page>;
  /** Position such that only the newest `keep` records lie after it, not below `after`. */
  newest(
    stream: StreamKey,
    after: number,
    keep: number,
  ): Promise<{ readonly after: number; readonly passed: number }>;
  /** The heads of the owners' streams, in one read. Owners of one instance. */
  heads(instance: string, owners: readonly HeadsWanted[]): Promise<Head[]>;
  /** One record by id, or by the caller's thirdMsgId. Null when not retained. */
  find(
    stream: StreamKey,
    by: { readonly id: number } | { readonly thirdMsgId: string },
  ): Promise<Oplog | null>;
  cursors(reader: ReaderKey): Promise<Cursor[]>;
  saveProgress(batch: ProgressBatch): Promise<void>;
  device(
    instance: string,
    by: { readonly deviceId: string } | { readonly adToken: string },
  ): Promise<DeviceRecord | null>;
  /** Bindings that the stored record has and this one has not are kept: core/binding-merge.ts. */
  saveDevice(record: DeviceRecord): Promise<void>;
  events(stream: StreamKey, id: number): Promise<MessageEvent[]>;
  deadLetters(
    instance: string,
    query: { readonly biz?: string; readonly after?: string; readonly limit: number },
  ): Promise<{
    readonly letters: readonly DeadLetter[];
    /** Pass as `after` for the next page; empty at the end. */
    readonly next: string;
  }>;
  markResent(letter: DeadLetter, id: number): Promise<void>;
  doc(collection: string, key: string): Promise<unknown>;
  /** Documents of a collection whose key starts with `prefix` and is greater than `after`, in the
   *  order of their keys as UTF-8. */
  docs(
    collection: string,
    prefix: string,
    limit: number,
    after?: string,
  ): Promise<{ readonly key: string; readonly value: unknown }[]>;
  /** Atomic over all writes. */
  saveDocs(writes: readonly DocWrite[]): Promise<void>;
  /** Atomic over all adds, and no add of another process is lost. Repeating a call that was not
   *  answered may add twice. */
  addCounters(adds: readonly CounterAdd[]): Promise<void>;
  /** Ends what is retained for a deleted configuration, and forgets what waits for its time. Bounded:
   *  call until it returns 0. @returns how many of both are gone, at most `max`. */
  deleteStreams(instance: string, biz: string, max: number): Promise<number>;
  conservation(): Promise<Conservation[]>;
  /** One bounded step of the background sweep that ends what is past its time. */
  sweep(wallMs: number, budget: number): Promise<SweepResult>;
  close(): Promise<void>;
}

/** The part of a store that holds documents. */
export type DocStore = Pick<Store, 'doc' | 'docs' | 'saveDocs'>;

/** The part that counts. */
export type CounterStore = DocStore & Pick<Store, 'addCounters'>;

/** Rejection of a store that cannot answer: the caller reports SYSTEM_ERROR, and the outcome is unknown. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

// ── Routes and wake-ups ─────────────────────────────────────────────────────────────────────

/** A session as its worker announces it: at the handshake, and again after the route table came back. */
export interface AttachRequest {
  /** Number of the session in its worker. */
  readonly session: number;
  /** Issued by the route table, higher is newer: 0 at the handshake, the one held when announcing anew. */
  readonly epoch: number;
  readonly instance: string;
  readonly deviceId: string;
  readonly adToken: string;
  /** Empty when no user is bound. */
  readonly user: string;
  readonly bindSeq: number;
  readonly foreground: boolean;
  readonly os: string;
  readonly appVersion: string;
  readonly address: string;
  readonly connectedMs: number;
}

/** A live session as the route table knows it. */
export interface Route extends AttachRequest {
  readonly worker: number;
  /** Member of the cluster that has it; absent for this node's own. */
  readonly node?: string;
}

export interface Attached {
  readonly epoch: number;
  /** Why the session may not stay, or 0. */
  readonly refused: CloseCode | 0;
  readonly retryAfterMs: number;
}

/** The route table as a link worker reaches it. Answers come in order with what the table sends after. */
export interface Routes {
  /** Registers the session and fences the device's older one. Null: no answer in time. */
  attach(request: AttachRequest, answer: (result: Attached | null) => void): void;
  rebind(session: number, user: string, bindSeq: number, answer: (ok: boolean) => void): void;
  detach(session: number): void;
  setForeground(session: number, foreground: boolean): void;
  /** The session no longer feeds its user's single-device streams. Progress saved before counts before. */
  released(session: number, grant: number): void;
  /** The tenant's verdict on a user's session; false when it cannot be had. */
  validate(instance: string, user: string, sessionId: string, answer: (valid: boolean) => void): void;
  /** Hands on what a device reports. False: it names nothing that can be reported on. */
  report(request: ReportRequest, answer: (kept: ReportAnswer) => void): void;
}

/** A hint that a stream has grown. May be lost: costs latency, never data (docs/architecture.md, "Wake"). */
export interface Wake {
  readonly stream: StreamKey;
  readonly id: number;
  readonly prev: number;
  /** The record riding along, or null: then the session reads the store. */
  readonly oplog: Oplog | null;
  /** Non-persisted data: there is no store to read it from. */
  readonly transient: boolean;
}

/** Encodes the wire fields of an oplog but its id. Implemented by wire/. */
export type EncodeOplogBody = (data: {
  readonly payload: Uint8Array;
  readonly binary: boolean;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
}) => Uint8Array;

/** What every process knows of the tenants; replaced as a whole when anything changes. */
export interface Catalogue {
  readonly version: number;
  readonly instances: readonly Instance[];
  readonly configs: readonly SyncConfig[];
}
