/**
 * Wakes and progress on the socket bus: there is one of each for nearly every message, and most of what
 * the serializer wrote of them was the names of their fields. As tuples they take half the time on both
 * sides. All other messages are rare and go as they are.
 */
import type { Cursor, Filter, Oplog, ReaderKey, StreamKey } from '../core/model.js';
import type { CursorUpdate, ProgressBatch, Wake } from '../core/ports.js';
import type { ToControl, ToWorker } from './messages.js';

type WakeMessage = Extract<ToWorker, { type: 'wake' | 'wakeAll' }>;
type ProgressMessage = Extract<ToControl, { type: 'progress' }>;

type PackedStream = [string, StreamKey['kind'], string, string];
type PackedOplog = [number, number, number, string, Filter | null, boolean, number, Uint8Array];
/** `sessions` is null for everybody. */
type WakeHead = ['w', readonly number[] | null, ...PackedStream, number, number, boolean];
/** Without or with the record that rides along. */
type PackedWake = WakeHead | [...WakeHead, ...PackedOplog];
const HEAD_LENGTH = 9;

type PackedCursor = [
  string,
  ReaderKey['kind'],
  string,
  Cursor['kind'],
  string,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  Cursor['dead'],
  Cursor['recent'],
];
type PackedProgress = ['p', number, PackedCursor[], ProgressBatch['dead'], ProgressBatch['events']];

/** What is serialized of a message. */
export function pack(message: ToControl | ToWorker): unknown {
  switch (message.type) {
    case 'wake':
      return packWake(message.sessions, message.wake);
    case 'wakeAll':
      return packWake(null, message.wake);
    case 'progress':
      return packProgress(message);
    default:
      return message;
  }
}

/** The message of what was serialized of it; both ends are one build, so nothing is checked. */
export function unpack(packed: unknown): unknown {
  if (!Array.isArray(packed)) return packed;
  return packed[0] === 'w' ? unpackWake(packed as PackedWake) : unpackProgress(packed as PackedProgress);
}

function packWake(
  sessions: readonly number[] | null,
  { stream, id, prev, oplog: o, transient }: Wake,
): PackedWake {
  const { instance, kind, owner, biz } = stream;
  if (o === null) return ['w', sessions, instance, kind, owner, biz, id, prev, transient];
  // Written out: to spread two tuples into one costs as much as all the rest.
  // biome-ignore format: one line for the wake, one for the record
  return [
    'w', sessions, instance, kind, owner, biz, id, prev, transient,
    o.id, o.acceptedMs, o.expiresMs, o.thirdMsgId, o.filter, o.traced, o.resendOf, o.body,
  ];
}

function unpackWake(packed: PackedWake): WakeMessage {
  const [, sessions, instance, kind, owner, biz, id, prev, transient] = packed;
  const oplog = packed.length === HEAD_LENGTH ? null : unpackOplog(packed);
  const wake = { stream: { instance, kind, owner, biz }, id, prev, oplog, transient };
  return sessions === null ? { type: 'wakeAll', wake } : { type: 'wake', sessions, wake };
}

function unpackOplog(packed: [...WakeHead, ...PackedOplog]): Oplog {
  return {
    id: packed[9],
    acceptedMs: packed[10],
    expiresMs: packed[11],
    thirdMsgId: packed[12],
    filter: packed[13],
    traced: packed[14],
    resendOf: packed[15],
    body: packed[16],
  };
}

function packProgress({ seq, batch }: ProgressMessage): PackedProgress {
  return ['p', seq, batch.cursors.map(packCursor), batch.dead, batch.events];
}

function packCursor({ reader: r, cursor: c }: CursorUpdate): PackedCursor {
  // biome-ignore format: one line for whose it is, one for where it stands
  return [
    r.instance, r.kind, r.id, c.kind, c.owner, c.biz,
    c.acked, c.ackedMs, c.attempts, c.nextAttemptMs, c.attemptOf, c.suspectTo, c.dead, c.recent,
  ];
}

function unpackProgress([, seq, cursors, dead, events]: PackedProgress): ProgressMessage {
  return { type: 'progress', seq, batch: { cursors: cursors.map(unpackCursor), dead, events } };
}

function unpackCursor(packed: PackedCursor): CursorUpdate {
  return {
    reader: { instance: packed[0], kind: packed[1], id: packed[2] },
    cursor: {
      kind: packed[3],
      owner: packed[4],
      biz: packed[5],
      acked: packed[6],
      ackedMs: packed[7],
      attempts: packed[8],
      nextAttemptMs: packed[9],
      attemptOf: packed[10],
      suspectTo: packed[11],
      dead: packed[12],
      recent: packed[13],
    },
  };
}
