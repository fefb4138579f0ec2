/** Ids and their order: within a stream, against real time, and against what a device already had. */
import { nameOf, passesFilter, placeOf, storedBy } from './receipt-rules.js';
import { type CheckOptions, type Docket, report } from './verdict.js';
import { type Device, keyOf, type Message, type Receipt, type World } from './world.js';

/** True for a client-kept position: single-device data is read from the user's position on the server. */
function devicePositionCounts(message: Message): boolean {
  const config = message.config;
  if (config === undefined || config.kind === 'push') return false;
  return config.scope === 'global' || config.dim === 'device' || config.multi;
}

/**
 * A record that an earlier connection of the device was not meant to get may come late, after an
 * update of the app or of the system.
 */
function mayComeLate(device: Device, receipt: Receipt): boolean {
  return device.connections.some(
    (earlier) =>
      earlier.startedAt < receipt.connection.startedAt &&
      receipt.message.calls.some((call) => !passesFilter(call.send, earlier)),
  );
}

interface Progress {
  highest: number;
  readonly seen: Set<number>;
  wipes: number;
}

function judgeReorder(world: World, docket: Docket): void {
  const progress = new Map<string, Progress>();
  for (const receipt of world.receipts) {
    const { message, connection, op } = receipt;
    if (op === null || message.config?.ordered !== true) continue;
    const device = world.devices.get(keyOf(connection.app, connection.ws, connection.dev));
    if (device === undefined) continue;
    const key = keyOf(connection.dev, message.stream);
    const wipes = device.wipes.filter((t) => t <= receipt.t).length;
    let state = progress.get(key);
    if (state === undefined || state.wipes !== wipes) {
      state = { highest: Number.NEGATIVE_INFINITY, seen: new Set(), wipes };
      progress.set(key, state);
    }
    if (state.seen.has(op)) continue;
    state.seen.add(op);
    if (op > state.highest) state.highest = op;
    else if (!mayComeLate(device, receipt))
      report(docket, 'REORDER', `${placeOf(receipt)} first seen after op ${state.highest}`);
  }
}

/** Latest begin of storing: not before the first call that may have stored it, nor before it is valid. */
function storedAfter(message: Message): number {
  const begins = message.calls.filter((call) => call.result !== 'fail').map((call) => call.send.t);
  return Math.min(...begins);
}

function isScheduled(message: Message): boolean {
  return message.calls.some((call) => call.send.vs !== null && call.send.vs > call.send.t);
}

/** In one stream: one id one message, one message one id, and ids in the order of the calls. */
function judgeStream(
  observed: readonly { readonly op: number; readonly message: Message }[],
  { lostTails }: CheckOptions,
  docket: Docket,
): void {
  const mayBeTwice = (message: Message): boolean =>
    message.drops.length > 0 ||
    (lostTails && (isScheduled(message) || message.calls.some(({ result }) => result === 'unknown')));
  const sorted = [...observed].sort((a, b) => a.op - b.op);
  const opOf = new Map<Message, number>();
  let latestBegin = Number.NEGATIVE_INFINITY;
  let latest: Message | undefined;
  let before: { readonly op: number; readonly message: Message } | undefined;
  for (const current of sorted) {
    const { op, message } = current;
    if (before !== undefined && before.op === op && before.message !== message)
      report(docket, 'ID_REUSE', `op ${op} is ${nameOf(before.message)} and ${nameOf(message)}`);
    const other = opOf.get(message);
    if (other !== undefined && other !== op && !mayBeTwice(message))
      report(docket, 'DOUBLE_STORE', `${nameOf(message)} has ops ${other} and ${op}`);
    const scheduled = isScheduled(message);
    if (other === undefined && !scheduled && latest !== undefined && storedBy(message) < latestBegin)
      report(
        docket,
        'ORDER_RT',
        `${nameOf(message)} was stored before ${nameOf(latest)} was sent, and has the higher op ${op}`,
      );
    if (other === undefined && !scheduled && storedAfter(message) > latestBegin) {
      latestBegin = storedAfter(message);
      latest = message;
    }
    opOf.set(message, op);
    before = current;
  }
}

function judgeIds(world: World, options: CheckOptions, docket: Docket): void {
  const streams = new Map<string, Map<string, { readonly op: number; readonly message: Message }>>();
  for (const { op, message } of world.receipts) {
    if (op === null) continue;
    let observed = streams.get(message.stream);
    if (observed === undefined) {
      observed = new Map();
      streams.set(message.stream, observed);
    }
    observed.set(keyOf(String(op), message.msg), { op, message });
  }
  for (const observed of streams.values()) judgeStream([...observed.values()], options, docket);
}

/** True when the record lay at or below the point that the device sent at the start of the connection. */
export function belowSyncPoint(receipt: Receipt): boolean {
  const { op, message, connection } = receipt;
  if (op === null || !devicePositionCounts(message)) return false;
  const point = connection.sp[message.biz];
  if (point === undefined || op > point) return false;
  const switched = message.config?.dim === 'user' && connection.users.length > 1;
  return !switched || connection.users[0]?.user === message.to;
}

function judgeSyncPoints(world: World, docket: Docket): void {
  for (const receipt of world.receipts) {
    if (!belowSyncPoint(receipt)) continue;
    const { connection } = receipt;
    const device = world.devices.get(keyOf(connection.app, connection.ws, connection.dev));
    if (device !== undefined && mayComeLate(device, receipt)) continue;
    report(docket, 'BELOW_SYNC_POINT', placeOf(receipt));
  }
}

/** REORDER ORDER_RT ID_REUSE DOUBLE_STORE BELOW_SYNC_POINT. */
export function judgeOrder(world: World, options: CheckOptions, docket: Docket): void {
  judgeReorder(world, docket);
  judgeIds(world, options, docket);
  judgeSyncPoints(world, docket);
}
