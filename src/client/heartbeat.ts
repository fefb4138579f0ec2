/**
 * Learns how long a connection may stay silent before the network forgets it. NAT boxes and mobile
 * carriers drop idle connections without a word; a ping too often costs battery. Pure.
 * docs/protocol.md 2.6.
 */

/** What was learnt; kept by the SDK between runs. */
export interface HeartbeatMemory {
  /** Idle time in seconds that is used now. */
  readonly currentSec: number;
  /** Shortest idle time in seconds after which a connection was found dead, or 0. */
  readonly deadSec: number;
  /** Wall-clock ms of that, or 0. */
  readonly deadAtMs: number;
  /** Pongs in a row after a silence of `currentSec`. */
  readonly streak: number;
}

/** Idle time of a device that has not learnt anything yet. */
const FIRST_SEC = 120;
const MIN_SEC = 10;
const MAX_SEC = 1800;
const GROWTH = 1.25;
const SHRINK = 0.7;
const STREAK_TO_GROW = 3;
/** A limit found in one network says little about the one of the next day. */
const FORGET_DEAD_MS = 24 * 3600 * 1000;

export const NEW_HEARTBEAT: HeartbeatMemory = { currentSec: FIRST_SEC, deadSec: 0, deadAtMs: 0, streak: 0 };

/**
 * What Hello asks for: a step above the learnt time, so that it can grow on the next connection.
 * The server finds a dead device after one and a half of what it grants.
 */
export function heartbeatWishSec(memory: HeartbeatMemory): number {
  return Math.min(Math.ceil(memory.currentSec * GROWTH), MAX_SEC);
}

/** Seconds of silence after which the device pings: the learnt time, never more than the server granted. */
export function pingAfterSec(memory: HeartbeatMemory, grantedSec: number): number {
  return Math.max(Math.min(memory.currentSec, grantedSec), 1);
}

/** A pong came after `idleSec` of silence. Three in a row lengthen the time by a quarter. */
export function afterPong(
  memory: HeartbeatMemory,
  idleSec: number,
  grantedSec: number,
  nowMs: number,
): HeartbeatMemory {
  if (idleSec < memory.currentSec - 0.01) return memory;
  const streak = memory.streak + 1;
  if (streak < STREAK_TO_GROW) return { ...memory, streak };
  const dead = nowMs - memory.deadAtMs < FORGET_DEAD_MS ? memory.deadSec : 0;
  const grown = Math.min(memory.currentSec * GROWTH, grantedSec, MAX_SEC);
  // Close under a silence that is known to kill: stay.
  const currentSec = dead > 0 && grown >= dead * 0.9 ? memory.currentSec : Math.max(grown, memory.currentSec);
  return { ...memory, currentSec, streak: 0 };
}

/** The connection was found dead after `idleSec` of silence. */
export function afterSilentDeath(memory: HeartbeatMemory, idleSec: number, nowMs: number): HeartbeatMemory {
  const currentSec = Math.max(Math.min(memory.currentSec, idleSec) * SHRINK, MIN_SEC);
  return { currentSec, deadSec: idleSec, deadAtMs: nowMs, streak: 0 };
}

/** Reads a stored memory back; what is not one gives the initial state. */
export function parseHeartbeat(text: string | undefined): HeartbeatMemory {
  if (text === undefined) return NEW_HEARTBEAT;
  const value = JSON.parse(text) as Partial<HeartbeatMemory>;
  const { currentSec, deadSec, deadAtMs } = value;
  if (typeof currentSec !== 'number' || typeof deadSec !== 'number' || typeof deadAtMs !== 'number') {
    return NEW_HEARTBEAT;
  }
  return { currentSec: Math.min(Math.max(currentSec, MIN_SEC), MAX_SEC), deadSec, deadAtMs, streak: 0 };
}
