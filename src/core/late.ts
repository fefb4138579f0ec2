/** Records that a changed os or app version lets through (delivery rule 8). */
import type { Topic } from './catalogue.js';
import { isEligible, matchesSession, subjectOf } from './eligibility.js';
import type { LateScan } from './late-scan.js';
import type { Oplog } from './model.js';
import type { Now, Page } from './ports.js';
import { isRevocation } from './revocation.js';
import { bindSeqOf, idlePoint, type KnownDevice, type Session, type SessionIo } from './session.js';
import { isExpired, matches } from './targeting.js';

/**
 * When the os or version differs from the device record's: what the old one failed and the new one
 * passes, at or below the device's points, is sent first. Only then is the record updated, so that
 * a connection that ends before is repeated.
 */
export function startLateScan(session: Session, known: KnownDevice, io: SessionIo): void {
  if (known === null || (known.os === session.os && known.appVersion === session.appVersion)) return;
  const { os: oldOs, appVersion: oldVersion, user: lastUser } = known;
  session.late = { todo: [], after: 0, oldOs, oldVersion, lastUser, open: new Map(), cut: false };
  scanLate(session, session.late, () => true, io);
}

/** A user is bound on a connection whose os or version changed: the user's streams are scanned too. */
export function scanLateOfUser(session: Session, io: SessionIo): void {
  if (session.late !== null) scanLate(session, session.late, (topic) => topic.ofUser, io);
}

function scanLate(session: Session, late: LateScan, of: (topic: Topic) => boolean, io: SessionIo): void {
  for (const topic of session.view.topics) {
    if (topic === undefined || !of(topic) || topic.userReader) continue;
    // One that is offline at the moment is scanned when it is online again.
    if (!topic.config.persisted) continue;
    const upTo = idlePoint(session, topic.slot);
    if (upTo > 0) late.todo.push({ topic, upTo });
  }
  finishLate(session, late, io);
}

/** Late records of a stream go before its new ones; of other streams they need not wait. */
export function lateIsRead(session: Session, topic: Topic): boolean {
  return session.late === null || !session.late.todo.some((entry) => entry.topic.slot === topic.slot);
}

/** Reads the next page of the scan; a stream that waits for its user's verification is left for later. @returns whether a read was started. */
export function readLate(session: Session, late: LateScan, io: SessionIo): boolean {
  const at = late.todo.findIndex((entry) => isEligible(session, entry.topic));
  const entry = late.todo[at];
  if (entry === undefined) return false;
  if (at > 0) {
    late.todo.splice(at, 1);
    late.todo.unshift(entry);
    late.after = 0;
  }
  session.reading = true;
  io.read(session, entry.topic, late.after, io.rules.batch, 0);
  return true;
}

/** Whether a page that was read from `after` is the scan's. */
export function isLateRead(session: Session, topic: Topic, after: number): boolean {
  return session.late?.todo[0]?.topic.slot === topic.slot && session.late.after === after;
}

export function lateRead(session: Session, page: Page, now: Now, io: SessionIo): void {
  const { late } = session;
  const entry = late?.todo[0];
  if (late === null || entry === undefined) return;
  const { topic, upTo } = entry;
  const before = subjectOf(session, topic, late.oldOs, late.oldVersion);
  const oplogs = page.oplogs.filter(
    (oplog) =>
      oplog.id <= upTo &&
      oplog.filter !== null &&
      // What it takes back is gone: nothing of it can be late.
      !isRevocation(topic.config.biz, oplog.thirdMsgId) &&
      !isExpired(oplog, now.wall) &&
      !matches(oplog.filter, before) &&
      matchesSession(session, topic, oplog.filter),
  );
  const last = oplogs[oplogs.length - 1];
  if (last !== undefined) sendLate(session, topic, oplogs, last.id, io);
  if (last !== undefined) late.open.set(topic.slot, last.id);
  late.after = page.through;
  if (page.more && page.through < upTo) return;
  late.todo.shift();
  late.after = 0;
  finishLate(session, late, io);
}

function sendLate(
  session: Session,
  topic: Topic,
  oplogs: readonly Oplog[],
  through: number,
  io: SessionIo,
): void {
  io.send(session, {
    type: 'sync',
    kind: topic.point,
    biz: topic.config.biz,
    bindSeq: bindSeqOf(session, topic),
    from: 0,
    through,
    oplogs,
    transient: false,
    late: true,
    serverPoint: false,
  });
  io.count(topic, 'sent', oplogs.length);
}

/** The device has the late records of a stream up to `through`. */
export function ackLate(session: Session, topic: Topic, through: number, io: SessionIo): void {
  const late = session.late;
  const open = late?.open.get(topic.slot);
  if (late === null || open === undefined || through < open) return;
  late.open.delete(topic.slot);
  finishLate(session, late, io);
}

/**
 * Everything late was read and acknowledged: the device record takes the new os and version. Not
 * while the user of before is missing, who may be bound in a moment.
 */
function finishLate(session: Session, late: LateScan, io: SessionIo): void {
  if (late.todo.length > 0 || late.open.size > 0 || late.cut) return;
  if (session.user !== '' || late.lastUser === '') io.saveSeen(session);
}

/** The user is switched: nothing of the old one's is scanned any more, nor waited for (delivery rule 17). */
export function cutLateScan(session: Session, io: SessionIo): void {
  const { late } = session;
  if (late === null) return;
  const isOfUser = (slot: number): boolean => session.view.topics[slot]?.ofUser === true;
  if (late.todo.some(({ topic }) => topic.ofUser) || [...late.open.keys()].some(isOfUser)) late.cut = true;
  keepLate(session, (topic) => (topic.ofUser ? undefined : topic), io);
}

/** Goes on with the streams for which `keep` returns a topic, under that topic. */
export function keepLate(session: Session, keep: (topic: Topic) => Topic | undefined, io: SessionIo): void {
  const { late } = session;
  if (late === null) return;
  const [first] = late.todo;
  late.todo = late.todo.flatMap(({ topic, upTo }) => {
    const kept = keep(topic);
    return kept === undefined ? [] : [{ topic: kept, upTo }];
  });
  if (late.todo[0]?.topic.slot !== first?.topic.slot) late.after = 0;
  for (const slot of late.open.keys()) {
    const topic = session.view.topics[slot];
    if (topic === undefined || keep(topic) === undefined) late.open.delete(slot);
  }
  finishLate(session, late, io);
}
