/** What the actions call. Implemented by the delivery and push services and put together by serve. */
import type { SyncResult } from '../../core/codes.js';
import type { DeviceRecord } from '../../core/model.js';
import type { Aliases } from '../../push/aliases.js';
import type { AnalysisQueries } from '../../push/analysis/queries.js';
import type { DeviceBinder } from '../../push/device-bindings.js';
import type { DeviceTokens } from '../../push/device-tokens.js';
import type { SendMobile } from '../../push/mobile.js';
import type { Push } from '../../push/push.js';
import type { Revoker } from '../../push/revoke.js';
import type { Schedules } from '../../push/schedules/schedules.js';
import type { Tags } from '../../push/tags.js';
import type { Templates } from '../../push/templates.js';

/** A call of data synchronization, its fields named as in `/webapi/sync/*` and not yet checked. */
export interface SyncCall {
  /** `workspaceId_appId`. */
  readonly instance: string;
  readonly global: boolean;
  readonly fields: Readonly<Record<string, string | undefined>>;
}

export interface SyncAnswer {
  readonly result: SyncResult;
  /** Why, when the result is a refusal that needs words; else empty. */
  readonly detail: string;
}

/** The apps that keys and calls name. */
export interface AppDirectory {
  /** @param instance `workspaceId_appId` */
  has(instance: string): Promise<boolean>;
  /** The instance of an AppKey of Mobile Push, or null. */
  ofAppKey(appKey: string): Promise<string | null>;
}

/** What is known of devices. A device is named by its device id (utdid) or its Ad-token. */
export interface DeviceDirectory {
  find(instance: string, device: string): Promise<DeviceRecord | null>;
  /** Devices bound to the user now. */
  ofUser(instance: string, user: string): Promise<DeviceRecord[]>;
  isOnline(instance: string, device: string): Promise<boolean>;
  /** Makes a device known that has not been connected, by its token in a vendor's channel. */
  register(instance: string, token: string, os: 'ios'): Promise<DeviceRecord>;
}

export interface Services {
  readonly apps: AppDirectory;
  /** Checks, stores and wakes; resolves when the data is durable. Rejects with StoreUnavailable. */
  readonly sync: (call: SyncCall) => Promise<SyncAnswer>;
  readonly templates: Templates;
  readonly tags: Tags;
  readonly devices: DeviceDirectory;
  readonly push: Push;
  readonly binder: DeviceBinder;
  readonly aliases: Aliases;
  readonly revoker: Revoker;
  readonly schedules: Schedules;
  readonly mobilePush: SendMobile;
  readonly analysis: AnalysisQueries;
  readonly tokens: DeviceTokens;
}
