/** The promises that can only be held against a run at its end, or a while after something happened. */
import { isIdle } from '../../src/core/feed.js';
import { isExpired, matches, normalizeOs, parseVersion, uidNumber } from '../../src/core/targeting.js';
import type { Device } from './device.js';
import type { Stored } from './history.js';
import { configOf, START_MS } from './model.js';
import type { World } from './world.js';

/** Shorter than a heartbeat: a wake-up that was heard must have done it. */
const PROMPT_MS = 6_000;
/** A device is asked for what it has only so long after it came. */
const SETTLE_MS = 3_000;
const WATCH_EVERY_MS = 500;

/** In calm, what is stored is with every device that is there, without a heartbeat's help. */
export function watchPromptness(world: World, untilMs: number): void {
  const { kernel, history, devices } = world;
  const sinceMs = kernel.now();
  const look = (): void => {
    const dueMs = kernel.now() - PROMPT_MS;
    for (const records of history.records.values()) {
      for (const stored of records) {
        if (configOf(stored.message.biz).deliver === 'foreground') continue;
        if (stored.atMs < sinceMs || stored.atMs > dueMs || stored.atMs < dueMs - 2 * WATCH_EVERY_MS)
          continue;
        for (const device of devices) {
          if (kernel.now() - device.readySinceMs < SETTLE_MS || !device.isReady()) continue;
          if (isFor(world, device, stored) && !mayMiss(world, device, stored))
            history.violation('PROMPT', `${device.id} waits for ${stored.message.name} (${stored.oplog.id})`);
        }
      }
    }
    if (kernel.now() < untilMs) kernel.after(WATCH_EVERY_MS, null, look);
  };
  kernel.after(PROMPT_MS, null, look);
}

/** After everything has come to rest. */
export async function judge(world: World): Promise<void> {
  judgeDurability(world);
  judgeArrival(world);
  judgeRest(world);
  await judgeConservation(world);
}

/** What was called a success is there, or waits for its time no longer than that. */
function judgeDurability({ history }: World): void {
  const stored = new Set<string>();
  for (const records of history.records.values()) for (const { message } of records) stored.add(message.name);
  for (const name of history.accepted)
    if (!stored.has(name)) history.violation('DURABLE', `${name} was a success and is not stored`);
}

/** Every record has come to every reader that it is for, or there is a good reason. */
function judgeArrival(world: World): void {
  const { history, devices } = world;
  for (const records of history.records.values()) {
    for (const stored of records) {
      if (configOf(stored.message.biz).multiDevice) {
        for (const device of devices)
          if (isFor(world, device, stored) && !mayMiss(world, device, stored))
            history.violation('LOST', `${device.id} never got ${stored.message.name} (${stored.oplog.id})`);
      } else if (isLostToUser(world, stored)) {
        history.violation('LOST', `no device of ${stored.message.to} ever got ${stored.message.name}`);
      }
    }
  }
}

/** Single-device data: any device of the user will do, at any time. */
function isLostToUser(world: World, stored: Stored): boolean {
  const { devices, history } = world;
  // Whoever feeds considers a record once for all: one that its filter keeps from that device is consumed.
  if (stored.oplog.filter !== null) return false;
  if (!devices.some((device) => isFor(world, device, stored))) return false;
  const { id } = stored.oplog;
  return (
    !history.wasShown(stored.message.name) &&
    !history.isDead(stored.message.to, stored.stream, id) &&
    !hasExpired(world, stored)
  );
}

/** Whether the device, as it is now, is to have the record. */
function isFor(world: World, device: Device, { oplog, message }: Stored): boolean {
  const { biz, to } = message;
  const config = configOf(biz);
  if (config.object === 'user' && device.user === '') return false;
  if (config.scope === 'specified' && to !== (config.object === 'user' ? device.user : device.id))
    return false;
  if (config.userConsistency && device.sessionId !== 'valid') return false;
  const uid = uidNumber(config.object === 'user' ? device.user : device.id);
  const subject = { os: normalizeOs(device.os), version: parseVersion(device.version), uid, boundMs: 0 };
  return matches(oplog.filter, subject) && !world.offline.has(biz);
}

/** Reasons for which a device that is meant has not shown a record. */
function mayMiss(world: World, device: Device, stored: Stored): boolean {
  const { history } = world;
  const { oplog, message, stream } = stored;
  if (!configOf(message.biz).multiDevice) return !isLostToUser(world, stored);
  if (history.hasShown(device, message)) return true;
  if (history.isDead(device.id, stream, oplog.id)) return history.because('dead');
  if (hasExpired(world, stored)) return history.because('expired');
  if (isPassedOver(world, stored)) return history.because('passed over');
  if (oplog.filter === null) return false;
  // The device record knows one version for all its users, and one before the last that was finished:
  // what a version in between kept out, and the one before would not have, is not seen to be late.
  if (configOf(message.biz).object === 'user' && device.users.size > 1 && device.updates > 0)
    return history.because('filtered for another user');
  if (device.updates > 1) return history.because('filtered between two updates');
  return false;
}

function hasExpired({ kernel, clockStepMs }: World, { oplog }: Stored): boolean {
  return isExpired(oplog, START_MS + kernel.now() + clockStepMs);
}

/** As many newer ones are there as the threshold lets through. */
function isPassedOver({ history }: World, { oplog, message, stream }: Stored): boolean {
  const { threshold } = configOf(message.biz);
  if (threshold === null) return false;
  const newer = (history.records.get(stream) ?? []).filter((other) => other.oplog.id > oplog.id);
  return newer.length >= threshold;
}

/** Nothing is left in memory of a session that has nothing to do. */
function judgeRest({ server, history }: World): void {
  for (const worker of server.workers) {
    for (const session of worker.sessions()) {
      for (const feed of session.feeds) {
        if (isIdle(feed) && feed.attempts === 0 && feed.dead.length > 0) continue;
        const { acked, sent, known, attempts } = feed;
        const state = JSON.stringify({ acked, sent, known, attempts });
        history.violation(
          'LEAK',
          `${session.deviceId} still holds a feed of ${feed.topic.config.biz}: ${state}`,
        );
      }
      if (session.reading || session.releasing !== 0 || session.dirty !== null)
        history.violation('LEAK', `${session.deviceId} is not at rest`);
    }
  }
}

async function judgeConservation({ store, history }: World): Promise<void> {
  const accepted = new Map<string, number>();
  for (const records of history.records.values())
    for (const { message } of records) accepted.set(message.biz, (accepted.get(message.biz) ?? 0) + 1);
  for (const row of await store.conservation()) {
    const ended = row.expired + row.consumed + row.trimmed + row.revoked + row.deleted;
    if (row.accepted !== row.retained + ended || row.accepted !== accepted.get(row.biz))
      history.violation('CONSERVATION', JSON.stringify(row));
  }
}
