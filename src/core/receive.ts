/** Frames of the device after its Hello. docs/protocol.md 3 to 5. */

import { switchUser } from './binding.js';
import { CloseCode, FrameResult } from './codes.js';
import { advanced, trace, wakeUp } from './deliver.js';
import { acknowledge, isIdle, tracedWithin } from './feed.js';
import { prepareFeeding, releaseWhenDone } from './feeder.js';
import type { ClientFrame, PointOnWire } from './frames.js';
import { mayComeAgain, receiveHello, revalidate } from './handshake.js';
import { ackLate } from './late.js';
import { isName, MAX_ALIAS_CHARS, MAX_LABEL_CHARS, MAX_SESSION_ID_CHARS, MAX_TOKEN_CHARS } from './names.js';
import type { Now } from './ports.js';
import type { ReportAnswer } from './reports.js';
import { feedOf, removeFeed, type Session, type SessionIo, setPoint, streamOf } from './session.js';
import { pumpTransient } from './transient.js';

type Frame<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;

/** One frame in. A frame that is not allowed in the session's phase ends the connection (clause 2.2). */
export function receive(session: Session, frame: ClientFrame, now: Now, io: SessionIo): void {
  if (session.phase === 'ended') return;
  session.lastInMono = now.mono;
  if (frame.type === 'unknown') return;
  if (session.phase === 'new') {
    if (frame.type === 'hello') receiveHello(session, frame, now, io);
    else io.close(session, CloseCode.PROTOCOL_ERROR, 0);
    return;
  }
  if (frame.type === 'bye') {
    io.close(session, CloseCode.BYE, 0);
    return;
  }
  if (session.phase !== 'live' || frame.type === 'hello') {
    io.close(session, CloseCode.PROTOCOL_ERROR, 0);
    return;
  }
  receiveLive(session, frame, now, io);
}

type LiveFrame = Exclude<ClientFrame, { type: 'hello' | 'bye' | 'unknown' }>;

function receiveLive(session: Session, frame: LiveFrame, now: Now, io: SessionIo): void {
  switch (frame.type) {
    case 'ack':
      receiveAck(session, frame, now, io);
      return;
    case 'ping':
      receivePing(session, frame, now, io);
      return;
    case 'bindUser':
      receiveBind(session, frame, io);
      return;
    case 'unbindUser':
      switchUser(session, frame.request, { userId: '', sessionId: '', syncPoints: [] }, io);
      return;
    case 'appState':
      receiveAppState(session, frame, now, io);
      return;
    case 'registerBiz':
      receiveRegister(session, frame, now, io);
      return;
    case 'unregisterBiz':
      // Data of an unregistered bizType waits in the device's own database: nothing changes here (clause 4.7).
      answer(session, frame.request, FrameResult.OK, io);
      return;
    case 'reportToken':
      receiveToken(session, frame, io);
      return;
    case 'reportEvent':
      receiveEvent(session, frame, io);
      return;
    case 'bindAlias':
    case 'unbindAlias':
      receiveAlias(session, frame, io);
      return;
    case 'listAliases':
      io.report(session, frame.request, { what: 'aliases' });
      return;
  }
}

/** Empty fields say nothing of what they stand for (clause 7.3). */
function receiveToken(session: Session, frame: Frame<'reportToken'>, io: SessionIo): void {
  const { request, vendor, vendorToken, appVersion, model } = frame;
  const labels = [vendor, appVersion, model].every((text) => isName(text, MAX_LABEL_CHARS));
  const isUsable = labels && isName(vendorToken, MAX_TOKEN_CHARS) && (vendor === '') === (vendorToken === '');
  if (isUsable) io.report(session, request, { what: 'token', vendor, vendorToken, appVersion, model });
  else answer(session, request, FrameResult.INVALID, io);
}

function receiveEvent(session: Session, frame: Frame<'reportEvent'>, io: SessionIo): void {
  const { request, kind, messageId } = frame;
  const isKnown = kind === 'arrived' || kind === 'opened' || kind === 'ignored';
  if (isKnown && isName(messageId, MAX_LABEL_CHARS))
    io.report(session, request, { what: 'event', kind, messageId });
  else answer(session, request, FrameResult.INVALID, io);
}

function receiveAlias(session: Session, frame: Frame<'bindAlias' | 'unbindAlias'>, io: SessionIo): void {
  const { type, request, alias } = frame;
  if (alias !== '' && isName(alias, MAX_ALIAS_CHARS))
    io.report(session, request, { what: 'alias', bind: type === 'bindAlias', alias });
  else answer(session, request, FrameResult.INVALID, io);
}

/** The answer of `SessionIo.report`. */
export function reported(session: Session, request: number, kept: ReportAnswer, io: SessionIo): void {
  if (session.phase !== 'live') return;
  const code = kept === null ? FrameResult.UNAVAILABLE : kept ? FrameResult.OK : FrameResult.INVALID;
  if (Array.isArray(kept)) answer(session, request, code, io, kept);
  else answer(session, request, code, io);
}

function answer(
  session: Session,
  request: number,
  code: FrameResult,
  io: SessionIo,
  names?: readonly string[],
): void {
  io.send(session, {
    type: 'result',
    request,
    code,
    message: '',
    bindSeq: session.bindSeq,
    correctedPoints: [],
    ...(names === undefined ? {} : { names }),
  });
}

/** Cumulative per stream; an ack of an earlier bindSeq never touches the new user's data (clause 5.5). */
function receiveAck(session: Session, frame: Frame<'ack'>, now: Now, io: SessionIo): void {
  const topic = session.view.byBiz.get(frame.biz);
  if (topic === undefined || topic.point !== frame.kind) return;
  if (topic.ofUser && frame.bindSeq !== session.bindSeq) return;
  if (frame.late) {
    ackLate(session, topic, frame.through, io);
    return;
  }
  const feed = feedOf(session, topic.slot);
  if (feed === undefined || frame.transient === topic.config.persisted) return;
  const traced = tracedWithin(feed, frame.through);
  const records = acknowledge(feed, frame.through);
  if (records < 0) return;
  if (records > 0) io.count(topic, 'acked', records);
  if (frame.transient) {
    pumpTransient(session, feed, now, io);
    if (isIdle(feed)) removeFeed(session, feed);
    return;
  }
  for (const id of traced) trace(session, topic, id, 'acked', now, io);
  advanced(session, feed, now, io);
  releaseWhenDone(session, now, io);
}

/** A heartbeat also looks at the heads: a lost wake-up costs one heartbeat, never data (delivery rule 6). */
function receivePing(session: Session, frame: Frame<'ping'>, now: Now, io: SessionIo): void {
  io.send(session, { type: 'pong', clientTimeMs: frame.clientTimeMs, serverTimeMs: now.wall });
  if (session.binding) return;
  revalidate(session, now, io);
  prepareFeeding(session, io);
  io.recheck(session, 'check');
}

function receiveBind(session: Session, frame: Frame<'bindUser'>, io: SessionIo): void {
  const { maxNameChars } = io.rules;
  const usable = isName(frame.userId, maxNameChars) && isName(frame.sessionId, MAX_SESSION_ID_CHARS);
  if (frame.userId === '' || !usable) {
    answer(session, frame.request, FrameResult.INVALID, io);
    return;
  }
  if (frame.syncPoints.length > io.rules.maxSubscriptions) {
    io.close(session, CloseCode.TOO_MANY_SUBSCRIPTIONS, 0);
    return;
  }
  switchUser(session, frame.request, frame, io);
}

function receiveAppState(session: Session, frame: Frame<'appState'>, now: Now, io: SessionIo): void {
  if (session.foreground === frame.foreground) return;
  session.foreground = frame.foreground;
  io.stateChanged(session);
  // Global data waits for this moment (mPaaS MSS guide, 5.3).
  if (frame.foreground) io.recheck(session, 'foreground');
  wakeUp(session, now, io);
}

/** A point for a stream that Hello did not name. One whose delivery has begun keeps its position. */
function receiveRegister(session: Session, frame: Frame<'registerBiz'>, now: Now, io: SessionIo): void {
  if (frame.syncPoints.length > io.rules.maxSubscriptions) {
    io.close(session, CloseCode.TOO_MANY_SUBSCRIPTIONS, 0);
    return;
  }
  const correctedPoints: PointOnWire[] = [];
  for (const named of frame.syncPoints) {
    const topic = session.view.byBiz.get(named.biz);
    if (topic === undefined || topic.point !== named.kind || topic.userReader) continue;
    if (feedOf(session, topic.slot) !== undefined || (session.points[topic.slot] ?? -1) >= 0) continue;
    if (named.point > (now.wall + io.rules.maxSkewMs) * 1000) {
      correctedPoints.push({ ...named, point: 0 });
      continue;
    }
    setPoint(session, topic.slot, named.point);
    if (mayComeAgain(named.point, now, io)) io.raiseFloor(session, streamOf(session, topic), named.point);
  }
  const { bindSeq } = session;
  io.send(session, {
    type: 'result',
    request: frame.request,
    code: FrameResult.OK,
    message: '',
    bindSeq,
    correctedPoints,
  });
  io.recheck(session, 'check');
}
