/** What a device is built from, and what it can do. */
import type { ClientFrame } from '../core/frames.js';
import type { ReceivedFrame } from '../wire/frames.js';
import type { AliasCalls } from './aliases.js';
import type { Endpoint } from './endpoint.js';
import type { LinkRules, LinkState } from './link.js';
import type { Revocation, SyncCommand, SyncMessage } from './message.js';
import type { ClientStorage } from './storage.js';

export interface DeviceHandlers {
  message(message: SyncMessage): void;
  command(command: SyncCommand): void;
  /** Messages were taken back: those that the app shows, it removes. May come more than once. */
  revoked?(revocation: Revocation): void;
  /** A back end has bound another user to this device, or none (empty). */
  userChanged?(userId: string): void;
  /** @param detail Why, for a person. */
  state(state: LinkState, detail: string): void;
  /** Something failed that the device lives on with: its database, or a user that cannot be bound. */
  error(error: Error): void;
}

export interface DeviceOptions {
  readonly endpoint: Endpoint;
  readonly workspaceId: string;
  readonly appId: string;
  /** Default: the one in the storage, made at the first run. */
  readonly deviceId?: string;
  /** `android`, `ios` or `harmony`: what the filters of the back end go by. Default none. */
  readonly os?: string;
  readonly appVersion?: string;
  readonly model?: string;
  readonly storage: ClientStorage;
  readonly handlers: DeviceHandlers;
  /** Bytes of payload kept for the app, 64 MiB by default. Beyond it the server keeps the rest. */
  readonly maxStoredBytes?: number;
  readonly rules?: Partial<LinkRules>;
  /** How long to wait after the database failed, or the server could not bind the user. Default 10 s. */
  readonly repairAfterMs?: number;
  readonly random?: () => number;
  /** Sees every frame in both directions, before anything is done with it. */
  readonly tap?: (direction: 'in' | 'out', frame: ReceivedFrame | ClientFrame) => void;
}

/** Reports to the server, which the link numbers. */
export type ReportFrame = Unnumbered<Extract<ClientFrame, { type: 'reportToken' | 'reportEvent' }>>;
type Unnumbered<F> = F extends { readonly request: number } ? Omit<F, 'request'> : never;

export interface Device extends AliasCalls {
  readonly deviceId: string;
  /** Push address, 64 hex characters; empty before the first Welcome. */
  readonly adToken: string;
  readonly state: LinkState;
  connect(): void;
  disconnect(): void;
  /** Tells the server whether the app is visible; global data waits for it (mPaaS MSS guide, 5.3). */
  setForeground(foreground: boolean): void;
  /** Binds a user, or none with an empty `userId`. Nothing of the user before is handed over after it. */
  setUser(userId: string, sessionId: string): void;
  /** Messages of the bizType are handed over from now on, those that waited first. */
  register(biz: string): void;
  /** Messages of the bizType wait in the database from now on. */
  unregister(biz: string): void;
  /** The app has processed the message. */
  report(message: SyncMessage): void;
  /** Asks the server. @returns its result code @throws {Error} (as rejection) without a connection */
  request(frame: ReportFrame): Promise<string>;
  /** Disconnects and releases the database. */
  close(): Promise<void>;
}
