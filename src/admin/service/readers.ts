/** Whose acknowledgement counts for a stream, and how far each of them is. */

import { boundSince } from '../../core/device-bindings.js';
import type { Cursor, DeviceRecord, Oplog, ReaderKey } from '../../core/model.js';
import { pointKind, readerIsUser, type StreamKey, type SyncConfig } from '../../core/model.js';
import { matches, normalizeOs, parseVersion, uidNumber } from '../../core/targeting.js';
import type { Fleet } from '../options.js';
import type { ServiceContext } from './context.js';

/** Readers of global data that are looked at; a message for everybody has too many to list. */
const MAX_GLOBAL_READERS = 100;

/** One reader of a stream, as it stands. */
export interface ReaderState {
  readonly reader: ReaderKey;
  readonly online: boolean;
  /** Null for a user, and for a device that is not known. */
  readonly device: DeviceRecord | null;
  /** Its cursor in this stream, or null when it has none yet. */
  readonly cursor: Cursor | null;
  /** User whose data it is, for the uid filter; empty for data of a device. */
  readonly user: string;
}

/**
 * The readers of a stream that can be named: the user of single-device data, the device of device
 * data, the known devices of a user, and of global data those online now and those asked for.
 */
export async function readersOf(
  context: ServiceContext,
  fleet: Fleet,
  stream: StreamKey,
  config: SyncConfig,
  also: readonly string[],
): Promise<ReaderState[]> {
  const { instance } = stream;
  if (readerIsUser(config)) {
    const reader: ReaderKey = { instance, kind: 'u', id: stream.owner };
    const online = (await fleet.find(instance, { user: stream.owner })).length > 0;
    const cursor = await cursorIn(context, reader, stream, config, stream.owner);
    return [{ reader, online, device: null, cursor, user: stream.owner }];
  }
  const devices = new Set([...(await deviceIds(context, fleet, stream)), ...also]);
  const states: ReaderState[] = [];
  for (const id of devices) states.push(await deviceState(context, fleet, stream, config, id));
  return states;
}

async function deviceIds(context: ServiceContext, fleet: Fleet, stream: StreamKey): Promise<string[]> {
  const { instance, owner } = stream;
  switch (stream.kind) {
    case 'd':
      return [owner];
    case 't': {
      const device = await context.store.device(instance, { adToken: owner });
      return device === null ? [] : [device.deviceId];
    }
    case 'u': {
      const online = await fleet.find(instance, { user: owner });
      return [
        ...online.map((route) => route.deviceId),
        ...(await context.bindings.devicesOf(instance, owner)),
      ];
    }
    case 'g':
      return (await fleet.list(instance, MAX_GLOBAL_READERS)).map((route) => route.deviceId);
  }
}

async function deviceState(
  context: ServiceContext,
  fleet: Fleet,
  stream: StreamKey,
  config: SyncConfig,
  deviceId: string,
): Promise<ReaderState> {
  const { instance } = stream;
  const reader: ReaderKey = { instance, kind: 'd', id: deviceId };
  const device = await context.store.device(instance, { deviceId });
  const [route] = await fleet.find(instance, { deviceId });
  const user = config.object === 'device' ? '' : stream.kind === 'u' ? stream.owner : (device?.user ?? '');
  const owner = stream.kind === 'g' ? user : stream.owner;
  const online = route !== undefined && (stream.kind !== 'u' || route.user === stream.owner);
  const cursor = await cursorIn(context, reader, stream, config, owner);
  return { reader, online, device, cursor, user };
}

async function cursorIn(
  context: ServiceContext,
  reader: ReaderKey,
  stream: StreamKey,
  config: SyncConfig,
  owner: string,
): Promise<Cursor | null> {
  const kind = pointKind(config);
  const cursors = await context.store.cursors(reader);
  return (
    cursors.find((cursor) => cursor.kind === kind && cursor.biz === stream.biz && cursor.owner === owner) ??
    null
  );
}

export type ReaderVerdict = 'acked' | 'dead' | 'filtered' | 'open';

/** What became of a record for a reader, from its cursor and the record's filter. */
export function verdictOf(state: ReaderState, oplog: Oplog): ReaderVerdict {
  const { cursor, device } = state;
  if (cursor?.dead.includes(oplog.id)) return 'dead';
  if (device !== null && oplog.filter !== null) {
    const subject = {
      os: normalizeOs(device.os),
      version: parseVersion(device.appVersion),
      uid: uidNumber(state.user === '' ? device.deviceId : state.user),
      boundMs: boundSince(device),
    };
    if (!matches(oplog.filter, subject)) return 'filtered';
  }
  return cursor !== null && cursor.acked >= oplog.id ? 'acked' : 'open';
}

/**
 * When the reader's point passed the record, from its recent advances: exact when the advance before
 * it is remembered too, else the latest it can have been.
 */
export function ackTime(cursor: Cursor, id: number): { readonly atMs: number; readonly exact: boolean } {
  const at = cursor.recent.findIndex(([through]) => through >= id);
  const advance = cursor.recent[at];
  if (advance === undefined) return { atMs: cursor.ackedMs, exact: false };
  return { atMs: advance[1], exact: at > 0 };
}
