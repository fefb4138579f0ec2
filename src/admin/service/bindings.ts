/**
 * Which devices a user has been seen on. The store finds a reader's cursors by the reader alone, so
 * without this list the timeline of a multi-device message could not name devices that are away.
 */
import { LRUCache } from 'lru-cache';
import { DAY_MS } from '../../core/model.js';
import type { Store } from '../../core/ports.js';

export const BINDINGS = 'bindings';
/** Devices of one user that are listed. */
export const MAX_DEVICES_OF_USER = 100;
/** Pairs remembered as written, so that a device that comes every minute is written once. */
const REMEMBERED = 100_000;
/** A pair that keeps coming is written again after so long. */
const REWRITE_MS = DAY_MS;
/** Pairs looked at in one step of `forget`. */
const FORGET_STEP = 500;
/** Longer keys no store takes; limits on names were raised far above the default then. */
const MAX_KEY_LENGTH = 1900;

export interface Bindings {
  /**
   * A device came online for a user. Writes at most once a day for each pair; a failure costs an entry
   * in a list.
   */
  note(instance: string, user: string, deviceId: string): Promise<void>;
  devicesOf(instance: string, user: string): Promise<string[]>;
  /**
   * One bounded step of forgetting the pairs not seen since `beforeMs`; goes on where the last stopped.
   *
   * @returns whether the end of the list was reached, where the next step starts over.
   */
  forget(beforeMs: number): Promise<boolean>;
}

/**
 * Keeps the list in the store's documents: the time a pair was last written, in ms.
 *
 * @param now Wall-clock ms.
 */
export function createBindings(store: Store, now: () => number): Bindings {
  const written = new LRUCache<string, number>({ max: REMEMBERED });
  let position = '';
  return {
    async note(instance, user, deviceId) {
      const key = userPrefix(instance, user) + encode(deviceId);
      const nowMs = now();
      if (key.length > MAX_KEY_LENGTH || (written.get(key) ?? 0) + REWRITE_MS > nowMs) return;
      written.set(key, nowMs);
      const stored = await store.doc(BINDINGS, key);
      if (typeof stored === 'number' && stored + REWRITE_MS > nowMs) return;
      await store.saveDocs([{ collection: BINDINGS, key, value: nowMs }]);
    },
    async forget(beforeMs) {
      const docs = await store.docs(BINDINGS, '', FORGET_STEP, position);
      position = docs.length < FORGET_STEP ? '' : (docs.at(-1)?.key ?? '');
      // What was noted in this moment may not be in the store yet.
      const old = docs.filter(
        ({ key, value }) => Number(value) < beforeMs && (written.peek(key) ?? 0) < beforeMs,
      );
      if (old.length > 0) {
        await store.saveDocs(old.map(({ key }) => ({ collection: BINDINGS, key, value: null })));
      }
      return position === '';
    },
    async devicesOf(instance, user) {
      const prefix = userPrefix(instance, user);
      if (prefix.length > MAX_KEY_LENGTH) return [];
      const docs = await store.docs(BINDINGS, prefix, MAX_DEVICES_OF_USER);
      return docs.map(({ key }) => decode(key.slice(prefix.length)));
    },
  };
}

function userPrefix(instance: string, user: string): string {
  return `${instance}/${encode(user)}/`;
}

/** Names are encoded: they may hold the slash that parts the key. */
function encode(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8');
}
