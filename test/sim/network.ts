/** Sockets between devices and workers: ordered inside a connection, and able to die in all the usual ways. */
import { EventEmitter } from 'node:events';
import type { Kernel, Process } from './kernel.js';

/** A connection as its device holds it. */
export interface DeviceEnd {
  readonly no: number;
  open: boolean;
  send(bytes: Uint8Array): void;
  /** The device closes in order. */
  close(): void;
  /** Both ends lose the connection at once. */
  reset(): void;
  /** Nothing passes any more, in either direction, and nobody is told. */
  blackhole(): void;
  /** The device reads nothing until told to. */
  stall(stalled: boolean): void;
}

export interface DeviceHandlers {
  connected(): void;
  data(bytes: Uint8Array): void;
  /** The connection is over, seen from the device. */
  closed(): void;
}

/** As much of a Node socket as link/ uses. What is written in one call arrives as one chunk. */
export class ServerSocket extends EventEmitter {
  readonly remoteAddress = '10.0.0.1';
  writableLength = 0;
  destroyed = false;
  /** Told of everything that is written. */
  onWrite: (bytes: Uint8Array) => void = () => {};
  /** May change what arrives: the door for a planted bug. */
  onReceive: (bytes: Buffer) => Buffer = (bytes) => bytes;
  readonly pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.pipe = pipe;
  }

  cork(): void {}
  uncork(): void {}
  pause(): void {}
  unshift(): void {}

  write(bytes: Uint8Array): boolean {
    if (!this.destroyed) {
      this.onWrite(bytes);
      this.pipe.down(Uint8Array.from(bytes));
    }
    return this.writableLength < HIGH_WATER;
  }

  end(bytes?: Uint8Array): void {
    if (bytes !== undefined) this.write(bytes);
    this.pipe.endDown();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.pipe.cutByServer();
  }
}

const HIGH_WATER = 16_384;

interface Pipe {
  down(bytes: Uint8Array): void;
  endDown(): void;
  cutByServer(): void;
}

export interface Network {
  /** How long a packet takes at most; the least is 1 ms. */
  maxDelayMs: number;
  /** A device connects to a worker; `accept` runs there. */
  connect(worker: Process, accept: (socket: ServerSocket) => void, device: DeviceHandlers): DeviceEnd;
  /** Connections of a dead worker are reset. */
  resetAll(worker: Process): void;
}

export function createNetwork(kernel: Kernel): Network {
  const { random } = kernel;
  const perWorker = new Map<Process, Set<DeviceEnd>>();
  let lastNo = 0;

  const network: Network = {
    maxDelayMs: 40,
    connect(worker, accept, device) {
      const no = ++lastNo;
      let upMs = 0;
      let downMs = 0;
      let isHole = false;
      let isStalled = false;
      let waiting: Uint8Array[] = [];
      const later = (last: number): number =>
        Math.max(last, kernel.now() + random.int(1, network.maxDelayMs));
      const deviceGone = (): void => {
        if (!end.open) return;
        end.open = false;
        perWorker.get(worker)?.delete(end);
        device.closed();
      };
      const serverGone = (): void => {
        if (socket.destroyed) return;
        socket.destroyed = true;
        socket.emit('close');
      };
      /** In the order of the connection, towards the worker. */
      const up = (run: () => void): void => {
        upMs = later(upMs);
        kernel.after(upMs - kernel.now(), worker, () => {
          if (!isHole && !socket.destroyed) run();
        });
      };
      const toDevice = (run: () => void): void => {
        downMs = later(downMs);
        kernel.after(downMs - kernel.now(), null, () => {
          if (!isHole && end.open) run();
        });
      };
      const arrive = (bytes: Uint8Array): void => {
        if (isStalled) {
          waiting.push(bytes);
          return;
        }
        device.data(bytes);
      };
      const socket: ServerSocket = new ServerSocket({
        down(bytes) {
          if (isStalled) socket.writableLength += bytes.length;
          toDevice(() => arrive(bytes));
        },
        endDown: () =>
          toDevice(() => {
            deviceGone();
            up(serverGone);
          }),
        cutByServer() {
          kernel.after(0, worker, () => socket.emit('close'));
          toDevice(deviceGone);
        },
      });
      const end: DeviceEnd = {
        no,
        open: true,
        send: (bytes) => up(() => socket.emit('data', socket.onReceive(Buffer.from(bytes)))),
        close() {
          if (!end.open) return;
          end.open = false;
          perWorker.get(worker)?.delete(end);
          up(serverGone);
        },
        reset() {
          kernel.after(random.int(0, 20), worker, () => {
            if (!isHole) serverGone();
          });
          kernel.after(random.int(0, 20), null, deviceGone);
        },
        blackhole() {
          isHole = true;
        },
        stall(stalled) {
          isStalled = stalled;
          if (stalled || !end.open) return;
          const chunks = waiting;
          waiting = [];
          for (const bytes of chunks) if (end.open) device.data(bytes);
          kernel.after(1, worker, () => {
            socket.writableLength = 0;
            if (!socket.destroyed) socket.emit('drain');
          });
        },
      };
      let held = perWorker.get(worker);
      if (held === undefined) {
        held = new Set();
        perWorker.set(worker, held);
      }
      held.add(end);
      up(() => {
        accept(socket);
        toDevice(() => device.connected());
      });
      return end;
    },
    resetAll(worker) {
      for (const end of perWorker.get(worker) ?? []) end.reset();
    },
  };
  return network;
}
