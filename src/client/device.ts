/**
 * A device: its database, its inbox and its link, wired together. The surface that apps see is in
 * mpsync.ts; tools and tests use this one.
 */
import { randomBytes } from 'node:crypto';
import { FrameResult } from '../core/codes.js';
import type { PointOnWire } from '../core/frames.js';
import type { ReceivedFrame } from '../wire/frames.js';
import { createAliasCalls } from './aliases.js';
import { noteVersion } from './app-version.js';
import type { Device, DeviceOptions } from './device-options.js';
import { asError, ignore } from './errors.js';
import { parseHeartbeat } from './heartbeat.js';
import { splitPoints } from './hello-points.js';
import { type Identity, identityWrite, readIdentity } from './identity.js';
import { createInbox, type Inbox } from './inbox.js';
import { forgetOldLate } from './late-memory.js';
import { createLink, type Frame, type HelloFields, type Link, type LinkState } from './link.js';

export const SDK_VERSION = 'longlink-node/0.1.0';

interface State {
  readonly options: DeviceOptions;
  readonly deviceId: string;
  readonly registered: Set<string>;
  identity: Identity;
  inbox: Inbox;
  link: Link;
  user: { readonly userId: string; readonly sessionId: string };
  /** The user of the last Hello. */
  announced: State['user'];
  /** Numbers the bindings, so that the answer to an overtaken one changes nothing. */
  binding: number;
  foreground: boolean;
  announcedForeground: boolean;
  wanted: boolean;
  repairTimer: NodeJS.Timeout | null;
  closed: boolean;
}

const NOBODY = { userId: '', sessionId: '' };
const DEFAULT_REPAIR_MS = 10_000;
const DEFAULT_STORED_BYTES = 64 << 20;
const DEVICE_KEY = 'device';
const HEARTBEAT_KEY = 'heartbeat';

/**
 * Opens the database and builds the device; it does not connect yet.
 *
 * @throws {Error} (as rejection) what the storage's `load` throws.
 */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const { os = '', appVersion = '' } = options;
  const content = await noteVersion(options.storage, await options.storage.load(), os, appVersion);
  const deviceId = options.deviceId ?? content.get(DEVICE_KEY) ?? randomBytes(18).toString('base64url');
  if (content.get(DEVICE_KEY) !== deviceId) await options.storage.write([[DEVICE_KEY, deviceId]]);
  await forgetOldLate(options.storage, content);
  const inbox = buildInbox(options, deviceId, content, () => state);
  const heartbeat = parseHeartbeat(content.get(HEARTBEAT_KEY));
  const state: State = {
    options,
    deviceId,
    registered: new Set(),
    identity: readIdentity(content, deviceId),
    inbox,
    link: createLink({
      endpoint: options.endpoint,
      heartbeat,
      handlers: {
        hello: () => hello(state),
        frame: (frame) => takeFrame(state, frame),
        state: (link, detail) => linkChanged(state, link, detail),
        heartbeat: (memory) =>
          void options.storage.write([[HEARTBEAT_KEY, JSON.stringify(memory)]]).catch(ignore),
      },
      ...(options.rules === undefined ? {} : { rules: options.rules }),
      ...(options.random === undefined ? {} : { random: options.random }),
      ...(options.tap === undefined ? {} : { tap: options.tap }),
    }),
    user: NOBODY,
    announced: NOBODY,
    binding: 0,
    foreground: true,
    announcedForeground: true,
    wanted: false,
    repairTimer: null,
    closed: false,
  };
  return surface(state);
}

function surface(state: State): Device {
  return {
    deviceId: state.deviceId,
    get adToken() {
      return state.identity.adToken;
    },
    get state() {
      return state.link.state;
    },
    connect() {
      state.wanted = true;
      if (state.repairTimer === null && !state.closed) state.link.open();
    },
    disconnect() {
      state.wanted = false;
      void leave(state);
    },
    setForeground(foreground) {
      state.foreground = foreground;
      tellForeground(state);
    },
    setUser: (userId, sessionId) => setUser(state, userId === '' ? NOBODY : { userId, sessionId }),
    register(biz) {
      state.registered.add(biz);
      state.inbox.register(biz);
    },
    unregister(biz) {
      state.registered.delete(biz);
      state.inbox.unregister(biz);
    },
    report: (message) => state.inbox.report(message),
    request: async (frame) => (await state.link.request(frame)).code,
    ...createAliasCalls(() => state.link),
    close: () => close(state),
  };
}

function buildInbox(
  options: DeviceOptions,
  deviceId: string,
  content: ReadonlyMap<string, string>,
  state: () => State,
): Inbox {
  return createInbox(
    {
      storage: options.storage,
      deviceId,
      maxStoredBytes: options.maxStoredBytes ?? DEFAULT_STORED_BYTES,
      handOver: (message) => options.handlers.message(message),
      sendAck: (ack) => void state().link.send(ack),
      failed: (error) => storageFailed(state(), error),
    },
    content,
  );
}

function hello(state: State): HelloFields {
  const { options, identity } = state;
  state.announced = state.user;
  state.announcedForeground = state.foreground;
  return {
    appId: options.appId,
    workspaceId: options.workspaceId,
    deviceId: state.deviceId,
    adToken: identity.adToken,
    deviceKey: Buffer.from(identity.deviceKey, 'hex'),
    userId: state.user.userId,
    sessionId: state.user.sessionId,
    os: options.os ?? '',
    appVersion: options.appVersion ?? '',
    foreground: state.foreground,
    syncPoints: splitPoints(state.inbox.points('all')).hello,
    model: options.model ?? '',
    sdkVersion: SDK_VERSION,
  };
}

async function takeFrame(state: State, frame: ReceivedFrame): Promise<void> {
  switch (frame.type) {
    case 'welcome':
      await welcomed(state, frame);
      return;
    case 'sync':
      await orRepair(state, () => state.inbox.accept(frame));
      return;
    case 'revoke':
      await orRepair(state, async () => {
        const revocation = await state.inbox.revoke(frame);
        if (revocation !== null) state.options.handlers.revoked?.(revocation);
      });
      return;
    case 'command':
      state.options.handlers.command({ command: frame.name, commandData: frame.body });
      return;
    default:
      return;
  }
}

/** Streams that Hello had no room for. */
function tellOtherPoints(state: State): void {
  for (const syncPoints of splitPoints(state.inbox.points('all')).later) {
    const adopt = (result: Frame<'result'>): Promise<void> => adoptOrFail(state, result.correctedPoints);
    // A connection that ends first tells them again.
    state.link.request({ type: 'registerBiz', syncPoints }, adopt).catch(ignore);
  }
}

async function adoptOrFail(state: State, points: readonly PointOnWire[]): Promise<void> {
  await orRepair(state, () => state.inbox.adopt(points));
}

async function orRepair(state: State, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    storageFailed(state, asError(error));
  }
}

async function welcomed(state: State, welcome: Frame<'welcome'>): Promise<void> {
  try {
    await keepIdentity(state, welcome);
    await state.inbox.adopt(welcome.correctedPoints);
  } catch (error) {
    storageFailed(state, asError(error));
    return;
  }
  state.inbox.connected();
  if (state.user !== state.announced) bind(state);
  else if (welcome.userBound) state.inbox.setBound(welcome.bindSeq);
  else if (welcome.boundUser !== '' || welcome.result === FrameResult.UNBOUND) overruled(state, welcome);
  else if (state.user !== NOBODY) bindAgainLater(state, welcome.result);
  tellForeground(state);
  tellOtherPoints(state);
}

/** The key comes only with a token issued now; without it nobody can resume the token. */
async function keepIdentity(state: State, welcome: Frame<'welcome'>): Promise<void> {
  if (welcome.deviceKey.length === 0 && welcome.adToken === state.identity.adToken) return;
  const deviceKey = Buffer.from(welcome.deviceKey).toString('hex');
  state.identity = { adToken: welcome.adToken, deviceKey };
  await state.options.storage.write([identityWrite(state.deviceId, state.identity)]);
}

/** A back end has bound another user, or unbound ours: taken over, until the app binds one (clause 3.5). */
function overruled(state: State, { boundUser, bindSeq }: Frame<'welcome'>): void {
  state.user = boundUser === '' ? NOBODY : { userId: boundUser, sessionId: '' };
  state.announced = state.user;
  state.inbox.setUser(boundUser);
  if (boundUser !== '') state.inbox.setBound(bindSeq);
  state.options.handlers.userChanged?.(boundUser);
}

function tellForeground(state: State): void {
  if (state.foreground === state.announcedForeground) return;
  const { foreground } = state;
  if (state.link.send({ type: 'appState', foreground })) state.announcedForeground = foreground;
}

function setUser(state: State, user: State['user']): void {
  if (user.userId === state.user.userId && user.sessionId === state.user.sessionId) return;
  state.user = user;
  state.inbox.setUser(user.userId);
  bind(state);
}

/** Tells the server of the user if connected; if not, the next Hello does. */
function bind(state: State): void {
  state.binding += 1;
  const { binding, user } = state;
  state.inbox.setBound(null);
  const request =
    user === NOBODY
      ? ({ type: 'unbindUser' } as const)
      : ({ type: 'bindUser', ...user, syncPoints: state.inbox.points('user') } as const);
  state.link
    .request(request, (result) => bound(state, binding, result))
    .catch(() => {
      if (binding === state.binding && state.link.state === 'connected') bindAgainLater(state, 'no answer');
    });
}

async function bound(state: State, binding: number, result: Frame<'result'>): Promise<void> {
  if (binding !== state.binding) return;
  if (result.code !== FrameResult.OK) {
    bindAgainLater(state, result.code);
    return;
  }
  await adoptOrFail(state, result.correctedPoints);
  if (binding === state.binding && state.user !== NOBODY) state.inbox.setBound(result.bindSeq);
}

function bindAgainLater(state: State, code: string): void {
  state.options.handlers.error(new Error(`user ${state.user.userId} is not bound: ${code}`));
  if (code === FrameResult.INVALID || code === FrameResult.UNSUPPORTED) return;
  const { binding } = state;
  setTimeout(() => {
    if (binding === state.binding && state.link.state === 'connected') bind(state);
  }, state.options.repairAfterMs ?? DEFAULT_REPAIR_MS).unref();
}

function linkChanged(state: State, link: LinkState, detail: string): void {
  if (link === 'waiting' || link === 'idle') state.inbox.disconnected();
  // Told to stay away.
  if (link === 'idle' && state.repairTimer === null) state.wanted = false;
  state.options.handlers.state(link, detail);
}

/**
 * Nothing more is accepted or acknowledged until the database was read anew: what is in memory may
 * be ahead of it.
 */
function storageFailed(state: State, error: Error): void {
  if (state.repairTimer !== null || state.closed) return;
  state.repairTimer = setTimeout(() => void repair(state), state.options.repairAfterMs ?? DEFAULT_REPAIR_MS);
  state.link.close();
  state.options.handlers.error(error);
}

async function repair(state: State): Promise<void> {
  const { options } = state;
  try {
    await options.storage.close();
    const content = await options.storage.load();
    if (state.closed) {
      await options.storage.close();
      return;
    }
    state.inbox = buildInbox(options, state.deviceId, content, () => state);
    state.inbox.setUser(state.user.userId);
    for (const biz of state.registered) state.inbox.register(biz);
    state.repairTimer = null;
  } catch (error) {
    state.repairTimer = null;
    storageFailed(state, asError(error));
    return;
  }
  if (state.wanted && !state.closed) state.link.open();
}

/** Leaves once what the app has reported is acknowledged: a lost ack is a repetition, perhaps on another device. */
async function leave(state: State): Promise<void> {
  await state.inbox.settled();
  state.inbox.flushAcks();
  if (!state.wanted) state.link.close();
}

async function close(state: State): Promise<void> {
  state.closed = true;
  if (state.repairTimer !== null) clearTimeout(state.repairTimer);
  state.wanted = false;
  await leave(state);
  await state.options.storage.close();
}
