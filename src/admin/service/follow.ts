/**
 * Messages that an operator asked to follow: those still to come for a target are marked when they
 * are accepted, and every step of them is logged. Kept in memory only and for a limited time: a
 * follow that is forgotten at a restart costs a repeat of the call.
 */
import { LRUCache } from 'lru-cache';
import type { SendRequest } from '../../core/delivery.js';

/** What to follow: all messages of a bizType to a target, or only one thirdMsgId. */
export interface FollowRequest {
  readonly instance: string;
  readonly biz: string;
  /** Empty for global data. */
  readonly linkToken: string;
  /** Empty for all. */
  readonly thirdMsgId: string;
}

export const MAX_FOLLOWED = 10_000;
export const MAX_FOLLOW_MS = 24 * 3_600_000;

export interface Follower {
  follow(request: FollowRequest, forMs: number): void;
  /** The request, marked when it is followed. Costs nothing while nobody follows anything. */
  mark(request: SendRequest): SendRequest;
}

/** Makes the list of followed messages. */
export function createFollower(): Follower {
  const followed = new LRUCache<string, true>({ max: MAX_FOLLOWED, ttlAutopurge: false, ttl: MAX_FOLLOW_MS });
  return {
    follow(request, forMs) {
      followed.set(key(request, request.thirdMsgId), true, { ttl: Math.min(forMs, MAX_FOLLOW_MS) });
    },
    mark(request) {
      if (followed.size === 0 || request.trace === true) return request;
      const hit = followed.has(key(request, '')) || followed.has(key(request, request.thirdMsgId));
      return hit ? { ...request, trace: true } : request;
    },
  };
}

function key(request: { instance: string; biz: string; linkToken: string }, thirdMsgId: string): string {
  return `${request.instance}\0${request.biz}\0${request.linkToken}\0${thirdMsgId}`;
}
