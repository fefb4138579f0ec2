/** The bus between control and workers, in virtual time: ordered each way, delayed, and cut when an end dies. */
import type { ToControl, ToWorker } from '../../src/bus/messages.js';
import type {
  ControlAnswer,
  ControlBus,
  ControlBusHandler,
  WorkerAnswer,
  WorkerBus,
  WorkerBusHandler,
} from '../../src/bus/port.js';
import type { Kernel, Process } from './kernel.js';

export interface BusFaults {
  /** Whether this wake-up is to get lost. */
  loseWake(): boolean;
}

interface WorkerEnd {
  readonly number: number;
  readonly process: Process;
  readonly handler: WorkerBusHandler;
  readonly asked: Questions<ControlAnswer>;
  /** The control process that it has joined, or null. */
  peer: ControlEnd | null;
  upMs: number;
  downMs: number;
}

interface ControlEnd {
  readonly process: Process;
  readonly handler: ControlBusHandler;
  readonly told: Questions<WorkerAnswer>;
  readonly workers: Map<number, WorkerEnd>;
}

export interface SimBus {
  maxDelayMs: number;
  /** A worker's end; it joins control as soon as there is one. */
  worker(number: number, process: Process, handler: WorkerBusHandler): WorkerBus;
  /** Control's end; every worker that lives joins it after a while. */
  control(process: Process, handler: ControlBusHandler): ControlBus;
  /** Control died: its workers notice. */
  controlLost(): void;
  /** A worker died: control notices. */
  workerLost(number: number): void;
}

export function createSimBus(kernel: Kernel, faults: BusFaults): SimBus {
  const { random } = kernel;
  const workers = new Map<number, WorkerEnd>();
  let control: ControlEnd | null = null;
  const delay = (last: number): number => Math.max(last, kernel.now() + random.int(0, bus.maxDelayMs));

  function toControl(from: WorkerEnd, message: ToControl): void {
    const { peer } = from;
    if (peer === null) return;
    from.upMs = delay(from.upMs);
    kernel.after(from.upMs - kernel.now(), peer.process, () => {
      if (from.peer !== peer) return;
      if (message.type === 'fenced' || message.type === 'metrics') peer.told.settle(message.seq, message);
      else if (message.type !== 'join') peer.handler.onMessage(from.number, message);
    });
  }

  function toWorker(end: ControlEnd, number: number, message: ToWorker): void {
    const to = end.workers.get(number);
    if (to === undefined || to.peer !== end) return;
    if ((message.type === 'wake' || message.type === 'wakeAll') && faults.loseWake()) return;
    const saidMs = kernel.now();
    to.downMs = delay(to.downMs);
    kernel.after(to.downMs - kernel.now(), to.process, () => {
      if (to.peer !== end) return;
      if (message.type === 'attached' || message.type === 'done') to.asked.settle(message.seq, message);
      else if (message.type !== 'lease') to.handler.onMessage(message);
      else {
        // A lease counts from when it was given, as on the real bus (src/bus/client.ts).
        const forMs = message.forMs - (kernel.now() - saidMs);
        if (forMs > 0) to.handler.onMessage({ ...message, forMs });
      }
    });
  }

  function join(worker: WorkerEnd): void {
    kernel.after(random.int(1, 300), worker.process, () => {
      const end = control;
      if (end === null || worker.peer !== null) return;
      worker.peer = end;
      end.workers.set(worker.number, worker);
      kernel.after(0, end.process, () => end.handler.onJoin(worker.number, 0));
      worker.handler.onUp();
    });
  }

  const bus: SimBus = {
    maxDelayMs: 20,
    worker(number, process, handler) {
      const asked = createQuestions<ControlAnswer>(kernel, process);
      const end: WorkerEnd = { number, process, handler, asked, peer: null, upMs: 0, downMs: 0 };
      workers.set(number, end);
      join(end);
      return {
        connected: () => end.peer !== null,
        send: (message) => toControl(end, message),
        ask(question, timeoutMs, answer) {
          if (end.peer === null) kernel.after(0, process, () => answer(null));
          else toControl(end, { ...question, seq: asked.open(timeoutMs, answer) });
        },
        close: () => Promise.resolve(),
      };
    },
    control(process, handler) {
      const told = createQuestions<WorkerAnswer>(kernel, process);
      const end: ControlEnd = { process, handler, told, workers: new Map() };
      control = end;
      for (const worker of workers.values()) join(worker);
      return {
        send: (number, message) => toWorker(end, number, message),
        ask(number, question, timeoutMs, answer) {
          if (end.workers.has(number))
            toWorker(end, number, { ...question, seq: told.open(timeoutMs, answer) });
          else kernel.after(0, process, () => answer(null));
        },
        workers: () => [...end.workers.keys()],
        stats: () => ({ droppedWakes: 0, overflows: 0, sent: 0, received: 0, queued: 0 }),
        close: () => Promise.resolve(),
      };
    },
    controlLost() {
      control = null;
      for (const worker of workers.values()) {
        if (worker.peer === null) continue;
        worker.peer = null;
        kernel.after(random.int(0, 5), worker.process, () => {
          worker.handler.onDown('control is gone');
          worker.asked.failAll();
        });
      }
    },
    workerLost(number) {
      workers.delete(number);
      const end = control;
      if (end === null || !end.workers.delete(number)) return;
      kernel.after(random.int(0, 20), end.process, () => end.handler.onLeave(number, 'it is gone'));
    },
  };
  return bus;
}

interface Questions<A> {
  open(timeoutMs: number, answer: (reply: A | null) => void): number;
  settle(seq: number, reply: A): void;
  failAll(): void;
}

function createQuestions<A>(kernel: Kernel, process: Process): Questions<A> {
  const open = new Map<number, (reply: A | null) => void>();
  let lastSeq = 0;
  const settle = (seq: number, reply: A | null): void => {
    const answer = open.get(seq);
    open.delete(seq);
    answer?.(reply);
  };
  return {
    open(timeoutMs, answer) {
      const seq = ++lastSeq;
      open.set(seq, answer);
      kernel.after(timeoutMs, process, () => settle(seq, null));
      return seq;
    },
    settle,
    failAll() {
      for (const seq of [...open.keys()]) settle(seq, null);
    },
  };
}
