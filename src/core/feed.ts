/**
 * A feed: where one session stands in one stream that has something in flight or to read. An idle
 * stream has no feed, only a number in `session.points`. Pure; docs/architecture.md, "Send" and "Ack".
 */
import type { Topic } from './catalogue.js';
import type { Cursor, Oplog } from './model.js';

/** One Sync frame that was sent and not yet acknowledged in full. */
export interface Batch {
  readonly from: number;
  readonly through: number;
  /** Ids of the records in it, ascending; empty when all between were passed over. */
  readonly ids: readonly number[];
  /** Those of them that are followed step by step; the shared empty list for most. */
  readonly traced: readonly number[];
  readonly bytes: number;
  readonly sentMono: number;
  /** Silence after this transmission counts as an attempt (delivery rule 13). */
  readonly counts: boolean;
  /** The records of transient data, which no store could give again; null for persisted data. */
  readonly oplogs: readonly Oplog[] | null;
}

export interface Feed {
  /** Replaced when the configuration changes. */
  topic: Topic;
  /** The highest id considered on this connection, passed-over ones included. */
  sent: number;
  acked: number;
  /** The highest id heard of. */
  known: number;
  /** The highest id ever sent on this connection: a retransmission takes `sent` back, acks stay valid. */
  maxSent: number;
  /** In flight, oldest first. */
  batches: Batch[];
  inflightRecords: number;
  inflightBytes: number;
  /** Counted attempts of the oldest unacknowledged record. */
  attempts: number;
  nextAttemptMs: number;
  /** The id of that record, or 0. */
  attemptOf: number;
  /** See Cursor.suspectTo. */
  suspectTo: number;
  /** Retransmissions in a row on this connection; lengthens the next deadline. */
  backoff: number;
  /** Ids given up for this reader, ascending. */
  dead: number[];
  /** Bytes sent since the session last had nothing to do; feeds take turns by it. */
  served: number;
  /** What `known` was when the read under way began: only that much does its page answer for. */
  asked: number;
  /** The first read after connect keeps only the newest `threshold` records. */
  catchUp: boolean;
  /** Records up to here were passed over by the threshold, and stay so when others are sent again. */
  passedTo: number;
  /** Transient records that wait for room. */
  waiting: Oplog[];
}

export function createFeed(topic: Topic, position: number): Feed {
  return {
    topic,
    sent: position,
    acked: position,
    known: position,
    maxSent: position,
    batches: [],
    inflightRecords: 0,
    inflightBytes: 0,
    attempts: 0,
    nextAttemptMs: 0,
    attemptOf: 0,
    suspectTo: 0,
    backoff: 0,
    dead: [],
    served: 0,
    asked: 0,
    catchUp: false,
    passedTo: 0,
    waiting: [],
  };
}

export interface WindowLimits {
  readonly records: number;
  readonly bytes: number;
}

export function hasRoom(feed: Feed, window: WindowLimits): boolean {
  return feed.inflightRecords < window.records && feed.inflightBytes < window.bytes;
}

export function isIdle(feed: Feed): boolean {
  return feed.batches.length === 0 && feed.known <= feed.sent && feed.waiting.length === 0;
}

/** Takes a batch into the window and moves the feed's position past it. */
export function track(feed: Feed, batch: Batch): void {
  feed.batches.push(batch);
  feed.inflightRecords += batch.ids.length;
  feed.inflightBytes += batch.bytes;
  feed.served += batch.bytes;
  feed.sent = batch.through;
  if (batch.through > feed.maxSent) feed.maxSent = batch.through;
  if (batch.through > feed.known) feed.known = batch.through;
}

/**
 * Takes a cumulative ack, clamped to what this connection was sent (delivery rule 11).
 *
 * @returns how many records it newly acknowledged, or -1 when it moved nothing.
 */
export function acknowledge(feed: Feed, through: number): number {
  const id = Math.min(through, feed.maxSent);
  if (id <= feed.acked) return -1;
  const before = feed.acked;
  feed.acked = id;
  if (feed.sent < id) feed.sent = id;
  if (id >= feed.suspectTo || feed.attempts === 1) feed.suspectTo = 0;
  feed.attempts = 0;
  feed.nextAttemptMs = 0;
  feed.attemptOf = 0;
  feed.backoff = 0;
  let records = 0;
  let done = 0;
  for (const batch of feed.batches) {
    for (const recordId of batch.ids) if (recordId > before && recordId <= id) records++;
    if (batch.through > id) break;
    feed.inflightRecords -= batch.ids.length;
    feed.inflightBytes -= batch.bytes;
    done++;
  }
  if (done > 0) feed.batches.splice(0, done);
  return records;
}

/** The followed records in flight that an ack of `through` newly covers. */
export function tracedWithin(feed: Feed, through: number): readonly number[] {
  let ids: readonly number[] = NONE;
  for (const batch of feed.batches) {
    if (batch.traced.length === 0) continue;
    ids = ids.concat(batch.traced.filter((id) => id > feed.acked && id <= through));
  }
  return ids;
}

/** Shared, so that the common case allocates nothing. */
export const NONE: readonly number[] = [];

/** The oldest record in flight that is not acknowledged, or 0. */
export function oldestOpen(feed: Feed): number {
  for (const batch of feed.batches) for (const id of batch.ids) if (id > feed.acked) return id;
  return 0;
}

/** Takes the position back to the first unacknowledged record, to be read and sent again. */
export function rewind(feed: Feed): void {
  feed.known = Math.max(feed.known, feed.maxSent);
  feed.sent = feed.acked;
  feed.batches = [];
  feed.inflightRecords = 0;
  feed.inflightBytes = 0;
}

export interface AttemptRules {
  /** Attempts in all before a record is given up. */
  readonly maxAttempts: number;
  /** Wall ms after attempt n (from 1) before which another does not count; the last one repeats. */
  readonly attemptBackoffMs: readonly number[];
}

/**
 * Counts a transmission that was answered by silence against the oldest open record.
 * From the third attempt on batches carry one record (`isolates`), so that only the record that
 * cannot be acknowledged dies (delivery rules 12 and 13).
 *
 * @returns the id given up by this attempt, or 0.
 */
export function countAttempt(feed: Feed, wallMs: number, rules: AttemptRules): number {
  const first = feed.batches[0];
  const inFlightTo = feed.batches.at(-1)?.through ?? 0;
  const open = oldestOpen(feed);
  if (first === undefined || open === 0 || !first.counts) return 0;
  if (feed.attemptOf !== open) feed.attempts = attemptsAsNeighbour(feed, open);
  feed.attemptOf = open;
  feed.attempts++;
  const backoff = rules.attemptBackoffMs;
  feed.nextAttemptMs = wallMs + (backoff[Math.min(feed.attempts, backoff.length) - 1] ?? 0);
  if (feed.attempts === 1) feed.suspectTo = inFlightTo;
  else if (feed.attempts === ISOLATED_AFTER) feed.suspectTo = Math.min(feed.suspectTo, inFlightTo);
  if (feed.attempts < rules.maxAttempts) return 0;
  giveUp(feed, open);
  return open;
}

/** The attempts of an older record that were made while this one was in flight, too. */
function attemptsAsNeighbour(feed: Feed, id: number): number {
  if (id > feed.suspectTo) return 0;
  return feed.attempts === 1 ? 1 : ISOLATED_AFTER;
}

function giveUp(feed: Feed, id: number): void {
  const at = feed.dead.findIndex((other) => other >= id);
  if (at === -1) feed.dead.push(id);
  else if (feed.dead[at] !== id) feed.dead.splice(at, 0, id);
  feed.attempts = 0;
  feed.nextAttemptMs = 0;
  feed.attemptOf = 0;
}

/** Failed attempts after which records go one by one. */
const ISOLATED_AFTER = 2;

/**
 * Only one record a batch: the record that may die must not take its neighbours along, and those
 * before it must not be sent with it again and again.
 */
export function isolates(feed: Feed): boolean {
  return feed.attempts === 0 ? feed.acked < feed.suspectTo : feed.attempts >= ISOLATED_AFTER;
}

export interface AckRules {
  readonly ackTimeoutMs: number;
  readonly ackTimeoutMaxMs: number;
}

/** Mono ms at which the feed's oldest batch is late; it doubles with each retransmission in a row. */
export function ackDeadline(feed: Feed, rules: AckRules): number {
  const first = feed.batches[0];
  if (first === undefined) return Number.POSITIVE_INFINITY;
  return first.sentMono + Math.min(rules.ackTimeoutMs * 2 ** feed.backoff, rules.ackTimeoutMaxMs);
}

/** Whether a cursor holds more than a position. */
export function remembersTrouble(cursor: Cursor): boolean {
  return cursor.attempts > 0 || cursor.dead.length > 0 || cursor.suspectTo > cursor.acked;
}
