/**
 * Which devices a user has been seen on. The store finds a reader's cursors by the reader alone, so
 * without this list the timeline of a multi-device message could not name devices that are away.
 */
import { LRUCache } from 'lru-cache';
import type { Store } from '../../core/ports.js';

export const BINDINGS = 'bindings';
/** Devices of one user that are listed. */
export const MAX_DEVICES_OF_USER = 100;
/** Pairs remembered as written, so that a device that comes every minute is written once. */
const REMEMBERED = 100_000;
/** Longer keys no store takes; limits on names were raised far above the default then. */
const MAX_KEY_LENGTH = 1900;

export interface Bindings {
  /** A device came online for a user. Writes once per pair; a failure costs an entry in a list. */
  note(instance: string, user: string, deviceId: string): Promise<void>;
  devicesOf(instance: string, user: string): Promise<string[]>;
}

/** Keeps the list in the store's documents. */
export function createBindings(store: Store): Bindings {
  const written = new LRUCache<string, true>({ max: REMEMBERED });
  return {
    async note(instance, user, deviceId) {
      const key = userPrefix(instance, user) + encode(deviceId);
      if (written.has(key) || key.length > MAX_KEY_LENGTH) return;
      written.set(key, true);
      if ((await store.doc(BINDINGS, key)) !== true) {
        await store.saveDocs([{ collection: BINDINGS, key, value: true }]);
      }
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
