/** Wake, read, send. docs/architecture.md, "Wake" and "Send". */
import { holdFrom } from './broadcasts.js';
import type { Topic } from './catalogue.js';
import { isEligible, matchesSession, waitsForForeground } from './eligibility.js';
import { ackDeadline, type Feed, hasRoom, isolates, NONE, track } from './feed.js';
import { isLateRead, lateIsRead, lateRead, readLate } from './late.js';
import type { Oplog } from './model.js';
import type { Now, Page, Wake } from './ports.js';
import { partRevocations } from './revocation.js';
import {
  activate,
  bindSeqOf,
  feedOf,
  idlePoint,
  type Session,
  type SessionIo,
  settle,
  streamOf,
  touch,
} from './session.js';
import { isExpired } from './targeting.js';
import { deliverTransient, pumpTransient } from './transient.js';

/**
 * A stream has grown. The record that rides along is sent as it is only if it is the very next one
 * of a live feed with room; in every other case the store is read (delivery rule 5).
 */
export function wake(session: Session, hint: Wake, now: Now, io: SessionIo): void {
  const topic = session.view.byBiz.get(hint.stream.biz);
  if (topic === undefined || topic.stream !== hint.stream.kind) return;
  if (readsHeads(session, topic)) {
    session.missed = true;
    return;
  }
  if (!isEligible(session, topic) || waitsForForeground(topic)) return;
  // A hint for an owner that this session no longer is, or for another session of the same number.
  const key = streamOf(session, topic);
  if (hint.stream.owner !== key.owner || hint.stream.instance !== key.instance) return;
  if (hint.transient) {
    if (hint.oplog !== null) deliverTransient(session, topic, hint.oplog, now, io);
    return;
  }
  // Resuming compares heads.
  if (hint.id >= holdFrom(topic, now.wall)) return;
  const existing = feedOf(session, topic.slot);
  const sent = existing?.sent ?? idlePoint(session, topic.slot);
  if (hint.id <= sent) return;
  const feed = existing ?? activate(session, topic);
  const next = hint.oplog !== null && hint.prev === sent && feed.known <= sent && !isolates(feed);
  if (next && hasRoom(feed, io.rules.window) && io.room(session) > 0 && lateIsRead(session, topic)) {
    sendPage(session, feed, { oplogs: hint.oplog === null ? [] : [hint.oplog], through: hint.id }, now, io);
    return;
  }
  feed.known = Math.max(feed.known, hint.id);
  wakeUp(session, now, io);
}

/** The heads are being read at this moment, perhaps from before the record of a wake-up (delivery rule 6). */
function readsHeads(session: Session, topic: Topic): boolean {
  if (session.phase !== 'live') return true;
  return (topic.ofUser && session.binding) || (topic.userReader && session.feeder < 0);
}

/** Reads for the next feed in turn while window and socket have room. */
export function wakeUp(session: Session, _now: Now, io: SessionIo): void {
  if (session.reading || session.phase !== 'live' || io.room(session) <= 0) return;
  if (session.late !== null && readLate(session, session.late, io)) return;
  const feed = nextFeed(session, io);
  if (feed === null) return;
  session.reading = true;
  feed.asked = feed.known;
  const keepNewest = feed.catchUp ? (feed.topic.config.threshold ?? 0) : 0;
  io.read(session, feed.topic, feed.sent, io.rules.batch, keepNewest);
}

/**
 * Addressed data goes before global; among equals the one that was served least (delivery rule 9). A stream
 * whose records go one by one waits for the others of its kind: when the device dies of a record, that is
 * an attempt of every record in flight, and those of sound streams would die with it (delivery rule 12).
 */
function nextFeed(session: Session, io: SessionIo): Feed | null {
  let sound: Feed | null = null;
  let suspect: Feed | null = null;
  for (const feed of session.feeds) {
    if (feed.known <= feed.sent || !isEligible(session, feed.topic)) continue;
    if (!hasRoom(feed, io.rules.window) || !lateIsRead(session, feed.topic)) continue;
    if (!isolates(feed)) {
      if (sound === null || goesBefore(feed, sound)) sound = feed;
    } else if (suspect === null || isTriedBefore(session, feed, suspect)) suspect = feed;
  }
  if (suspect === null || isTrying(session)) return sound;
  return sound === null || suspect.served < sound.served ? suspect : sound;
}

function goesBefore(a: Feed, b: Feed): boolean {
  const aGlobal = a.topic.stream === 'g';
  const bGlobal = b.topic.stream === 'g';
  return aGlobal === bGlobal ? a.served < b.served : bGlobal;
}

/** A record that was sent alone is not acknowledged yet. */
function isTrying(session: Session): boolean {
  for (const feed of session.feeds)
    if (feed.batches.length > 0 && feed.topic.config.persisted && isolates(feed)) return true;
  return false;
}

/** The one with fewer attempts is less likely to be what the device dies of; else each connection begins with another. */
function isTriedBefore(session: Session, a: Feed, b: Feed): boolean {
  if (a.served !== b.served) return a.served < b.served;
  if (a.attempts !== b.attempts) return a.attempts < b.attempts;
  const turnOf = ({ topic }: Feed): number => (topic.slot + session.epoch) % session.view.topics.length;
  return turnOf(a) < turnOf(b);
}

/** What the host read for `io.read`. `after` is where it read from; `passed` counts what the threshold left out. */
export interface ReadResult {
  readonly page: Page;
  readonly after: number;
  readonly passed: number;
}

/** Answer to `io.read`; null when the store could not answer: the next heartbeat tries again. */
export function pageRead(
  session: Session,
  topic: Topic,
  bindSeq: number,
  result: ReadResult | null,
  now: Now,
  io: SessionIo,
): void {
  session.reading = false;
  // Without room or lease the page is dropped: it is read again when there is.
  if (session.phase !== 'live' || result === null || io.room(session) <= 0) return;
  const current = !topic.ofUser || session.bindSeq === bindSeq;
  if (current && isEligible(session, topic)) {
    if (isLateRead(session, topic, result.after)) lateRead(session, result.page, now, io);
    else takePage(session, topic, result, now, io);
  }
  wakeUp(session, now, io);
}

function takePage(session: Session, topic: Topic, result: ReadResult, now: Now, io: SessionIo): void {
  const feed = feedOf(session, topic.slot);
  if (feed === undefined || feed.sent !== result.after) return;
  const { page, passed } = result;
  feed.catchUp = false;
  if (passed > 0) {
    io.count(topic, 'passed', passed);
    feed.passedTo = (page.oplogs[0]?.id ?? page.through + 1) - 1;
  }
  // Everything heard of before the read was considered; what is not there any more will not come.
  if (!page.more && feed.known === feed.asked) {
    feed.known = Math.min(feed.known, Math.max(page.through, feed.sent));
  }
  const open = beforeHold(feed, page, now);
  if (open.through > feed.sent) sendPage(session, feed, open, now, io);
  else settle(session, feed);
}

/** The page up to where its stream is held; the feed has heard of nothing behind it then. */
function beforeHold(feed: Feed, page: Page, now: Now): Pick<Page, 'oplogs' | 'through'> {
  const from = holdFrom(feed.topic, now.wall);
  if (page.through < from && (page.more || feed.known < from)) return page;
  const oplogs = page.oplogs.filter(({ id }) => id < from);
  const through = page.through < from ? page.through : (oplogs.at(-1)?.id ?? feed.sent);
  if (!page.more || page.through >= from) feed.known = Math.min(feed.known, through);
  return { oplogs, through };
}

/** Leaves out what must not be sent and sends the rest as one batch (delivery rule 7). */
function sendPage(
  session: Session,
  feed: Feed,
  page: { readonly oplogs: readonly Oplog[]; readonly through: number },
  now: Now,
  io: SessionIo,
): void {
  const { topic } = feed;
  const passed: Oplog[] = [];
  let through = page.through;
  for (const oplog of page.oplogs) {
    if (!passes(session, feed, oplog, now, io)) continue;
    passed.push(oplog);
    if (isolates(feed)) {
      through = oplog.id;
      break;
    }
  }
  const { oplogs, messageIds } = partRevocations(topic, passed);
  const from = feed.sent;
  if (through < page.through) feed.known = Math.max(feed.known, page.through);
  const head = { kind: topic.point, biz: topic.config.biz, bindSeq: bindSeqOf(session, topic) };
  // Before the Sync whose ack says that it has arrived.
  if (messageIds.length > 0) io.send(session, { type: 'revoke', ...head, messageIds });
  const bytes = io.send(session, {
    type: 'sync',
    ...head,
    from,
    through,
    oplogs,
    transient: false,
    late: false,
    serverPoint: topic.userReader,
  });
  track(feed, {
    from,
    through,
    ids: oplogs.map((oplog) => oplog.id),
    traced: oplogs.some((oplog) => oplog.traced) ? oplogs.filter((o) => o.traced).map((o) => o.id) : NONE,
    bytes,
    sentMono: now.mono,
    counts: now.wall >= feed.nextAttemptMs,
    oplogs: null,
  });
  io.count(topic, 'sent', oplogs.length);
  for (const oplog of oplogs) if (oplog.traced) trace(session, topic, oplog.id, 'sent', now, io);
  io.schedule(session, ackDeadline(feed, io.rules));
}

function passes(session: Session, feed: Feed, oplog: Oplog, now: Now, io: SessionIo): boolean {
  if (oplog.id <= feed.passedTo || (feed.dead.length > 0 && feed.dead.includes(oplog.id))) return false;
  if (isExpired(oplog, now.wall)) {
    io.count(feed.topic, 'expired', 1);
    return false;
  }
  if (matchesSession(session, feed.topic, oplog.filter)) return true;
  io.count(feed.topic, 'filtered', 1);
  if (oplog.traced) trace(session, feed.topic, oplog.id, 'filtered', now, io);
  return false;
}

export function trace(
  session: Session,
  topic: Topic,
  id: number,
  what: string,
  now: Now,
  io: SessionIo,
): void {
  io.event(session, {
    stream: streamOf(session, topic),
    id,
    what,
    atMs: now.wall,
    reader: session.deviceId,
    worker: 0,
    detail: '',
  });
}

/** Cursor of a stream moved: written later, and the window has room again. */
export function advanced(session: Session, feed: Feed, now: Now, io: SessionIo): void {
  touch(session, feed.topic, now.wall, feed.topic.tellsSoon, io);
  settle(session, feed);
  wakeUp(session, now, io);
}

/** The socket has room again, or the worker its lease: what stood still goes on. */
export function resume(session: Session, now: Now, io: SessionIo): void {
  if (session.phase !== 'live') return;
  for (const feed of [...session.feeds]) if (feed.waiting.length > 0) pumpTransient(session, feed, now, io);
  wakeUp(session, now, io);
}
