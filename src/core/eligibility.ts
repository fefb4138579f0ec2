/** Whether a stream, and a record of it, may go to a session now. */
import type { Topic } from './catalogue.js';
import type { Filter } from './model.js';
import type { Session } from './session.js';
import { matches, normalizeOs, parseVersion, type Subject, uidNumber } from './targeting.js';

/** Whether the stream may be delivered on this session now. */
export function isEligible(session: Session, topic: Topic): boolean {
  if (!topic.config.online) return false;
  if (topic.ofUser && (session.user === '' || session.binding)) return false;
  if (topic.ofUser && topic.config.userConsistency && session.verified !== 'yes') return false;
  return !topic.userReader || session.feeder > 0;
}

/** Global data of this kind goes out at the next foreground or connect (mPaaS MSS guide, 5.3). */
export function waitsForForeground(topic: Topic): boolean {
  return topic.stream === 'g' && topic.config.deliver === 'foreground';
}

export function matchesSession(session: Session, topic: Topic, filter: Filter | null): boolean {
  return filter === null || matches(filter, subjectOf(session, topic, session.os, session.appVersion));
}

/** Parsed at each filtered record: filters are rare, and a parsed copy a device would be paid by all. */
export function subjectOf(session: Session, topic: Topic, os: string, version: string): Subject {
  const readerId = topic.config.object === 'user' ? session.user : session.deviceId;
  return {
    os: normalizeOs(os),
    version: parseVersion(version),
    uid: uidNumber(readerId),
    boundMs: session.boundMs,
  };
}
