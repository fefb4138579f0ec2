/** Who is online, what is known of a device, and how an operator closes sessions. */
import { CloseCode } from '../../core/codes.js';
import type { DeviceRecord } from '../../core/model.js';
import type { Route } from '../../core/ports.js';
import type { Fleet } from '../options.js';
import { auditWrite } from './audit.js';
import { type Actor, type ServiceContext, ServiceError } from './context.js';

/** Names sessions of an instance: exactly one of the three. */
export interface SessionTarget {
  readonly deviceId?: string | undefined;
  readonly user?: string | undefined;
  readonly adToken?: string | undefined;
}

/** @throws {ServiceError} INVALID unless exactly one name is given */
export async function findSessions(
  fleet: Fleet,
  instance: string,
  target: SessionTarget,
): Promise<readonly Route[]> {
  const { deviceId, user, adToken } = target;
  const given = [deviceId, user, adToken].filter((name) => name !== undefined);
  if (given.length !== 1) {
    throw new ServiceError('INVALID', 'give one of deviceId, user and adToken', 'deviceId');
  }
  if (deviceId !== undefined) return fleet.find(instance, { deviceId });
  if (user !== undefined) return fleet.find(instance, { user });
  return fleet.find(instance, { adToken: adToken ?? '' });
}

/** A device as operators see it: without the hash of its key. */
export type DeviceView = Omit<DeviceRecord, 'keyHash' | 'instance'>;

/** @throws {ServiceError} NOT_FOUND */
export async function getDevice(
  context: ServiceContext,
  instance: string,
  by: { readonly deviceId: string } | { readonly adToken: string },
): Promise<DeviceView> {
  const record = await context.store.device(instance, by);
  if (record === null) throw new ServiceError('NOT_FOUND', 'no such device');
  const { keyHash: _keyHash, instance: _instance, ...view } = record;
  return view;
}

export interface KickOptions {
  /** What the devices are told to wait, ms. */
  readonly retryAfterMs: number;
  /** `host:port` to go to instead, or empty. */
  readonly redirect: string;
}

/** Closes sessions; they come back after `retryAfterMs`. @returns how many. */
export async function kick(
  context: ServiceContext,
  fleet: Fleet,
  actor: Actor,
  instance: string,
  target: SessionTarget,
  options: KickOptions,
): Promise<number> {
  const routes = await findSessions(fleet, instance, target);
  for (const route of routes) fleet.kick(route, CloseCode.KICKED, options.retryAfterMs, options.redirect);
  const object = target.deviceId ?? target.user ?? target.adToken ?? '';
  const after = { ...target, ...options, sessions: routes.length };
  const change = { action: 'session.kick', instance, object, after } as const;
  await context.store.saveDocs([auditWrite(actor, change, context.clock().wall)]);
  return routes.length;
}
