/** What a run is about: the tenant, its configurations, the users and devices, and messages by name. */
import type { Filter, Instance, OwnerKind, PointKind, SyncConfig } from '../../src/core/model.js';
import { pointKind, streamKind } from '../../src/core/model.js';
import type { SessionRules } from '../../src/core/session.js';

export const INSTANCE: Instance = {
  key: 'ws_app',
  workspaceId: 'ws',
  appId: 'app',
  signature: false,
  signaturePublicKey: '',
  validateUrl: '',
  validateOperation: '',
  createdMs: 0,
};

/** Faults happen until here. */
export const TROUBLE_MS = 120_000;
/** Wall clock at the start of a run. */
export const START_MS = 1_700_000_000_000;

const configs: SyncConfig[] = [];

function config(biz: string, fields: Partial<SyncConfig>): SyncConfig {
  const made: SyncConfig = {
    instance: INSTANCE.key,
    biz,
    slot: configs.length,
    description: '',
    scope: 'specified',
    object: 'device',
    multiDevice: true,
    persisted: true,
    retentionMs: 30 * 86_400_000,
    threshold: null,
    userConsistency: false,
    deliver: 'immediate',
    signature: 'inherit',
    online: true,
    createdMs: 0,
    changedMs: 0,
    ...fields,
  };
  configs.push(made);
  return made;
}

export const DEVICE_DATA = config('device-data', {});
export const USER_DATA = config('user-data', { object: 'user' });
export const SINGLE = config('single', { object: 'user', multiDevice: false });
config('global', { scope: 'global' });
config('foreground', { scope: 'global', deliver: 'foreground' });
config('global-user', { scope: 'global', object: 'user' });
config('verified', { object: 'user', userConsistency: true });
export const NEWEST = config('newest', { threshold: 4 });
config('transient', { object: 'user', persisted: false });
/** By slot. */
export const CONFIGS: readonly SyncConfig[] = configs;

export function configOf(biz: string): SyncConfig {
  const found = CONFIGS.find((one) => one.biz === biz);
  if (found === undefined) throw new Error(`no configuration ${biz}`);
  return found;
}

/** Small numbers everywhere, so that a run of minutes meets every bound. */
export const RULES: SessionRules = {
  window: { records: 6, bytes: 4_000 },
  batch: { records: 3, bytes: 2_000 },
  ackTimeoutMs: 3_000,
  ackTimeoutMaxMs: 12_000,
  maxAttempts: 6,
  attemptBackoffMs: [0, 0, 2_000, 4_000, 8_000],
  heartbeatSec: 20,
  minHeartbeatSec: 20,
  maxHeartbeatSec: 60,
  maxFrameBytes: 65_536,
  maxSubscriptions: 64,
  maxNameChars: 100,
  maxSkewMs: 600_000,
  handoverGraceMs: 1_500,
  revalidateMs: 60_000,
};

export const USERS = ['user-100', 'user-217', 'user-350'] as const;
export const DEVICES = ['phone-1', 'phone-2', 'tablet-3', 'watch-4', 'car-5'] as const;
export const VERSIONS = ['1.0', '2.0', '3.0'] as const;

/** One piece of data that a back end sends, perhaps several times. */
export interface Message {
  /** Its thirdMsgId, and the name by which a run knows it. */
  readonly name: string;
  readonly biz: string;
  /** User or device; empty for everybody. */
  readonly to: string;
  readonly filter: Filter | null;
  /** How long it may be delivered, or 0 for as long as the configuration says. */
  readonly validMs: number;
}

export interface Payload {
  readonly name: string;
  readonly biz: string;
  readonly to: string;
}

export function encodePayload({ name, biz, to }: Message): Uint8Array {
  return Buffer.from(JSON.stringify({ name, biz, to }));
}

export function decodePayload(bytes: Uint8Array): Payload {
  return JSON.parse(Buffer.from(bytes).toString()) as Payload;
}

/** `u user-100 single`: one stream of the one instance. */
export function streamName(biz: string, owner: string): string {
  const kind: OwnerKind = streamKind(configOf(biz));
  return `${kind} ${kind === 'g' ? '' : owner} ${biz}`;
}

/** Where a reader keeps its position: by the user as well for global data that is read by users. */
export function pointName(biz: string, owner: string): string {
  const kind: PointKind = pointKind(configOf(biz));
  return `${kind} ${kind === 'g' ? '' : owner} ${biz}`;
}

export function isOfUser(biz: string): boolean {
  const kind = pointKind(configOf(biz));
  return kind === 'u' || kind === 'gu';
}
