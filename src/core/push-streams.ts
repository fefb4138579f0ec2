/**
 * The streams that pushes ride on: reserved sync configurations, so that a push is stored, sent,
 * acknowledged and expires like any other data. Their names begin with `$`, which a configuration of
 * an operator cannot.
 */
import { MAX_RETENTION_MS, type SyncConfig } from './model.js';

/** `live` ones are not persisted: they reach the devices that are online, and no other. */
export const PUSH_BIZ = {
  device: '$push.device',
  user: '$push.user',
  all: '$push.all',
  liveDevice: '$push.live.device',
  liveUser: '$push.live.user',
  liveAll: '$push.live.all',
} as const;

export type PushBiz = (typeof PUSH_BIZ)[keyof typeof PUSH_BIZ];

/** True for names that only the server itself gives. */
export function isReservedBiz(biz: string): boolean {
  return biz.startsWith('$');
}

/** Reserved configurations of an instance, in the order of their slots from `firstSlot` on. */
export function pushConfigs(
  instance: string,
  names: readonly PushBiz[],
  firstSlot: number,
  nowMs: number,
): SyncConfig[] {
  return names.map((biz, index) => ({
    instance,
    biz,
    slot: firstSlot + index,
    description: 'Pushes. Kept by the server.',
    scope: biz.endsWith('.all') ? 'global' : 'specified',
    object: biz.endsWith('.user') ? 'user' : 'device',
    // Each device of the user gets it, those that the user binds within its validity included.
    multiDevice: true,
    persisted: !biz.includes('.live.'),
    retentionMs: MAX_RETENTION_MS,
    threshold: null,
    userConsistency: false,
    deliver: 'immediate',
    signature: 'inherit',
    online: true,
    createdMs: nowMs,
    changedMs: nowMs,
  }));
}
