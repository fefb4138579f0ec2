/**
 * The record of who changed what, from what to what, and when (mPaaS MSS guide, 6.9). Nothing changes a
 * record; it is removed when it is older than `admin.auditDays`.
 * A record is written in the same atomic write as the change, so neither exists without the other.
 */
import { DAY_MS } from '../../core/model.js';
import type { DocWrite, Store } from '../../core/ports.js';
import type { Actor } from './context.js';

export const AUDIT = 'audit';
/** Days listed when the caller names no range, and the most records in one answer. */
export const AUDIT_DEFAULT_DAYS = 7;
export const AUDIT_MAX_RECORDS = 1000;
/** Longest range of one query, in days back from its end. */
export const AUDIT_MAX_DAYS = 366;
/** Records lie in buckets of an hour, each of which is one read. */
const BUCKET_MS = 3_600_000;
/** Records of one bucket that are looked through when only some of them are wanted. */
const MAX_PER_BUCKET = 20_000;

export type AuditAction =
  | 'instance.create'
  | 'instance.change'
  | 'instance.delete'
  | 'signature.on'
  | 'signature.off'
  | 'config.create'
  | 'config.change'
  | 'config.delete'
  | 'config.online'
  | 'config.offline'
  | 'sync.create'
  | 'sync.batch'
  | 'sync.resend'
  | 'sync.follow'
  | 'session.kick'
  | 'broadcast.pause'
  | 'broadcast.resume'
  | 'broadcast.revoke'
  | 'key.create'
  | 'key.rotate'
  | 'key.enable'
  | 'key.disable'
  | 'key.scope'
  | 'key.remove'
  | 'appkey.create'
  | 'callback.change'
  | 'server.backup'
  | 'server.drain'
  | 'server.clock';

export interface AuditRecord {
  readonly atMs: number;
  readonly actor: string;
  readonly address: string;
  readonly action: AuditAction;
  /** Empty for what concerns the whole server. */
  readonly instance: string;
  /** bizType, device or whatever else was acted on. */
  readonly object: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What a change says of itself; the rest is added by `auditWrite`. */
export interface Change {
  readonly action: AuditAction;
  readonly instance: string;
  readonly object: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Above any ms time of 13 digits. Keys count down, so that the newest come first. */
const KEY_BASE = 9_999_999_999_999;
const MAX_BUCKET = Math.floor(KEY_BASE / BUCKET_MS);
let counter = 0;

/** The write that records a change; goes into the same `saveDocs` as the change itself. */
export function auditWrite(actor: Actor, change: Change, nowMs: number): DocWrite {
  // The counter keeps records of one ms apart, newest first; the process number those of two servers.
  counter = (counter + 1) % 1_000_000;
  const order = String(999_999 - counter).padStart(6, '0');
  const key = `${bucketPrefix(Math.floor(nowMs / BUCKET_MS))}${String(KEY_BASE - nowMs).padStart(13, '0')}-${order}-${process.pid}`;
  const record: AuditRecord = {
    atMs: nowMs,
    actor: actor.name,
    address: actor.address,
    action: change.action,
    instance: change.instance,
    object: change.object,
    before: change.before ?? null,
    after: change.after ?? null,
  };
  return { collection: AUDIT, key, value: record };
}

function bucketPrefix(bucket: number): string {
  return `${String(MAX_BUCKET - bucket).padStart(7, '0')}/`;
}

/** Records removed in one step of `forgetAudit`. */
const FORGET_STEP = 500;

/**
 * One bounded step of removing the records of hours that ended before a time.
 *
 * @returns whether there are none left.
 */
export async function forgetAudit(store: Store, beforeMs: number): Promise<boolean> {
  const bucket = bucketPrefix(Math.floor(beforeMs / BUCKET_MS));
  // Older buckets come behind every key of this one.
  const old = await store.docs(AUDIT, '', FORGET_STEP, `${bucket}~`);
  if (old.length > 0) await store.saveDocs(old.map(({ key }) => ({ collection: AUDIT, key, value: null })));
  return old.length < FORGET_STEP;
}

export interface AuditQuery {
  /** Wall-clock ms, inclusive. */
  readonly fromMs: number;
  /** Wall-clock ms, inclusive. */
  readonly toMs: number;
  readonly instance?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly object?: string;
  readonly limit: number;
}

/** Records of a range of time, newest first. */
export async function listAudit(store: Store, query: AuditQuery): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  const earliestMs = Math.max(query.fromMs, query.toMs - AUDIT_MAX_DAYS * DAY_MS, 0);
  const first = Math.floor(earliestMs / BUCKET_MS);
  for (let bucket = Math.floor(query.toMs / BUCKET_MS); bucket >= first; bucket -= 1) {
    const docs = await store.docs(AUDIT, bucketPrefix(bucket), MAX_PER_BUCKET);
    for (const doc of docs) {
      const record = doc.value as AuditRecord;
      if (!matches(record, query)) continue;
      found.push(record);
      if (found.length >= query.limit) return found;
    }
  }
  return found;
}

function matches(record: AuditRecord, query: AuditQuery): boolean {
  return (
    record.atMs >= query.fromMs &&
    record.atMs <= query.toMs &&
    (query.instance === undefined || record.instance === query.instance) &&
    (query.actor === undefined || record.actor === query.actor) &&
    (query.action === undefined || record.action === query.action) &&
    (query.object === undefined || record.object === query.object)
  );
}
