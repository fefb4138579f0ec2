/**
 * Single-device sync: the newest online session of a user is its one feeder, across workers and
 * nodes; the user's cursor in the store is the truth (delivery rule 15).
 */
import { remembersTrouble } from './feed.js';
import { openFeeds } from './handshake.js';
import type { Now } from './ports.js';
import {
  activateFrom,
  feedOf,
  positionOf,
  type ReaderState,
  removeFeed,
  type Session,
  type SessionIo,
  setPoint,
} from './session.js';

/**
 * The route table makes the session its user's feeder. It feeds once the user's cursors are read: the
 * positions it would start from before are of another time, or none.
 *
 * @param bindSeq of the binding that is meant; a grant for a user who was switched away since is void.
 */
export function startFeeding(session: Session, grant: number, bindSeq: number, io: SessionIo): void {
  if (session.phase === 'ended' || session.bindSeq !== bindSeq) return;
  if (session.releasing !== 0) release(session, io);
  session.feeder = -grant;
  if (session.phase === 'live') prepareFeeding(session, io);
}

/** Reads what a feeder starts from, where that is still to be done; again after a store did not answer. */
export function prepareFeeding(session: Session, io: SessionIo): void {
  if (session.feeder < 0) io.readFeeder(session, -session.feeder);
}

/** The user's cursors and heads, read after the feeder before has let go. */
export function feederReady(
  session: Session,
  grant: number,
  result: ReaderState,
  now: Now,
  io: SessionIo,
): void {
  if (session.phase !== 'live' || session.feeder !== -grant) return;
  session.feeder = grant;
  for (const topic of session.view.topics) {
    if (!topic?.userReader) continue;
    const cursor = result.cursors.find((c) => c.biz === topic.config.biz && c.kind === topic.point);
    const existing = feedOf(session, topic.slot);
    // What this session was acknowledged while it fed before may not be written yet.
    const point = Math.max(cursor?.acked ?? 0, positionOf(session, topic.slot));
    if (existing !== undefined) removeFeed(session, existing);
    setPoint(session, topic.slot, point);
    if (cursor !== undefined && remembersTrouble(cursor)) activateFrom(session, topic, cursor);
  }
  openFeeds(session, result.heads, 'feed', now, io);
}

/** Another session takes over: send nothing more, wait a little for the acks of what is in flight. */
export function stopFeeding(session: Session, grant: number, now: Now, io: SessionIo): void {
  session.feeder = 0;
  session.releasing = grant;
  session.releaseByMono = now.mono + io.rules.handoverGraceMs;
  if (!releaseWhenDone(session, now, io)) io.schedule(session, session.releaseByMono);
}

/**
 * The route table is gone, and whoever takes its place grants anew: until then another session may be
 * the newest. As at a hand-over, what is in flight may still be acknowledged.
 */
export function loseGrant(session: Session, now: Now, io: SessionIo): void {
  if (session.feeder !== 0) stopFeeding(session, Math.abs(session.feeder), now, io);
}

/** Lets go once nothing is in flight or the grace is over. @returns whether it has. */
export function releaseWhenDone(session: Session, now: Now, io: SessionIo): boolean {
  if (session.releasing === 0) return true;
  const busy = session.feeds.some((feed) => feed.topic.userReader && feed.batches.length > 0);
  if (busy && now.mono < session.releaseByMono) return false;
  release(session, io);
  return true;
}

export function release(session: Session, io: SessionIo): void {
  const grant = session.releasing;
  session.releasing = 0;
  io.flush(session);
  for (const feed of [...session.feeds]) if (feed.topic.userReader) removeFeed(session, feed);
  io.released(session, grant);
}
