/**
 * The surface of the vendor's MPSync (mPaaS MSS guide, 4 and 8) for Node devices: the same names and
 * meanings, so that an app and its manual carry over. docs/client.md is the guide.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { checkConfig, endpointOf, type MPSyncConfig } from './config.js';
import { openDevice } from './device.js';
import type { Device, DeviceOptions } from './device-options.js';
import { createFileStorage } from './file-storage.js';
import type { LinkState } from './link.js';
import type { Revocation, SyncCommand, SyncMessage } from './message.js';

/** Receives the data of one bizType. */
export interface ISyncCallback {
  /**
   * A message. It is handed over again after a reconnect or restart until it was given to
   * `reportMsgReceived`; throwing counts as not processed.
   */
  onReceiveMessage(message: SyncMessage): void | Promise<void>;
  /** An operator's command for the app; not bound to the bizType. */
  onReceiveCommand?(command: SyncCommand): void;
}

/** States of the connection (mPaaS MSS guide, 4.3). */
export const ConnectionType = {
  Unknown: 'Unknown',
  Connecting: 'Connecting',
  Connected: 'Connected',
  Disconnected: 'Disconnected',
  ConnectFailed: 'ConnectFailed',
} as const;
export type ConnectionType = (typeof ConnectionType)[keyof typeof ConnectionType];

export interface ConnectionEvent {
  getEventType(): ConnectionType;
  /** Why, for a person; empty when there is nothing to say. */
  getExtras(): string;
}

export interface ConnectionListener {
  onConnectionStateChanged(event: ConnectionEvent): void;
}

/** What only this SDK has: how it keeps its data, and how it describes its device. */
export interface MPSyncOptions
  extends Partial<
    Pick<
      DeviceOptions,
      | 'deviceId'
      | 'os'
      | 'appVersion'
      | 'model'
      | 'storage'
      | 'maxStoredBytes'
      | 'rules'
      | 'repairAfterMs'
      | 'random'
      | 'tap'
    >
  > {
  /** Directory of the database when no `storage` is given. Default `.longlink` in the user's home. */
  readonly dataDir?: string;
  /** Stays connected after `appToBackground` and tells the server that nobody is looking. */
  readonly stayInBackground?: boolean;
  /** Told what failed beside the app's calls: a callback that threw, the database, a user not bound. */
  readonly onError?: (error: Error) => void;
}

export interface MPSync {
  /** User whose data is wanted; takes effect with `updateUserInfo` (the vendor sets it in MPFramework). */
  userId: string;
  /** Names the server and the app. Once, before `initialize`. @throws {Error} for a bad configuration. */
  setup(config: MPSyncConfig, options?: MPSyncOptions): void;
  /** Opens the database. Once; a further call waits for the first. @throws {Error} (as rejection) when it cannot be opened. */
  initialize(): Promise<void>;
  /** The app is visible: connects. */
  appToForeground(): void;
  /** The app is hidden: disconnects, unless `stayInBackground`. */
  appToBackground(): void;
  /** To be called whenever userId or sessionId changed. @returns false when either is missing. */
  updateUserInfo(sessionId: string): boolean;
  /** The user logged out: nothing of theirs is handed over any more. */
  clearUserInfo(): void;
  /** Hands messages of the bizType to the callback; what waited in the database comes first. */
  registerBiz(biz: string, callback: ISyncCallback): void;
  /** Messages of the bizType wait in the database from now on. */
  unregisterBiz(biz: string): void;
  /** The app has processed the message; only then is it acknowledged. In any order. */
  reportMsgReceived(message: SyncMessage): void;
  isConnected(): boolean;
  addConnectionListener(listener: ConnectionListener): void;
  removeConnectionListener(listener: ConnectionListener): void;
  /** Id for data sent to this device; empty before `initialize` is done. */
  getSyncDeviceId(): string;
  /** Push address; empty before the first connection. */
  getAdToken(): string;
  /** Told when messages were taken back; for bizTypes of pushes the app hears of it through MPPush. */
  addRevokeListener(listener: (revocation: Revocation) => void): void;
  /** The device beneath, for what MPSync has no words for; null before `initialize` is done. */
  readonly device: Device | null;
  /** Disconnects and closes the database: at the end of the program. */
  shutdown(): Promise<void>;
}

interface State {
  setup: { readonly config: MPSyncConfig; readonly options: MPSyncOptions } | null;
  opening: Promise<void> | null;
  device: Device | null;
  userId: string;
  sessionUser: { readonly userId: string; readonly sessionId: string };
  foreground: boolean;
  connection: ConnectionType;
  readonly callbacks: Map<string, ISyncCallback>;
  readonly listeners: Set<ConnectionListener>;
  readonly revokeListeners: Set<(revocation: Revocation) => void>;
}

/** An SDK instance of its own. Most programs use the one exported as `MPSync`. */
export function createMPSync(): MPSync {
  const state: State = {
    setup: null,
    opening: null,
    device: null,
    userId: '',
    sessionUser: { userId: '', sessionId: '' },
    foreground: false,
    connection: ConnectionType.Unknown,
    callbacks: new Map(),
    listeners: new Set(),
    revokeListeners: new Set(),
  };
  return {
    get userId() {
      return state.userId;
    },
    set userId(userId) {
      state.userId = userId;
    },
    setup(config, options = {}) {
      state.setup = { config: checkConfig(config), options };
    },
    initialize() {
      state.opening ??= open(state).catch((error: unknown) => {
        // The next call tries again.
        state.opening = null;
        throw error;
      });
      return state.opening;
    },
    appToForeground: () => toForeground(state),
    appToBackground: () => toBackground(state),
    updateUserInfo(sessionId) {
      if (state.userId === '' || sessionId === '') return false;
      setUser(state, state.userId, sessionId);
      return true;
    },
    clearUserInfo: () => setUser(state, '', ''),
    registerBiz(biz, callback) {
      state.callbacks.set(biz, callback);
      state.device?.register(biz);
    },
    unregisterBiz(biz) {
      state.callbacks.delete(biz);
      state.device?.unregister(biz);
    },
    reportMsgReceived: (message) => state.device?.report(message),
    isConnected: () => state.device?.state === 'connected',
    addConnectionListener: (listener) => void state.listeners.add(listener),
    removeConnectionListener: (listener) => void state.listeners.delete(listener),
    getSyncDeviceId: () => state.device?.deviceId ?? '',
    getAdToken: () => state.device?.adToken ?? '',
    addRevokeListener: (listener) => void state.revokeListeners.add(listener),
    get device() {
      return state.device;
    },
    async shutdown() {
      await state.opening?.catch(() => undefined);
      await state.device?.close();
      state.device = null;
      state.opening = null;
    },
  };
}

/** The instance that a program normally uses. */
export const MPSync: MPSync = createMPSync();

async function open(state: State): Promise<void> {
  if (state.setup === null) throw new Error('setup must be called before initialize');
  const { config, options } = state.setup;
  const { dataDir, stayInBackground: _, onError, storage, ...rest } = options;
  const path = join(dataDir ?? join(homedir(), '.longlink'), `${config.workspaceId}_${config.appId}.db`);
  const device = await openDevice({
    ...rest,
    workspaceId: config.workspaceId,
    appId: config.appId,
    endpoint: endpointOf(config),
    storage: storage ?? createFileStorage(path),
    handlers: {
      message: (message) => handOver(state, message),
      command: (command) => {
        for (const callback of state.callbacks.values())
          guard(state, () => callback.onReceiveCommand?.(command));
      },
      revoked: (revocation) => {
        for (const listener of state.revokeListeners) guard(state, () => listener(revocation));
      },
      state: (link, detail) => linkChanged(state, link, detail),
      error: (error) => onFailure(state, error),
    },
  });
  state.device = device;
  // What the app asked for while the database was being opened.
  for (const biz of state.callbacks.keys()) device.register(biz);
  device.setUser(state.sessionUser.userId, state.sessionUser.sessionId);
  if (state.foreground) toForeground(state);
}

function toForeground(state: State): void {
  state.foreground = true;
  state.device?.setForeground(true);
  state.device?.connect();
}

function toBackground(state: State): void {
  state.foreground = false;
  state.device?.setForeground(false);
  if (state.setup?.options.stayInBackground !== true) state.device?.disconnect();
}

function setUser(state: State, userId: string, sessionId: string): void {
  state.sessionUser = { userId, sessionId };
  state.device?.setUser(userId, sessionId);
}

function handOver(state: State, message: SyncMessage): void {
  const callback = state.callbacks.get(message.biz);
  if (callback !== undefined) guard(state, () => callback.onReceiveMessage(message));
}

/** The app's mistakes are its own: they must not stop the data of others. */
function guard(state: State, call: () => void | Promise<void>): void {
  try {
    const done = call();
    if (done instanceof Promise) done.catch((error: unknown) => onFailure(state, error));
  } catch (error) {
    onFailure(state, error);
  }
}

function onFailure(state: State, reason: unknown): void {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const onError = state.setup?.options.onError;
  if (onError === undefined) process.emitWarning(error);
  else onError(error);
}

function linkChanged(state: State, link: LinkState, detail: string): void {
  const before = state.connection;
  const type = connectionType(link, detail, before);
  if (type === before) return;
  state.connection = type;
  const event: ConnectionEvent = { getEventType: () => type, getExtras: () => detail };
  for (const listener of state.listeners) guard(state, () => listener.onConnectionStateChanged(event));
}

function connectionType(link: LinkState, detail: string, before: ConnectionType): ConnectionType {
  switch (link) {
    case 'connecting':
      return ConnectionType.Connecting;
    case 'connected':
      return ConnectionType.Connected;
    default:
      // Left by our own wish.
      if (detail === '') return ConnectionType.Disconnected;
      // An attempt that never got its Welcome has failed; what had it is disconnected.
      return before === ConnectionType.Connecting
        ? ConnectionType.ConnectFailed
        : ConnectionType.Disconnected;
  }
}
