/**
 * What happens to data on the device: stored, handed over, reported, acknowledged, in that order.
 * It knows nothing of sockets. docs/protocol.md 4 and 5; docs/client.md, "What the SDK promises".
 */
import type { PointOnWire } from '../core/frames.js';
import type { PointKind } from '../core/model.js';
import type { ReceivedOplog, ReceivedRevoke, ReceivedSync } from '../wire/frames.js';
import { type Ack, type AckDue, type AckQueue, createAckQueue } from './acks.js';
import { type Revocation, type SyncMessage, toPayloadItem } from './message.js';
import type { ClientStorage, StorageWrite } from './storage.js';
import type { Held, Stream } from './stream.js';
import * as streams from './stream.js';
import { createTransientInbox, type TransientInbox } from './transient.js';

export interface InboxOptions {
  readonly storage: ClientStorage;
  readonly deviceId: string;
  /** Bytes of payload kept for the app. Beyond it nothing is accepted and the server keeps it. */
  readonly maxStoredBytes: number;
  /** Gives a message to whoever registered its bizType. Must not throw. */
  handOver(message: SyncMessage): void;
  /** Sends an ack if connected. */
  sendAck(ack: Ack): void;
  /** A report could not be stored: the message will be handed over again. */
  failed(error: Error): void;
}

export interface Inbox {
  /** Sets the user whose data may be handed over; empty for nobody. */
  setUser(user: string): void;
  /** The server has bound the user set last under `bindSeq`; null while it has not. */
  setBound(bindSeq: number | null): void;
  /**
   * Takes a Sync: resolves when it is durable and handed over.
   *
   * @throws {Error} (as rejection) when the database failed. What it holds is unknown then.
   */
  accept(sync: ReceivedSync): Promise<void>;
  /**
   * Takes messages back: what is not reported of them is dropped, for good when this resolves. Null when
   * it is of no concern to the bound user.
   *
   * @throws {Error} (as rejection) when the database failed.
   */
  revoke(revoke: ReceivedRevoke): Promise<Revocation | null>;
  /** The app has processed the message. */
  report(message: SyncMessage): void;
  register(biz: string): void;
  unregister(biz: string): void;
  /** Points for a Hello, or for a BindUser when only those of the user are wanted. */
  points(of: 'all' | 'user'): PointOnWire[];
  /** Takes over points that the server corrected. */
  adopt(points: readonly PointOnWire[]): Promise<void>;
  /** Sends the acks that wait: before a Bye. */
  flushAcks(): void;
  /** Resolves when the reports made so far are stored, so that `flushAcks` has their acks. */
  settled(): Promise<void>;
  /** A connection stands: what was not reported on the one before is handed over again. */
  connected(): void;
  disconnected(): void;
}

interface State {
  readonly options: InboxOptions;
  readonly streams: Map<string, Stream>;
  readonly registered: Set<string>;
  readonly transient: TransientInbox;
  user: string;
  bindSeq: number | null;
  storedBytes: number;
  readonly acks: AckQueue;
  /** Connections so far. */
  connections: number;
  /** Reports on their way into the database. */
  readonly reports: Set<Promise<void>>;
}

/** Builds the inbox from what the storage gave at `load`. */
export function createInbox(options: InboxOptions, content: ReadonlyMap<string, string>): Inbox {
  const state: State = {
    options,
    streams: streams.readStreams(content),
    registered: new Set(),
    transient: createTransientInbox(),
    user: '',
    bindSeq: null,
    storedBytes: 0,
    acks: createAckQueue((ack) => sendAck(state, ack)),
    connections: 0,
    reports: new Set(),
  };
  for (const stream of state.streams.values())
    for (const held of stream.held.values()) state.storedBytes += held.bytes;
  return {
    setUser: (user) => setUser(state, user),
    setBound(bindSeq) {
      state.bindSeq = bindSeq;
    },
    accept: (sync) => accept(state, sync),
    revoke: (frame) => revoke(state, frame),
    report: (message) => report(state, message),
    register(biz) {
      state.registered.add(biz);
      for (const stream of state.streams.values()) if (stream.biz === biz) deliver(state, stream);
      for (const message of state.transient.take(biz)) options.handOver(message);
    },
    unregister: (biz) => void state.registered.delete(biz),
    points: (of) => points(state, of),
    adopt: (corrected) => adopt(state, corrected),
    flushAcks: () => state.acks.flush(),
    async settled() {
      await Promise.all(state.reports);
    },
    connected() {
      state.connections += 1;
      // Before the first one, what was stored has been handed over already.
      if (state.connections > 1) handOverAgain(state, () => true);
    },
    disconnected() {
      state.bindSeq = null;
      state.acks.clear();
      state.transient.disconnected();
      for (const stream of state.streams.values()) stream.lateOpen.clear();
    },
  };
}

function ownerOf(state: State, kind: PointKind): string {
  return streams.isOfUser(kind) ? state.user : state.options.deviceId;
}

/** Whether data of the stream may be handed over now: nothing of an earlier user is. */
function mayHandOver(state: State, stream: Stream): boolean {
  return stream.owner === ownerOf(state, stream.kind) && stream.owner !== '';
}

function setUser(state: State, user: string): void {
  if (user === state.user) return;
  state.user = user;
  state.bindSeq = null;
  state.transient.userChanged();
  handOverAgain(state, (stream) => streams.isOfUser(stream.kind));
}

function handOverAgain(state: State, which: (stream: Stream) => boolean): void {
  for (const stream of state.streams.values()) {
    if (!which(stream)) continue;
    for (const held of stream.held.values()) held.handed = false;
    deliver(state, stream);
  }
}

/** Hands over what is durable and was not handed over yet. The callback may change anything meanwhile. */
function deliver(state: State, stream: Stream): void {
  for (const held of stream.held.values()) {
    if (!mayHandOver(state, stream) || !state.registered.has(stream.biz)) return;
    if (held.handed || !held.durable) continue;
    held.handed = true;
    state.options.handOver(streams.toMessage(stream, held));
  }
}

async function accept(state: State, sync: ReceivedSync): Promise<void> {
  // Clause 3.3: what was sent for an earlier binding is nobody's any more.
  if (streams.isOfUser(sync.kind) && (state.bindSeq !== sync.bindSeq || state.user === '')) return;
  if (sync.transient) {
    acceptTransient(state, sync);
    return;
  }
  const stream = streams.find(state.streams, sync.kind, ownerOf(state, sync.kind), sync.biz);
  const bytes = sync.oplogs.reduce((sum, oplog) => sum + oplog.payload.length, 0);
  if (bytes > 0 && state.storedBytes + bytes > state.options.maxStoredBytes) return;
  if (sync.late) await acceptLate(state, stream, sync);
  else await acceptNext(state, stream, sync);
}

async function acceptNext(state: State, stream: Stream, sync: ReceivedSync): Promise<void> {
  const writes: StorageWrite[] = [];
  if (sync.from > stream.received) {
    // Clause 5.4: something before it is missing; the server sends it again from our last ack.
    if (!sync.serverPoint) return;
    writes.push(streams.adoptPoint(stream, sync.from));
  }
  const before = [stream.received, stream.acked];
  const inBatch = new Set(sync.oplogs.map(({ id }) => id));
  // Clause 5.7: what lies in the range of a batch and not in it was given up, expired or revoked.
  stream.pending = stream.pending.filter((id) => id <= sync.from || id > sync.through || inBatch.has(id));
  const fresh: Held[] = [];
  let position = sync.from;
  for (const oplog of sync.oplogs) {
    if (oplog.id > stream.received && !stream.late.has(oplog.id)) {
      const held = stream.held.get(oplog.id) ?? hold(state, stream, oplog, false);
      held.before = position;
      fresh.push(held);
      stream.pending.push(oplog.id);
    }
    position = oplog.id;
  }
  stream.received = Math.max(stream.received, sync.through);
  // Nobody has registered the bizType: it lies in our database, and that is enough.
  if (!state.registered.has(stream.biz)) stream.pending = [];
  streams.advance(stream);
  const { acked } = stream;
  writes.push(...fresh.map((held) => streams.putMessage(stream, held)));
  if (stream.received !== before[0] || acked !== before[1]) writes.push(streams.putPoint(stream));
  if (writes.length > 0) await state.options.storage.write(writes);
  for (const held of fresh) held.durable = true;
  if (acked > sync.from || acked >= sync.through) ack(state, stream, acked);
  deliver(state, stream);
}

async function acceptLate(state: State, stream: Stream, sync: ReceivedSync): Promise<void> {
  const fresh: Held[] = [];
  const writes: StorageWrite[] = [];
  for (const oplog of sync.oplogs) {
    if (!streams.isLateAgain(stream, oplog.id)) {
      stream.late.set(oplog.id, Date.now());
      const held = hold(state, stream, oplog, true);
      fresh.push(held);
      writes.push(streams.putMessage(stream, held), streams.putLate(stream, oplog.id, Date.now()));
    }
    if (stream.held.has(oplog.id) && state.registered.has(stream.biz)) stream.lateOpen.add(oplog.id);
  }
  stream.lateThrough = Math.max(stream.lateThrough, sync.through);
  if (writes.length > 0) await state.options.storage.write(writes);
  for (const held of fresh) held.durable = true;
  if (stream.lateOpen.size === 0) ack(state, stream, stream.lateThrough, 'late');
  deliver(state, stream);
}

function acceptTransient(state: State, sync: ReceivedSync): void {
  const { messages, through } = state.transient.accept(sync, state.user, state.registered.has(sync.biz));
  if (through > 0) ack(state, { ...sync, owner: ownerOf(state, sync.kind) }, through, 'transient');
  for (const message of messages) state.options.handOver(message);
}

function hold(state: State, stream: Stream, oplog: ReceivedOplog, late: boolean): Held {
  const { id, thirdMsgId, acceptedMs } = oplog;
  const bytes = oplog.payload.length;
  const item = toPayloadItem(oplog);
  const held: Held = {
    id,
    item,
    thirdMsgId,
    acceptedMs,
    late,
    before: 0,
    bytes,
    durable: false,
    handed: false,
  };
  stream.held.set(id, held);
  state.storedBytes += bytes;
  return held;
}

async function revoke(state: State, { kind, biz, bindSeq, messageIds }: ReceivedRevoke) {
  const isOfUser = streams.isOfUser(kind);
  // Clause 3.3, as for a Sync.
  if (isOfUser && (state.bindSeq !== bindSeq || state.user === '')) return null;
  const owner = ownerOf(state, kind);
  const stream = streams.find(state.streams, kind, owner, biz);
  const { acked } = stream;
  const { bytes, writes } = streams.dropRevoked(stream, messageIds);
  state.storedBytes -= bytes;
  if (writes.length > 0) await state.options.storage.write(writes);
  if (stream.acked !== acked) ack(state, stream, stream.acked);
  return { biz, kind, userId: isOfUser ? owner : '', thirdMsgIds: messageIds };
}

function report(state: State, message: SyncMessage): void {
  const owner = streams.isOfUser(message.kind) ? message.userId : state.options.deviceId;
  if (message.transient) {
    const through = state.transient.report(message);
    if (through > 0) ack(state, { ...message, owner }, through, 'transient');
    return;
  }
  const stream = state.streams.get(streams.streamName(message.kind, owner, message.biz));
  const held = stream?.held.get(message.oplogId);
  if (stream === undefined || held === undefined) return;
  stream.held.delete(held.id);
  state.storedBytes -= held.bytes;
  const writes = [streams.dropMessage(stream, held.id)];
  const before = stream.acked;
  stream.pending = stream.pending.filter((id) => id !== held.id);
  streams.advance(stream);
  const { acked } = stream;
  if (acked !== before) writes.push(streams.putPoint(stream));
  const lateDone = stream.lateOpen.delete(held.id) && stream.lateOpen.size === 0;
  const stored = state.options.storage.write(writes).then(
    () => {
      if (acked !== before) ack(state, stream, acked);
      if (lateDone) ack(state, stream, stream.lateThrough, 'late');
    },
    (error: unknown) => state.options.failed(error instanceof Error ? error : new Error(String(error))),
  );
  state.reports.add(stored);
  void stored.finally(() => state.reports.delete(stored));
}

function ack(
  state: State,
  { kind, owner, biz }: Pick<AckDue, 'kind' | 'owner' | 'biz'>,
  through: number,
  flag: AckDue['flag'] = '',
): void {
  state.acks.add({ kind, owner, biz, through, flag });
}

/** Never for a user who is not bound on this connection: it could touch the next one's data (clause 5.5). */
function sendAck(state: State, due: AckDue): void {
  const { kind, owner, biz, through, flag } = due;
  if (owner !== ownerOf(state, kind)) return;
  if (streams.isOfUser(kind) && state.bindSeq === null) return;
  const bindSeq = state.bindSeq ?? 0;
  state.options.sendAck({
    type: 'ack',
    kind,
    biz,
    bindSeq,
    through,
    transient: flag === 'transient',
    late: flag === 'late',
  });
}

function points(state: State, of: 'all' | 'user'): PointOnWire[] {
  const named: PointOnWire[] = [];
  for (const stream of state.streams.values()) {
    if (stream.acked === 0 || !mayHandOver(state, stream)) continue;
    if (of === 'user' && !streams.isOfUser(stream.kind)) continue;
    named.push({ kind: stream.kind, biz: stream.biz, point: stream.acked });
  }
  return named;
}

async function adopt(state: State, corrected: readonly PointOnWire[]): Promise<void> {
  const writes: StorageWrite[] = [];
  for (const { kind, biz, point } of corrected) {
    const owner = ownerOf(state, kind);
    if (owner === '') continue;
    writes.push(streams.adoptPoint(streams.find(state.streams, kind, owner, biz), point));
  }
  if (writes.length > 0) await state.options.storage.write(writes);
}
