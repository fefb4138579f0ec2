/** Non-persisted data: no store and no position, but the same window, acks and attempts. */
import type { Topic } from './catalogue.js';
import { matchesSession } from './eligibility.js';
import { ackDeadline, type Feed, hasRoom, NONE, track } from './feed.js';
import type { Oplog } from './model.js';
import type { Now } from './ports.js';
import { activate, bindSeqOf, type Session, type SessionIo } from './session.js';
import { isExpired } from './targeting.js';

/** Sends the record now or as soon as the window has room; beyond that the oldest waiting one is dropped. */
export function deliverTransient(
  session: Session,
  topic: Topic,
  oplog: Oplog,
  now: Now,
  io: SessionIo,
): void {
  if (isExpired(oplog, now.wall) || !matchesSession(session, topic, oplog.filter)) return;
  const feed = activate(session, topic);
  feed.waiting.push(oplog);
  if (feed.waiting.length > io.rules.window.records) {
    feed.waiting.shift();
    io.count(topic, 'dropped', 1);
  }
  pumpTransient(session, feed, now, io);
}

/** Sends what waits while there is room. */
export function pumpTransient(session: Session, feed: Feed, now: Now, io: SessionIo): void {
  while (feed.waiting.length > 0 && hasRoom(feed, io.rules.window) && io.room(session) > 0) {
    const oplog = feed.waiting.shift();
    if (oplog !== undefined) sendTransient(session, feed, [oplog], now, io);
  }
}

export function sendTransient(
  session: Session,
  feed: Feed,
  oplogs: readonly Oplog[],
  now: Now,
  io: SessionIo,
): void {
  const through = oplogs[oplogs.length - 1]?.id ?? 0;
  const bytes = io.send(session, {
    type: 'sync',
    kind: feed.topic.point,
    biz: feed.topic.config.biz,
    bindSeq: bindSeqOf(session, feed.topic),
    from: 0,
    through,
    oplogs,
    transient: true,
    late: false,
    serverPoint: false,
  });
  const ids = oplogs.map((oplog) => oplog.id);
  track(feed, {
    from: feed.sent,
    through,
    ids,
    traced: NONE,
    bytes,
    sentMono: now.mono,
    counts: true,
    oplogs,
  });
  io.count(feed.topic, 'sent', oplogs.length);
  io.schedule(session, ackDeadline(feed, io.rules));
}
