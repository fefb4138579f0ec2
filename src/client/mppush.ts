/**
 * The surface of the vendor's MPPush (mPaaS MPS guide, 4.1 and 8.1) for Node devices, on the connection
 * and the database of MPSync. docs/client.md is the guide.
 */
import { FrameResult } from '../core/codes.js';
import { PUSH_BIZ } from '../core/push-streams.js';
import type { MPSyncConfig } from './config.js';
import type { ReportFrame } from './device-options.js';
import type { PayloadItem, SyncMessage } from './message.js';
import { ConnectionType, MPSync, type MPSyncOptions } from './mpsync.js';

/** What the vendor's calls answer. */
export interface ResultPb {
  readonly success: boolean;
  /** `100`, or a code of the guide. */
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

/** What the vendor's AliPushRcvService is told. */
export interface PushReceiver {
  /**
   * A message: `k` and `bData` of its body. It comes again after a reconnect or a restart until this
   * returns without throwing.
   *
   * @param clicked false: nothing was clicked yet; the app shows it and reports what becomes of it
   */
  handleActionReceived(msgKey: string, msgValue: string, clicked: boolean): void | Promise<void>;
  /** The device's push address, when it is known and whenever it is another one. */
  handleActionId?(adToken: string): void;
  /** Messages were taken back, by `k` where the app had them, and by business message id. */
  handleActionRevoked?(revoked: {
    readonly msgKeys: readonly string[];
    readonly msgIds: readonly string[];
  }): void;
}

export interface MPPush {
  /** Names the server and the app, unless `MPSync.setup` did. Once, before `init`. */
  setup(config: MPSyncConfig, options?: MPSyncOptions): void;
  /** Opens the database and connects. @throws {Error} (as rejection) when it cannot be opened. */
  init(receiver: PushReceiver): Promise<void>;
  /** Binds a user to this device. The server is told now, or with the next connection. */
  bind(userId: string, token: string): ResultPb;
  unbind(userId: string, token: string): ResultPb;
  /** Tells the server of the token of a vendor's channel: 4 Xiaomi, 5 Huawei, 7 OPPO, 8 vivo. */
  report(deliveryToken: string, thirdChannel: number, thirdChannelDeviceToken: string): Promise<ResultPb>;
  /** The app has opened a message. Without a connection it is told with the next one of this process. */
  reportPushOpen(pushMsgId: string, pushMsgValue: string): void;
  /** The user has dismissed a message, likewise. */
  reportPushIgnored(pushMsgId: string, pushMsgValue: string): void;
  /** Reports that wait for a connection. */
  waitingReports(): number;
}

const VENDORS: Readonly<Record<number, string>> = { 4: 'xiaomi', 5: 'huawei', 7: 'oppo', 8: 'vivo' };
/** Beyond, the oldest are forgotten. */
const MAX_WAITING = 1000;
/** Ids of messages that a later Revoke can name by `k`. */
const MAX_REMEMBERED = 1000;

interface State {
  readonly sync: MPSync;
  receiver: PushReceiver | null;
  toldToken: string;
  waiting: ReportFrame[];
  /** `k` by business message id, the oldest first. */
  readonly keys: Map<string, string>;
  sending: boolean;
}

/** @param sync whose connection is used */
export function createMPPush(sync: MPSync = MPSync): MPPush {
  const state: State = { sync, receiver: null, toldToken: '', waiting: [], keys: new Map(), sending: false };
  return {
    setup: (config, options) => sync.setup(config, options),
    async init(receiver) {
      const isFirst = state.receiver === null;
      state.receiver = receiver;
      await sync.initialize();
      if (isFirst) listen(state);
      sync.appToForeground();
    },
    bind(userId, token) {
      const refused = checkNames(userId, token);
      if (refused !== null) return refused;
      // MPSync may have bound the same user with a session; that is left as it is.
      if (sync.userId !== userId) {
        sync.userId = userId;
        sync.device?.setUser(userId, '');
      }
      return OK;
    },
    unbind(userId, token) {
      const refused = checkNames(userId, token);
      if (refused !== null) return refused;
      if (sync.userId === userId) {
        sync.userId = '';
        sync.clearUserInfo();
      }
      return OK;
    },
    async report(deliveryToken, thirdChannel, thirdChannelDeviceToken) {
      if (deliveryToken === '') return refusal('3001', 'NEED_DELIVERYTOKEN', 'need token');
      const vendor = VENDORS[thirdChannel];
      if (vendor === undefined || thirdChannelDeviceToken === '')
        return refusal('3028', 'INVALID_PARAM', 'param is invalid');
      const token = { vendor, vendorToken: thirdChannelDeviceToken, appVersion: '', model: '' };
      const code = await ask(state, { type: 'reportToken', ...token });
      if (code === FrameResult.OK) return OK;
      return code === FrameResult.INVALID
        ? refusal('3028', 'INVALID_PARAM', 'param is invalid')
        : refusal('9000', 'SYSTEM_ERROR', 'the server did not take it; report it again');
    },
    reportPushOpen: (pushMsgId) => reportEvent(state, 'opened', pushMsgId),
    reportPushIgnored: (pushMsgId) => reportEvent(state, 'ignored', pushMsgId),
    waitingReports: () => state.waiting.length,
  };
}

/** The instance that a program normally uses. */
export const MPPush: MPPush = createMPPush();

const OK: ResultPb = { success: true, code: '100', name: 'SUCCESS', message: '' };

function refusal(code: string, name: string, message: string): ResultPb {
  return { success: false, code, name, message };
}

function checkNames(userId: string, token: string): ResultPb | null {
  if (userId === '') return refusal('3012', 'NEED_USERID', 'need userid');
  return token === '' ? refusal('3001', 'NEED_DELIVERYTOKEN', 'need token') : null;
}

function listen(state: State): void {
  const { sync } = state;
  const callback = { onReceiveMessage: (message: SyncMessage) => received(state, message) };
  for (const biz of Object.values(PUSH_BIZ)) sync.registerBiz(biz, callback);
  sync.addRevokeListener(({ thirdMsgIds }) => {
    const msgKeys = thirdMsgIds.flatMap((id) => state.keys.get(id) ?? []);
    state.receiver?.handleActionRevoked?.({ msgKeys, msgIds: thirdMsgIds });
  });
  sync.addConnectionListener({
    onConnectionStateChanged(event) {
      if (event.getEventType() === ConnectionType.Connected) connected(state);
    },
  });
}

function connected(state: State): void {
  const adToken = state.sync.getAdToken();
  if (adToken !== state.toldToken) {
    state.toldToken = adToken;
    state.receiver?.handleActionId?.(adToken);
  }
  void sendWaiting(state);
}

/** Acknowledged when the app has taken it; a callback that throws is told again later. */
async function received(state: State, message: SyncMessage): Promise<void> {
  for (const { pl } of JSON.parse(message.msgData) as PayloadItem[]) {
    const { k, bData } = JSON.parse(pl) as { readonly k: string; readonly bData: string };
    state.keys.set(message.thirdMsgId, k);
    const [oldest] = state.keys.keys();
    if (state.keys.size > MAX_REMEMBERED && oldest !== undefined) state.keys.delete(oldest);
    await state.receiver?.handleActionReceived(k, bData, false);
    // What comes in a stream has arrived when it is acknowledged; nothing else tells of this.
    if (message.transient) reportEvent(state, 'arrived', k);
  }
  state.sync.reportMsgReceived(message);
}

function reportEvent(state: State, kind: string, messageId: string): void {
  if (messageId === '') return;
  state.waiting.push({ type: 'reportEvent', kind, messageId, atMs: Date.now() });
  if (state.waiting.length > MAX_WAITING) state.waiting.shift();
  void sendWaiting(state);
}

/** One after the other; what the server could not take waits for the next report or connection. */
async function sendWaiting(state: State): Promise<void> {
  if (state.sending) return;
  state.sending = true;
  try {
    for (let [frame] = state.waiting; frame !== undefined; [frame] = state.waiting) {
      const code = await ask(state, frame);
      if (code === null || code === FrameResult.UNAVAILABLE) return;
      state.waiting = state.waiting.filter((one) => one !== frame);
    }
  } finally {
    state.sending = false;
  }
}

/** @returns the server's word, or null when there was none */
async function ask({ sync }: State, frame: ReportFrame): Promise<string | null> {
  try {
    return (await sync.device?.request(frame)) ?? null;
  } catch {
    return null;
  }
}
