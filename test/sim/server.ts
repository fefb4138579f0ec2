/**
 * The server of a run: one control process and its link workers, put together from the project's own
 * parts. Only sockets, bus, disk, clock and timers are simulated.
 */
import { pino } from 'pino';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import {
  appendDue,
  type Delivery,
  type SendOutcome,
  type SendRequest,
  send,
} from '../../src/core/delivery.js';
import type { Catalogue, Now, Routes } from '../../src/core/ports.js';
import type { CountName, Session, SessionRules } from '../../src/core/session.js';
import type { Admission } from '../../src/link/admission.js';
import { Connection, type DeviceSocket, onDue } from '../../src/link/connection.js';
import type { LinkContext } from '../../src/link/context.js';
import { begin } from '../../src/link/handlers.js';
import { createHost, type Host } from '../../src/link/host.js';
import { NO_METRICS } from '../../src/link/metrics.js';
import type { WorkerStore } from '../../src/link/opening.js';
import { rateOf } from '../../src/link/rate.js';
import { createWheel } from '../../src/link/wheel.js';
import { type ControlRoutes, createRoutes, SETTLE_MS } from '../../src/processes/control-routes.js';
import { createWriter } from '../../src/processes/control-writer.js';
import { createWorkerRoutes, createWorkerStore } from '../../src/processes/worker-bus.js';
import { decodeServerFrame, encodeOplogBody, type ReceivedFrame } from '../../src/wire/frames.js';
import type { SimBus } from './bus.js';
import type { Disk } from './disk.js';
import type { Kernel, Process } from './kernel.js';
import type { Network, ServerSocket } from './network.js';

export const LEASE_FOR_MS = 3000;
const LEASE_EVERY_MS = 1000;
const TICK_MS = 500;
const DUE_EVERY_MS = 1000;
const LIMITS = {
  tlsHandshakeTimeoutMs: 5000,
  leanTls: false,
  helloTimeoutMs: 5000,
  maxBytesBeforeHello: 4096,
  maxFrameBytes: 65_536,
  framesPerSecond: 1000,
  maxQueuedBytes: 20_000,
  slowReaderTimeoutMs: 30_000,
  maxSubscriptions: 64,
  maxConnections: 1000,
  acceptPerSecond: 1000,
  connectionsPerAddress: 1000,
  flapConnectsPerMinute: 100_000,
  retryAfterMinMs: 100,
  retryAfterMaxMs: 1000,
};
/** Admission has tests of its own. */
const ADMIT_ALL: Admission = {
  enter: () => 0,
  leave() {},
  enterAddress: () => true,
  leaveAddress() {},
  enterDevice: () => 0,
  refused() {},
  retryAfterMs: () => 500,
  count: () => 0,
};
const TIMES = { attachMs: 5000, writeMs: 4000, validateMs: 2000 };
const silent = pino({ level: 'silent' });

export interface Worker {
  readonly number: number;
  readonly process: Process;
  readonly host: Host;
  /** Until when it may send data, by the messages that it has handled. */
  leaseUntilMs: number;
  /** It listens: only when it knows the tenants. */
  isOpen: boolean;
  accept(socket: ServerSocket): void;
  /** Sessions that have not ended. */
  sessions(): Session[];
}

export interface Control {
  readonly process: Process;
  readonly routes: ControlRoutes;
  send(request: SendRequest): Promise<SendOutcome>;
}

/** Copies and wrappers of parts with a bug in them, for runs that must turn red. */
export interface Plants {
  readonly workerStore?: (store: WorkerStore, kernel: Kernel) => WorkerStore;
  readonly routes?: (routes: Routes, kernel: Kernel) => Routes;
  readonly delivery?: (delivery: Delivery) => Delivery;
  readonly send?: (
    request: SendRequest,
    plain: (request: SendRequest) => Promise<SendOutcome>,
  ) => Promise<SendOutcome>;
  /** What arrives at a worker's socket, with the session that it is for. */
  readonly received?: (bytes: Buffer, session: Session | null) => Buffer;
  readonly leaseForMs?: number;
}

export interface ServerOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly bus: SimBus;
  readonly disk: Disk;
  readonly rules: SessionRules;
  readonly catalogue: () => Catalogue;
  readonly now: () => Now;
  readonly plants: Plants;
  /** A worker writes a frame to a device, on a connection that it accepted at `bornMs`. */
  readonly written: (worker: Worker, session: Session, bornMs: number, frame: ReceivedFrame) => void;
  readonly feeds: (session: Session) => void;
  readonly counted: (biz: string, name: CountName, by: number) => void;
  readonly event: (name: string, detail?: string) => void;
}

export interface Server {
  control: Control | null;
  readonly workers: Worker[];
  startControl(): void;
  startWorker(): void;
  killControl(): void;
  killWorker(worker: Worker): void;
}

export function createServer(options: ServerOptions): Server {
  const { kernel, bus, network } = options;
  let lastWorker = 0;
  let lives = 0;
  const server: Server = {
    control: null,
    workers: [],
    startControl() {
      server.control = startControl(options, lives++ > 0);
    },
    startWorker() {
      server.workers.push(startWorker(options, ++lastWorker));
    },
    killControl() {
      if (server.control === null) return;
      kernel.kill(server.control.process);
      server.control = null;
      bus.controlLost();
    },
    killWorker(worker) {
      kernel.kill(worker.process);
      server.workers.splice(server.workers.indexOf(worker), 1);
      network.resetAll(worker.process);
      bus.workerLost(worker.number);
    },
  };
  return server;
}

/** Repeats in a process as long as it lives. */
function every(kernel: Kernel, process: Process, ms: number, run: () => void): void {
  kernel.after(ms, process, () => {
    run();
    every(kernel, process, ms, run);
  });
}

function startControl(options: ServerOptions, takesOver: boolean): Control {
  const { kernel, disk, now, plants } = options;
  const process = kernel.process('control');
  const view = createCatalogueView();
  const writer = createWriter({
    store: disk.control,
    answer: (worker, message) => bus.send(worker, message),
    onProgress: () => {},
    onFloorRaised: () => options.event('floor raised'),
    onError: () => options.event('write failed'),
  });
  const routes = createRoutes({
    cluster: null,
    settleMs: takesOver ? SETTLE_MS : 0,
    bus: () => bus,
    catalogue: view,
    now,
    afterWrites: writer.afterProgress,
    fenceTimeoutMs: 1000,
    handoverGraceMs: options.rules.handoverGraceMs,
    onFence: (confirmed) => options.event(confirmed ? 'fence confirmed' : 'fence timed out'),
    onUser: () => {},
  });
  const bus = options.bus.control(process, {
    onJoin(worker) {
      bus.send(worker, { type: 'catalogue', catalogue: options.catalogue() });
      bus.send(worker, { type: 'lease', forMs: LEASE_FOR_MS });
    },
    onLeave: (worker) => routes.onLeave(worker),
    onMessage(worker, message) {
      if (message.type === 'progress' || message.type === 'saveDevice' || message.type === 'raiseFloor')
        writer.onMessage(worker, message);
      else if (message.type === 'validate')
        bus.send(worker, {
          type: 'done',
          seq: message.seq,
          ok: true,
          value: message.sessionId !== 'invalid',
        });
      else if (message.type === 'report') bus.send(worker, { type: 'done', seq: message.seq, ok: false });
      else if (message.type !== 'listening' && message.type !== 'full') routes.onMessage(worker, message);
    },
  });
  const plain: Delivery = {
    store: disk.control,
    catalogue: view,
    now,
    encodeBody: encodeOplogBody,
    wake: routes.wake,
    isOnline: routes.isOnline,
    hardCapPerStream: 10_000,
    traceSampleRate: 0,
    random: kernel.random.next,
    lastTransientId: 0,
  };
  const delivery = plants.delivery?.(plain) ?? plain;
  const refresh = (): void => void updateCatalogue(view, options.catalogue());
  kernel.after(0, process, refresh);
  every(kernel, process, LEASE_EVERY_MS, () => {
    refresh();
    for (const worker of bus.workers()) {
      bus.send(worker, { type: 'catalogue', catalogue: options.catalogue() });
      bus.send(worker, { type: 'lease', forMs: LEASE_FOR_MS });
    }
  });
  every(kernel, process, DUE_EVERY_MS, () => void appendDue(delivery, 100).catch(() => {}));
  const sendPlain = (request: SendRequest): Promise<SendOutcome> => send(delivery, request);
  return {
    process,
    routes,
    send: (request) => plants.send?.(request, sendPlain) ?? sendPlain(request),
  };
}

function startWorker(options: ServerOptions, number: number): Worker {
  const { kernel, rules, now, plants, disk } = options;
  const process = kernel.process(`worker ${number}`);
  const bus = options.bus.worker(number, process, {
    onUp: () => worker.host.announce(),
    onDown: () => worker.host.routesLost(),
    onMessage(message) {
      receive(message);
    },
  });
  const routes = createWorkerRoutes(bus, TIMES);
  const store = createWorkerStore(disk.reader, bus, TIMES);
  const host = createHost({
    worker: number,
    rules,
    progressFlushMs: 200,
    cursorFlushMs: 1000,
    globalPacePerSecond: 0,
    catalogue: createCatalogueView(),
    store: plants.workerStore?.(store, kernel) ?? store,
    routes: plants.routes?.(routes, kernel) ?? routes,
    now,
    retryAfterMs: () => kernel.random.int(100, 1000),
    metrics: {
      count: (topic, name, by) => options.counted(topic.config.biz, name, by),
      pointAhead: () => options.event('point ahead'),
      sessions: () => {},
    },
    log: silent,
  });
  const link = createLinkContext(options, host);
  every(kernel, process, TICK_MS, () => link.wheel.advance(now().mono));

  function receive(message: Parameters<Parameters<SimBus['worker']>[2]['onMessage']>[0]): void {
    switch (message.type) {
      case 'wake':
        host.wake(message.sessions, message.wake);
        break;
      case 'wakeAll':
        host.wakeAll(message.wake);
        break;
      case 'lease':
        if (worker.leaseUntilMs > 0 && kernel.now() >= worker.leaseUntilMs) options.event('lease had lapsed');
        worker.leaseUntilMs = kernel.now() + message.forMs;
        host.lease(plants.leaseForMs ?? message.forMs);
        break;
      case 'fence':
        host.fence(message.session, message.code);
        bus.send({ type: 'fenced', seq: message.seq });
        break;
      case 'feeder':
        options.event(
          message.on ? 'feeder begins' : 'hand-over',
          `${process.name} #${message.session} grant ${message.grant}`,
        );
        if (message.on)
          for (const one of worker.sessions()) if (one.no === message.session) options.feeds(one);
        host.feeder(message.session, message.on, message.grant, message.bindSeq);
        break;
      case 'catalogue':
        worker.isOpen = true;
        host.catalogueChanged(message.catalogue);
        break;
    }
  }

  const connections: Connection<Session>[] = [];
  const worker: Worker = {
    number,
    process,
    host,
    leaseUntilMs: 0,
    isOpen: false,
    accept(socket) {
      const plain = socket as unknown as DeviceSocket<Session>;
      const origin = { name: 'sim', tlsServer: null, proxyProtocol: false };
      const connection = new Connection(link, origin, plain, socket.remoteAddress, now());
      connection.counted = true;
      connections.push(connection);
      const bornMs = kernel.now();
      socket.onWrite = (bytes) => {
        if (connection.session !== null) options.written(worker, connection.session, bornMs, decode(bytes));
      };
      socket.onReceive = (bytes) => plants.received?.(bytes, connection.session) ?? bytes;
      begin(connection);
    },
    sessions: () =>
      connections.flatMap(({ session }) => (session === null || session.phase === 'ended' ? [] : [session])),
  };
  return worker;
}

function createLinkContext({ now }: ServerOptions, owner: Host): LinkContext<Session> {
  const context: LinkContext<Session> = {
    owner,
    limits: LIMITS,
    decodeLimits: { maxPoints: LIMITS.maxSubscriptions },
    frameRate: rateOf(LIMITS.framesPerSecond, 1000, 10_000),
    now,
    wheel: createWheel<Connection<Session>>({ tickMs: TICK_MS, slots: 1024, onDue, now: () => now().mono }),
    admission: ADMIT_ALL,
    metrics: NO_METRICS,
    log: silent,
    newest: null,
    lingering: 0,
    corked: [],
  };
  return context;
}

/** A whole frame with its length prefix. */
export function decode(bytes: Uint8Array): ReceivedFrame {
  let at = 0;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return decodeServerFrame(bytes.subarray(at + 1));
}
