/**
 * Reads Sync frames without making objects: the load must cost less than what it loads. Field numbers
 * and wire types of proto/longlink.proto; anything else in a frame is skipped.
 */

/** A Sync frame as last read by `readSync`. */
export interface SyncView {
  owner: number;
  bizAt: number;
  bizBytes: number;
  bindSeq: number;
  from: number;
  through: number;
  /** The bytes of `through`, for the ack. */
  throughAt: number;
  throughBytes: number;
  transient: boolean;
  late: boolean;
  serverPoint: boolean;
  /** Records: id, start and length of the payload of each. */
  readonly ids: number[];
  readonly payloadAt: number[];
  readonly payloadBytes: number[];
}

export function createSyncView(): SyncView {
  return {
    owner: 0,
    bizAt: 0,
    bizBytes: 0,
    bindSeq: 0,
    from: 0,
    through: 0,
    throughAt: 0,
    throughBytes: 0,
    transient: false,
    late: false,
    serverPoint: false,
    ids: [],
    payloadAt: [],
    payloadBytes: [],
  };
}

const TAG_SYNC = 0x1a;
const BYTES = 2;
const VARINT = 0;

let position = 0;

function readVarint(bytes: Buffer): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[position] ?? 0;
    position += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
}

/** @returns false when the frame (without its length) is no Sync. */
export function readSync(bytes: Buffer, view: SyncView): boolean {
  if (bytes[0] !== TAG_SYNC) return false;
  position = 1;
  const end = readVarint(bytes) + position;
  view.owner = view.bizAt = view.bizBytes = view.bindSeq = view.from = view.through = view.throughBytes = 0;
  view.transient = view.late = view.serverPoint = false;
  view.ids.length = view.payloadAt.length = view.payloadBytes.length = 0;
  while (position < end) readField(bytes, view);
  return true;
}

function readField(bytes: Buffer, view: SyncView): void {
  const tag = readVarint(bytes);
  const field = tag >>> 3;
  if ((tag & 7) === BYTES) {
    const length = readVarint(bytes);
    const start = position;
    if (field === 2) {
      view.bizAt = start;
      view.bizBytes = length;
    } else if (field === 6) readOplog(bytes, start + length, view);
    position = start + length;
    return;
  }
  const start = position;
  const value = readVarint(bytes);
  if (field === 1) view.owner = value;
  else if (field === 3) view.bindSeq = value;
  else if (field === 4) view.from = value;
  else if (field === 5) {
    view.through = value;
    view.throughAt = start;
    view.throughBytes = position - start;
  } else if (field === 7) view.transient = value !== 0;
  else if (field === 8) view.late = value !== 0;
  else if (field === 9) view.serverPoint = value !== 0;
}

function readOplog(bytes: Buffer, end: number, view: SyncView): void {
  let id = 0;
  let at = 0;
  let length = 0;
  while (position < end) {
    const tag = readVarint(bytes);
    const value = readVarint(bytes);
    if ((tag & 7) === VARINT) {
      if (tag >>> 3 === 1) id = value;
      continue;
    }
    if (tag >>> 3 === 2) {
      at = position;
      length = value;
    }
    position += value;
  }
  view.ids.push(id);
  view.payloadAt.push(at);
  view.payloadBytes.push(length);
}
