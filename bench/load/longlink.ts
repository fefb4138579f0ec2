/** The device's side of docs/protocol.md, as lean as a correct one can be. */
import { decodeServerFrame, encodeClientFrame, takeFrame } from '../../src/wire/frames.js';
import type { Recorder } from '../../test/history/recorder.js';
import { type AckWriter, ackOf, createAckWriter } from './ack-writer.js';
import { connectionName, type Device, kicked, welcomed } from './device.js';
import { deviceName, type Head, messageName, readHead, userName } from './payload.js';
import type { Protocol } from './protocol.js';
import { createSyncView, readSync, type SyncView } from './sync-reader.js';
import { judge } from './tally.js';

/** The instance and the three streams that the load uses. */
export const APP = 'bench';
export const WORKSPACE = 'load';
export const INSTANCE = `${WORKSPACE}_${APP}`;
export const USER_BIZ = 'bench-user';
export const DEVICE_BIZ = 'bench-device';
export const GLOBAL_BIZ = 'bench-global';

const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Numbers of the owner kinds on the wire. docs/protocol.md 4.1. */
const OWNER_USER = 1;
const OWNER_DEVICE = 2;
const OWNER_GLOBAL = 4;

const head: Head = { device: 0, sequence: 0, dueUs: 0 };

export interface LonglinkRules {
  /** Name sync points of all three streams in the Hello, as a device with a past does. */
  readonly syncPoints: boolean;
  readonly heartbeatSec: number;
}

export function createLonglink(rules: LonglinkRules): Protocol {
  const view = createSyncView();
  const acks = new Map<number, AckWriter>([
    [OWNER_USER, createAckWriter('u', USER_BIZ)],
    [OWNER_DEVICE, createAckWriter('d', DEVICE_BIZ)],
    [OWNER_GLOBAL, createAckWriter('g', GLOBAL_BIZ)],
  ]);
  const ping = encodeClientFrame({ type: 'ping', clientTimeMs: 0 });
  return {
    hello: (device) => helloOf(device, rules),
    take(device, chunk) {
      const cursor = { chunk, offset: 0 };
      for (;;) {
        const frame = takeFrame(device, cursor, MAX_FRAME_BYTES);
        if (frame === null) return;
        if (readSync(frame, view)) takeSync(device, frame, view, acks);
        else takeOther(device, frame);
      }
    },
    ping: () => ping,
  };
}

function helloOf(device: Device, { syncPoints, heartbeatSec }: LonglinkRules): Uint8Array {
  const { userPoint, devicePoint, globalPoint, index } = device;
  return encodeClientFrame({
    type: 'hello',
    protocol: 1,
    appId: APP,
    workspaceId: WORKSPACE,
    deviceId: deviceName(index),
    adToken: device.adToken,
    deviceKey: device.deviceKey,
    userId: userName(index),
    sessionId: 's',
    os: 'android',
    appVersion: '1.0.0',
    foreground: true,
    heartbeatSec,
    syncPoints: syncPoints
      ? [
          { kind: 'u', biz: USER_BIZ, point: userPoint },
          { kind: 'd', biz: DEVICE_BIZ, point: devicePoint },
          { kind: 'g', biz: GLOBAL_BIZ, point: globalPoint },
        ]
      : [],
    model: 'load',
    sdkVersion: '0',
  });
}

function takeOther(device: Device, bytes: Buffer): void {
  const frame = decodeServerFrame(bytes);
  if (frame.type === 'kick') kicked(device, frame.code, frame.retryAfterMs);
  if (frame.type !== 'welcome') return;
  device.adToken = frame.adToken;
  if (frame.deviceKey.length > 0) device.deviceKey = Uint8Array.from(frame.deviceKey);
  for (const { kind, point } of frame.correctedPoints) {
    setPoint(device, kind === 'u' ? OWNER_USER : kind === 'd' ? OWNER_DEVICE : OWNER_GLOBAL, point);
  }
  welcomed(device);
  const { recorder } = device.fleet.shared;
  const sp = {
    [USER_BIZ]: device.userPoint,
    [DEVICE_BIZ]: device.devicePoint,
    [GLOBAL_BIZ]: device.globalPoint,
  };
  const who = {
    dev: deviceName(device.index),
    user: userName(device.index),
    os: 'android',
    ver: '1.0.0',
    sp,
  };
  recorder?.write({ e: 'conn', c: connectionName(device), app: APP, ws: WORKSPACE, ...who });
}

function pointOf(device: Device, owner: number): number {
  return owner === OWNER_USER
    ? device.userPoint
    : owner === OWNER_DEVICE
      ? device.devicePoint
      : device.globalPoint;
}

function setPoint(device: Device, owner: number, point: number): void {
  if (owner === OWNER_USER) device.userPoint = point;
  else if (owner === OWNER_DEVICE) device.devicePoint = point;
  else device.globalPoint = point;
}

/** docs/protocol.md 5.4: a batch that begins after the point is refused, what lies below it is dropped. */
function takeSync(device: Device, frame: Buffer, view: SyncView, acks: ReadonlyMap<number, AckWriter>): void {
  const { shared } = device.fleet;
  const writer = acks.get(view.owner);
  if (writer === undefined || !isBiz(writer, frame, view)) {
    shared.tally.crossed += 1;
    return;
  }
  let point = pointOf(device, view.owner);
  if (view.serverPoint && point < view.from) point = view.from;
  if (point < view.from) {
    shared.tally.reordered += 1;
    return;
  }
  for (let i = 0; i < view.ids.length; i += 1) {
    const id = view.ids[i] ?? 0;
    const at = view.payloadAt[i] ?? 0;
    if (id > point) judge(shared, device, frame, at);
    else shared.tally.redelivered += 1;
  }
  setPoint(device, view.owner, Math.max(point, view.through));
  if (shared.recorder !== null) record(device, shared.recorder, writer.biz, frame, view);
  device.socket?.write(ackOf(writer, frame, view));
  shared.tally.acked += view.ids.length;
}

function isBiz({ biz }: AckWriter, frame: Buffer, view: SyncView): boolean {
  return (
    biz.length === view.bizBytes && frame.toString('latin1', view.bizAt, view.bizAt + view.bizBytes) === biz
  );
}

/** Writes a batch down: every record at the frame, before any is dropped, and then its ack. */
function record(device: Device, recorder: Recorder, biz: string, frame: Buffer, view: SyncView): void {
  const { run } = device.fleet.shared;
  const c = connectionName(device);
  const acks: string[] = [];
  view.ids.forEach((op, i) => {
    const isOurs = readHead(frame, view.payloadAt[i] ?? 0, run, head);
    const msg = isOurs ? messageName(run.toString('latin1'), head.device, head.sequence) : 'unreadable';
    recorder.write({ e: 'recv', c, biz, msg, h: String(head.dueUs), op });
    acks.push(msg);
  });
  for (const msg of acks) recorder.write({ e: 'ack', c, biz, msg });
}
