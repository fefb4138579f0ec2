/**
 * A raw device: speaks frames, keeps its points as a correct SDK does, and records at the frame, before
 * anything drops a duplicate. Scripted to misbehave where a test wants it. Small: thousands fit in a process.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { ClientFrame } from '../../src/core/frames.js';
import type { PointKind } from '../../src/core/model.js';
import {
  decodeServerFrame,
  dropPartial,
  encodeClientFrame,
  type PartialHolder,
  type ReceivedFrame,
  type ReceivedSync,
  takeFrame,
} from '../../src/wire/frames.js';
import { readPayload } from './payload.js';
import type { Recorder } from './recorder.js';

/** What a device does with a batch: a correct one stores it and acknowledges. */
export type Answer = 'ack' | 'ignore' | 'die';

export interface DeviceOptions {
  readonly host?: string;
  /** Asked at every connect: a server that came back may listen elsewhere. */
  port(): number;
  readonly tls: boolean;
  readonly app: string;
  readonly ws: string;
  readonly dev: string;
  readonly user: string | null;
  readonly os?: string;
  readonly ver?: string;
  readonly heartbeatSec?: number;
  readonly foreground?: boolean;
  readonly recorder: Recorder;
  /** Called for every batch with data; a correct device (`ack`) when left out. */
  answer?(sync: ReceivedSync, device: RawDevice): Answer;
  /** Called once for every message that the device acknowledges. */
  onAck?(biz: string, msg: string, dev: string): void;
  /** Upper bound of the random delay before a reconnect without a word from the server, ms. */
  readonly retryMs?: number;
}

/** What a device saw that the history has no word for. */
export interface DeviceTally {
  /** Connections begun, and those that were welcomed. */
  attempts: number;
  connects: number;
  /** What the socket complained of last, or an empty text: a connection that stayed silent says nothing. */
  lastError: string;
  /** Batches that began after the device's point: something between was skipped. */
  gaps: number;
  /** Records at or below the point, dropped as an SDK would. */
  duplicates: number;
  /** Records handed to the app. */
  handedOver: number;
  /** Frames with the data of a user who is no longer bound. */
  stale: number;
  /** Codes of the Kicks. */
  readonly kicks: number[];
}

const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const DEFAULT_RETRY_MS = 1_000;
const WELCOME_TIMEOUT_MS = 8_000;
/** From this close code on a client does not come back unasked, up to the next. docs/protocol.md 6. */
const FIRST_FINAL_CODE = 4_200;
const FIRST_PROTOCOL_CODE = 4_400;

let sharedContext: SecureContext | undefined;
let connections = 0;

export class RawDevice {
  readonly tally: DeviceTally = {
    ...{ attempts: 0, connects: 0, lastError: '' },
    ...{ gaps: 0, duplicates: 0, handedOver: 0, stale: 0, kicks: [] },
  };
  /** Server-issued; survives reconnects, not a wipe. */
  adToken = '';
  user: string | null;
  /** Name of the open connection in the history, or null. */
  connection: string | null = null;
  socket: Socket | null = null;
  ver: string;
  os: string;
  private deviceKey: Uint8Array = new Uint8Array(0);
  private readonly points = new Map<string, number>();
  private readonly holder: PartialHolder = { partial: null, partialBytes: 0 };
  private retry: NodeJS.Timeout | null = null;
  private heartbeat: NodeJS.Timeout | null = null;
  private retryAfterMs: number | null = null;
  private wanted = false;
  private bindSeq = 0;
  private requests = 0;
  /** Asked for and not answered yet, oldest first. */
  private switches: { readonly user: string | null; readonly request: number }[] = [];
  private awaited: (() => void)[] = [];

  constructor(readonly options: DeviceOptions) {
    this.user = options.user;
    this.os = options.os ?? 'android';
    this.ver = options.ver ?? '1.0.0';
  }

  /** Connects, and comes back whenever the connection ends. */
  start(): void {
    this.wanted = true;
    this.open();
  }

  /** Another connection of the same device beside this one, as it comes about when a network changes. */
  twin(): RawDevice {
    const twin = new RawDevice(this.options);
    twin.adToken = this.adToken;
    twin.deviceKey = this.deviceKey;
    for (const [key, point] of this.points) twin.points.set(key, point);
    return twin;
  }

  /** Resolves when the next (or the present) handshake is accepted. */
  async connected(): Promise<void> {
    if (this.connection !== null) return;
    await new Promise<void>((resolve) => {
      this.awaited.push(resolve);
    });
  }

  /** Ends the connection without a word and stays away; nothing is recorded after this returns. */
  stop(): void {
    this.wanted = false;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    this.drop();
  }

  /** Drops the connection without a word, and comes back. */
  drop(): void {
    const { socket } = this;
    if (socket === null) return;
    this.closed(socket);
    socket.destroy();
  }

  /** Stops or goes on taking bytes from the socket. */
  setReading(reading: boolean): void {
    if (reading) this.socket?.resume();
    else this.socket?.pause();
  }

  /** Loses the local store, as a reinstall does; comes back as the same device. */
  wipe(): void {
    this.drop();
    this.options.recorder.write({ e: 'wipe', dev: this.options.dev });
    this.points.clear();
    this.adToken = '';
    this.deviceKey = new Uint8Array(0);
  }

  /** Switches the user inside the connection; takes effect with the server's answer. */
  switchUser(user: string | null): void {
    this.requests += 1;
    const request = this.requests;
    this.switches.push({ user, request });
    if (user === null) this.send({ type: 'unbindUser', request });
    else
      this.send({ type: 'bindUser', request, userId: user, sessionId: 's', syncPoints: this.pointsOf(user) });
  }

  send(frame: ClientFrame): void {
    if (this.socket?.writable) this.socket.write(encodeClientFrame(frame));
  }

  /** The device's point in a stream that it reads now. */
  pointOf(kind: PointKind, biz: string): number {
    return this.points.get(this.pointKey(kind, biz)) ?? 0;
  }

  private pointKey(kind: PointKind, biz: string): string {
    return `${kind}\0${kind === 'u' || kind === 'gu' ? (this.user ?? '') : ''}\0${biz}`;
  }

  private pointsOf(user: string | null): { kind: PointKind; biz: string; point: number }[] {
    return [...this.points].flatMap(([key, point]) => {
      const [kind = '', owner = '', biz = ''] = key.split('\0');
      const readable = owner === '' || owner === user;
      return readable ? [{ kind: kind as PointKind, biz, point }] : [];
    });
  }

  private open(): void {
    this.retry = null;
    const { host = '127.0.0.1', tls } = this.options;
    const port = this.options.port();
    sharedContext ??= createSecureContext();
    const socket = tls
      ? connectTls({ host, port, rejectUnauthorized: false, secureContext: sharedContext })
      : connectTcp({ host, port });
    this.socket = socket;
    dropPartial(this.holder);
    const sent = this.pointsOf(this.user);
    socket.setNoDelay(true);
    // A frozen server takes connections in its kernel and never says a word.
    socket.setTimeout(WELCOME_TIMEOUT_MS, () => socket.destroy());
    this.tally.attempts += 1;
    socket.on('error', (error: Error) => {
      this.tally.lastError = error.message;
    });
    socket.on(tls ? 'secureConnect' : 'connect', () => this.sayHello(sent));
    socket.on('data', (chunk: Buffer) => this.take(socket, chunk, sent));
    socket.on('close', () => this.closed(socket));
  }

  private sayHello(syncPoints: ReturnType<RawDevice['pointsOf']>): void {
    const { app, ws, dev, heartbeatSec = 0, foreground = true } = this.options;
    this.send({
      type: 'hello',
      protocol: 1,
      appId: app,
      workspaceId: ws,
      deviceId: dev,
      adToken: this.adToken,
      deviceKey: this.deviceKey,
      userId: this.user ?? '',
      sessionId: 's',
      os: this.os,
      appVersion: this.ver,
      foreground,
      heartbeatSec,
      syncPoints,
      model: 'raw',
      sdkVersion: '0',
    });
  }

  private closed(socket: Socket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.switches = [];
    if (this.heartbeat !== null) clearInterval(this.heartbeat);
    this.heartbeat = null;
    if (this.connection !== null) this.options.recorder.write({ e: 'gone', c: this.connection });
    this.connection = null;
    if (!this.wanted) return;
    const delay = this.retryAfterMs ?? Math.random() * (this.options.retryMs ?? DEFAULT_RETRY_MS);
    this.retryAfterMs = null;
    this.retry = setTimeout(() => this.open(), delay);
  }

  private take(socket: Socket, chunk: Buffer, sent: ReturnType<RawDevice['pointsOf']>): void {
    const cursor = { chunk, offset: 0 };
    while (this.socket === socket && !socket.destroyed) {
      const bytes = takeFrame(this.holder, cursor, MAX_FRAME_BYTES);
      if (bytes === null) return;
      this.receive(decodeServerFrame(bytes), sent);
    }
  }

  private receive(frame: ReceivedFrame, sent: ReturnType<RawDevice['pointsOf']>): void {
    switch (frame.type) {
      case 'welcome':
        this.welcomed(frame, sent);
        return;
      case 'sync':
        this.takeSync(frame);
        return;
      case 'result':
        this.answered(frame);
        return;
      case 'kick':
        this.kicked(frame.code, frame.retryAfterMs);
        return;
      default:
        return;
    }
  }

  private welcomed(
    frame: ReceivedFrame & { readonly type: 'welcome' },
    sent: ReturnType<RawDevice['pointsOf']>,
  ): void {
    const { app, ws, dev, recorder } = this.options;
    this.socket?.setTimeout(0);
    connections += 1;
    this.connection = `${process.pid}-${connections}`;
    this.tally.connects += 1;
    this.bindSeq = frame.bindSeq;
    this.adToken = frame.adToken;
    if (frame.deviceKey.length > 0) this.deviceKey = frame.deviceKey;
    const sp = Object.fromEntries([...sent, ...frame.correctedPoints].map(({ biz, point }) => [biz, point]));
    const { connection: c, user, os, ver } = this;
    recorder.write({ e: 'conn', c, app, ws, dev, user, os, ver, sp });
    for (const { kind, biz, point } of frame.correctedPoints)
      this.points.set(this.pointKey(kind, biz), point);
    this.heartbeat = setInterval(
      () => this.send({ type: 'ping', clientTimeMs: 0 }),
      frame.heartbeatSec * 1_000,
    );
    const awaited = this.awaited;
    this.awaited = [];
    for (const resolve of awaited) resolve();
  }

  private answered(frame: ReceivedFrame & { readonly type: 'result' }): void {
    const at = this.switches.findIndex((asked) => asked.request === frame.request);
    const user = this.switches[at]?.user;
    if (user === undefined || this.connection === null) return;
    // A switch that was overtaken by the next one is not answered.
    this.switches.splice(0, at + 1);
    if (frame.code !== 'OK') return;
    this.user = user;
    this.bindSeq = frame.bindSeq;
    this.options.recorder.write({ e: 'bind', c: this.connection, user });
    for (const { kind, biz, point } of frame.correctedPoints)
      this.points.set(this.pointKey(kind, biz), point);
  }

  private kicked(code: number, retryAfterMs: number): void {
    this.tally.kicks.push(code);
    if (code >= FIRST_FINAL_CODE && code < FIRST_PROTOCOL_CODE) this.wanted = false;
    if (retryAfterMs > 0) this.retryAfterMs = retryAfterMs;
  }

  private takeSync(sync: ReceivedSync): void {
    const c = this.connection;
    if (c === null) return;
    const { recorder } = this.options;
    const { biz, transient } = sync;
    const ofUser = sync.kind === 'u' || sync.kind === 'gu';
    if (ofUser && this.switches.length === 0 && sync.bindSeq !== this.bindSeq) this.tally.stale += 1;
    const marks = sync.oplogs.map((oplog) => ({
      ...readPayload(oplog.payload),
      op: transient ? null : oplog.id,
    }));
    for (const { msg, h, op } of marks) recorder.write({ e: 'recv', c, biz, msg, h, op });
    const answer = this.options.answer?.(sync, this) ?? 'ack';
    if (answer === 'die') this.socket?.destroy();
    if (answer !== 'ack' || !this.accept(sync)) return;
    for (const { msg } of marks) {
      recorder.write({ e: 'ack', c, biz, msg });
      this.options.onAck?.(biz, msg, this.options.dev);
    }
    const { kind, bindSeq, through, late } = sync;
    this.send({ type: 'ack', kind, biz, bindSeq, through, transient, late });
  }

  /** Moves the point as docs/protocol.md 5.4 says. @returns false for a batch that must not be taken. */
  private accept(sync: ReceivedSync): boolean {
    if (sync.transient || sync.late) {
      this.tally.handedOver += sync.oplogs.length;
      return true;
    }
    const key = this.pointKey(sync.kind, sync.biz);
    let point = this.points.get(key) ?? 0;
    if (sync.serverPoint && point < sync.from) point = sync.from;
    if (point < sync.from) {
      this.tally.gaps += 1;
      return false;
    }
    const fresh = sync.oplogs.filter((oplog) => oplog.id > point).length;
    this.tally.handedOver += fresh;
    this.tally.duplicates += sync.oplogs.length - fresh;
    this.points.set(key, Math.max(point, sync.through));
    return true;
  }
}
