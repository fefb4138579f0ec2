/**
 * A device by the rules of the SDK, written down a second time and as briefly as possible: it stores
 * before it hands over, drops what it has, and acknowledges the unbroken run of what its app reported.
 */
import type { ClientFrame, PointOnWire } from '../../src/core/frames.js';
import { pointKind } from '../../src/core/model.js';
import { encodeClientFrame, type ReceivedFrame, type ReceivedSync } from '../../src/wire/frames.js';
import type { History } from './history.js';
import type { Kernel } from './kernel.js';
import { CONFIGS, configOf, decodePayload, INSTANCE, isOfUser, pointName } from './model.js';
import type { DeviceEnd, Network } from './network.js';
import { decode, type Server } from './server.js';

/** A message that is stored and not acknowledged. */
interface Pending {
  readonly id: number;
  readonly name: string;
  /** What an ack of it names: the end of its batch for the last one in it. */
  upTo: number;
  /** When the app is done with it, if it ever is. */
  readonly dueMs: number;
}

/** One stream in the device's database. */
interface Stored {
  received: number;
  acked: number;
  pending: Pending[];
  /**
   * Everything that was shown. What comes again is told by it and not by the point: a new version of the
   * app may be let see records that were left out below it.
   */
  readonly shown: Set<number>;
}

/** One connection, as long as it is the device's current one. */
interface Link {
  readonly end: DeviceEnd;
  welcomed: boolean;
  /** The user of each binding, by bindSeq. */
  readonly users: string[];
  /** The newest binding that the server has answered for. */
  boundSeq: number;
  awaitsPong: boolean;
  readonly seen: Set<number>;
}

export interface DeviceOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly server: Server;
  readonly history: History;
}

/** The app on the device. */
export interface App {
  /** Names of messages that make it crash: never reported. */
  readonly poison: Set<string>;
  /** It reports nothing at all. */
  mute: boolean;
  /** Longest time until it reports a message. */
  slowMs: number;
}

export type Device = ReturnType<typeof createDevice>;

const CONNECT_TIMEOUT_MS = 6000;
const PONG_TIMEOUT_MS = 5000;
const ACK_PACE_MS = 50;

export function createDevice(options: DeviceOptions, id: string, os: string) {
  const { kernel, network, server, history } = options;
  const { random } = kernel;
  const device = {
    id,
    os,
    version: '1.0',
    user: '',
    /** Everybody who was ever bound, and how often the app was updated. */
    users: new Set<string>(),
    updates: 0,
    sessionId: 'valid',
    foreground: true,
    wanted: true,
    /** Raised by a reinstallation: what was shown before is forgotten. */
    install: 1,
    adToken: '',
    deviceKey: new Uint8Array(0) as Uint8Array,
    streams: new Map<string, Stored>(),
    app: { poison: new Set<string>(), mute: false, slowMs: 100 } as App,
    link: null as Link | null,
    /** When the current connection was welcomed, and when its user was last bound. */
    readySinceMs: Number.POSITIVE_INFINITY,
    connect,
    disconnect,
    reset: () => device.link?.end.reset(),
    blackhole: () => device.link?.end.blackhole(),
    stall: (stalled: boolean) => device.link?.end.stall(stalled),
    /** A second connection while the first still stands, as after a change of networks. */
    connectAgain,
    /** Closes in order, and comes back at once. */
    reconnect,
    switchUser,
    setForeground,
    updateApp,
    reinstall,
    isReady: () => device.link?.welcomed === true && isBound(device.link),
  };

  function isBound(link: Link): boolean {
    return link.boundSeq === link.users.length - 1;
  }

  // ── Connecting ────────────────────────────────────────────────────────────────────────────

  function connect(): void {
    device.wanted = true;
    if (device.link === null) open();
  }

  function connectAgain(): void {
    if (device.link === null) return;
    history.cover('connected twice');
    device.link = null;
    open();
  }

  function disconnect(): void {
    const { link } = device;
    if (link === null) return;
    drop(link);
    link.end.close();
  }

  function reconnect(): void {
    disconnect();
    retry(random.int(1, 200));
  }

  function open(): void {
    const alive = server.workers.filter(({ isOpen }) => isOpen);
    if (alive.length === 0) {
      retry(500);
      return;
    }
    const worker = random.pick(alive);
    const link: Link = {
      end: network.connect(worker.process, (socket) => worker.accept(socket), {
        connected: () => hello(link),
        data: (bytes) => {
          if (device.link === link) receive(link, decode(bytes));
        },
        closed: () => lost(link),
      }),
      welcomed: false,
      users: [''],
      boundSeq: 0,
      awaitsPong: false,
      seen: new Set(),
    };
    device.link = link;
    device.readySinceMs = Number.POSITIVE_INFINITY;
    kernel.after(CONNECT_TIMEOUT_MS, null, () => {
      if (!link.welcomed) giveUp(link);
    });
  }

  function drop(link: Link): void {
    if (device.link !== link) return;
    device.link = null;
    device.readySinceMs = Number.POSITIVE_INFINITY;
  }

  function lost(link: Link): void {
    if (device.link !== link) return;
    drop(link);
    retry(random.int(50, 1500));
  }

  function giveUp(link: Link): void {
    if (device.link !== link) return;
    lost(link);
    link.end.close();
  }

  function retry(afterMs: number): void {
    kernel.after(afterMs, null, () => {
      if (device.wanted && device.link === null) open();
    });
  }

  function send(link: Link, frame: ClientFrame): void {
    if (device.link === link && link.end.open) link.end.send(encodeClientFrame(frame));
  }

  function hello(link: Link): void {
    if (device.link !== link) return;
    const { user, sessionId, foreground, adToken, deviceKey, version } = device;
    link.users.push(user);
    const syncPoints = points(() => true);
    history.named(id, user, syncPoints);
    send(link, {
      type: 'hello',
      protocol: 1,
      appId: INSTANCE.appId,
      workspaceId: INSTANCE.workspaceId,
      deviceId: id,
      adToken,
      deviceKey,
      userId: user,
      sessionId,
      os,
      appVersion: version,
      foreground,
      heartbeatSec: 0,
      syncPoints,
      model: '',
      sdkVersion: '',
    });
  }

  function points(of: (biz: string) => boolean): PointOnWire[] {
    return CONFIGS.filter(({ biz, persisted }) => persisted && of(biz)).flatMap((config) => {
      if (isOfUser(config.biz) && device.user === '') return [];
      const stored = device.streams.get(pointName(config.biz, ownerOf(config.biz, device.user)));
      return [{ kind: pointKind(config), biz: config.biz, point: stored?.acked ?? 0 }];
    });
  }

  function ownerOf(biz: string, user: string): string {
    if (isOfUser(biz)) return user;
    return configOf(biz).scope === 'global' ? '' : id;
  }

  function heartbeat(link: Link, everyMs: number): void {
    kernel.after(everyMs, null, () => {
      if (device.link !== link) return;
      link.awaitsPong = true;
      send(link, { type: 'ping', clientTimeMs: 0 });
      kernel.after(PONG_TIMEOUT_MS, null, () => {
        if (link.awaitsPong) giveUp(link);
      });
      heartbeat(link, everyMs);
    });
  }

  // ── Frames ────────────────────────────────────────────────────────────────────────────────

  function receive(link: Link, frame: ReceivedFrame): void {
    switch (frame.type) {
      case 'welcome':
        link.welcomed = true;
        link.boundSeq = frame.bindSeq;
        device.readySinceMs = kernel.now();
        device.adToken = frame.adToken;
        if (frame.deviceKey.length > 0) device.deviceKey = frame.deviceKey;
        adopt(frame.correctedPoints);
        heartbeat(link, frame.heartbeatSec * 1000);
        if (device.user !== link.users.at(-1)) bind(link);
        return;
      case 'result':
        link.boundSeq = Math.max(link.boundSeq, frame.bindSeq);
        device.readySinceMs = kernel.now();
        adopt(frame.correctedPoints);
        return;
      case 'pong':
        link.awaitsPong = false;
        return;
      case 'kick':
        drop(link);
        link.end.close();
        history.cover(`kicked ${frame.code}`);
        retry(frame.code >= 4200 && frame.code < 4300 ? 5000 : Math.max(frame.retryAfterMs, 50));
        return;
      case 'sync':
        receiveSync(link, frame);
        return;
      default:
        return;
    }
  }

  function adopt(corrected: readonly PointOnWire[]): void {
    for (const { biz, point } of corrected) {
      history.cover('corrected points');
      const stored = find(pointName(biz, ownerOf(biz, device.user)));
      Object.assign(stored, { received: point, acked: point, pending: [] });
    }
  }

  function find(name: string): Stored {
    let stored = device.streams.get(name);
    if (stored === undefined) {
      stored = { received: 0, acked: 0, pending: [], shown: new Set() };
      device.streams.set(name, stored);
    }
    return stored;
  }

  function receiveSync(link: Link, sync: ReceivedSync): void {
    const ofUser = isOfUser(sync.biz);
    const user = ofUser ? (link.users[sync.bindSeq] ?? '') : '';
    for (const oplog of sync.oplogs) {
      const payload = decodePayload(oplog.payload);
      const expected = configOf(sync.biz).scope === 'global' ? '' : ownerOf(sync.biz, user);
      if (payload.to !== expected || payload.biz !== sync.biz)
        history.violation('CROSSED', `${id} got ${payload.name} for ${payload.to} as data of ${expected}`);
    }
    if (ofUser && sync.bindSeq < link.boundSeq)
      history.violation('OLD_USER', `${id} got data of binding ${sync.bindSeq} after ${link.boundSeq}`);
    // On its way while the app switched the user: not for anybody who is still there.
    if (ofUser && sync.bindSeq !== link.users.length - 1) return;
    if (sync.transient) receiveTransient(link, sync);
    else if (sync.late) receiveLate(link, sync, user);
    else receiveBatch(link, sync, user);
  }

  function receiveBatch(link: Link, sync: ReceivedSync, user: string): void {
    const name = pointName(sync.biz, ownerOf(sync.biz, user));
    const stored = find(name);
    if (stored.received < sync.from) {
      if (!sync.serverPoint) {
        history.violation('ORDER', `${id} stands at ${stored.received} of ${name} and got from ${sync.from}`);
        return;
      }
      Object.assign(stored, { received: sync.from, acked: sync.from, pending: [] });
    }
    let last = sync.from;
    for (const oplog of sync.oplogs) {
      if (oplog.id <= last || oplog.id > sync.through)
        history.violation('ORDER', `${oplog.id} is not between ${last} and ${sync.through}`);
      last = oplog.id;
      if (stored.shown.has(oplog.id)) continue;
      const { name: message } = decodePayload(oplog.payload);
      stored.shown.add(oplog.id);
      history.shown(device, name, oplog.id, message, oplog.id <= stored.received);
      if (oplog.id <= stored.acked) continue;
      const dueMs = kernel.now() + random.int(1, device.app.slowMs);
      keep(stored, { id: oplog.id, name: message, upTo: oplog.id, dueMs });
    }
    const end = stored.pending.at(-1);
    if (end !== undefined && end.id <= sync.through) end.upTo = Math.max(end.upTo, sync.through);
    stored.received = Math.max(stored.received, sync.through);
    planAck(link, sync, stored, user, ACK_PACE_MS, sync.from);
  }

  /**
   * In the order of ids. A newer version of the app may be let see what was left out, as long as what
   * lies before it is not acknowledged; then the message before answers for itself alone.
   */
  function keep(stored: Stored, entry: Pending): void {
    const at = stored.pending.findLastIndex(({ id: before }) => before < entry.id) + 1;
    stored.pending.splice(at, 0, entry);
    const before = stored.pending[at - 1];
    if (before !== undefined) before.upTo = Math.min(before.upTo, entry.id - 1);
  }

  /** The app takes its time with each message, and with some for ever. */
  function isReported({ name, dueMs }: Pending): boolean {
    return kernel.now() >= dueMs && !device.app.mute && !device.app.poison.has(name);
  }

  /** Looks again and again, as long as the connection lasts, whether there is more to acknowledge. */
  function planAck(
    link: Link,
    sync: ReceivedSync,
    stored: Stored,
    user: string,
    afterMs: number,
    told: number,
  ): void {
    kernel.after(afterMs, null, () => {
      const { kind, biz, bindSeq } = sync;
      if (device.link !== link) return;
      const isOld = isOfUser(biz) && bindSeq !== link.users.length - 1;
      for (
        let first = stored.pending[0];
        first !== undefined && isReported(first);
        first = stored.pending[0]
      ) {
        stored.acked = Math.max(stored.acked, first.upTo);
        stored.pending.shift();
      }
      if (stored.pending.length === 0) stored.acked = Math.max(stored.acked, stored.received);
      const through = stored.acked;
      if (through > told) {
        history.acked(id, biz, ownerOf(biz, user), through);
        send(link, { type: 'ack', kind, biz, bindSeq, through, transient: false, late: false });
      }
      // The app reported what it had in hand when the user was switched; then no more.
      if (isOld) history.cover('ack of the user before');
      else if (through < sync.through)
        planAck(link, sync, stored, user, random.int(300, 1000), Math.max(told, through));
    });
  }

  function receiveLate(link: Link, sync: ReceivedSync, user: string): void {
    const name = pointName(sync.biz, ownerOf(sync.biz, user));
    const stored = find(name);
    for (const oplog of sync.oplogs) {
      if (stored.shown.has(oplog.id)) continue;
      stored.shown.add(oplog.id);
      history.shown(device, name, oplog.id, decodePayload(oplog.payload).name, true);
    }
    const { kind, biz, bindSeq, through } = sync;
    kernel.after(random.int(1, device.app.slowMs), null, () =>
      send(link, { type: 'ack', kind, biz, bindSeq, through, transient: false, late: true }),
    );
  }

  function receiveTransient(link: Link, sync: ReceivedSync): void {
    for (const { id: oplogId } of sync.oplogs) {
      if (link.seen.has(oplogId)) continue;
      link.seen.add(oplogId);
      history.cover('non-persisted data');
    }
    const { kind, biz, bindSeq, through } = sync;
    if (device.app.mute) return;
    kernel.after(random.int(1, device.app.slowMs), null, () =>
      send(link, { type: 'ack', kind, biz, bindSeq, through, transient: true, late: false }),
    );
  }

  // ── What people do ────────────────────────────────────────────────────────────────────────

  function switchUser(user: string, sessionId = 'valid'): void {
    if (device.user === user && device.sessionId === sessionId) return;
    device.user = user;
    if (user !== '') device.users.add(user);
    device.sessionId = sessionId;
    if (device.link?.welcomed === true) bind(device.link);
  }

  function bind(link: Link): void {
    const { user, sessionId } = device;
    link.users.push(user);
    const request = link.users.length;
    if (user === '') {
      send(link, { type: 'unbindUser', request });
      return;
    }
    const syncPoints = points(isOfUser);
    history.named(id, user, syncPoints);
    send(link, { type: 'bindUser', request, userId: user, sessionId, syncPoints });
  }

  function setForeground(foreground: boolean): void {
    if (device.foreground === foreground) return;
    device.foreground = foreground;
    if (device.link?.welcomed === true) send(device.link, { type: 'appState', foreground });
  }

  /**
   * A new version runs only after the app was started anew. What lies in the database is the device's
   * from then on: its point must not lie where the old version's filters have been applied already.
   */
  function updateApp(version: string): void {
    disconnect();
    if (device.version !== version) {
      device.updates++;
      for (const stored of device.streams.values())
        Object.assign(stored, { acked: stored.received, pending: [] });
    }
    device.version = version;
    retry(random.int(100, 2000));
  }

  function reinstall(): void {
    disconnect();
    device.install++;
    device.adToken = '';
    device.deviceKey = new Uint8Array(0);
    device.streams = new Map();
    retry(random.int(100, 2000));
  }

  return device;
}
