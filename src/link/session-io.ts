/** What the core's sessions ask of a worker, answered over connections, store and routes. */
import type { Logger } from 'pino';
import type { CatalogueView, Topic } from '../core/catalogue.js';
import { CloseCode } from '../core/codes.js';
import { pageRead } from '../core/deliver.js';
import { feederReady } from '../core/feeder.js';
import { headsRead, validated } from '../core/handshake.js';
import type { Now, ReadLimit, Routes } from '../core/ports.js';
import { reported } from '../core/receive.js';
import { ended } from '../core/retry.js';
import {
  type CheckCause,
  type CountName,
  type Session,
  type SessionIo,
  type SessionRules,
  streamOf,
} from '../core/session.js';
import { encodeServerFrame } from '../wire/frames.js';
import { type Connection, closeWith, room, setDue, write } from './connection.js';
import type { createGlobalFrames } from './fan-out.js';
import { createOpener, ownersOf, type WorkerStore } from './opening.js';
import type { Progress } from './progress.js';
import type { RevokedMemory } from './revoked.js';

/** What a host counts. Plain functions, called often: an implementation must not allocate or throw. */
export interface HostMetrics {
  count(topic: Topic, name: CountName, by: number): void;
  /** A device's sync point lay ahead of the stored stream: a tail may have been lost. */
  pointAhead(): void;
  /** Sessions held now. */
  sessions(count: number): void;
}

export interface HostOptions {
  readonly worker: number;
  readonly rules: SessionRules;
  /** Longest time that an ack waits to be written, ms. */
  readonly progressFlushMs: number;
  /** The same for an ack whose loss would cost nothing but a statistic, ms. */
  readonly cursorFlushMs: number;
  /** Sessions a second that a global record is handed to; 0 for no limit. */
  readonly globalPacePerSecond: number;
  readonly catalogue: CatalogueView;
  readonly store: WorkerStore;
  readonly routes: Routes;
  readonly now: () => Now;
  /** Random delay for a device that is sent away. */
  readonly retryAfterMs: () => number;
  readonly metrics: HostMetrics;
  readonly log: Logger;
}

export type DeviceConnection = Connection<Session>;

/** The sessions of a worker and what they share. */
export interface HostState {
  readonly options: HostOptions;
  /** By session number. */
  readonly connections: Map<number, DeviceConnection>;
  readonly progress: Progress;
  /** Encodes what is the same for many devices once. */
  readonly globalFrames: ReturnType<typeof createGlobalFrames>;
  readonly revoked: RevokedMemory;
  /** Until when the route table is known to be in touch; without it no data is sent. */
  leaseUntilMono: number;
  /** Devices go to other nodes: where to, or empty. Null while they stay. */
  awayTo: string | null;
  lastNo: number;
}

export function createSessionIo(host: HostState): SessionIo {
  const { connections, progress, globalFrames } = host;
  const { store, routes, now, log, metrics, rules } = host.options;
  const io: SessionIo = {
    rules,
    send(session, frame) {
      const connection = connections.get(session.no);
      if (connection === undefined) return 0;
      const bytes = globalFrames(frame) ?? encodeServerFrame(frame);
      write(connection, bytes);
      return bytes.length;
    },
    room(session) {
      const connection = connections.get(session.no);
      return connection === undefined || now().mono >= host.leaseUntilMono ? 0 : room(connection);
    },
    close: (session, code, retryAfterMs) => closeSession(host, io, session, code, retryAfterMs, ''),
    open: (session, hello) => opener.open(session, hello),
    rebind: (session, request) => opener.rebind(session, request),
    recheck: (session, cause) => recheck(host, io, session, cause),
    read: (session, topic, after, limit, keepNewest) =>
      void read(host, io, session, topic, after, limit, keepNewest),
    validate(session) {
      const { bindSeq, user, sessionId } = session;
      routes.validate(session.view.instance.key, user, sessionId, (valid) =>
        validated(session, bindSeq, valid, now(), io),
      );
    },
    report(session, request, report) {
      const { deviceId, os } = session;
      const { key: instance } = session.view.instance;
      routes.report({ instance, deviceId, os, report }, (kept) => reported(session, request, kept, io));
    },
    readFeeder(session, grant) {
      const { bindSeq } = session;
      answer(host, opener.readUser(session), (state) => {
        if (session.bindSeq === bindSeq) feederReady(session, grant, state, now(), io);
      });
    },
    released(session, grant) {
      progress.sendTaken();
      routes.released(session.no, grant);
    },
    raiseFloor(session, stream, floor) {
      answer(host, store.raiseFloor(stream, floor), (raised) => {
        if (!raised) return;
        metrics.pointAhead();
        log.warn(
          { stream, floor, device: session.deviceId },
          'sync point ahead of the stream: counter raised',
        );
      });
    },
    stateChanged: (session) => routes.setForeground(session.no, session.foreground),
    saveSeen: (session) => answer(host, opener.saveSeen(session), () => undefined),
    markDirty: progress.markDirty,
    flush: progress.take,
    dead(session, letter) {
      // In one write with the cursor that skips it: a letter alone would have the record sent again.
      progress.take(session);
      progress.dead(letter);
    },
    event: (_session, event) => progress.event(event),
    count: metrics.count,
    schedule(session, atMono) {
      const connection = connections.get(session.no);
      if (connection !== undefined && atMono < connection.ownerDueMono) setDue(connection, atMono);
    },
  };
  const opener = createOpener({ store, routes, now, io, log, connections });
  return io;
}

/** A store that cannot answer costs time, not data: the next heartbeat compares heads again. */
function answer<T>(host: HostState, promise: Promise<T>, take: (value: T) => void): void {
  promise.then(take).catch((error: unknown) => host.options.log.warn({ err: error }, 'store did not answer'));
}

function recheck(host: HostState, io: SessionIo, session: Session, cause: CheckCause): void {
  const { bindSeq } = session;
  const { store, now } = host.options;
  answer(host, store.heads(session.view.instance.key, ownersOf(session)), (heads) => {
    if (session.bindSeq === bindSeq) headsRead(session, heads, cause, now(), io);
  });
}

async function read(
  host: HostState,
  io: SessionIo,
  session: Session,
  topic: Topic,
  after: number,
  limit: ReadLimit,
  keepNewest: number,
): Promise<void> {
  const { store, now, log } = host.options;
  const { bindSeq } = session;
  const stream = streamOf(session, topic);
  try {
    const start = keepNewest > 0 ? await store.newest(stream, after, keepNewest) : { after, passed: 0 };
    const page = host.revoked.checkPage(stream, await store.readAfter(stream, start.after, limit));
    pageRead(session, topic, bindSeq, { page, after, passed: start.passed }, now(), io);
  } catch (error) {
    log.warn({ err: error, stream }, 'store did not answer');
    pageRead(session, topic, bindSeq, null, now(), io);
  }
}

/** Sends the device away. UNAVAILABLE without a delay gets a random one, so that devices do not come back in step. */
export function closeSession(
  host: HostState,
  io: SessionIo,
  session: Session,
  code: CloseCode,
  retryAfterMs: number,
  redirect: string,
): void {
  const connection = host.connections.get(session.no);
  if (connection === undefined) return;
  const spread = retryAfterMs === 0 && code === CloseCode.UNAVAILABLE;
  closeWith(connection, code, spread ? host.options.retryAfterMs() : retryAfterMs, redirect);
  endSession(host, io, session);
}

/** The session is over at once; its socket may take a moment more. */
export function endSession(host: HostState, io: SessionIo, session: Session): void {
  const { now, metrics, routes } = host.options;
  if (session.phase === 'ended') return;
  ended(session, now(), io);
  host.connections.delete(session.no);
  metrics.sessions(host.connections.size);
  if (session.epoch === 0) return;
  // Before the route goes: whoever takes over the user's streams reads these cursors.
  host.progress.sendTaken();
  routes.detach(session.no);
}
