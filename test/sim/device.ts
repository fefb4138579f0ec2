/** A device: its connections by the rules of the SDK, and what people do with it. */
import type { ClientFrame } from '../../src/core/frames.js';
import { encodeClientFrame, type ReceivedFrame } from '../../src/wire/frames.js';
import type { History } from './history.js';
import { type App, createInbox, type Link } from './inbox.js';
import type { Kernel } from './kernel.js';
import { INSTANCE, isOfUser } from './model.js';
import type { Network } from './network.js';
import { decode, type Server } from './server.js';

export interface DeviceOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly server: Server;
  readonly history: History;
}

export type Device = ReturnType<typeof createDevice>;

const CONNECT_TIMEOUT_MS = 6000;
const PONG_TIMEOUT_MS = 5000;

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

  const inbox = createInbox(kernel, history, device, send);

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
    const syncPoints = inbox.points(() => true);
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
        inbox.adopt(frame.correctedPoints);
        heartbeat(link, frame.heartbeatSec * 1000);
        if (device.user !== link.users.at(-1)) bind(link);
        return;
      case 'result':
        link.boundSeq = Math.max(link.boundSeq, frame.bindSeq);
        device.readySinceMs = kernel.now();
        inbox.adopt(frame.correctedPoints);
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
        inbox.receive(link, frame);
        return;
      default:
        return;
    }
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
    const before = link.users.at(-1) ?? '';
    const beforeSeq = link.users.length - 1;
    if (before !== '') kernel.after(random.int(10, 800), null, () => inbox.ackAgain(link, before, beforeSeq));
    link.users.push(user);
    const request = link.users.length;
    if (user === '') {
      send(link, { type: 'unbindUser', request });
      return;
    }
    const syncPoints = inbox.points(isOfUser);
    history.named(id, user, syncPoints);
    send(link, { type: 'bindUser', request, userId: user, sessionId, syncPoints });
  }

  function setForeground(foreground: boolean): void {
    if (device.foreground === foreground) return;
    device.foreground = foreground;
    if (device.link?.welcomed === true) send(device.link, { type: 'appState', foreground });
  }

  /** A new version runs only after the app was started anew. */
  function updateApp(version: string): void {
    disconnect();
    if (device.version !== version) {
      device.updates++;
      inbox.updated();
    }
    device.version = version;
    retry(random.int(100, 2000));
  }

  function reinstall(): void {
    disconnect();
    device.install++;
    device.adToken = '';
    device.deviceKey = new Uint8Array(0);
    inbox.wiped();
    retry(random.int(100, 2000));
  }

  return device;
}
