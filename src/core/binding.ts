/** Switching the user of a connection. docs/protocol.md 3. */
import { CloseCode, FrameResult } from './codes.js';
import { release } from './feeder.js';
import type { PointOnWire } from './frames.js';
import { checkPoints, openFeeds, takeCursors, takePoints, verify } from './handshake.js';
import { cutLateScan, scanLateOfUser } from './late.js';
import type { Now } from './ports.js';
import { type ReaderState, removeFeed, type Session, type SessionIo, setPoint } from './session.js';

/**
 * Whom the store has bound before the handshake is over. Positions that Hello named for another user
 * are not those of this one.
 */
export function takeBinding(session: Session, user: string, boundMs: number): void {
  session.boundMs = boundMs;
  if (session.user === user) return;
  session.user = user;
  session.sessionId = '';
  for (const topic of session.view.topics)
    if (topic?.ofUser && topic.slot < session.points.length) setPoint(session, topic.slot, -1);
}

/**
 * Switches the user. The old user's feeds close here, in the same step that raises bindSeq:
 * nothing of the old user is sent or acknowledged after it (delivery rule 17).
 */
export function switchUser(
  session: Session,
  request: number,
  to: { readonly userId: string; readonly sessionId: string; readonly syncPoints: readonly PointOnWire[] },
  io: SessionIo,
): void {
  io.flush(session);
  session.bindSeq++;
  session.binding = true;
  for (const feed of [...session.feeds]) if (feed.topic.ofUser) removeFeed(session, feed);
  for (const topic of session.view.topics) if (topic?.ofUser) setPoint(session, topic.slot, -1);
  cutLateScan(session, io);
  if (session.releasing !== 0) release(session, io);
  session.feeder = 0;
  session.verified = 'no';
  session.user = to.userId;
  session.sessionId = to.userId === '' ? '' : to.sessionId;
  takePoints(session, to.syncPoints);
  io.rebind(session, request);
}

/** The switch is registered: answers the request and opens the new user's feeds. */
export function rebound(
  session: Session,
  bindSeq: number,
  request: number,
  result: ReaderState | null,
  now: Now,
  io: SessionIo,
): void {
  if (session.phase !== 'live' || session.bindSeq !== bindSeq) return;
  if (result === null) {
    io.close(session, CloseCode.UNAVAILABLE, 0);
    return;
  }
  session.binding = false;
  const correctedPoints = session.user === '' ? [] : checkPoints(session, result.heads, now, io);
  io.send(session, { type: 'result', request, code: FrameResult.OK, message: '', bindSeq, correctedPoints });
  takeCursors(session, result.cursors);
  scanLateOfUser(session, io);
  verify(session, io);
  openFeeds(session, result.heads, 'bind', now, io);
}
