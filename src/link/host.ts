/**
 * Drives the core's sessions on a worker: implements `SessionIo` over connections, store and routes,
 * and takes what the route table says. One host a worker; it holds the sessions, and nothing per
 * session but the session.
 */
import type { Logger } from 'pino';
import { type CatalogueView, type Topic, updateCatalogue } from '../core/catalogue.js';
import { CloseCode } from '../core/codes.js';
import { pageRead, resume, wake } from '../core/deliver.js';
import { feederReady, startFeeding, stopFeeding } from '../core/feeder.js';
import type { ClientFrame } from '../core/frames.js';
import { headsRead, reconfigured, validated } from '../core/handshake.js';
import type { Catalogue, Now, ReadLimit, Routes, Wake } from '../core/ports.js';
import { receive } from '../core/receive.js';
import { ended, tick } from '../core/retry.js';
import {
  type CheckCause,
  type CountName,
  createSession,
  type Session,
  type SessionIo,
  type SessionRules,
  streamOf,
} from '../core/session.js';
import { encodeServerFrame } from '../wire/frames.js';
import { type Connection, closeWith, room, setDue, write } from './connection.js';
import type { ConnectionOwner } from './context.js';
import { createFanOut } from './fan-out.js';
import { createOpener, ownersOf, type WorkerStore } from './opening.js';
import { createProgress } from './progress.js';

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

type DeviceConnection = Connection<Session>;

/** The worker's sessions, as the listeners and the bus see them. */
export interface Host extends ConnectionOwner<Session> {
  wake(sessions: readonly number[], hint: Wake): void;
  wakeAll(hint: Wake): void;
  /** Ends a session that was replaced; nothing is sent on it after this returns. */
  fence(session: number, code: CloseCode): void;
  feeder(session: number, on: boolean, grant: number): void;
  kick(session: number, code: CloseCode, retryAfterMs: number, redirect: string): void;
  command(session: number, name: string, body: string): void;
  catalogueChanged(catalogue: Catalogue): void;
  /** Data may be sent until so many ms from now: the route table is in touch. */
  lease(forMs: number): void;
  /** The route table is there again and knows nobody: announces every session. */
  announce(): void;
  /**
   * Sends every device away; they are told times to come back that spread over `overMs`. Resolves
   * when what they acknowledged is written.
   */
  drain(overMs: number, redirect: string): Promise<void>;
  sessionCount(): number;
}

export function createHost(options: HostOptions): Host {
  const { store, routes, now, log, metrics, catalogue } = options;
  const connections = new Map<number, DeviceConnection>();
  const progress = createProgress({
    store,
    worker: options.worker,
    now,
    flushMs: options.progressFlushMs,
    log,
  });
  const fanOut = createFanOut(options.globalPacePerSecond);
  let lastNo = 0;
  let leaseUntilMono = 0;

  const io: SessionIo = {
    rules: options.rules,
    send(session, frame) {
      const connection = connections.get(session.no);
      if (connection === undefined) return 0;
      const bytes = fanOut.encoded(frame) ?? encodeServerFrame(frame);
      write(connection, bytes);
      return bytes.length;
    },
    room(session) {
      const connection = connections.get(session.no);
      return connection === undefined || now().mono >= leaseUntilMono ? 0 : room(connection);
    },
    close: (session, code, retryAfterMs) => close(session, code, retryAfterMs, ''),
    open: (session, hello) => opener.open(session, hello),
    rebind: (session, request) => opener.rebind(session, request),
    recheck,
    read: (session, topic, after, limit, keepNewest) => void read(session, topic, after, limit, keepNewest),
    validate(session) {
      const { bindSeq, user, sessionId } = session;
      routes.validate(session.view.instance.key, user, sessionId, (valid) =>
        validated(session, bindSeq, valid, now(), io),
      );
    },
    readFeeder(session, grant) {
      const { bindSeq } = session;
      answer(opener.readUser(session), (state) => {
        if (session.bindSeq === bindSeq) feederReady(session, grant, state, now(), io);
      });
    },
    released(session, grant) {
      progress.sendTaken();
      routes.released(session.no, grant);
    },
    raiseFloor(session, stream, floor) {
      metrics.pointAhead();
      log.warn({ stream, floor, device: session.deviceId }, 'sync point ahead of the stream: counter raised');
      answer(store.raiseFloor(stream, floor), () => undefined);
    },
    stateChanged: (session) => routes.setForeground(session.no, session.foreground),
    saveSeen: (session) => answer(opener.saveSeen(session), () => undefined),
    markDirty: progress.markDirty,
    flush: progress.take,
    dead: (_session, letter) => progress.dead(letter),
    event: (_session, event) => progress.event(event),
    count: metrics.count,
    schedule(session, atMono) {
      const connection = connections.get(session.no);
      if (connection !== undefined && atMono < connection.ownerDueMono) setDue(connection, atMono);
    },
  };
  const opener = createOpener({
    store,
    routes,
    now,
    io,
    log,
    connections,
    close,
    retryAfterMs: options.retryAfterMs,
  });

  function close(session: Session, code: CloseCode, retryAfterMs: number, redirect: string): void {
    const connection = connections.get(session.no);
    if (connection === undefined) return;
    const wait = retryAfterMs === 0 && code === CloseCode.UNAVAILABLE ? options.retryAfterMs() : retryAfterMs;
    closeWith(connection, code, wait, redirect);
    end(session);
  }

  /** The session is over at once; its socket may take a moment more. */
  function end(session: Session): void {
    if (session.phase === 'ended') return;
    ended(session, now(), io);
    connections.delete(session.no);
    metrics.sessions(connections.size);
    if (session.epoch === 0) return;
    // Before the route goes: whoever takes over the user's streams reads these cursors.
    progress.sendTaken();
    routes.detach(session.no);
  }

  /** A store that cannot answer costs time, not data: the next heartbeat compares heads again. */
  function answer<T>(promise: Promise<T>, take: (value: T) => void): void {
    promise.then(take).catch((error: unknown) => log.warn({ err: error }, 'store did not answer'));
  }

  function recheck(session: Session, cause: CheckCause): void {
    const { bindSeq } = session;
    answer(store.heads(session.view.instance.key, ownersOf(session)), (heads) => {
      if (session.bindSeq === bindSeq) headsRead(session, heads, cause, now(), io);
    });
  }

  async function read(
    session: Session,
    topic: Topic,
    after: number,
    limit: ReadLimit,
    keepNewest: number,
  ): Promise<void> {
    const { bindSeq } = session;
    const stream = streamOf(session, topic);
    try {
      const start = keepNewest > 0 ? await store.newest(stream, after, keepNewest) : { after, passed: 0 };
      const page = await store.readAfter(stream, start.after, limit);
      pageRead(session, topic, bindSeq, { page, after, passed: start.passed }, now(), io);
    } catch (error) {
      log.warn({ err: error, stream }, 'store did not answer');
      pageRead(session, topic, bindSeq, null, now(), io);
    }
  }

  /** The session of a connection's first frame, or null when it may not have one. */
  function begin(connection: DeviceConnection, frame: ClientFrame, at: Now): Session | null {
    if (frame.type !== 'hello') return null;
    const view = catalogue.instances.get(`${frame.workspaceId}_${frame.appId}`);
    if (view === undefined) {
      closeWith(connection, CloseCode.UNKNOWN_INSTANCE, options.retryAfterMs());
      return null;
    }
    lastNo += 1;
    const session = createSession(lastNo, view, at.mono);
    connection.session = session;
    connections.set(session.no, connection);
    metrics.sessions(connections.size);
    return session;
  }

  function find(no: number): Session | undefined {
    return connections.get(no)?.session ?? undefined;
  }

  function each(visit: (session: Session) => void): void {
    fanOut.start(connections, ({ session }) => {
      if (session !== null) visit(session);
    });
  }

  return {
    opened() {
      // Nothing is kept for a connection that has said nothing yet.
    },
    frame(connection, frame, at) {
      const session = connection.session ?? begin(connection, frame, at);
      if (session !== null) receive(session, frame, at, io);
    },
    closed(connection) {
      if (connection.session !== null) end(connection.session);
    },
    drained(connection) {
      if (connection.session !== null) resume(connection.session, now(), io);
    },
    due(connection, at) {
      if (connection.session !== null) tick(connection.session, at, io);
    },
    wake(sessions, hint) {
      const at = now();
      for (const no of sessions) {
        const session = find(no);
        if (session !== undefined) wake(session, hint, at, io);
      }
    },
    wakeAll(hint) {
      const view = catalogue.instances.get(hint.stream.instance);
      const config = view?.byBiz.get(hint.stream.biz)?.config;
      if (view === undefined || config === undefined) return;
      if (config.persisted && config.deliver === 'foreground') return;
      each((session) => {
        if (session.view === view) wake(session, hint, now(), io);
      });
    },
    fence(no, code) {
      const session = find(no);
      if (session !== undefined) close(session, code, 0, '');
    },
    feeder(no, on, grant) {
      const session = find(no);
      if (session === undefined) return;
      if (on) startFeeding(session, grant, io);
      else stopFeeding(session, grant, now(), io);
    },
    kick(no, code, retryAfterMs, redirect) {
      const session = find(no);
      if (session !== undefined) close(session, code, retryAfterMs, redirect);
    },
    command(no, name, body) {
      const session = find(no);
      if (session?.phase === 'live') io.send(session, { type: 'command', name, body });
    },
    catalogueChanged(next) {
      const changes = updateCatalogue(catalogue, next);
      each((session) => {
        const change = changes.find(({ view }) => view === session.view);
        if (change !== undefined) reconfigured(session, change.changedSlots, now(), io);
      });
    },
    lease(forMs) {
      const { mono } = now();
      const lapsed = mono >= leaseUntilMono;
      leaseUntilMono = mono + forMs;
      if (!lapsed) return;
      each((session) => {
        if (session.feeds.length > 0) resume(session, now(), io);
      });
    },
    announce: () =>
      each((session) => {
        if (session.epoch !== 0) opener.announce(session);
      }),
    async drain(overMs, redirect) {
      const leaving = [...connections.values()];
      leaving.forEach(({ session }, at) => {
        if (session === null) return;
        const retryAfterMs = Math.max(1, Math.round((overMs * (at + 1)) / leaving.length));
        close(session, CloseCode.DRAINING, retryAfterMs, redirect);
      });
      await progress.settle();
    },
    sessionCount: () => connections.size,
  };
}
