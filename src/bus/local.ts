/** The bus inside one process: the same promises as the socket bus, without bytes. */
import type { ToControl, ToWorker } from './messages.js';
import type {
  ControlAnswer,
  ControlBus,
  ControlBusHandler,
  WorkerAnswer,
  WorkerBus,
  WorkerBusHandler,
} from './port.js';
import { createQuestions } from './questions.js';

export interface LocalBus {
  /** Takes the worker's end. To be called once. */
  worker(handler: WorkerBusHandler): WorkerBus;
  /** Takes control's end. To be called once. */
  control(handler: ControlBusHandler): ControlBus;
}

/**
 * One control and one worker, numbered `worker`. When both ends are taken, control hears of the
 * worker's joining and the worker that control is up, in a later turn.
 */
export function createLocalBus(worker = 1): LocalBus {
  let workerHandler: WorkerBusHandler | null = null;
  let controlHandler: ControlBusHandler | null = null;
  let up = false;
  const asked = createQuestions<ControlAnswer>();
  const told = createQuestions<WorkerAnswer>();
  const counts = { sent: 0, received: 0 };

  const toWorker = createTurnQueue<ToWorker>((message) => {
    if (message.type === 'attached' || message.type === 'done') asked.settle(message.seq, message);
    else workerHandler?.onMessage(message);
  });
  const toControl = createTurnQueue<ToControl>((message) => {
    counts.received += 1;
    if (message.type === 'fenced' || message.type === 'metrics') told.settle(message.seq, message);
    else if (message.type !== 'join') controlHandler?.onMessage(worker, message);
  });

  const start = (): void => {
    if (workerHandler === null || controlHandler === null) return;
    setImmediate(() => {
      if (workerHandler === null || controlHandler === null) return;
      up = true;
      controlHandler.onJoin(worker, process.pid);
      workerHandler.onUp();
    });
  };

  const stop = (): Promise<void> => {
    if (up) {
      up = false;
      asked.failAll();
      told.failAll();
      controlHandler?.onLeave(worker, '');
      workerHandler?.onDown('');
    }
    workerHandler = null;
    controlHandler = null;
    return Promise.resolve();
  };

  return {
    worker(handler) {
      workerHandler = handler;
      start();
      return {
        connected: () => up,
        send: (message) => {
          if (up) toControl.push(message);
        },
        ask(question, timeoutMs, answer) {
          if (up) toControl.push({ ...question, seq: asked.open(timeoutMs, answer) });
          else setImmediate(answer, null);
        },
        close: stop,
      };
    },
    control(handler) {
      controlHandler = handler;
      start();
      const push = (message: ToWorker): void => {
        counts.sent += 1;
        toWorker.push(message);
      };
      return {
        send: (to, message) => {
          if (up && to === worker) push(message);
        },
        ask(to, question, timeoutMs, answer) {
          if (up && to === worker) push({ ...question, seq: told.open(timeoutMs, answer) });
          else setImmediate(answer, null);
        },
        workers: () => (up ? [worker] : []),
        stats: () => ({ ...counts, droppedWakes: 0, overflows: 0, queued: toWorker.size() }),
        close: stop,
      };
    },
  };
}

/** Hands over in a later turn what was pushed in this one, so that no sender is called back into. */
function createTurnQueue<M>(deliver: (message: M) => void) {
  let queue: M[] = [];
  const drain = (): void => {
    const batch = queue;
    queue = [];
    for (const message of batch) deliver(message);
  };
  return {
    push(message: M): void {
      queue.push(message);
      if (queue.length === 1) setImmediate(drain);
    },
    size: () => queue.length,
  };
}
