/**
 * A bench for one session: a `SessionIo` that notes down what was asked and answers it from streams in
 * memory when told to. Questions wait until `run`, so that a test can let things happen in between.
 */
import { rebound } from '../../src/core/binding.js';
import {
  createCatalogueView,
  type InstanceView,
  type Topic,
  updateCatalogue,
} from '../../src/core/catalogue.js';
import { pageRead, type ReadResult, wake } from '../../src/core/deliver.js';
import type { Feed } from '../../src/core/feed.js';
import { feederReady, startFeeding } from '../../src/core/feeder.js';
import type { ClientFrame, HelloFrame, PointOnWire, ServerFrame } from '../../src/core/frames.js';
import { headsRead, opened, reconfigured } from '../../src/core/handshake.js';
import type { Cursor, Head, Oplog, StreamKey, SyncConfig } from '../../src/core/model.js';
import type { CursorUpdate, DeadLetter, MessageEvent, ReadLimit } from '../../src/core/ports.js';
import { receive } from '../../src/core/receive.js';
import { ended, tick } from '../../src/core/retry.js';
import {
  createSession,
  feedOf,
  type KnownDevice,
  type Session,
  type SessionIo,
  type SessionRules,
  streamOf,
  takeProgress,
} from '../../src/core/session.js';

export const INSTANCE = 'ws_app';
export const DEVICE = 'device-1';
export const USER = 'user-1';
/** Wall clock at the start of every test. */
export const START_MS = 1_700_000_000_000;

export type SyncFrame = Extract<ServerFrame, { type: 'sync' }>;

export const RULES: SessionRules = {
  window: { records: 8, bytes: 10_000 },
  batch: { records: 4, bytes: 5_000 },
  ackTimeoutMs: 20_000,
  ackTimeoutMaxMs: 160_000,
  maxAttempts: 6,
  attemptBackoffMs: [0, 0, 60_000, 600_000, 3_600_000],
  heartbeatSec: 240,
  minHeartbeatSec: 30,
  maxHeartbeatSec: 600,
  maxFrameBytes: 65_536,
  maxSubscriptions: 20,
  maxNameChars: 100,
  maxSkewMs: 600_000,
  handoverGraceMs: 2_000,
  revalidateMs: 300_000,
};

let nextSlot = 0;

/** A sync configuration of the bench's instance; by default persisted device data. */
export function config(biz: string, fields: Partial<SyncConfig> = {}): SyncConfig {
  return {
    instance: INSTANCE,
    biz,
    slot: nextSlot++,
    description: '',
    scope: 'specified',
    object: 'device',
    multiDevice: true,
    persisted: true,
    retentionMs: 30 * 86_400_000,
    threshold: null,
    userConsistency: false,
    deliver: 'foreground',
    signature: 'inherit',
    online: true,
    createdMs: 0,
    changedMs: 0,
    ...fields,
  };
}

/** Configurations that most tests use, by what they are for. */
export const DEVICE_DATA = config('device-data');
export const USER_DATA = config('user-data', { object: 'user' });
export const SINGLE = config('single', { object: 'user', multiDevice: false });
export const GLOBAL = config('global', { scope: 'global', deliver: 'immediate' });
export const FOR_FOREGROUND = config('foreground', { scope: 'global' });
export const TRANSIENT = config('transient', { persisted: false });
export const VERIFIED = config('verified', { object: 'user', userConsistency: true });
export const NEWEST_THREE = config('newest-three', { threshold: 3 });

/** Something that the session asked of its host and that waits for `run`. */
export interface Question {
  readonly what: 'open' | 'rebind' | 'heads' | 'read' | 'feeder';
  readonly biz: string;
  readonly after: number;
  readonly answer: () => void;
}

export interface BenchOptions {
  readonly configs?: readonly SyncConfig[];
  readonly rules?: Partial<SessionRules>;
  /** What the store holds of the device and of its user. */
  readonly cursors?: readonly Cursor[];
  readonly known?: KnownDevice;
}

export interface Bench {
  readonly session: Session;
  readonly io: SessionIo;
  readonly view: InstanceView;
  readonly now: { wall: number; mono: number };
  /** Every frame to the device. */
  readonly frames: ServerFrame[];
  readonly questions: Question[];
  /** Calls without an answer, in order: `flush`, `released 3`, `saveSeen`, `raiseFloor biz 17`, ... */
  readonly calls: string[];
  readonly dead: DeadLetter[];
  readonly events: MessageEvent[];
  readonly counts: Map<string, number>;
  /** Cursors written so far, by biz. */
  readonly saved: Map<string, Cursor>;
  cursors: Cursor[];
  room: number;
  /** When the session wants `tick`. */
  dueMono: number;
  topic(config: SyncConfig): Topic;
  feed(config: SyncConfig): Feed;
  /** Appends without telling the session. */
  append(config: SyncConfig, fields?: Partial<Oplog>): Oplog;
  /** Tells the session of the record; `bare` for a hint that the record does not ride along with. */
  wake(config: SyncConfig, oplog: Oplog, bare?: 'bare'): void;
  /** Appends and tells. */
  send(config: SyncConfig, fields?: Partial<Oplog>): Oplog;
  receive(frame: ClientFrame): void;
  hello(fields?: Partial<HelloFrame>): void;
  /** Hello with positions, and everything that follows. */
  connect(points?: readonly [SyncConfig, number][], fields?: Partial<HelloFrame>): void;
  bind(userId: string, points?: readonly [SyncConfig, number][]): void;
  ack(config: SyncConfig, through: number, fields?: Partial<Extract<ClientFrame, { type: 'ack' }>>): void;
  /** Makes the session its user's feeder. */
  feedUser(grant: number): void;
  /** Answers the questions that wait, and those that follow from the answers. */
  run(): void;
  /** Answers one question of the kind, the oldest; the others go on waiting. */
  answer(what: Question['what']): void;
  /** Time goes by; the session's deadlines come. */
  later(ms: number): void;
  /** Time goes by with a sign of life at its end, but for deadlines before. */
  ping(): void;
  end(): void;
  /** Sync frames since the last call. */
  syncs(): SyncFrame[];
  /** Ids of the records in the Sync frames since the last call. */
  ids(): number[];
  /** Replaces the configurations, tells the session, and lets it follow up. */
  configure(configs: readonly SyncConfig[]): void;
  /** Takes the progress and remembers it as stored. */
  flush(): readonly CursorUpdate[];
}

interface Stored {
  readonly oplogs: Oplog[];
  last: number;
}

/** Builds the bench; the session has not said Hello yet. */
export function createBench(options: BenchOptions = {}): Bench {
  const configs = options.configs ?? [DEVICE_DATA];
  const catalogue = createCatalogueView();
  const instance = {
    key: INSTANCE,
    workspaceId: 'ws',
    appId: 'app',
    signature: false,
    signaturePublicKey: '',
    validateUrl: '',
    validateOperation: '',
    createdMs: 0,
  };
  updateCatalogue(catalogue, { version: 1, instances: [instance], configs });
  const view = catalogue.instances.get(INSTANCE);
  if (view === undefined) throw new Error('no view');
  const now = { wall: START_MS, mono: 1_000 };
  const session = createSession(1, view, now.mono);
  const streams = new Map<string, Stored>();
  const frames: ServerFrame[] = [];
  let taken = 0;

  const topic = (of: SyncConfig): Topic => {
    const found = view.byBiz.get(of.biz);
    if (found === undefined) throw new Error(`no topic ${of.biz}`);
    return found;
  };
  /** Before the Hello, data is for the device and the user that the tests are about. */
  const streamFor = (of: Topic): StreamKey => {
    const owner = { u: session.user || USER, d: DEVICE, t: 'token', g: '' }[of.stream];
    return { instance: INSTANCE, kind: of.stream, owner, biz: of.config.biz };
  };
  const stored = (of: Topic, stream = streamOf(session, of)): Stored => {
    const name = `${stream.kind} ${stream.owner} ${stream.biz}`;
    let found = streams.get(name);
    if (found === undefined) {
      found = { oplogs: [], last: 0 };
      streams.set(name, found);
    }
    return found;
  };
  const heads = (): Head[] =>
    view.topics.flatMap((of) => {
      if (of === undefined || !of.config.persisted) return [];
      const { kind, owner, biz } = streamOf(session, of);
      const { last } = stored(of);
      return last > 0 ? [{ kind, owner, biz, last }] : [];
    });
  const read = (of: Topic, after: number, limit: ReadLimit, keepNewest: number): ReadResult => {
    const stream = stored(of);
    const rest = stream.oplogs.filter((oplog) => oplog.id > after);
    const passed = keepNewest > 0 ? Math.max(0, rest.length - keepNewest) : 0;
    const oplogs = rest.slice(passed, passed + limit.records);
    const more = passed + oplogs.length < rest.length;
    const through = more ? (oplogs.at(-1)?.id ?? after) : Math.max(after, stream.last);
    return { page: { oplogs, through, more }, after, passed };
  };
  const ask = (what: Question['what'], answer: () => void, biz = '', after = 0): void => {
    bench.questions.push({ what, biz, after, answer });
  };

  const io: SessionIo = {
    rules: { ...RULES, ...options.rules },
    send(_session, frame) {
      frames.push(frame);
      return frame.type === 'sync' ? 100 * frame.oplogs.length : 50;
    },
    room: () => bench.room,
    close(_session, code) {
      bench.calls.push(`close ${code}`);
      ended(session, now, io);
    },
    open() {
      const known = options.known ?? null;
      ask('open', () => {
        const state = { cursors: bench.cursors, heads: heads() };
        opened(
          session,
          { adToken: 'token', deviceKey: new Uint8Array(0), known, overruled: null, ...state },
          now,
          io,
        );
      });
    },
    rebind(_session, request) {
      const { bindSeq } = session;
      ask('rebind', () =>
        rebound(session, bindSeq, request, { cursors: bench.cursors, heads: heads() }, now, io),
      );
    },
    recheck(_session, cause) {
      ask('heads', () => headsRead(session, heads(), cause, now, io));
    },
    read(_session, of, after, limit, keepNewest) {
      const { bindSeq } = session;
      // The store is read now, the answer comes later: what is appended in between is not in it.
      const result = read(of, after, limit, keepNewest);
      ask('read', () => pageRead(session, of, bindSeq, result, now, io), of.config.biz, after);
    },
    validate: () => void bench.calls.push('validate'),
    report(_session, request, report) {
      bench.calls.push(`report ${report.what} ${request}`);
    },
    readFeeder(_session, grant) {
      const state = { cursors: bench.cursors, heads: heads().filter(({ kind }) => kind === 'u') };
      ask('feeder', () => feederReady(session, grant, state, now, io));
    },
    released: (_session, grant) => void bench.calls.push(`released ${grant}`),
    raiseFloor(_session, stream, floor) {
      bench.calls.push(`raiseFloor ${stream.biz} ${floor}`);
    },
    stateChanged: () => void bench.calls.push('stateChanged'),
    saveSeen: () => void bench.calls.push('saveSeen'),
    markDirty: (_session, soon) => void bench.calls.push(soon ? 'markDirty soon' : 'markDirty'),
    flush() {
      bench.calls.push('flush');
      bench.flush();
    },
    dead: (_session, letter) => void bench.dead.push(letter),
    event: (_session, event) => void bench.events.push(event),
    count(of, name, by) {
      const key = `${of.config.biz} ${name}`;
      bench.counts.set(key, (bench.counts.get(key) ?? 0) + by);
    },
    schedule(_session, atMono) {
      bench.dueMono = Math.min(bench.dueMono, atMono);
    },
  };

  const bench: Bench = {
    session,
    io,
    view,
    now,
    frames,
    questions: [],
    calls: [],
    dead: [],
    events: [],
    counts: new Map(),
    saved: new Map(),
    cursors: [...(options.cursors ?? [])],
    room: 100_000,
    dueMono: Number.POSITIVE_INFINITY,
    topic,
    feed(of) {
      const feed = feedOf(session, topic(of).slot);
      if (feed === undefined) throw new Error(`no feed of ${of.biz}`);
      return feed;
    },
    append(of, fields = {}) {
      const stream = stored(topic(of), streamFor(topic(of)));
      const oplog: Oplog = {
        id: stream.last + 1,
        acceptedMs: now.wall,
        expiresMs: now.wall + of.retentionMs,
        thirdMsgId: `m${stream.last + 1}`,
        filter: null,
        traced: false,
        resendOf: 0,
        body: new Uint8Array(10),
        ...fields,
      };
      stream.oplogs.push(oplog);
      stream.last = oplog.id;
      return oplog;
    },
    wake(of, oplog, bare) {
      const transient = !of.persisted;
      const stream = streamFor(topic(of));
      const { oplogs } = stored(topic(of), stream);
      const prev = oplogs[oplogs.indexOf(oplog) - 1]?.id ?? 0;
      const hint = { stream, id: oplog.id, prev, oplog: bare === 'bare' ? null : oplog, transient };
      wake(session, hint, now, io);
    },
    send(of, fields) {
      const oplog = bench.append(of, fields);
      bench.wake(of, oplog);
      return oplog;
    },
    receive: (frame) => receive(session, frame, now, io),
    hello: (fields = {}) => bench.receive({ ...HELLO, ...fields }),
    connect(points = [], fields = {}) {
      bench.hello({ syncPoints: onWire(bench, points), ...fields });
      bench.run();
    },
    bind(userId, points = []) {
      const syncPoints = onWire(bench, points);
      bench.receive({ type: 'bindUser', request: 1, userId, sessionId: 's', syncPoints });
    },
    ack(of, through, fields = {}) {
      const { point, ofUser } = topic(of);
      const bindSeq = ofUser ? session.bindSeq : 0;
      const frame = { kind: point, biz: of.biz, bindSeq, through, transient: false, late: false };
      bench.receive({ type: 'ack', ...frame, ...fields });
    },
    feedUser: (grant) => startFeeding(session, grant, session.bindSeq, io),
    run() {
      for (let question = bench.questions.shift(); question !== undefined; question = bench.questions.shift())
        question.answer();
    },
    answer(what) {
      const at = bench.questions.findIndex((question) => question.what === what);
      const [question] = at === -1 ? [] : bench.questions.splice(at, 1);
      if (question === undefined) throw new Error(`no question of ${what}`);
      question.answer();
    },
    later(ms) {
      const until = now.mono + ms;
      while (bench.dueMono <= until && session.phase !== 'ended') {
        const step = Math.max(0, bench.dueMono - now.mono);
        now.mono += step;
        now.wall += step;
        bench.dueMono = Number.POSITIVE_INFINITY;
        tick(session, now, io);
        bench.run();
      }
      now.wall += until - now.mono;
      now.mono = until;
    },
    ping() {
      bench.receive({ type: 'ping', clientTimeMs: 0 });
      bench.run();
    },
    end: () => ended(session, now, io),
    syncs() {
      const found = frames.slice(taken).filter((frame): frame is SyncFrame => frame.type === 'sync');
      taken = frames.length;
      return found;
    },
    ids: () => bench.syncs().flatMap((frame) => frame.oplogs.map((oplog) => oplog.id)),
    configure(next) {
      const version = catalogue.version + 1;
      const changes = updateCatalogue(catalogue, { version, instances: [instance], configs: next });
      reconfigured(session, changes[0]?.changedSlots ?? [], now, io);
      bench.run();
    },
    flush() {
      const updates = takeProgress(session);
      for (const { cursor } of updates) bench.saved.set(cursor.biz, cursor);
      return updates;
    },
  };
  return bench;
}

const HELLO: HelloFrame = {
  type: 'hello',
  protocol: 1,
  appId: 'app',
  workspaceId: 'ws',
  deviceId: DEVICE,
  adToken: '',
  deviceKey: new Uint8Array(0),
  userId: '',
  sessionId: '',
  os: 'ios',
  appVersion: '1.0',
  foreground: true,
  heartbeatSec: 0,
  syncPoints: [],
  model: '',
  sdkVersion: '',
};

function onWire(bench: Bench, points: readonly [SyncConfig, number][]): PointOnWire[] {
  return points.map(([of, point]) => ({ kind: bench.topic(of).point, biz: of.biz, point }));
}

/** A stored cursor of the bench's device, or of its user for single-device data. */
export function cursor(bench: Pick<Bench, 'topic'>, of: SyncConfig, fields: Partial<Cursor>): Cursor {
  const { point, ofUser } = bench.topic(of);
  return {
    kind: point,
    owner: ofUser ? USER : point === 'd' ? DEVICE : '',
    biz: of.biz,
    acked: 0,
    ackedMs: 0,
    attempts: 0,
    nextAttemptMs: 0,
    attemptOf: 0,
    suspectTo: 0,
    dead: [],
    recent: [],
    ...fields,
  };
}
