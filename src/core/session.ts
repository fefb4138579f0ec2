/**
 * The device session: its state, and what it asks of its host. Rules: handshake.ts (Hello, bind),
 * deliver.ts (wake, read, send), receive.ts (frames), retry.ts (deadlines, attempts, end).
 */
import type { InstanceView, Topic } from './catalogue.js';
import type { CloseCode } from './codes.js';
import { createFeed, type Feed, isIdle, type WindowLimits } from './feed.js';
import type { HelloFrame, PointOnWire, ServerFrame } from './frames.js';
import type { LateScan } from './late-scan.js';
import type { Cursor, DeviceRecord, Head, StreamKey } from './model.js';
import type { CursorUpdate, DeadLetter, MessageEvent, ReadLimit } from './ports.js';
import type { DeviceReport } from './reports.js';

/** What the operator sets; docs/operations.md has each. Shared by all sessions. */
export interface SessionRules {
  readonly window: WindowLimits;
  /** Bound of one read and of one Sync frame. */
  readonly batch: ReadLimit;
  readonly ackTimeoutMs: number;
  readonly ackTimeoutMaxMs: number;
  readonly maxAttempts: number;
  readonly attemptBackoffMs: readonly number[];
  readonly heartbeatSec: number;
  readonly minHeartbeatSec: number;
  readonly maxHeartbeatSec: number;
  readonly maxFrameBytes: number;
  readonly maxSubscriptions: number;
  /** Characters of a device or user id. */
  readonly maxNameChars: number;
  /** How far in the future a device's sync point may lie and still be believed. */
  readonly maxSkewMs: number;
  /** How long an old single-device feeder waits for the acks of what it has in flight. */
  readonly handoverGraceMs: number;
  /** Age of a user-consistency verdict after which a heartbeat asks again. */
  readonly revalidateMs: number;
}

/** Why heads are compared: an app comes to the front, or to be sure. */
export type CheckCause = 'foreground' | 'check';

/** Why feeds are opened: a device, a user or a feeder comes (with its threshold), or heads were compared. */
export type OpenCause = 'connect' | 'bind' | 'feed' | CheckCause;

export type CountName =
  | 'sent'
  | 'acked'
  | 'retransmitted'
  | 'dead'
  | 'filtered'
  | 'expired'
  | 'passed'
  | 'dropped';

/**
 * What a session asks of its host. Calls that need an answer get it later through the named
 * function; an answer that comes after the session has ended is ignored.
 */
export interface SessionIo {
  readonly rules: SessionRules;
  /** Encodes and writes a frame. @returns its bytes. */
  send(session: Session, frame: ServerFrame): number;
  /** Bytes that may still be queued for the device; 0 or less: stop reading the store. */
  room(session: Session): number;
  /** Ends the connection with a Kick; the host then calls `ended`. */
  close(session: Session, code: CloseCode, retryAfterMs: number): void;
  /** Proves the Ad-token or issues one, registers the route, then reads cursors and heads. Answer: `opened`. */
  open(session: Session, hello: HelloFrame): void;
  /** Registers the session under its new user, then reads that user's heads. Answer: `rebound`. */
  rebind(session: Session, request: number): void;
  /** Reads the heads of the session's owners. Answer: `headsRead`. */
  recheck(session: Session, cause: CheckCause): void;
  /** Reads records after `after`; of a longer backlog only the newest `keepNewest` when above 0. Answer: `pageRead`. */
  read(session: Session, topic: Topic, after: number, limit: ReadLimit, keepNewest: number): void;
  /** Asks the tenant whether (user, sessionId) is valid. Answer: `validated`. */
  validate(session: Session): void;
  /** Hands on what the device reports. Answer: a Result with the frame's number. */
  report(session: Session, request: number, report: DeviceReport): void;
  /** Reads the user's cursors and heads for a feeder. Answer: `feederReady`. */
  readFeeder(session: Session, grant: number): void;
  /** The session no longer feeds the user's single-device streams; its progress is flushed first. */
  released(session: Session, grant: number): void;
  /** A device saw an id that the store does not know: the stream's counter must pass it. */
  raiseFloor(session: Session, stream: StreamKey, floor: number): void;
  /** Foreground or background changed. */
  stateChanged(session: Session): void;
  /** Writes the device record with the os and version of this session. */
  saveSeen(session: Session): void;
  /** `takeProgress` has something; asked for within a flush delay, at close and at drain. Not `soon`: a statistic. */
  markDirty(session: Session, soon: boolean): void;
  /** Takes the progress at once, before what it is keyed by changes. */
  flush(session: Session): void;
  dead(session: Session, letter: DeadLetter): void;
  event(session: Session, event: MessageEvent): void;
  count(topic: Topic, name: CountName, by: number): void;
  /** Calls `tick` at `atMono` or a little later; an earlier call stands. */
  schedule(session: Session, atMono: number): void;
}

export type Phase = 'new' | 'opening' | 'live' | 'ended';

/** One connected device. As few fields as possible: every one is paid for a hundred thousand times. */
export interface Session {
  /** Names the session to the route table; never used again by its worker. */
  readonly no: number;
  phase: Phase;
  /** Issued by the route table; 0 until the route is registered. */
  epoch: number;
  view: InstanceView;
  deviceId: string;
  adToken: string;
  user: string;
  sessionId: string;
  /** Raised by every bind and unbind; acks of an earlier one never touch the new user's data. */
  bindSeq: number;
  /** A bind waits for its answer: the user's streams stand still. */
  binding: boolean;
  /** `boundSince` of the device's record: a binding may be older than the connection. */
  boundMs: number;
  os: string;
  appVersion: string;
  foreground: boolean;
  verified: 'no' | 'asked' | 'yes';
  verifiedMono: number;
  heartbeatMs: number;
  lastInMono: number;
  /**
   * Number of the hand-over under which it feeds the user's single-device streams; negative while the
   * user's cursors are still being read for it; 0: it does not.
   */
  feeder: number;
  /** Hand-over being released, and until when its acks are waited for. */
  releasing: number;
  releaseByMono: number;
  /** By slot: the position in an idle stream; -1 where the device named none. */
  points: number[];
  /** Streams with something in flight or to read; the shared empty list when there are none. */
  feeds: Feed[];
  /** Slots whose cursor changed since the last flush, each followed by the wall ms of its last change; or null. */
  dirty: number[] | null;
  /** A read of the store is under way: one at a time, so that feeds take turns. */
  reading: boolean;
  /** A wake-up came while heads were being read: read them once more. */
  missed: boolean;
  late: LateScan | null;
}

const NO_FEEDS: Feed[] = [];

export function createSession(no: number, view: InstanceView, nowMono: number): Session {
  return {
    no,
    phase: 'new',
    epoch: 0,
    view,
    deviceId: '',
    adToken: '',
    user: '',
    sessionId: '',
    bindSeq: 1,
    binding: false,
    boundMs: 0,
    os: '',
    appVersion: '',
    foreground: false,
    verified: 'no',
    verifiedMono: 0,
    heartbeatMs: 0,
    lastInMono: nowMono,
    feeder: 0,
    releasing: 0,
    releaseByMono: 0,
    points: [],
    feeds: NO_FEEDS,
    dirty: null,
    reading: false,
    missed: false,
    late: null,
  };
}

export function streamOf(session: Session, topic: Topic): StreamKey {
  return {
    instance: session.view.instance.key,
    kind: topic.stream,
    owner: ownerOf(session, topic),
    biz: topic.config.biz,
  };
}

function ownerOf(session: Session, topic: Topic): string {
  switch (topic.stream) {
    case 'u':
      return session.user;
    case 'd':
      return session.deviceId;
    case 't':
      return session.adToken;
    case 'g':
      return '';
  }
}

export function feedOf(session: Session, slot: number): Feed | undefined {
  for (const feed of session.feeds) if (feed.topic.slot === slot) return feed;
  return undefined;
}

/** The position in a stream without a feed; 0 where the device named none. */
export function idlePoint(session: Session, slot: number): number {
  return Math.max(session.points[slot] ?? -1, 0);
}

/** The position in a stream, whether it has a feed or not. */
export function positionOf(session: Session, slot: number): number {
  return feedOf(session, slot)?.acked ?? idlePoint(session, slot);
}

export function setPoint(session: Session, slot: number, point: number): void {
  // Filled without holes, so that the array stays a packed one of plain doubles.
  while (session.points.length < slot) session.points.push(-1);
  session.points[slot] = point;
}

/** The stream's feed, made from the idle position when it has none. */
export function activate(session: Session, topic: Topic): Feed {
  const existing = feedOf(session, topic.slot);
  if (existing !== undefined) return existing;
  const feed = createFeed(topic, idlePoint(session, topic.slot));
  if (session.feeds === NO_FEEDS) session.feeds = [feed];
  else session.feeds.push(feed);
  return feed;
}

/**
 * A feed as the reader's stored cursor left it: attempts count on while the oldest record is the same,
 * and dead records are skipped as long as they lie ahead.
 */
export function activateFrom(session: Session, topic: Topic, cursor: Cursor): void {
  const feed = activate(session, topic);
  feed.dead = cursor.dead.filter((id) => id > feed.acked);
  const isSame = cursor.acked === feed.acked;
  if (isSame) {
    feed.attempts = cursor.attempts;
    feed.nextAttemptMs = cursor.nextAttemptMs;
    feed.attemptOf = cursor.attemptOf;
  }
  // One attempt makes no suspects yet, and an ack has ended it.
  if (cursor.suspectTo > feed.acked && (isSame || cursor.attempts !== 1)) feed.suspectTo = cursor.suspectTo;
  // The device may have everything by now that the cursor remembers.
  settle(session, feed);
}

/** Puts an idle feed back into a number. Kept while it remembers attempts, suspects or dead records. */
export function settle(session: Session, feed: Feed): void {
  if (!isIdle(feed)) return;
  feed.catchUp = false;
  if (feed.attempts > 0 || feed.dead.length > 0 || feed.suspectTo > feed.acked) return;
  setPoint(session, feed.topic.slot, feed.acked);
  removeFeed(session, feed);
}

export function removeFeed(session: Session, feed: Feed): void {
  const at = session.feeds.indexOf(feed);
  if (at === -1) return;
  if (session.feeds.length === 1) session.feeds = NO_FEEDS;
  else session.feeds.splice(at, 1);
}

/** Notes that the cursor of a stream changed; see `markDirty`. */
export function touch(session: Session, topic: Topic, wallMs: number, soon: boolean, io: SessionIo): void {
  if (!topic.config.persisted) return;
  const isFirst = session.dirty === null;
  session.dirty ??= [];
  const { dirty } = session;
  let at = 0;
  while (at < dirty.length && dirty[at] !== topic.slot) at += 2;
  dirty[at] = topic.slot;
  dirty[at + 1] = wallMs;
  if (isFirst || soon) io.markDirty(session, soon);
}

/** The cursors that changed since the last call, keyed by who reads. Empties the list. */
export function takeProgress(session: Session): CursorUpdate[] {
  const updates: CursorUpdate[] = [];
  const dirty = session.dirty ?? [];
  for (let at = 0; at + 1 < dirty.length; at += 2) {
    const topic = session.view.topics[dirty[at] ?? 0];
    if (topic !== undefined && (!topic.ofUser || session.user !== ''))
      updates.push(progressOf(session, topic, dirty[at + 1] ?? 0));
  }
  session.dirty = null;
  return updates;
}

function progressOf(session: Session, topic: Topic, wallMs: number): CursorUpdate {
  const feed = feedOf(session, topic.slot);
  const acked = feed?.acked ?? idlePoint(session, topic.slot);
  const instance = session.view.instance.key;
  return {
    reader: topic.userReader
      ? { instance, kind: 'u', id: session.user }
      : { instance, kind: 'd', id: session.deviceId },
    cursor: {
      kind: topic.point,
      owner: cursorOwner(session, topic),
      biz: topic.config.biz,
      acked,
      ackedMs: wallMs,
      attempts: feed?.attempts ?? 0,
      nextAttemptMs: feed?.nextAttemptMs ?? 0,
      attemptOf: feed?.attemptOf ?? 0,
      suspectTo: feed?.suspectTo ?? 0,
      dead: feed?.dead.slice() ?? [],
      recent: acked > 0 ? [[acked, wallMs]] : [],
    },
  };
}

/** Owner under which a reader's cursor is kept: for `gu` the user of the pair. */
export function cursorOwner(session: Session, topic: Topic): string {
  return topic.ofUser ? session.user : ownerOf(session, topic);
}

/** Frames of streams that are not the user's carry 0, so that one encoding serves many devices. */
export function bindSeqOf(session: Session, topic: Topic): number {
  return topic.ofUser ? session.bindSeq : 0;
}

/** A position as frames carry it. */
export function pointOnWire(topic: Topic, point: number): PointOnWire {
  return { kind: topic.point, biz: topic.config.biz, point };
}

/** What a handshake found of the device; null for a device never seen. */
export type KnownDevice = Pick<DeviceRecord, 'os' | 'appVersion' | 'user'> | null;

/** What the store holds of a reader: its cursors, and the heads of the streams it reads. */
export interface ReaderState {
  readonly cursors: readonly Cursor[];
  readonly heads: readonly Head[];
}
