/** Frames from the device: bytes to ClientFrame on the server, and back for the client and load tools. */

import protobuf from 'protobufjs/minimal.js';
import { longlink } from '#proto';
import { CloseCode } from '../core/codes.js';
import type { ClientFrame, HelloFrame } from '../core/frames.js';
import { fromPoints, OWNER_NUMBER, toKind, toPoints, toSafe } from './values.js';
import { WireError } from './wire-error.js';

/** Bounds on what one frame may make the server hold. */
export interface DecodeLimits {
  /**
   * Sync points of one frame, and bizTypes of one UnregisterBiz. More, or a frame of hundreds of
   * other fields: TOO_MANY_SUBSCRIPTIONS.
   */
  readonly maxPoints: number;
}

/**
 * Fields at the top of one frame: a body, and room for what newer versions may add. Thousands of
 * empty bodies in one frame cost the generated decoder 10 ms.
 */
const MAX_TOP_FIELDS = 16;
/** Number of the last body of ClientFrame in proto/longlink.proto. */
const LAST_BODY = 14;
/** Fields of one body beside its sync points: a Hello has 15, capabilities are repeated. */
const MAX_OTHER_FIELDS = 100;

const UNKNOWN: ClientFrame = { type: 'unknown' };
const NO_BYTES = new Uint8Array(0);

/**
 * Reads one frame without its length prefix. Nothing in the result aliases `bytes`.
 *
 * Ids above Number.MAX_SAFE_INTEGER are clamped to it. Unknown fields are ignored; an unknown body,
 * no body, or an Ack of an unknown owner kind gives `{ type: 'unknown' }`. docs/protocol.md 1.5.
 *
 * @throws {WireError} PROTOCOL_ERROR when it is no frame, TOO_MANY_SUBSCRIPTIONS beyond the limits.
 */
export function decodeClientFrame(bytes: Uint8Array, limits: DecodeLimits): ClientFrame {
  let message: longlink.ClientFrame;
  try {
    checkFields(bytes, limits);
    message = longlink.ClientFrame.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) throw error;
    throw new WireError(CloseCode.PROTOCOL_ERROR, `no frame: ${String(error)}`);
  }
  return toFrame(message, limits);
}

/** Counts fields before the generated decoder makes an object of each. */
function checkFields(bytes: Uint8Array, limits: DecodeLimits): void {
  const reader = protobuf.Reader.create(bytes);
  for (let fields = 0; reader.pos < reader.len; fields += 1) {
    if (fields === MAX_TOP_FIELDS) throw new RangeError(`more than ${MAX_TOP_FIELDS} bodies`);
    const tag = reader.tag();
    const field = tag >>> 3;
    if ((tag & 7) === 2 && field <= LAST_BODY) checkBody(reader, reader.size(), limits);
    else reader.skipType(tag & 7, 0, field);
  }
}

function checkBody(reader: protobuf.Reader, length: number, limits: DecodeLimits): void {
  const end = reader.pos + length;
  const maxFields = limits.maxPoints + MAX_OTHER_FIELDS;
  for (let fields = 0; reader.pos < end; fields += 1) {
    if (fields === maxFields) throw tooMany(`more than ${maxFields} fields`);
    const tag = reader.tag();
    reader.skipType(tag & 7, 0, tag >>> 3);
  }
  if (reader.pos !== end) throw new RangeError('a field reaches beyond its body');
}

function tooMany(what: string): WireError {
  return new WireError(CloseCode.TOO_MANY_SUBSCRIPTIONS, what);
}

function toFrame(message: longlink.ClientFrame, limits: DecodeLimits): ClientFrame {
  // The commonest first. Of several bodies in one frame the generated code names the last.
  switch (message.body) {
    case 'ack':
      return toAck(message.ack ?? {});
    case 'ping':
      return { type: 'ping', clientTimeMs: toSafe(message.ping?.clientTimeMs) };
    case 'appState':
      return { type: 'appState', foreground: message.appState?.foreground ?? false };
    case 'hello':
      return toHello(message.hello ?? {}, limits);
    case 'bye':
      return { type: 'bye' };
    case 'reportToken':
    case 'reportEvent':
      return toReport(message);
    default:
      return toRequest(message, limits);
  }
}

function toAck(ack: longlink.Ack.$Properties): ClientFrame {
  const kind = toKind(ack.owner);
  if (kind === null) return UNKNOWN;
  return {
    type: 'ack',
    kind,
    biz: ack.bizType ?? '',
    bindSeq: ack.bindSeq ?? 0,
    through: toSafe(ack.through),
    transient: ack.transient ?? false,
    late: ack.late ?? false,
  };
}

function toHello(hello: longlink.Hello.$Properties, limits: DecodeLimits): HelloFrame {
  checkCount(hello.syncPoints, limits);
  return {
    type: 'hello',
    protocol: hello.protocol ?? 0,
    appId: hello.appId ?? '',
    workspaceId: hello.workspaceId ?? '',
    deviceId: hello.deviceId ?? '',
    adToken: hello.adToken ?? '',
    deviceKey: hello.deviceKey ? Uint8Array.from(hello.deviceKey) : NO_BYTES,
    userId: hello.userId ?? '',
    sessionId: hello.sessionId ?? '',
    os: hello.os ?? '',
    appVersion: hello.appVersion ?? '',
    foreground: hello.foreground ?? false,
    heartbeatSec: hello.heartbeatSec ?? 0,
    syncPoints: toPoints(hello.syncPoints),
    model: hello.model ?? '',
    sdkVersion: hello.sdkVersion ?? '',
  };
}

function toRequest(message: longlink.ClientFrame, limits: DecodeLimits): ClientFrame {
  switch (message.body) {
    case 'bindUser': {
      const body = message.bindUser ?? {};
      checkCount(body.syncPoints, limits);
      return {
        type: 'bindUser',
        request: body.request ?? 0,
        userId: body.userId ?? '',
        sessionId: body.sessionId ?? '',
        syncPoints: toPoints(body.syncPoints),
      };
    }
    case 'unbindUser':
      return { type: 'unbindUser', request: message.unbindUser?.request ?? 0 };
    case 'bindAlias':
    case 'unbindAlias': {
      const body = message[message.body] ?? {};
      return { type: message.body, request: body.request ?? 0, alias: body.alias ?? '' };
    }
    case 'listAliases':
      return { type: 'listAliases', request: message.listAliases?.request ?? 0 };
    case 'registerBiz': {
      const body = message.registerBiz ?? {};
      checkCount(body.syncPoints, limits);
      return { type: 'registerBiz', request: body.request ?? 0, syncPoints: toPoints(body.syncPoints) };
    }
    case 'unregisterBiz': {
      const body = message.unregisterBiz ?? {};
      checkCount(body.bizTypes, limits);
      return { type: 'unregisterBiz', request: body.request ?? 0, bizTypes: body.bizTypes ?? [] };
    }
    default:
      return UNKNOWN;
  }
}

function toReport(message: longlink.ClientFrame): ClientFrame {
  if (message.body === 'reportToken') {
    const body = message.reportToken ?? {};
    return {
      type: 'reportToken',
      request: body.request ?? 0,
      vendor: body.vendor ?? '',
      vendorToken: body.vendorToken ?? '',
      appVersion: body.appVersion ?? '',
      model: body.model ?? '',
    };
  }
  const body = message.reportEvent ?? {};
  return {
    type: 'reportEvent',
    request: body.request ?? 0,
    kind: body.kind ?? '',
    messageId: body.messageId ?? '',
    atMs: toSafe(body.atMs),
  };
}

function checkCount(list: readonly unknown[] | null | undefined, limits: DecodeLimits): void {
  const count = list?.length ?? 0;
  if (count > limits.maxPoints) {
    throw tooMany(`${count} entries, limit ${limits.maxPoints}`);
  }
}

/** Bytes of a frame with its length prefix, as a device sends it. `unknown` gives an empty frame. */
export function encodeClientFrame(frame: ClientFrame): Uint8Array {
  return longlink.ClientFrame.encode(fromFrame(frame)).ldelim().finish();
}

function fromFrame(frame: ClientFrame): longlink.ClientFrame.$Properties {
  switch (frame.type) {
    case 'hello': {
      const { type: _, syncPoints, ...rest } = frame;
      return { hello: { ...rest, syncPoints: fromPoints(syncPoints) } };
    }
    case 'ack': {
      const { type: _, kind, biz, ...rest } = frame;
      return { ack: { ...rest, owner: OWNER_NUMBER[kind], bizType: biz } };
    }
    case 'bindUser':
    case 'registerBiz': {
      const { type, syncPoints, ...rest } = frame;
      return { [type]: { ...rest, syncPoints: fromPoints(syncPoints) } };
    }
    case 'unregisterBiz':
      return { unregisterBiz: { request: frame.request, bizTypes: [...frame.bizTypes] } };
    case 'unknown':
      return {};
    default: {
      const { type, ...rest } = frame;
      return { [type]: rest };
    }
  }
}
