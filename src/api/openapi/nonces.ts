/**
 * The memory of used nonces. A signed call is good for one use: the nonce is remembered for as
 * long as its timestamp would be accepted.
 */
import { createHash } from 'node:crypto';

/** Shared by every process that answers signed calls. */
export interface NonceStore {
  /**
   * Marks the nonce as used by that access key, until `untilMs` (wall clock).
   *
   * @returns false when it was used before
   * @throws {NoncesUnavailable} (as rejection) when it cannot be remembered: the call is refused then
   */
  use(keyId: string, nonce: string, untilMs: number): Promise<boolean>;
}

/** The nonce memory is full or does not answer. */
export class NoncesUnavailable extends Error {
  override readonly name = 'NoncesUnavailable';
}

/** Width of the generations in which old nonces are dropped. */
const GENERATION_MS = 60_000;

/**
 * Nonces of one process, in memory. When full it refuses instead of forgetting: a forgotten nonce
 * would let a recorded call through again.
 *
 * @param capacity most nonces remembered at once, of all keys together; about 100 bytes each
 * @param now wall clock, ms
 */
export function createMemoryNonces(capacity: number, now: () => number): NonceStore {
  /** By the minute in which they may be forgotten. */
  const generations = new Map<number, Set<string>>();
  let size = 0;

  const forget = (nowMs: number): void => {
    const current = Math.floor(nowMs / GENERATION_MS);
    for (const [generation, nonces] of generations) {
      if (generation >= current) continue;
      size -= nonces.size;
      generations.delete(generation);
    }
  };

  return {
    async use(keyId, nonce, untilMs) {
      forget(now());
      const mark = digest(keyId, nonce);
      for (const nonces of generations.values()) {
        if (nonces.has(mark)) return false;
      }
      if (size >= capacity) throw new NoncesUnavailable('the nonce memory is full');
      const generation = Math.floor(untilMs / GENERATION_MS);
      const nonces = generations.get(generation);
      if (nonces === undefined) generations.set(generation, new Set([mark]));
      else nonces.add(mark);
      size += 1;
      return true;
    },
  };
}

/** 128 bits as 16 one-byte characters: nonces may be long, and the caller chooses them. */
function digest(keyId: string, nonce: string): string {
  return createHash('sha256').update(`${keyId}\0${nonce}`).digest().toString('latin1', 0, 16);
}
