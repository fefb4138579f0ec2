/**
 * What was taken back a short while ago. The store has it no more, but a worker may hold it still: in a
 * global fan-out that takes its time, in a wake-up that is on its way, in a page that is being read.
 */
import { LRUCache } from 'lru-cache';
import type { Oplog, StreamKey } from '../core/model.js';
import type { Page, Wake } from '../core/ports.js';
import { isRevocation, revokedMsgId } from '../core/revocation.js';

const REMEMBERED = 10_000;
/** Longer than a fan-out to all sessions of a worker takes. */
const REMEMBERED_MS = 3_600_000;

export interface RevokedMemory {
  /** Call it with every wake-up. @returns the same, without a record that was taken back. */
  check(wake: Wake): Wake;
  /** The page without what was taken back. */
  checkPage(stream: StreamKey, page: Page): Page;
  isRevoked(stream: StreamKey, oplog: Oplog): boolean;
}

export function createRevokedMemory(): RevokedMemory {
  const revoked = new LRUCache<string, true>({ max: REMEMBERED, ttl: REMEMBERED_MS });
  const isRevoked = (stream: StreamKey, { thirdMsgId }: Oplog): boolean =>
    revoked.size > 0 && revoked.has(nameOf(stream, thirdMsgId));
  return {
    check(wake) {
      const { stream, oplog } = wake;
      if (oplog === null) return wake;
      if (isRevocation(stream.biz, oplog.thirdMsgId))
        revoked.set(nameOf(stream, revokedMsgId(oplog.thirdMsgId)), true);
      return isRevoked(stream, oplog) ? { ...wake, oplog: null } : wake;
    },
    checkPage(stream, page) {
      if (revoked.size === 0 || !page.oplogs.some((oplog) => isRevoked(stream, oplog))) return page;
      return { ...page, oplogs: page.oplogs.filter((oplog) => !isRevoked(stream, oplog)) };
    },
    isRevoked,
  };
}

function nameOf({ instance, kind, owner, biz }: StreamKey, thirdMsgId: string): string {
  return JSON.stringify([instance, kind, owner, biz, thirdMsgId]);
}
