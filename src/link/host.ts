/**
 * Drives the core's sessions on a worker: takes what connections and the route table say. One host a
 * worker; it holds the sessions, and nothing per session but the session.
 */
import { updateCatalogue } from '../core/catalogue.js';
import { CloseCode } from '../core/codes.js';
import { resume, wake } from '../core/deliver.js';
import { loseGrant, startFeeding, stopFeeding } from '../core/feeder.js';
import type { ClientFrame } from '../core/frames.js';
import { reconfigured } from '../core/handshake.js';
import type { Catalogue, Now, Wake } from '../core/ports.js';
import { receive } from '../core/receive.js';
import { tick } from '../core/retry.js';
import { createSession, type Session, type SessionIo } from '../core/session.js';
import { closeWith } from './connection.js';
import type { ConnectionOwner } from './context.js';
import { createGlobalFrames, createLane, type Lane } from './fan-out.js';
import { announce } from './opening.js';
import { createProgress } from './progress.js';
import { createRevokedMemory } from './revoked.js';
import {
  closeSession,
  createSessionIo,
  type DeviceConnection,
  endSession,
  type HostOptions,
  type HostState,
} from './session-io.js';

/** A device that is sent elsewhere comes there within so long. */
const AWAY_RETRY_MS = 200;
const AWAY_STEP_MS = 50;

/** The worker's sessions, as the listeners and the bus see them. */
export interface Host extends ConnectionOwner<Session>, HostCommands {}

/** What the route table, an operator or the supervisor says to a worker's sessions. */
export interface HostCommands {
  wake(sessions: readonly number[], hint: Wake): void;
  wakeAll(hint: Wake): void;
  /** Ends a session that was replaced; nothing is sent on it after this returns. */
  fence(session: number, code: CloseCode): void;
  feeder(session: number, on: boolean, grant: number, bindSeq: number): void;
  kick(session: number, code: CloseCode, retryAfterMs: number, redirect: string): void;
  command(session: number, name: string, body: string): void;
  catalogueChanged(catalogue: Catalogue): void;
  /** Data may be sent until so many ms from now: the route table is in touch. */
  lease(forMs: number): void;
  /** The route table is gone: nobody knows who is a user's newest session until it is back. */
  routesLost(): void;
  /** The route table is there again and knows nobody: announces every session. */
  announce(): void;
  /** Wake-ups may have been lost: every session compares heads. */
  recheck(): void;
  /**
   * Sends every device away; they are told times to come back that spread over `overMs`. Resolves
   * when what they acknowledged is written.
   */
  drain(overMs: number, redirect: string): Promise<void>;
  /**
   * Sends the devices to other nodes, evenly over `overMs`: each stays until its turn, and then comes
   * back at once, elsewhere. New ones are turned away.
   */
  sendAway(overMs: number, redirect: string): void;
  sessionCount(): number;
}

/** How often the store is asked whether a record that is being fanned out is still there. */
const WATCH_EVERY_MS = 1000;
const ONE = { records: 1, bytes: 1 };

export function createHost(options: HostOptions): Host {
  const { store, worker, log, progressFlushMs, cursorFlushMs } = options;
  const host: HostState = {
    options,
    connections: new Map(),
    progress: createProgress({ store, worker, soonMs: progressFlushMs, laterMs: cursorFlushMs, log }),
    globalFrames: createGlobalFrames(),
    revoked: createRevokedMemory(),
    leaseUntilMono: 0,
    awayTo: null,
    lastNo: 0,
  };
  const io = createSessionIo(host);
  return { ...connectionOwner(host, io), ...commands(host, io) };
}

function connectionOwner(host: HostState, io: SessionIo): ConnectionOwner<Session> {
  const { now } = host.options;
  return {
    opened() {
      // Nothing is kept for a connection that has said nothing yet.
    },
    frame(connection, frame, at) {
      const session = connection.session ?? begin(host, connection, frame, at);
      if (session !== null) receive(session, frame, at, io);
    },
    closed(connection) {
      if (connection.session !== null) endSession(host, io, connection.session);
    },
    drained(connection) {
      if (connection.session !== null) resume(connection.session, now(), io);
    },
    due(connection, at) {
      if (connection.session !== null) tick(connection.session, at, io);
    },
  };
}

/** The session of a connection's first frame, or null when it may not have one. */
function begin(host: HostState, connection: DeviceConnection, frame: ClientFrame, at: Now): Session | null {
  const { catalogue, metrics, retryAfterMs } = host.options;
  if (frame.type !== 'hello') return null;
  if (host.awayTo !== null) {
    closeWith(connection, CloseCode.DRAINING, Math.ceil(Math.random() * AWAY_RETRY_MS), host.awayTo);
    return null;
  }
  const view = catalogue.instances.get(`${frame.workspaceId}_${frame.appId}`);
  if (view === undefined) {
    closeWith(connection, CloseCode.UNKNOWN_INSTANCE, retryAfterMs());
    return null;
  }
  host.lastNo += 1;
  const session = createSession(host.lastNo, view, at.mono);
  connection.session = session;
  host.connections.set(session.no, connection);
  metrics.sessions(host.connections.size);
  return session;
}

function commands(host: HostState, io: SessionIo): HostCommands {
  // Apart, so that what is due to every session at once does not wait behind a paced global record.
  const globals = createLane(host.options.globalPacePerSecond);
  const sweeps = createLane(0);
  const { now } = host.options;
  const find = (no: number): Session | undefined => host.connections.get(no)?.session ?? undefined;
  return {
    wake(sessions, given) {
      const at = now();
      const hint = host.revoked.check(given);
      for (const no of sessions) {
        const session = find(no);
        if (session !== undefined) wake(session, hint, at, io);
      }
    },
    wakeAll: (hint) => wakeAll(host, globals, io, hint),
    fence(no, code) {
      const session = find(no);
      if (session !== undefined) closeSession(host, io, session, code, 0, '');
    },
    feeder(no, on, grant, bindSeq) {
      const session = find(no);
      if (session === undefined) return;
      if (on) startFeeding(session, grant, bindSeq, io);
      else stopFeeding(session, grant, now(), io);
    },
    kick(no, code, retryAfterMs, redirect) {
      const session = find(no);
      if (session !== undefined) closeSession(host, io, session, code, retryAfterMs, redirect);
    },
    command(no, name, body) {
      const session = find(no);
      if (session?.phase === 'live') io.send(session, { type: 'command', name, body });
    },
    catalogueChanged(next) {
      const holdsBefore = countHolds(host.options.catalogue);
      const changes = updateCatalogue(host.options.catalogue, next);
      // A broadcast that goes on is paced like one that begins.
      const isResumed = countHolds(host.options.catalogue) < holdsBefore;
      eachSession(host, isResumed ? globals : sweeps, (session) => {
        const change = changes.find(({ view }) => view === session.view);
        if (change !== undefined) reconfigured(session, change.changedSlots, now(), io);
      });
    },
    lease(forMs) {
      const { mono } = now();
      const lapsed = mono >= host.leaseUntilMono;
      host.leaseUntilMono = mono + forMs;
      if (!lapsed) return;
      eachSession(host, sweeps, (session) => {
        if (session.feeds.length > 0 || session.late !== null) resume(session, now(), io);
      });
    },
    routesLost() {
      // At once, and not in slices: a lease may come in the next moment.
      for (const { session } of host.connections.values())
        if (session !== null) loseGrant(session, now(), io);
    },
    announce: () =>
      eachSession(host, sweeps, (session) => {
        if (session.epoch !== 0) announce(host, session, io);
      }),
    recheck: () =>
      eachSession(host, sweeps, (session) => {
        if (session.phase === 'live') io.recheck(session, 'check');
      }),
    drain: (overMs, redirect) => drain(host, io, overMs, redirect),
    sendAway: (overMs, redirect) => sendAway(host, io, overMs, redirect),
    sessionCount: () => host.connections.size,
  };
}

function countHolds({ instances }: HostOptions['catalogue']): number {
  let holds = 0;
  for (const { topics } of instances.values())
    for (const topic of topics) holds += topic?.config.holds?.length ?? 0;
  return holds;
}

function eachSession(host: HostState, lane: Lane, visit: (session: Session) => void): void {
  lane.start(host.connections, ({ session }) => {
    if (session !== null) visit(session);
  });
}

/** Global data that waits for the foreground wakes nobody. */
function wakeAll(host: HostState, lane: Lane, io: SessionIo, hint: Wake): void {
  const view = host.options.catalogue.instances.get(hint.stream.instance);
  const config = view?.byBiz.get(hint.stream.biz)?.config;
  if (view === undefined || config === undefined) return;
  if (config.persisted && config.deliver === 'foreground') return;
  const stillThere = host.revoked.check(hint).oplog === null ? () => true : watchRecord(host, hint);
  eachSession(host, lane, (session) => {
    if (session.view === view && stillThere()) wake(session, hint, host.options.now(), io);
  });
}

/**
 * A fan-out takes its time, and the record may be taken back meanwhile. The worker is told so, but a
 * hint may be lost: so the store is asked, too. Whoever is left out then is woken by the revocation.
 */
function watchRecord(host: HostState, { stream, oplog, transient }: Wake): () => boolean {
  let gone = false;
  let askedMono = host.options.now().mono;
  return () => {
    if (oplog === null || transient || gone) return !gone;
    if (host.revoked.isRevoked(stream, oplog)) return false;
    const { mono } = host.options.now();
    if (mono - askedMono >= WATCH_EVERY_MS) {
      askedMono = mono;
      host.options.store.readAfter(stream, oplog.id - 1, ONE).then(
        (page) => {
          gone = page.oplogs[0]?.id !== oplog.id;
        },
        () => {
          // Asked again in a while; the hint is there all the same.
        },
      );
    }
    return true;
  };
}

function sendAway(host: HostState, io: SessionIo, overMs: number, redirect: string): void {
  host.awayTo = redirect;
  const leaving = [...host.connections.values()];
  const startMono = host.options.now().mono;
  let next = 0;
  const step = (): void => {
    const passed = host.options.now().mono - startMono;
    const due = overMs === 0 ? leaving.length : Math.ceil((leaving.length * passed) / overMs);
    for (; next < Math.min(due, leaving.length); next += 1) {
      const session = leaving[next]?.session;
      if (session == null || session.phase === 'ended') continue;
      closeSession(host, io, session, CloseCode.DRAINING, Math.ceil(Math.random() * AWAY_RETRY_MS), redirect);
    }
    if (next < leaving.length) setTimeout(step, AWAY_STEP_MS);
  };
  step();
}

async function drain(host: HostState, io: SessionIo, overMs: number, redirect: string): Promise<void> {
  const leaving = [...host.connections.values()];
  leaving.forEach(({ session }, at) => {
    if (session === null) return;
    const retryAfterMs = Math.max(1, Math.round((overMs * (at + 1)) / leaving.length));
    closeSession(host, io, session, CloseCode.DRAINING, retryAfterMs, redirect);
  });
  await host.progress.settle();
}
