/**
 * One simulated device: a socket and a few numbers. All devices share their handlers, one timer and
 * one read buffer, so that a process holds as many as it has file descriptors.
 */
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { dropPartial, type PartialHolder } from '../../src/wire/frames.js';
import { deviceName, nowUs } from './payload.js';
import type { Protocol } from './protocol.js';
import type { Receiver, Shared } from './tally.js';

/** Bytes of one read. */
const READ_BYTES = 65_536;
/** Devices of one source address: far below the server's limit for one address. */
const DEVICES_PER_ADDRESS = 200;
const MAX_RETRY_MS = 600_000;
const MAX_BACK_OFF_MS = 1_000;

const deviceOf = Symbol('device');
type DeviceSocket = Socket & { [deviceOf]?: Device };

export interface FleetRules {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Resume TLS sessions: `full` never, `resumed` from the first connection of the process on. */
  readonly handshakes: 'full' | 'resumed';
  /** False for connections that say nothing: they count as welcome when they stand. */
  readonly hello: boolean;
  /** Come back when the server ends the connection, after a random time up to so many ms; null for never. */
  readonly comeBackMs: number | null;
  /** Follow the delay that a refusal names. */
  readonly obeyRetryAfter: boolean;
}

/** What the devices of one process act by. */
export interface Fleet {
  readonly rules: FleetRules;
  readonly shared: Shared;
  readonly protocol: Protocol;
  readonly devices: Device[];
  /** The TLS session that later connections resume. */
  session: Buffer | null;
}

export class Device implements Receiver, PartialHolder {
  partial: Buffer | null = null;
  partialBytes = 0;
  socket: DeviceSocket | null = null;
  lastSequence = 0;
  lastGlobal = 0;
  /** Sync points of the user's, the device's and everybody's stream. */
  userPoint = 0;
  devicePoint = 0;
  globalPoint = 0;
  adToken = '';
  deviceKey: Uint8Array = NO_KEY;
  /** Microseconds at which the connection was wished for; 0 once it is welcome. */
  wishedUs = 0;
  retryAfterMs = 0;
  connections = 0;
  /** Connections in a row that came to nothing. */
  failed = 0;
  wanted = false;
  online = false;

  constructor(
    readonly fleet: Fleet,
    readonly index: number,
  ) {}
}

const NO_KEY = new Uint8Array(0);
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
const clientContext = createSecureContext({});

/** Connects; `wishedUs` is when it was to happen, however late this call comes. */
export function openDevice(device: Device, wishedUs: number): void {
  const { rules } = device.fleet;
  device.wanted = true;
  device.wishedUs = wishedUs;
  dropPartial(device);
  const socket: DeviceSocket = rules.tls ? openTls(device) : openTcp(device);
  device.socket = socket;
  socket[deviceOf] = device;
  socket.setNoDelay(true);
  socket.on('error', onError);
  socket.on('close', onClose);
}

/** 127.x.y.z, a few hundred devices each, so that neither ports nor per-address limits run out. */
function sourceAddress(index: number): string {
  const group = Math.floor(index / DEVICES_PER_ADDRESS) + 1;
  return `127.${1 + (group >> 16)}.${(group >> 8) & 255}.${group & 255}`;
}

function openTcp(device: Device): Socket {
  const { host, port } = device.fleet.rules;
  const onread: OnReadOpts = { buffer: readBuffer, callback: onRead };
  const options = { host, port, localAddress: sourceAddress(device.index), onread };
  const socket = connectTcp(options);
  socket.on('connect', onReady);
  return socket;
}

function openTls(device: Device): TLSSocket {
  const { rules, session } = device.fleet;
  // `localAddress` goes on to net.connect; only the types do not say so.
  const options: ConnectionOptions & { readonly localAddress: string } = {
    host: rules.host,
    port: rules.port,
    localAddress: sourceAddress(device.index),
    secureContext: clientContext,
    rejectUnauthorized: false,
    ...(rules.handshakes === 'resumed' && session !== null ? { session } : {}),
  };
  const socket = connectTls(options);
  socket.on('secureConnect', onReady);
  socket.on('data', onData);
  if (rules.handshakes === 'resumed' && session === null) socket.once('session', onSession);
  return socket;
}

function onSession(this: DeviceSocket, session: Buffer): void {
  const device = this[deviceOf];
  if (device === undefined) return;
  const { fleet } = device;
  fleet.session ??= session;
  if (!fleet.rules.hello && !device.online) welcomed(device);
}

function onReady(this: DeviceSocket): void {
  const device = this[deviceOf];
  if (device === undefined) return;
  const { rules, shared, protocol, session } = device.fleet;
  if ('isSessionReused' in this && (this as TLSSocket).isSessionReused()) shared.tally.resumed += 1;
  if (rules.hello) this.write(protocol.hello(device));
  // The first of those that resume stays until it has a session to give to the others.
  else if (rules.handshakes === 'full' || !rules.tls || session !== null) welcomed(device);
}

function onRead(this: DeviceSocket, count: number, buffer: Uint8Array): boolean {
  receive(this, (buffer as Buffer).subarray(0, count));
  return true;
}

function onData(this: DeviceSocket, chunk: Buffer): void {
  receive(this, chunk);
}

function receive(socket: DeviceSocket, chunk: Buffer): void {
  const device = socket[deviceOf];
  if (device === undefined || device.socket !== socket) return;
  device.fleet.shared.tally.bytes += chunk.length;
  device.fleet.protocol.take(device, chunk);
}

/** The server has accepted the device. For protocols, and connections without one. */
export function welcomed(device: Device): void {
  const { shared } = device.fleet;
  device.online = true;
  device.connections += 1;
  device.failed = 0;
  shared.tally.online += 1;
  shared.tally.welcomes += 1;
  shared.connectTimes.add(Math.min(0xffffffff, Math.max(0, nowUs() - device.wishedUs)));
  device.wishedUs = 0;
}

/** The server sends the device away. For protocols only. */
export function kicked(device: Device, code: number, retryAfterMs: number): void {
  const { tally } = device.fleet.shared;
  tally.kicks += 1;
  tally.kickCodes[code] = (tally.kickCodes[code] ?? 0) + 1;
  device.retryAfterMs = retryAfterMs;
}

function onError(this: DeviceSocket): void {
  const device = this[deviceOf];
  if (device?.socket === this) device.fleet.shared.tally.failures += 1;
}

function onClose(this: DeviceSocket): void {
  const device = this[deviceOf];
  if (device === undefined || device.socket !== this) return;
  const { rules, shared } = device.fleet;
  if (device.online) {
    shared.tally.online -= 1;
    shared.recorder?.write({ e: 'gone', c: connectionName(device) });
  }
  device.online = false;
  device.socket = null;
  if (!device.wanted || rules.comeBackMs === null) return;
  const wished = device.wishedUs === 0 ? nowUs() : device.wishedUs;
  const told = rules.obeyRetryAfter ? device.retryAfterMs : 0;
  device.retryAfterMs = 0;
  const delay =
    told > 0 ? Math.min(MAX_RETRY_MS, told) : Math.random() * backOff(rules.comeBackMs, device.failed);
  device.failed += 1;
  setTimeout(() => {
    if (device.wanted && device.socket === null) openDevice(device, wished);
  }, delay);
}

/** Doubles while nobody answers, up to a second or what was asked for: the load must not spin. */
function backOff(comeBackMs: number, failed: number): number {
  return Math.min(Math.max(comeBackMs, MAX_BACK_OFF_MS), comeBackMs * 2 ** failed);
}

/** Name of the device's present connection in a history. */
export function connectionName(device: Device): string {
  return `${deviceName(device.index)}-${device.connections}`;
}

/** Ends the connection without a word and stays away. */
export function closeDevice(device: Device): void {
  device.wanted = false;
  device.socket?.destroy();
}

/** Ends the connection without a word; the device comes back when the rules say so. */
export function cutDevice(device: Device): void {
  device.socket?.destroy();
}
