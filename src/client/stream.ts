/** One stream as the device keeps it: its points, what waits for the app, and how both are stored. */
import type { PointKind } from '../core/model.js';
import type { PayloadItem, SyncMessage } from './message.js';
import type { StorageWrite } from './storage.js';

/** A message that the app has not reported. */
export interface Held {
  readonly id: number;
  readonly item: PayloadItem;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
  readonly late: boolean;
  /** Position before it in its stream: the record before, or where its batch began. */
  before: number;
  readonly bytes: number;
  /** Only what a crash cannot take back is handed over. */
  durable: boolean;
  /** Handed over on this connection. */
  handed: boolean;
}

export interface Stream {
  readonly kind: PointKind;
  /** User for `u` and `gu`, device id otherwise: points of one user never serve another. */
  readonly owner: string;
  readonly biz: string;
  /** The highest id stored or passed over. */
  received: number;
  /** The highest id that the server may forget. What Hello names. */
  acked: number;
  /** Ids that the app has not reported and the server waits for, ascending: acks stop before the first. */
  pending: number[];
  /** By id, in the order of arrival. */
  readonly held: Map<number, Held>;
  /** The highest id received when the app was updated last, or 0: nothing above it is late. */
  lateBelow: number;
  /** Ids of late records that were stored, with the wall-clock ms; they lie below the point. */
  readonly late: Map<number, number>;
  /** Late records of this connection that the app has not reported, and the end of their batches. */
  readonly lateOpen: Set<number>;
  lateThrough: number;
}

export function createStream(kind: PointKind, owner: string, biz: string): Stream {
  return {
    kind,
    owner,
    biz,
    received: 0,
    acked: 0,
    pending: [],
    held: new Map(),
    lateBelow: 0,
    late: new Map(),
    lateOpen: new Set(),
    lateThrough: 0,
  };
}

/** Whether the stream belongs to the bound user, and not to the device. */
export function isOfUser(kind: PointKind): boolean {
  return kind === 'u' || kind === 'gu';
}

export function streamName(kind: PointKind, owner: string, biz: string): string {
  return JSON.stringify([kind, owner, biz]);
}

/** The message as the app sees it. */
export function toMessage(stream: Stream, held: Held): SyncMessage {
  return {
    biz: stream.biz,
    userId: isOfUser(stream.kind) ? stream.owner : '',
    msgData: JSON.stringify([held.item]),
    thirdMsgId: held.thirdMsgId,
    oplogId: held.id,
    acceptedMs: held.acceptedMs,
    kind: stream.kind,
    transient: false,
  };
}

/** Moves `acked` up to the first record that is not reported: all before it is reported or passed over. */
export function advance(stream: Stream): void {
  const [first] = stream.pending;
  const position = first === undefined ? stream.received : (stream.held.get(first)?.before ?? 0);
  stream.acked = Math.max(stream.acked, position);
}

/**
 * Drops what waits for the app of the messages with these ids.
 *
 * @returns what was dropped, and what that changes in the database.
 */
export function dropRevoked(
  stream: Stream,
  thirdMsgIds: readonly string[],
): { readonly bytes: number; readonly writes: StorageWrite[] } {
  const dropped = [...stream.held.values()].filter(({ thirdMsgId }) => thirdMsgIds.includes(thirdMsgId));
  const { acked } = stream;
  for (const { id } of dropped) {
    stream.held.delete(id);
    stream.lateOpen.delete(id);
  }
  const ids = dropped.map(({ id }) => id);
  stream.pending = stream.pending.filter((id) => !ids.includes(id));
  advance(stream);
  const writes = ids.map((id) => dropMessage(stream, id));
  if (stream.acked !== acked) writes.push(putPoint(stream));
  return { bytes: dropped.reduce((sum, { bytes }) => sum + bytes, 0), writes };
}

/** Whether a late record was here before: the server repeats them until it knows that all have arrived. */
export function isLateAgain(stream: Stream, id: number): boolean {
  // Above where the device stood at its last update it came in its place.
  return stream.late.has(id) || stream.held.has(id) || id > stream.lateBelow;
}

/**
 * Takes the server's word for where the device stands (docs/protocol.md 4.5, 5.4).
 *
 * @returns what that changes in the database.
 */
export function adoptPoint(stream: Stream, point: number): StorageWrite {
  stream.pending = [];
  stream.received = point;
  stream.acked = point;
  return putPoint(stream);
}

// ── How it is stored ────────────────────────────────────────────────────────────────────────

type Part = 'point' | 'message' | 'late';
interface StoredMessage {
  readonly item: PayloadItem;
  readonly third: string;
  readonly at: number;
  readonly late?: true;
  readonly before: number;
}

function key(part: Part, stream: Stream, id = 0): string {
  return JSON.stringify([part, stream.kind, stream.owner, stream.biz, ...(id === 0 ? [] : [id])]);
}

export function putPoint(stream: Stream): StorageWrite {
  return [key('point', stream), JSON.stringify([stream.acked, stream.received, stream.lateBelow])];
}

export function putMessage(stream: Stream, held: Held): StorageWrite {
  const { item, thirdMsgId: third, acceptedMs: at, before } = held;
  const stored: StoredMessage = { item, third, at, before, ...(held.late ? { late: true as const } : {}) };
  return [key('message', stream, held.id), JSON.stringify(stored)];
}

export function dropMessage(stream: Stream, id: number): StorageWrite {
  return [key('message', stream, id), null];
}

export function putLate(stream: Stream, id: number, atMs: number): StorageWrite {
  return [key('late', stream, id), String(atMs)];
}

export function dropLate(stream: Stream, id: number): StorageWrite {
  return [key('late', stream, id), null];
}

/** Builds the streams from a database. Keys of other parts of the SDK are left alone. */
export function readStreams(content: ReadonlyMap<string, string>): Map<string, Stream> {
  const streams = new Map<string, Stream>();
  for (const [name, value] of content) {
    if (!name.startsWith('[')) continue;
    const [part, kind, owner, biz, id = 0] = JSON.parse(name) as [Part, PointKind, string, string, number?];
    const stream = find(streams, kind, owner, biz);
    readEntry(stream, part, id, value);
  }
  for (const stream of streams.values()) readPending(stream);
  return streams;
}

/** The stream of that name, made when missing. */
export function find(streams: Map<string, Stream>, kind: PointKind, owner: string, biz: string): Stream {
  const name = streamName(kind, owner, biz);
  const existing = streams.get(name);
  if (existing !== undefined) return existing;
  const stream = createStream(kind, owner, biz);
  streams.set(name, stream);
  return stream;
}

function readEntry(stream: Stream, part: Part, id: number, value: string): void {
  switch (part) {
    case 'point':
      [stream.acked, stream.received, stream.lateBelow = 0] = JSON.parse(value) as [number, number, number?];
      return;
    case 'message': {
      const { item, third, at, before, late = false } = JSON.parse(value) as StoredMessage;
      const bytes = item.pl.length;
      stream.held.set(id, {
        id,
        item,
        thirdMsgId: third,
        acceptedMs: at,
        late,
        before,
        bytes,
        durable: true,
        handed: false,
      });
      return;
    }
    case 'late':
      stream.late.set(id, Number(value));
      return;
  }
}

/**
 * A message between the points waits for its ack; one below `acked` was acknowledged when it was
 * stored, and one above `received` was overtaken by a corrected point.
 */
function readPending(stream: Stream): void {
  for (const { id, late } of stream.held.values()) {
    if (!late && id > stream.acked && id <= stream.received) stream.pending.push(id);
  }
  stream.pending.sort((a, b) => a - b);
}
