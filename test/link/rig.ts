/** A link on free ports with a recorded owner, and devices made of bare sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { generate } from 'selfsigned';
import type { ClientFrame } from '../../src/core/frames.js';
import { type Certificates, createCertificates } from '../../src/link/certificates.js';
import { type Connection, write } from '../../src/link/connection.js';
import type { ConnectionOwner } from '../../src/link/context.js';
import { createLink, type Link, type LinkLimits } from '../../src/link/link.js';
import type { LinkMetrics } from '../../src/link/metrics.js';
import {
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  type ReceivedFrame,
  takeFrame,
} from '../../src/wire/frames.js';
import { freePort } from '../free-port.js';

/** Generous, so that a test names the one limit it is about. */
export const LIMITS: LinkLimits = {
  maxConnections: 1000,
  acceptPerSecond: 10_000,
  connectionsPerAddress: 1000,
  flapConnectsPerMinute: 1000,
  retryAfterMinMs: 100,
  retryAfterMaxMs: 200,
  tlsHandshakeTimeoutMs: 5000,
  leanTls: false,
  helloTimeoutMs: 5000,
  maxBytesBeforeHello: 4096,
  maxFrameBytes: 65_536,
  framesPerSecond: 1000,
  maxQueuedBytes: 262_144,
  slowReaderTimeoutMs: 5000,
  maxSubscriptions: 128,
  tickMs: 10,
};

/** Each test's owner may put the number of a session, or anything, on a connection. */
export type TestConnection = Connection<string>;

export interface Rig {
  readonly link: Link<string>;
  readonly ports: {
    readonly tcp: number;
    readonly tls: number;
    readonly proxied: number;
    readonly proxiedTls: number;
  };
  /** What the owner was told, as `opened`, `frame ping`, `closed 4009` and so on. */
  readonly told: string[];
  /** What was counted, as `refused SERVER_FULL`. */
  readonly counted: string[];
  readonly logged: unknown[];
  readonly certificates: Certificates;
  readonly certFile: string;
  readonly keyFile: string;
  /** The connection of the device, by the address and port of its socket. */
  connections(): TestConnection[];
  close(): void;
}

export interface CertificateDates {
  readonly notAfter?: Date;
}

/** A new P-256 certificate and key in PEM. */
export async function makeCertificate(dates: CertificateDates = {}): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    notBeforeDate: new Date(Date.now() - 86_400_000),
    notAfterDate: dates.notAfter ?? new Date(Date.now() + 86_400_000),
  });
  return { cert: made.cert, key: made.private };
}

/** Starts a link whose owner answers Ping with Pong, unless told otherwise. */
export async function startRig(
  limits: Partial<LinkLimits> = {},
  owner: Partial<ConnectionOwner<string>> = {},
): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-link-'));
  const certFile = join(dir, 'cert.pem');
  const keyFile = join(dir, 'key.pem');
  const first = await makeCertificate();
  writeFileSync(certFile, first.cert);
  writeFileSync(keyFile, first.key);
  const told: string[] = [];
  const counted: string[] = [];
  const logged: unknown[] = [];
  const metrics = recordMetrics(counted);
  const note = (line: unknown) => void logged.push(line);
  const log = { debug() {}, info: note, warn: note, error: note };
  const certificates = await createCertificates({
    certFile,
    keyFile,
    pollMs: 20,
    wallMs: Date.now,
    metrics,
    log,
  });
  const link = createLink<string>({
    listeners: [
      // The same when it listens again.
      { name: 'tcp', host: '127.0.0.1', port: await freePort(), tls: false, proxyProtocol: false },
      { name: 'tls', host: '127.0.0.1', port: 0, tls: true, proxyProtocol: false },
      { name: 'proxied', host: '127.0.0.1', port: 0, tls: false, proxyProtocol: true },
      { name: 'proxiedTls', host: '127.0.0.1', port: 0, tls: true, proxyProtocol: true },
    ],
    limits: { ...LIMITS, ...limits },
    openFileLimit: 20_000,
    certificates,
    owner: recordOwner(told, owner),
    now: () => ({ wall: Date.now(), mono: performance.now() }),
    random: Math.random,
    metrics,
    log,
    onFull: () => undefined,
    onListening: () => void counted.push('listening'),
  });
  const started = await link.start();
  const port = (name: string) => started.find((one) => one.name === name)?.address.port ?? 0;
  return {
    link,
    ports: { tcp: port('tcp'), tls: port('tls'), proxied: port('proxied'), proxiedTls: port('proxiedTls') },
    told,
    counted,
    logged,
    certificates,
    certFile,
    keyFile,
    connections() {
      const all: TestConnection[] = [];
      link.each((conn) => all.push(conn));
      return all;
    },
    close() {
      link.close();
      certificates.close();
      rmSync(dir, { recursive: true });
    },
  };
}

function recordOwner(told: string[], owner: Partial<ConnectionOwner<string>>): ConnectionOwner<string> {
  return {
    opened(conn) {
      told.push(`opened ${conn.origin.name}`);
      owner.opened?.(conn);
    },
    frame(conn, frame, now) {
      told.push(`frame ${frame.type}`);
      if (owner.frame !== undefined) owner.frame(conn, frame, now);
      else if (frame.type === 'ping') write(conn, pong(frame.clientTimeMs));
    },
    closed(conn, why) {
      told.push(`closed ${why}`);
      owner.closed?.(conn, why);
    },
    drained(conn) {
      told.push('drained');
      owner.drained?.(conn);
    },
    due(conn, now) {
      told.push('due');
      owner.due?.(conn, now);
    },
  };
}

function recordMetrics(counted: string[]): LinkMetrics {
  const count = (line: string) => void counted.push(line);
  return {
    accepted: (listener) => count(`accepted ${listener}`),
    refused: (reason) => count(`refused ${reason}`),
    opened: (listener) => count(`opened ${listener}`),
    closed: (listener, code) => count(`closed ${listener} ${code}`),
    tlsHandshake: (result) => count(`handshake ${result}`),
    frameReceived() {},
    frameSent() {},
    protocolError: () => count('protocol error'),
    slowSockets: (change) => count(`slow ${change}`),
    certificateReload: (ok) => count(`reload ${ok}`),
    certificateExpires() {},
  };
}

/** A Pong, encoded. */
export function pong(clientTimeMs: number): Uint8Array {
  return encodeServerFrame({ type: 'pong', clientTimeMs, serverTimeMs: 0 });
}

/** A Hello, encoded. */
export function hello(fields: Partial<Extract<ClientFrame, { type: 'hello' }>> = {}): Uint8Array {
  return encodeClientFrame({
    type: 'hello',
    protocol: 1,
    appId: 'app',
    workspaceId: 'ws',
    deviceId: 'device',
    adToken: '',
    deviceKey: new Uint8Array(0),
    userId: '',
    sessionId: '',
    os: 'ios',
    appVersion: '1.0',
    foreground: true,
    heartbeatSec: 0,
    syncPoints: [],
    model: '',
    sdkVersion: '',
    ...fields,
  });
}

/** A Ping, encoded. */
export function ping(clientTimeMs = 1): Uint8Array {
  return encodeClientFrame({ type: 'ping', clientTimeMs });
}

export interface Device {
  readonly socket: Socket;
  readonly frames: ReceivedFrame[];
  send(...bytes: Uint8Array[]): void;
  /** The next frame not yet asked for; rejects when the connection ends before. */
  next(): Promise<ReceivedFrame>;
  /** Resolves when the connection is gone, with the code of the Kick, or 0 without one. */
  closed(): Promise<number>;
}

/** A device on plain TCP. */
export function dial(port: number): Device {
  return device(connect({ port, host: '127.0.0.1' }));
}

/** A device on TLS; over `options.socket` when given. */
export function dialTls(port: number, options: ConnectionOptions = {}): Device {
  return device(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }));
}

/** Reads frames from a socket. */
export function device(socket: Socket): Device {
  const frames: ReceivedFrame[] = [];
  const state = { partial: null, partialBytes: 0 };
  let asked = 0;
  let wake = () => {};
  let gone = false;
  const end = new Promise<number>((resolve) => {
    socket.on('close', () => {
      gone = true;
      wake();
      const last = frames.at(-1);
      resolve(last?.type === 'kick' ? last.code : 0);
    });
  });
  // Resets are what some tests want to see; `closed` tells of them.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const cursor = { chunk, offset: 0 };
    for (let frame = takeFrame(state, cursor, 1e7); frame !== null; frame = takeFrame(state, cursor, 1e7)) {
      frames.push(decodeServerFrame(frame));
    }
    wake();
  });
  return {
    socket,
    frames,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    async next() {
      while (frames.length <= asked && !gone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const frame = frames[asked];
      if (frame === undefined) throw new Error('the connection ended');
      asked += 1;
      return frame;
    },
    closed: () => end,
  };
}

/** Waits until the condition holds; fails after five seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not seen: ${what}`);
    await sleep(5);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
