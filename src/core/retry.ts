/** Deadlines, attempts, and what a connection's end leaves behind. docs/architecture.md, "Ack, retry, give up". */
import { CloseCode } from './codes.js';
import { wakeUp } from './deliver.js';
import { ackDeadline, countAttempt, type Feed, isIdle, oldestOpen, rewind } from './feed.js';
import { releaseWhenDone } from './feeder.js';
import type { Now } from './ports.js';
import { removeFeed, type Session, type SessionIo, streamOf, touch } from './session.js';
import { pumpTransient, sendTransient } from './transient.js';

/**
 * The session's one deadline has come: closes a silent connection, retransmits what is late, and
 * names the next deadline through `io.schedule`.
 */
export function tick(session: Session, now: Now, io: SessionIo): void {
  if (session.phase === 'ended' || session.phase === 'new') return;
  const silentAt = session.lastInMono + session.heartbeatMs * 1.5;
  if (now.mono >= silentAt) {
    io.close(session, CloseCode.HEARTBEAT_TIMEOUT, 0);
    return;
  }
  releaseWhenDone(session, now, io);
  let next = silentAt;
  for (const feed of [...session.feeds]) {
    if (now.mono >= ackDeadline(feed, io.rules)) retransmit(session, feed, now, io);
    const deadline = ackDeadline(feed, io.rules);
    // One that is late and could not be sent again is looked at again after a while, not at every tick.
    next = Math.min(next, deadline > now.mono ? deadline : now.mono + io.rules.ackTimeoutMs);
  }
  wakeUp(session, now, io);
  if (session.releasing !== 0) next = Math.min(next, session.releaseByMono);
  io.schedule(session, Math.max(next, now.mono + 1));
}

/**
 * From the first unacknowledged record again. It is an attempt only if the connection has shown life
 * since: a black hole must not use up all six (delivery rules 12 and 13).
 */
function retransmit(session: Session, feed: Feed, now: Now, io: SessionIo): void {
  const first = feed.batches[0];
  if (first === undefined) return;
  feed.backoff++;
  if (session.lastInMono <= first.sentMono || io.room(session) <= 0) return;
  const gaveUp = countAttempt(feed, now.wall, io.rules);
  if (gaveUp !== 0) reportDead(session, feed, gaveUp, now, io);
  io.count(feed.topic, 'retransmitted', first.ids.length);
  if (first.oplogs !== null) {
    resendTransient(session, feed, gaveUp, now, io);
    return;
  }
  touch(session, feed.topic, now.wall, true, io);
  const open = oldestOpen(feed);
  rewind(feed);
  if (open !== 0) report(session, feed, open, 'retransmitted', now, io);
}

/** Transient records are kept in the window: no store could give them again. */
function resendTransient(session: Session, feed: Feed, gaveUp: number, now: Now, io: SessionIo): void {
  const batches = feed.batches;
  rewind(feed);
  feed.dead = [];
  for (const batch of batches) {
    const oplogs = (batch.oplogs ?? []).filter((oplog) => oplog.id !== gaveUp && now.wall < oplog.expiresMs);
    if (oplogs.length > 0) sendTransient(session, feed, oplogs, now, io);
  }
  feed.known = feed.sent;
  pumpTransient(session, feed, now, io);
  if (isIdle(feed)) removeFeed(session, feed);
}

function reportDead(session: Session, feed: Feed, id: number, now: Now, io: SessionIo): void {
  io.count(feed.topic, 'dead', 1);
  if (!feed.topic.config.persisted) return;
  touch(session, feed.topic, now.wall, true, io);
  const instance = session.view.instance.key;
  io.dead(session, {
    stream: streamOf(session, feed.topic),
    id,
    reader: feed.topic.userReader
      ? { instance, kind: 'u', id: session.user }
      : { instance, kind: 'd', id: session.deviceId },
    attempts: io.rules.maxAttempts,
    deadMs: now.wall,
    reason: 'attempts',
    resentAs: 0,
  });
  report(session, feed, id, 'dead', now, io);
}

function report(session: Session, feed: Feed, id: number, what: string, now: Now, io: SessionIo): void {
  io.event(session, {
    stream: streamOf(session, feed.topic),
    id,
    what,
    atMs: now.wall,
    reader: session.deviceId,
    worker: 0,
    detail: feed.attempts > 0 ? `attempt ${feed.attempts}` : '',
  });
}

/**
 * The connection is over, for whatever reason: each record in flight had an attempt, and the
 * progress is flushed. Idempotent.
 */
export function ended(session: Session, now: Now, io: SessionIo): void {
  if (session.phase === 'ended') return;
  const wasLive = session.phase === 'live';
  if (wasLive) {
    for (const feed of session.feeds) {
      if (feed.batches.length === 0 || !feed.topic.config.persisted) continue;
      const gaveUp = countAttempt(feed, now.wall, io.rules);
      if (gaveUp !== 0) reportDead(session, feed, gaveUp, now, io);
      touch(session, feed.topic, now.wall, true, io);
    }
    io.flush(session);
    if (session.releasing !== 0) io.released(session, session.releasing);
  }
  session.phase = 'ended';
  session.feeds = [];
  session.late = null;
}
