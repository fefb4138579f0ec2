/** Who may connect: decisions before work is spent on a connection. Holds no socket. */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { CloseCode } from '../core/codes.js';
import type { Now } from '../core/ports.js';
import { addressGroup } from './address.js';
import type { LinkMetrics, RefusalReason } from './metrics.js';
import { rateOf, takeOne } from './rate.js';

export interface AdmissionLimits {
  /** Connections of this worker, all listeners together; from `connectionLimit`. */
  readonly maxConnections: number;
  /** New connections a second; bursts of one second. */
  readonly acceptPerSecond: number;
  /** Connections of one IPv4 address or IPv6 /64. */
  readonly connectionsPerAddress: number;
  /** Connects of one device in a minute; the burst is one minute's worth. */
  readonly flapConnectsPerMinute: number;
  /** Bounds of the random delay told to whom is refused. */
  readonly retryAfterMinMs: number;
  readonly retryAfterMaxMs: number;
}

export interface AdmissionOptions {
  readonly limits: AdmissionLimits;
  readonly now: () => Now;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly metrics: LinkMetrics;
  readonly log: Pick<Logger, 'warn'>;
  /** Told when there is hardly room for more, and when there is again. */
  readonly onFull: (full: boolean) => void;
}

export interface Admission {
  /** Counts a new connection in, or says why not. Who was let in must `leave`. */
  enter(): 0 | typeof CloseCode.SERVER_FULL | typeof CloseCode.ACCEPT_RATE;
  leave(): void;
  /** Counts a connection of an address in; false when it has too many. Pair with `leaveAddress`. */
  enterAddress(address: string): boolean;
  leaveAddress(address: string): void;
  /** Called at each Hello. 0, or the ms after which the device may come again (FLAPPING). */
  enterDevice(instance: string, deviceId: string): number;
  /** Counts a refusal and logs it, at most one line in ten seconds. */
  refused(reason: RefusalReason, address: string): void;
  /** A random delay for a refused device. */
  retryAfterMs(): number;
  /** Connections counted in now. */
  count(): number;
}

/** Devices whose connects are remembered; beyond, the longest quiet one is forgotten. */
const REMEMBERED_DEVICES = 50_000;
const LOG_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
/** Shares of the connections at which a worker calls itself full, before it refuses any, and no longer. */
const FULL_SHARE = 0.98;
const ROOM_SHARE = 0.95;

export function createAdmission(options: AdmissionOptions): Admission {
  const { limits, now, random, metrics, log } = options;
  const acceptRate = rateOf(limits.acceptPerSecond, 1000, 1000);
  const deviceRate = rateOf(limits.flapConnectsPerMinute, MINUTE_MS, MINUTE_MS);
  const perAddress = new Map<string, number>();
  const perDevice = new LRUCache<string, number>({ max: REMEMBERED_DEVICES });
  const fullAt = Math.ceil(limits.maxConnections * FULL_SHARE);
  const roomAt = Math.floor(limits.maxConnections * ROOM_SHARE);
  let connections = 0;
  let full = false;
  let acceptsUsedUntil = 0;
  let refusals = 0;
  let loggedMono = Number.NEGATIVE_INFINITY;

  function onFull(is: boolean): void {
    full = is;
    options.onFull(is);
  }

  function retryAfterMs(): number {
    const { retryAfterMinMs: min, retryAfterMaxMs: max } = limits;
    return Math.round(min + random() * Math.max(0, max - min));
  }

  return {
    enter() {
      if (connections >= limits.maxConnections) return CloseCode.SERVER_FULL;
      const used = takeOne(acceptRate, acceptsUsedUntil, now().mono);
      if (used < 0) return CloseCode.ACCEPT_RATE;
      acceptsUsedUntil = used;
      connections += 1;
      if (!full && connections >= fullAt) onFull(true);
      return 0;
    },
    leave() {
      connections -= 1;
      if (full && connections <= roomAt) onFull(false);
    },
    enterAddress(address) {
      const group = addressGroup(address);
      const held = perAddress.get(group) ?? 0;
      if (held >= limits.connectionsPerAddress) return false;
      perAddress.set(group, held + 1);
      return true;
    },
    leaveAddress(address) {
      const group = addressGroup(address);
      const held = perAddress.get(group) ?? 0;
      if (held > 1) perAddress.set(group, held - 1);
      else perAddress.delete(group);
    },
    enterDevice(instance, deviceId) {
      const key = `${instance}\0${deviceId}`;
      const used = takeOne(deviceRate, perDevice.get(key) ?? 0, now().mono);
      // The delay is added to the usual one, so that refused devices do not come back in step.
      if (used < 0) return Math.ceil(-used) + retryAfterMs();
      perDevice.set(key, used);
      return 0;
    },
    refused(reason, address) {
      metrics.refused(reason);
      refusals += 1;
      const { mono } = now();
      if (mono - loggedMono < LOG_EVERY_MS) return;
      log.warn({ reason, address, refusals }, 'connections refused');
      loggedMono = mono;
      refusals = 0;
    },
    retryAfterMs,
    count: () => connections,
  };
}

/** File descriptors left for the store, logs, HTTP and certificate files. */
const RESERVED_FILES = 1000;

/**
 * How many device connections a worker may hold.
 *
 * @param configured The operator's wish, or 0 for as many as the limit of open files allows.
 * @param openFileLimit Soft limit of the process; see `readOpenFileLimit`.
 * @returns The smaller of the wish and what leaves 1,000 files (at most half of them) for the rest.
 */
export function connectionLimit(configured: number, openFileLimit: number): number {
  const allowed = Math.max(openFileLimit - RESERVED_FILES, Math.floor(openFileLimit / 2));
  return configured === 0 ? allowed : Math.min(configured, allowed);
}
