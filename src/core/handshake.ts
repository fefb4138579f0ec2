/** Hello and user binding: from the first frame to open feeds. docs/protocol.md 2 to 4. */
import type { Topic } from './catalogue.js';
import { CloseCode, FrameResult } from './codes.js';
import { wakeUp } from './deliver.js';
import { waitsForForeground } from './eligibility.js';
import { remembersTrouble } from './feed.js';
import type { HelloFrame, PointOnWire } from './frames.js';
import { keepLate, startLateScan } from './late.js';
import type { Cursor, Head } from './model.js';
import { isName, MAX_LABEL_CHARS, MAX_SESSION_ID_CHARS } from './names.js';
import type { Now } from './ports.js';
import type { CheckCause, KnownDevice, OpenCause, Session, SessionIo } from './session.js';
import {
  activate,
  activateFrom,
  cursorOwner,
  idlePoint,
  pointOnWire,
  positionOf,
  removeFeed,
  setPoint,
  streamOf,
} from './session.js';

export const PROTOCOL_VERSION = 1;

/** What the host found out for a Hello. The route was registered before cursors and heads were read (delivery rule 6). */
export interface Opened {
  readonly adToken: string;
  /** The device key when it was issued now, else empty. */
  readonly deviceKey: Uint8Array;
  readonly known: KnownDevice;
  readonly cursors: readonly Cursor[];
  readonly heads: readonly Head[];
  /** The user that Hello named, when a back end has said otherwise (clause 3.5); the session has whom it bound. */
  readonly overruled: string | null;
}

/** First frame. The host has checked admission and looked the instance up. */
export function receiveHello(session: Session, hello: HelloFrame, now: Now, io: SessionIo): void {
  if (hello.protocol !== PROTOCOL_VERSION) {
    io.close(session, CloseCode.UNSUPPORTED_VERSION, 0);
    return;
  }
  if (hello.syncPoints.length > io.rules.maxSubscriptions) {
    io.close(session, CloseCode.TOO_MANY_SUBSCRIPTIONS, 0);
    return;
  }
  if (!isUsable(hello, io.rules.maxNameChars)) {
    io.close(session, CloseCode.INVALID_HELLO, 0);
    return;
  }
  session.phase = 'opening';
  session.deviceId = hello.deviceId;
  session.user = hello.userId;
  session.sessionId = hello.userId === '' ? '' : hello.sessionId;
  session.os = hello.os;
  session.appVersion = hello.appVersion;
  session.foreground = hello.foreground;
  session.heartbeatMs = chooseHeartbeat(hello.heartbeatSec, io) * 1000;
  session.lastInMono = now.mono;
  io.schedule(session, now.mono + session.heartbeatMs * 1.5);
  takePoints(session, hello.syncPoints);
  io.open(session, hello);
}

/** Names become keys of the store and are held for every session: they are short, and hold no NUL. */
function isUsable(hello: HelloFrame, maxNameChars: number): boolean {
  if (hello.deviceId === '' || !isName(hello.deviceId, maxNameChars) || !isName(hello.userId, maxNameChars))
    return false;
  if (!isName(hello.sessionId, MAX_SESSION_ID_CHARS)) return false;
  return [hello.os, hello.appVersion, hello.model, hello.sdkVersion].every((text) =>
    isName(text, MAX_LABEL_CHARS),
  );
}

function chooseHeartbeat(wishSec: number, io: SessionIo): number {
  const { heartbeatSec, minHeartbeatSec, maxHeartbeatSec } = io.rules;
  if (wishSec === 0) return heartbeatSec;
  return Math.min(Math.max(wishSec, minHeartbeatSec), maxHeartbeatSec);
}

/** Points of streams that this instance does not have, or has under another kind, are ignored. */
export function takePoints(session: Session, points: readonly PointOnWire[]): void {
  for (const { kind, biz, point } of points) {
    const topic = session.view.byBiz.get(biz);
    if (topic === undefined || topic.point !== kind || topic.userReader) continue;
    setPoint(session, topic.slot, point);
  }
}

/** The cut-over from handshake to live: Welcome, feeds, and what came in between. */
export function opened(session: Session, result: Opened, now: Now, io: SessionIo): void {
  if (session.phase !== 'opening') return;
  session.phase = 'live';
  session.adToken = result.adToken;
  const corrected = checkPoints(session, result.heads, now, io);
  io.send(session, {
    type: 'welcome',
    session: session.no,
    adToken: result.adToken,
    deviceKey: result.deviceKey,
    heartbeatSec: session.heartbeatMs / 1000,
    serverTimeMs: now.wall,
    correctedPoints: corrected,
    bindSeq: session.bindSeq,
    maxFrameBytes: io.rules.maxFrameBytes,
    userBound: session.user !== '' && result.overruled === null,
    result: (result.overruled ?? '') === '' ? FrameResult.OK : FrameResult.UNBOUND,
    boundUser: result.overruled === null ? '' : session.user,
  });
  takeCursors(session, result.cursors);
  startLateScan(session, result.known, io);
  verify(session, io);
  // The route table may have made it a feeder since it was registered.
  if (session.feeder < 0) io.readFeeder(session, -session.feeder);
  openFeeds(session, result.heads, 'connect', now, io);
}

/**
 * A point ahead of the stream means that a tail was lost: the counter is taken past it, or the
 * device would throw away what comes next. One beyond belief is corrected (delivery rule 14).
 */
export function checkPoints(
  session: Session,
  heads: readonly Head[],
  now: Now,
  io: SessionIo,
): PointOnWire[] {
  const corrected: PointOnWire[] = [];
  for (const topic of session.view.topics) {
    if (topic === undefined || topic.userReader || !topic.config.persisted) continue;
    const point = idlePoint(session, topic.slot);
    if (point === 0 || (topic.ofUser && session.user === '')) continue;
    const last = lastOf(session, topic, heads);
    if (point <= last) continue;
    if (point > (now.wall + io.rules.maxSkewMs) * 1000) {
      setPoint(session, topic.slot, last);
      corrected.push(pointOnWire(topic, last));
    } else if (last > 0 || mayComeAgain(point, now, io)) {
      io.raiseFloor(session, streamOf(session, topic), point);
    }
  }
  return corrected;
}

/**
 * Without a head, a stream has expired or was lost, and its next id is what the clock of its writer says.
 * That is above a point of long ago; one nearer to now than clocks may differ could be given again.
 */
export function mayComeAgain(point: number, now: Now, io: SessionIo): boolean {
  return point > (now.wall - io.rules.maxSkewMs) * 1000;
}

function lastOf(session: Session, topic: Topic, heads: readonly Head[]): number {
  const { kind, owner, biz } = streamOf(session, topic);
  for (const head of heads)
    if (head.biz === biz && head.kind === kind && head.owner === owner) return head.last;
  return 0;
}

/** Attempts and dead records of earlier connections. */
export function takeCursors(session: Session, cursors: readonly Cursor[]): void {
  for (const cursor of cursors) {
    if (!remembersTrouble(cursor)) continue;
    const topic = session.view.byBiz.get(cursor.biz);
    if (topic === undefined || topic.userReader || topic.point !== cursor.kind) continue;
    if (cursorOwner(session, topic) === cursor.owner) activateFrom(session, topic, cursor);
  }
}

/** Opens a feed for every stream that has grown past the reader's position, and pumps. */
export function openFeeds(
  session: Session,
  heads: readonly Head[],
  cause: OpenCause,
  now: Now,
  io: SessionIo,
): void {
  for (const head of heads) {
    const topic = session.view.byBiz.get(head.biz);
    if (topic === undefined || !mayOpen(session, topic, cause)) continue;
    const { kind, owner } = streamOf(session, topic);
    if (kind !== head.kind || owner !== head.owner || head.last <= positionOf(session, topic.slot)) continue;
    const feed = activate(session, topic);
    feed.known = Math.max(feed.known, head.last);
    if (comesBack(topic, cause)) feed.catchUp = true;
  }
  if (session.missed) {
    session.missed = false;
    io.recheck(session, 'check');
  }
  wakeUp(session, now, io);
}

/** A stream that waits for its user's verification or its configuration opens too, and stands still until then. */
function mayOpen(session: Session, topic: Topic, cause: OpenCause): boolean {
  if (!topic.config.persisted) return false;
  if (topic.ofUser && (session.user === '' || session.binding)) return false;
  if (cause === 'check' && waitsForForeground(topic)) return false;
  return !topic.userReader || session.feeder > 0;
}

/** Whether the stream's reader has just come, so that the threshold bounds its backlog (delivery rule 20). */
function comesBack(topic: Topic, cause: OpenCause): boolean {
  switch (cause) {
    case 'connect':
      return true;
    case 'bind':
      return topic.ofUser;
    case 'feed':
      return topic.userReader;
    case 'foreground':
    case 'check':
      return false;
  }
}

export function verify(session: Session, io: SessionIo): void {
  if (session.user === '' || !session.view.hasConsistency || session.verified === 'asked') return;
  session.verified = 'asked';
  io.validate(session);
}

/** The tenant's verdict on (user, sessionId) of `bindSeq`. */
export function validated(session: Session, bindSeq: number, valid: boolean, now: Now, io: SessionIo): void {
  if (session.phase !== 'live' || session.bindSeq !== bindSeq) return;
  session.verified = valid ? 'yes' : 'no';
  session.verifiedMono = now.mono;
  if (valid) io.recheck(session, 'check');
}

/** Asks again when the verdict is old; on the device's heartbeat, so that it costs no timer. */
export function revalidate(session: Session, now: Now, io: SessionIo): void {
  if (!session.view.hasConsistency || session.user === '' || session.verified === 'asked') return;
  if (now.mono - session.verifiedMono >= io.rules.revalidateMs) io.validate(session);
}

/** The heads of the session's owners, read again. */
export function headsRead(
  session: Session,
  heads: readonly Head[],
  cause: CheckCause,
  now: Now,
  io: SessionIo,
): void {
  if (session.phase === 'live') openFeeds(session, heads, cause, now, io);
}

/**
 * The instance's configurations changed. Streams whose nature changed (kind, reader, persistence)
 * start over; the others go on with the new rules.
 *
 * @param changedSlots slots whose nature changed, from `updateCatalogue`.
 */
export function reconfigured(
  session: Session,
  changedSlots: readonly number[],
  now: Now,
  io: SessionIo,
): void {
  if (session.phase !== 'live' && session.phase !== 'opening') return;
  if (!session.view.known) {
    io.close(session, CloseCode.UNKNOWN_INSTANCE, 0);
    return;
  }
  for (const feed of [...session.feeds]) {
    const topic = session.view.topics[feed.topic.slot];
    if (topic === undefined || changedSlots.includes(topic.slot)) removeFeed(session, feed);
    else feed.topic = topic;
  }
  for (const slot of changedSlots) if (slot < session.points.length) setPoint(session, slot, -1);
  keepLate(session, ({ slot }) => (changedSlots.includes(slot) ? undefined : session.view.topics[slot]), io);
  if (session.phase !== 'live') return;
  if (session.verified === 'no') verify(session, io);
  io.recheck(session, 'check');
  wakeUp(session, now, io);
}
