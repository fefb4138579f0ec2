/** What did not come, or came late, and whether anything excuses it. */
import type { DropEvent } from './events.js';
import { nameOf, passesFilter, storedBy, storers } from './receipt-rules.js';
import { isSingleDevice } from './repeat-rules.js';
import { type CheckOptions, type Docket, report } from './verdict.js';
import { type Connection, type Device, keyOf, type Message, userAt, type World } from './world.js';

const MAX_RETENTION_MS = 30 * 86_400_000;

/** True when an answer said that the message is stored. */
export function isAccepted(message: Message): boolean {
  return message.calls.some((call) => call.result === 'ok' || call.result === 'dup');
}

interface Bench {
  readonly world: World;
  readonly options: CheckOptions;
  readonly docket: Docket;
  readonly endedAt: number;
  /** Possibly stored messages of each stream, in the order of their calls. */
  readonly streams: ReadonlyMap<string, readonly Message[]>;
  /** Devices of each user that ever was on one. */
  readonly byUser: ReadonlyMap<string, readonly Device[]>;
  readonly byTenant: ReadonlyMap<string, readonly Device[]>;
  /** When each device last received the message, made when it is first asked for. */
  readonly received: Map<Message, ReadonlyMap<string, number>>;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function openBench(world: World, options: CheckOptions, docket: Docket): Bench {
  const streams = new Map<string, Message[]>();
  const byUser = new Map<string, Device[]>();
  const byTenant = new Map<string, Device[]>();
  for (const message of world.messages.values())
    if (message.calls.some((call) => call.result !== 'fail')) push(streams, message.stream, message);
  for (const device of world.devices.values()) {
    push(byTenant, keyOf(device.app, device.ws), device);
    const users = new Set(
      device.connections.flatMap((connection) => connection.users.map((step) => step.user)),
    );
    for (const user of users) if (user !== null) push(byUser, keyOf(device.app, device.ws, user), device);
  }
  return {
    world,
    options,
    docket,
    endedAt: world.endedAt ?? world.lastReceiptAt,
    streams,
    byUser,
    byTenant,
    received: new Map(),
  };
}

/** The devices that the message is for. */
function requiredDevices(bench: Bench, message: Message): readonly Device[] {
  const { app, ws, to, config } = message;
  if (config?.scope === 'global') return bench.byTenant.get(keyOf(app, ws)) ?? [];
  if (config?.dim === 'user') return bench.byUser.get(keyOf(app, ws, to)) ?? [];
  const device = bench.world.devices.get(keyOf(app, ws, to ?? ''));
  return device === undefined ? [] : [device];
}

/** The connection that must have brought the message: up at the end, long enough, as the right user. */
function drainedConnection(
  bench: Bench,
  message: Message,
  device: Device,
): { readonly connection: Connection; readonly since: number } | null {
  if (bench.world.endedAt === null) return null;
  const connection = device.connections.findLast((candidate) => candidate.goneAt === null);
  const current = connection?.users.at(-1);
  if (connection === undefined || current === undefined) return null;
  const needsUser = message.config?.dim === 'user';
  if (needsUser && current.user === null) return null;
  if (needsUser && message.config?.scope === 'single' && current.user !== message.to) return null;
  if (bench.endedAt - current.since < bench.options.drainMs) return null;
  return { connection, since: current.since };
}

/** Receipts are in the order of their times. A record for everybody has thousands. */
function receiptTimes(bench: Bench, message: Message): ReadonlyMap<string, number> {
  const known = bench.received.get(message);
  if (known !== undefined) return known;
  const times = new Map(message.receipts.map((receipt) => [receipt.connection.dev, receipt.t]));
  bench.received.set(message, times);
  return times;
}

function receivedBy(bench: Bench, message: Message, device: Device): boolean {
  const lastWipe =
    message.config?.kind === 'push'
      ? Number.NEGATIVE_INFINITY
      : (device.wipes.at(-1) ?? Number.NEGATIVE_INFINITY);
  const receivedAt = receiptTimes(bench, message).get(device.dev);
  return receivedAt !== undefined && receivedAt >= lastWipe;
}

/** The device said at its first connection in this history that it already has this record. */
function hadBefore(message: Message, device: Device): boolean {
  const lastWipe = device.wipes.at(-1) ?? Number.NEGATIVE_INFINITY;
  const first = device.connections.find((connection) => connection.startedAt >= lastWipe);
  const point = first?.sp[message.biz];
  return (
    point !== undefined && message.receipts.some((receipt) => receipt.op !== null && receipt.op <= point)
  );
}

function newerMessages(bench: Bench, message: Message): number {
  const stream = bench.streams.get(message.stream) ?? [];
  return stream.length - 1 - stream.indexOf(message);
}

function dropExcuses(drop: DropEvent, options: CheckOptions): boolean {
  return drop.why !== 'attempts' || !options.noAttemptDrops;
}

/** Why the message need not have come over this connection, or null. */
function excuse(bench: Bench, message: Message, connection: Connection, since: number): string | null {
  const { options, endedAt } = bench;
  const sends = storers(message).map((call) => call.send);
  const begin = Math.max(
    storedBy(message),
    since,
    ...bench.world.faults.map((fault) => Math.min(fault.to, endedAt)),
  );
  if (message.revokedAt !== null) return 'revoked';
  if (message.drops.some((drop) => dropExcuses(drop, options))) return 'declared';
  if (sends.some((send) => !passesFilter(send, connection))) return 'filtered';
  if (sends.some((send) => send.ve !== null && send.ve - begin < options.drainMs)) return 'expired';
  if (sends.some((send) => send.vs !== null && endedAt - send.vs < options.drainMs)) return 'not yet valid';
  const threshold = message.config?.threshold ?? null;
  if (threshold !== null && newerMessages(bench, message) >= threshold) return 'threshold';
  return null;
}

/** Foreground-only global data waits for the next connection after its acceptance. */
function waitsForForeground(message: Message, connection: Connection): boolean {
  const config = message.config;
  if (config?.scope !== 'global' || config.liveGlobal) return false;
  return connection.startedAt <= storedBy(message);
}

function judgePair(bench: Bench, message: Message, device: Device): void {
  const { docket } = bench;
  if (receivedBy(bench, message, device) || hadBefore(message, device)) {
    docket.decided += 1;
    return;
  }
  const drained = drainedConnection(bench, message, device);
  if (drained === null || waitsForForeground(message, drained.connection)) {
    docket.notErrors.undecided += 1;
    return;
  }
  docket.decided += 1;
  if (excuse(bench, message, drained.connection, drained.since) !== null) docket.notErrors.excused += 1;
  else report(docket, 'LOST', `${nameOf(message)} never came to ${device.dev}`);
}

/** Single-device data: once per user, to whichever device was there. */
function judgeSingle(bench: Bench, message: Message, devices: readonly Device[]): void {
  const { docket } = bench;
  if (message.receipts.length > 0) {
    docket.decided += 1;
    return;
  }
  const drained = devices
    .map((device) => drainedConnection(bench, message, device))
    .filter((found) => found !== null);
  if (drained.length === 0) {
    docket.notErrors.undecided += 1;
    return;
  }
  docket.decided += 1;
  const excused = drained.some(({ connection, since }) => excuse(bench, message, connection, since) !== null);
  if (excused) docket.notErrors.excused += 1;
  else report(docket, 'LOST', `${nameOf(message)} never came to any device of its user`);
}

function judgeLoss(bench: Bench, message: Message): void {
  const config = message.config;
  if (config === undefined || !config.persist) return;
  if (!isAccepted(message)) {
    const unknown = message.calls.some((call) => call.result === 'unknown');
    if (unknown && message.receipts.length > 0) bench.docket.notErrors.recovered += 1;
    return;
  }
  const devices = requiredDevices(bench, message);
  if (isSingleDevice(message)) judgeSingle(bench, message, devices);
  else if (devices.length === 0) bench.docket.notErrors.undecided += 1;
  else for (const device of devices) judgePair(bench, message, device);
}

/**
 * Transmissions that one reader can have been sent at most: what arrived, and what died with a
 * connection. TCP loses nothing else.
 */
function attemptsAtMost(bench: Bench, message: Message): number {
  const devices = requiredDevices(bench, message);
  const perDevice = devices.map((device) => {
    const arrived = message.receipts.filter((receipt) => receipt.connection.dev === device.dev).length;
    return arrived + device.connections.filter((connection) => connection.goneAt !== null).length;
  });
  if (isSingleDevice(message)) return perDevice.reduce((sum, count) => sum + count, 0);
  return Math.max(0, ...perDevice);
}

function isJustified(bench: Bench, message: Message, drop: DropEvent): boolean {
  const config = message.config;
  if (config === undefined || drop.why === 'admin') return true;
  if (drop.why === 'attempts') return attemptsAtMost(bench, message) >= config.maxAttempts;
  if (drop.why === 'threshold')
    return config.threshold !== null && newerMessages(bench, message) >= config.threshold;
  return message.calls.some(
    (call) => drop.t >= (call.send.ve ?? call.send.t + MAX_RETENTION_MS) - bench.options.skewMs,
  );
}

/** Time from which the receipt could have been expected, pushed on by faults that lay between. */
function expectedFrom(bench: Bench, message: Message, connection: Connection): number {
  const validFrom = Math.max(0, ...message.calls.map((call) => call.send.vs ?? 0));
  const first = message.calls[0]?.send.t ?? 0;
  const answered = Number.isFinite(storedBy(message)) ? storedBy(message) : first;
  const begin = Math.max(answered, validFrom, connection.startedAt);
  const disturbed = bench.world.faults.filter((fault) => fault.to > first);
  return Math.max(begin, ...disturbed.map((fault) => fault.to));
}

function judgeLatency(bench: Bench, message: Message): void {
  const { maxLatencyMs } = bench.options;
  if (maxLatencyMs === null) return;
  const seen = new Set<string>();
  for (const receipt of message.receipts) {
    if (seen.has(receipt.connection.dev)) continue;
    seen.add(receipt.connection.dev);
    const late = receipt.t - expectedFrom(bench, message, receipt.connection);
    if (
      late > maxLatencyMs &&
      userAt(receipt.connection, receipt.connection.startedAt) === userAt(receipt.connection, receipt.t)
    )
      report(
        bench.docket,
        'SLOW',
        `${nameOf(message)} came to ${receipt.connection.dev} after ${late.toFixed(0)} ms`,
      );
  }
}

/** LOST DROP_UNJUSTIFIED SLOW. */
export function judgeCompleteness(world: World, options: CheckOptions, docket: Docket): void {
  const bench = openBench(world, options, docket);
  for (const message of world.messages.values()) {
    judgeLoss(bench, message);
    judgeLatency(bench, message);
    for (const drop of message.drops) {
      if (!isJustified(bench, message, drop))
        report(docket, 'DROP_UNJUSTIFIED', `${nameOf(message)}: ${drop.why}`);
    }
  }
}
