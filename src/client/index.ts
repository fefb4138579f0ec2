/** The device SDK: `import { MPSync } from 'longlink/client'`. docs/client.md is the guide. */
export { CloseCode, FrameResult } from '../core/codes.js';
export { type BackoffRules, DEFAULT_BACKOFF } from './backoff.js';
export { type MPSyncConfig, readConfigFile } from './config.js';
export { openDevice } from './device.js';
export type { Device, DeviceHandlers, DeviceOptions, ReportFrame } from './device-options.js';
export { type Endpoint, parseAddress, type TlsSettings } from './endpoint.js';
export { createFileStorage, type FileStorageOptions } from './file-storage.js';
export { DEFAULT_LINK_RULES, type LinkRules, type LinkState } from './link.js';
export {
  type PayloadItem,
  payloadBytes,
  type Revocation,
  type SyncCommand,
  type SyncMessage,
} from './message.js';
export { createMPPush, MPPush, type PushReceiver, type ResultPb } from './mppush.js';
export {
  type ConnectionEvent,
  type ConnectionListener,
  ConnectionType,
  createMPSync,
  type ISyncCallback,
  MPSync,
  type MPSyncOptions,
} from './mpsync.js';
export { type ClientStorage, createMemoryStorage, type StorageWrite } from './storage.js';
