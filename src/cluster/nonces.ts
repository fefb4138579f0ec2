/** The used nonces of signed calls, known to all nodes at once. */
import { createHash } from 'node:crypto';
import { type ClusterLinks, clusterKeys } from './links.js';

export interface SharedNonces {
  /**
   * Marks the nonce as used by that access key, until `untilMs` (wall clock).
   *
   * @returns false when it was used before, on any node
   * @throws {Error} (as rejection) when Redis does not answer: it may be marked or not
   */
  use(keyId: string, nonce: string, untilMs: number): Promise<boolean>;
}

/** @param now wall clock, ms */
export function createSharedNonces({ client, prefix }: ClusterLinks, now: () => number): SharedNonces {
  const keys = clusterKeys(prefix);
  return {
    async use(keyId, nonce, untilMs) {
      const mark = createHash('sha256').update(`${keyId}\0${nonce}`).digest('base64url');
      const lifeMs = Math.max(1, Math.ceil(untilMs - now()));
      return (await client.set(keys.nonce(mark), '1', 'PX', lifeMs, 'NX')) === 'OK';
    },
  };
}
