/**
 * The words of the product as plain data: instances, streams, oplogs, cursors, configurations.
 * docs/architecture.md has the glossary. Nothing here does anything.
 */

/**
 * Whom a stream is for: `u` user, `d` device (utdid), `t` Ad-token, `g` everybody.
 * Always carried beside the owner's name, so that a user and a device of one name never meet.
 */
export type OwnerKind = 'u' | 'd' | 't' | 'g';

/**
 * Under which key a position in a stream is kept. `gu` is the global stream read by
 * (device, user): its positions belong to the pair, where those of `g` belong to the device.
 */
export type PointKind = OwnerKind | 'gu';

/** Names one stream: the ordered oplogs of (instance, owner, bizType). */
export interface StreamKey {
  /** `workspaceId_appId`. */
  readonly instance: string;
  readonly kind: OwnerKind;
  /** User id, utdid or Ad-token; empty for `g`. Never contains NUL. */
  readonly owner: string;
  readonly biz: string;
}

/** Who may see a record. All present conditions must hold. docs/protocol.md 5.7. */
export interface Filter {
  /** Lower-case `ios`, `android` or `harmony`. */
  readonly os?: string;
  /** Inclusive bounds, dotted integers of up to six parts. */
  readonly minVersion?: string;
  readonly maxVersion?: string;
  /** Bounds 0..99 on the number made of the reader id's third- and second-last characters. */
  readonly minUid?: number;
  readonly maxUid?: number;
  /** Allowed numbers 0..99; wins over the bounds. */
  readonly uids?: readonly number[];
  readonly audience?: Audience;
}

/** Devices by who is bound to them, and since when; one of the conditions that are present must hold. */
export interface Audience {
  /** A user is bound, since this wall ms or later. */
  readonly boundSinceMs?: number;
  /** The last user was unbound at this wall ms or later, and none is bound. */
  readonly unboundSinceMs?: number;
  readonly neverBound?: boolean;
}

/** One stored record of a stream. Immutable. */
export interface Oplog {
  /** Strictly increasing in its stream, a safe integer. */
  readonly id: number;
  /** Wall-clock ms at which the API accepted it. */
  readonly acceptedMs: number;
  /** Wall-clock ms from which it is never sent any more; at most acceptedMs + 30 days. */
  readonly expiresMs: number;
  readonly thirdMsgId: string;
  readonly filter: Filter | null;
  /** Every step of it is logged, not only the exceptions (docs/operations.md, "Timeline"). */
  readonly traced: boolean;
  /** The dead letter that this record sends again, or 0. */
  readonly resendOf: number;
  /**
   * The wire fields of the oplog but its id, as encoded once at acceptance
   * (proto/longlink.proto, Oplog 2..5). Forwarded without being parsed.
   */
  readonly body: Uint8Array;
}

/** The state of a stream as a whole. */
export interface Head {
  readonly kind: OwnerKind;
  readonly owner: string;
  readonly biz: string;
  /** The last id given out that is still known, or 0. */
  readonly last: number;
}

/** Whose heads are asked for. */
export interface HeadsWanted {
  readonly kind: OwnerKind;
  readonly owner: string;
  /** Of these bizTypes alone, which a store may find faster; it may answer with others too. All when left out. */
  readonly bizs?: readonly string[];
}

/** Where one reader stands in one stream. Stored with the reader. */
export interface Cursor {
  /** Kind under which the position is kept; `gu` carries the user in `owner`. */
  readonly kind: PointKind;
  /** Owner of the stream; for `gu` the user of the pair. */
  readonly owner: string;
  readonly biz: string;
  /** The highest id that the reader has acknowledged or passed. */
  readonly acked: number;
  readonly ackedMs: number;
  /** Counted attempts of the oldest unacknowledged record; 0 when there is none. */
  readonly attempts: number;
  /** Wall-clock ms before which a transmission does not count as an attempt. */
  readonly nextAttemptMs: number;
  /** Which record that is: when it ends otherwise, by expiry or by a threshold, its attempts end with it. */
  readonly attemptOf: number;
  /**
   * Up to this id records were in flight in every failed attempt so far, and any of them may be the one
   * that cannot be acknowledged: after the second attempt they go one by one. 0 when nothing is suspected.
   */
  readonly suspectTo: number;
  /** Ids given up for this reader, ascending, kept until their retention ends. */
  readonly dead: readonly number[];
  /** The newest advances as [id, wall ms], oldest first, at most `RECENT_ADVANCES`. */
  readonly recent: readonly (readonly [number, number])[];
}

/** How many advances a cursor remembers for the message timeline. */
export const RECENT_ADVANCES = 16;

/** Whose cursors: a device, or a user (single-device sync). */
export interface ReaderKey {
  readonly instance: string;
  readonly kind: 'd' | 'u';
  readonly id: string;
}

/** What is known of a device. Keyed by (instance, deviceId). */
export interface DeviceRecord {
  readonly instance: string;
  readonly deviceId: string;
  /** 64 lower-case hex characters; an address, not a secret. */
  readonly adToken: string;
  /** SHA-256 of the device key. The key itself is never stored. */
  readonly keyHash: Uint8Array;
  readonly os: string;
  readonly appVersion: string;
  readonly model: string;
  /** User bound last, or empty. */
  readonly user: string;
  readonly createdMs: number;
  readonly seenMs: number;
  /** Who was bound when, oldest first; the last one may be bound still. */
  readonly bindings?: readonly Binding[];
}

/** A user bound to a device, or one who was. */
export interface Binding {
  readonly user: string;
  /** Wall ms. */
  readonly boundMs: number;
  /** Wall ms, or 0 while bound. */
  readonly unboundMs: number;
  /** Who said so last: the device on its link, or a back end by the API. */
  readonly by: 'link' | 'api';
}

export type Scope = 'specified' | 'global';

/** A sync configuration: what a bizType means. Seed 003, section 6.2. */
export interface SyncConfig {
  readonly instance: string;
  readonly biz: string;
  /**
   * Index of the bizType in its instance, given at creation and never reused: sessions keep
   * their positions in arrays by slot.
   */
  readonly slot: number;
  readonly description: string;
  readonly scope: Scope;
  readonly object: 'user' | 'device';
  /** Only for scope `specified`, object `user`. */
  readonly multiDevice: boolean;
  readonly persisted: boolean;
  /** At most and by default 30 days. */
  readonly retentionMs: number;
  /** A reader that comes back gets only the newest so many of what it has not had; null for all. */
  readonly threshold: number | null;
  readonly userConsistency: boolean;
  /** When global data goes out: at the next foreground or connect, or at once and paced. */
  readonly deliver: 'foreground' | 'immediate';
  /** RSA signature on `/webapi` for this bizType, or as the instance says. */
  readonly signature: 'inherit' | 'on' | 'off';
  readonly online: boolean;
  /** Records that are paused: until their time is over nothing from the first of them on is sent. */
  readonly holds?: readonly { readonly id: number; readonly untilMs: number }[];
  readonly createdMs: number;
  readonly changedMs: number;
}

/** A tenant. */
export interface Instance {
  /** `workspaceId_appId`. */
  readonly key: string;
  readonly workspaceId: string;
  readonly appId: string;
  /** RSA signature demanded on `/webapi`. */
  readonly signature: boolean;
  /** PEM public key (RSA, 2048 bits or more) that the signature is checked with, or empty. */
  readonly signaturePublicKey: string;
  /** The tenant's user-consistency endpoint, or empty. */
  readonly validateUrl: string;
  /** `com.antdcloud.session.validate` by default; seed 003, section 5.4. */
  readonly validateOperation: string;
  /**
   * Origins that the endpoint may have beside public https ones, such as `http://10.0.0.5:8080`.
   * Set by the operator only: it opens the server's own network.
   */
  readonly validateAllow?: readonly string[];
  readonly createdMs: number;
}

/** The stream kind that a configuration's records are stored under. */
export function streamKind(config: SyncConfig): OwnerKind {
  if (config.scope === 'global') return 'g';
  return config.object === 'user' ? 'u' : 'd';
}

/** The kind under which a reader's position in the configuration's stream is kept. */
export function pointKind(config: SyncConfig): PointKind {
  if (config.scope === 'global') return config.object === 'user' ? 'gu' : 'g';
  return config.object === 'user' ? 'u' : 'd';
}

/**
 * True when the server's cursor is the truth and belongs to the user (single-device sync);
 * false when the device's own sync point is. docs/architecture.md, "Who reads".
 */
export function readerIsUser(config: SyncConfig): boolean {
  return config.scope === 'specified' && config.object === 'user' && !config.multiDevice && config.persisted;
}

export const DAY_MS = 86_400_000;
/** Longest and default retention; also how long a thirdMsgId is remembered from acceptance. */
export const MAX_RETENTION_MS = 30 * DAY_MS;
