/** A server that does what a test tells it, frame by frame, over real sockets. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ClientFrame, ServerFrame } from '../../src/core/frames.js';
import {
  decodeClientFrame,
  encodeOplogBody,
  encodeServerFrame,
  type PartialHolder,
  takeFrame,
} from '../../src/wire/frames.js';

type FrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;
type SyncFrame = Extract<ServerFrame, { type: 'sync' }>;
type WelcomeFrame = Extract<ServerFrame, { type: 'welcome' }>;
type KickFrame = Omit<Extract<ServerFrame, { type: 'kick' }>, 'type'>;

const WAIT_MS = 15_000;

export interface FakePeer {
  readonly socket: Socket;
  readonly hello: FrameOf<'hello'>;
  /** Every frame of the device after its Hello. */
  readonly frames: ClientFrame[];
  send(frame: ServerFrame): void;
  welcome(fields?: Partial<WelcomeFrame>): void;
  sync(fields: Partial<SyncFrame> & { readonly ids?: readonly number[] }): void;
  kick(fields: Partial<KickFrame> & Pick<KickFrame, 'code'>): void;
  /** Takes the next frame of the type out of `frames`, waiting for it. */
  next<T extends ClientFrame['type']>(type: T): Promise<FrameOf<T>>;
  /** Waits until the device has handled all that was sent. @returns its acks up to then, taken out. */
  acks(): Promise<FrameOf<'ack'>[]>;
  closed: Promise<void>;
}

export interface FakeServer {
  readonly port: number;
  /** Next connection whose Hello came. */
  peer(): Promise<FakePeer>;
  /** Number of connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** An oplog whose payload says its id. */
export function oplog(id: number, text = `payload ${id}`, binary = false): SyncFrame['oplogs'][number] {
  return {
    id,
    acceptedMs: 1_000,
    expiresMs: Number.MAX_SAFE_INTEGER,
    thirdMsgId: `third-${id}`,
    filter: null,
    traced: false,
    resendOf: 0,
    body: encodeOplogBody({
      payload: Buffer.from(text),
      binary,
      thirdMsgId: `third-${id}`,
      acceptedMs: 1_000,
    }),
  };
}

/** Listens on a free port of the loopback. With a certificate, by TLS. */
export async function startFakeServer(
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<FakeServer> {
  const arrived: FakePeer[] = [];
  const waiting: ((peer: FakePeer) => void)[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onSocket = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    readHello(socket, (peer) => {
      const taker = waiting.shift();
      if (taker === undefined) arrived.push(peer);
      else taker(peer);
    });
  };
  const server: Server = tls === null ? createServer(onSocket) : createTlsServer(tls, onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return connections;
    },
    peer() {
      const peer = arrived.shift();
      if (peer !== undefined) return Promise.resolve(peer);
      return within('a connection', new Promise((resolve) => waiting.push(resolve)));
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Rejects when `promise` takes too long, saying what was waited for. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited too long for ${what}`)), WAIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function readHello(socket: Socket, onHello: (peer: FakePeer) => void): void {
  const holder: PartialHolder = { partial: null, partialBytes: 0 };
  let peer: (FakePeer & { arrive(frame: ClientFrame): void }) | null = null;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const cursor = { chunk, offset: 0 };
    for (
      let bytes = takeFrame(holder, cursor, 1 << 20);
      bytes !== null;
      bytes = takeFrame(holder, cursor, 1 << 20)
    ) {
      const frame = decodeClientFrame(bytes, { maxPoints: 10_000 });
      if (peer !== null) peer.arrive(frame);
      else if (frame.type === 'hello') {
        peer = createPeer(socket, frame);
        onHello(peer);
      }
    }
  });
}

function createPeer(
  socket: Socket,
  hello: FrameOf<'hello'>,
): FakePeer & { arrive(frame: ClientFrame): void } {
  const frames: ClientFrame[] = [];
  let wake: (() => void) | null = null;
  const send = (frame: ServerFrame): void => void socket.write(encodeServerFrame(frame));

  async function next<T extends ClientFrame['type']>(type: T): Promise<FrameOf<T>> {
    for (;;) {
      const index = frames.findIndex((frame) => frame.type === type);
      if (index !== -1) return frames.splice(index, 1)[0] as FrameOf<T>;
      await within(type, new Promise<void>((resolve) => (wake = resolve)));
    }
  }

  let probes = 0;
  return {
    socket,
    hello,
    frames,
    send,
    next,
    arrive(frame) {
      frames.push(frame);
      wake?.();
    },
    welcome: (fields = {}) =>
      send({
        type: 'welcome',
        session: 1,
        adToken: 'a'.repeat(64),
        deviceKey: new Uint8Array(0),
        heartbeatSec: 240,
        serverTimeMs: Date.now(),
        correctedPoints: [],
        bindSeq: 1,
        maxFrameBytes: 65_536,
        userBound: hello.userId !== '',
        boundUser: '',
        result: 'OK',
        ...fields,
      }),
    sync: ({ ids = [], ...fields }) =>
      send({
        type: 'sync',
        kind: 'd',
        biz: 'biz',
        bindSeq: 1,
        from: 0,
        through: ids.at(-1) ?? 0,
        oplogs: ids.map((id) => oplog(id)),
        transient: false,
        late: false,
        serverPoint: false,
        ...fields,
      }),
    kick: (fields) => send({ type: 'kick', reason: '', retryAfterMs: 0, redirect: '', ...fields }),
    async acks() {
      probes += 1;
      // An empty batch of a stream of its own is acknowledged at once, behind everything before it.
      send({
        type: 'sync',
        kind: 'd',
        biz: 'probe',
        bindSeq: 1,
        from: probes - 1,
        through: probes,
        oplogs: [],
        transient: false,
        late: false,
        serverPoint: true,
      });
      const taken: FrameOf<'ack'>[] = [];
      for (;;) {
        const ack = await next('ack');
        if (ack.biz === 'probe' && ack.through === probes) return taken;
        taken.push(ack);
      }
    },
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
