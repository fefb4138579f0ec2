/** Frames to the device: ServerFrame to bytes on the server, and back for the client and load tools. */
import { longlink } from '#proto';
import { CloseCode } from '../core/codes.js';
import type { ServerFrame } from '../core/frames.js';
import { type OplogBody, toOplogBody } from './oplog-body.js';
import { encodeSync } from './sync-encoder.js';
import { fromPoints, OWNER_NUMBER, toKind, toPoints, toSafe } from './values.js';
import { WireError } from './wire-error.js';

type SyncFrame = Extract<ServerFrame, { type: 'sync' }>;
type KickFrame = Extract<ServerFrame, { type: 'kick' }>;

/** An oplog as a device receives it. */
export interface ReceivedOplog extends OplogBody {
  readonly id: number;
}

/** A Sync as a device receives it. */
export type ReceivedSync = Omit<SyncFrame, 'oplogs'> & { readonly oplogs: readonly ReceivedOplog[] };

/** A Revoke as a device receives it. */
export type ReceivedRevoke = Extract<ServerFrame, { type: 'revoke' }>;

/** A frame as a device receives it. A Kick's code may be one that this version does not know. */
export type ReceivedFrame =
  | Exclude<ServerFrame, SyncFrame | KickFrame>
  | ReceivedSync
  | (Omit<KickFrame, 'code'> & { readonly code: number })
  /** A body, or a stream kind, that this version does not know: ignored (docs/protocol.md 1.5). */
  | { readonly type: 'unknown' };

const UNKNOWN: ReceivedFrame = { type: 'unknown' };
const NO_BYTES = new Uint8Array(0);

/** Bytes of a frame with its length prefix, in a buffer of its own or a slice of Node's pool. */
export function encodeServerFrame(frame: ServerFrame): Uint8Array {
  if (frame.type === 'sync') return encodeSync(frame);
  return longlink.ServerFrame.encode(fromFrame(frame)).ldelim().finish();
}

function fromFrame(frame: Exclude<ServerFrame, SyncFrame>): longlink.ServerFrame.$Properties {
  switch (frame.type) {
    case 'welcome': {
      const { type: _, correctedPoints, ...rest } = frame;
      return { welcome: { ...rest, correctedPoints: fromPoints(correctedPoints) } };
    }
    case 'result': {
      const { type: _, correctedPoints, names = [], ...rest } = frame;
      return { result: { ...rest, correctedPoints: fromPoints(correctedPoints), names: [...names] } };
    }
    case 'revoke':
      return {
        revoke: {
          messageIds: [...frame.messageIds],
          owner: OWNER_NUMBER[frame.kind],
          bizType: frame.biz,
          bindSeq: frame.bindSeq,
        },
      };
    case 'pong':
      return { pong: { clientTimeMs: frame.clientTimeMs, serverTimeMs: frame.serverTimeMs } };
    default: {
      const { type, ...rest } = frame;
      return { [type]: rest };
    }
  }
}

/**
 * Reads one frame from a server, without its length prefix. Nothing in the result aliases `bytes`.
 *
 * @throws {WireError} PROTOCOL_ERROR when it is no frame.
 */
export function decodeServerFrame(bytes: Uint8Array): ReceivedFrame {
  let message: longlink.ServerFrame;
  try {
    message = longlink.ServerFrame.decode(bytes);
  } catch (error) {
    throw new WireError(CloseCode.PROTOCOL_ERROR, `no frame: ${String(error)}`);
  }
  switch (message.body) {
    case 'sync':
      return toSync(message.sync ?? {});
    case 'welcome':
      return toWelcome(message.welcome ?? {});
    case 'result':
      return toResult(message.result ?? {});
    case 'kick':
      return toKick(message.kick ?? {});
    case 'pong':
      return {
        type: 'pong',
        clientTimeMs: toSafe(message.pong?.clientTimeMs),
        serverTimeMs: toSafe(message.pong?.serverTimeMs),
      };
    case 'revoke':
      return toRevoke(message.revoke ?? {});
    case 'command':
      return { type: 'command', name: message.command?.name ?? '', body: message.command?.body ?? '' };
    default:
      return UNKNOWN;
  }
}

function toSync(sync: longlink.Sync.$Properties): ReceivedFrame {
  const kind = toKind(sync.owner);
  if (kind === null) return UNKNOWN;
  return {
    type: 'sync',
    kind,
    biz: sync.bizType ?? '',
    bindSeq: sync.bindSeq ?? 0,
    from: toSafe(sync.from),
    through: toSafe(sync.through),
    oplogs: (sync.oplogs ?? []).map(toReceivedOplog),
    transient: sync.transient ?? false,
    late: sync.late ?? false,
    serverPoint: sync.serverPoint ?? false,
  };
}

function toRevoke(revoke: longlink.Revoke.$Properties): ReceivedFrame {
  const kind = toKind(revoke.owner);
  if (kind === null) return UNKNOWN;
  const { bizType, bindSeq, messageIds } = revoke;
  return { type: 'revoke', kind, biz: bizType ?? '', bindSeq: bindSeq ?? 0, messageIds: messageIds ?? [] };
}

function toReceivedOplog(oplog: longlink.Oplog.$Properties): ReceivedOplog {
  const body = toOplogBody(oplog);
  return { ...body, id: toSafe(oplog.id), payload: Uint8Array.from(body.payload) };
}

function toWelcome(welcome: longlink.Welcome.$Properties): ReceivedFrame {
  return {
    type: 'welcome',
    session: toSafe(welcome.session),
    adToken: welcome.adToken ?? '',
    deviceKey: welcome.deviceKey ? Uint8Array.from(welcome.deviceKey) : NO_BYTES,
    heartbeatSec: welcome.heartbeatSec ?? 0,
    serverTimeMs: toSafe(welcome.serverTimeMs),
    correctedPoints: toPoints(welcome.correctedPoints),
    bindSeq: welcome.bindSeq ?? 0,
    maxFrameBytes: welcome.maxFrameBytes ?? 0,
    userBound: welcome.userBound ?? false,
    result: welcome.result ?? '',
    boundUser: welcome.boundUser ?? '',
  };
}

function toResult(result: longlink.Result.$Properties): ReceivedFrame {
  return {
    type: 'result',
    request: result.request ?? 0,
    code: result.code ?? '',
    message: result.message ?? '',
    bindSeq: result.bindSeq ?? 0,
    correctedPoints: toPoints(result.correctedPoints),
    ...(result.names?.length ? { names: result.names } : {}),
  };
}

function toKick(kick: longlink.Kick.$Properties): ReceivedFrame {
  return {
    type: 'kick',
    code: kick.code ?? 0,
    reason: kick.reason ?? '',
    retryAfterMs: kick.retryAfterMs ?? 0,
    redirect: kick.redirect ?? '',
  };
}
