/** What a worker reaches over the bus: the route table, and the one writer of the store. */
import type { ControlAnswer, WorkerBus, WorkerQuestion } from '../bus/port.js';
import { type Routes, type Store, StoreUnavailable } from '../core/ports.js';
import type { ReportAnswer } from '../core/reports.js';
import type { WorkerStore } from '../link/opening.js';

export interface WorkerBusTimes {
  /** Longest wait for a registration, fencing of the older session included, ms. */
  readonly attachMs: number;
  /** Longest wait for a write, ms. */
  readonly writeMs: number;
  /** Longest wait for the tenant's verdict, ms. */
  readonly validateMs: number;
}

/** The route table, which control keeps. */
export function createWorkerRoutes(bus: WorkerBus, times: WorkerBusTimes): Routes {
  const isOk = (reply: ControlAnswer | null): boolean => reply?.type === 'done' && reply.ok;
  return {
    attach(request, answer) {
      bus.ask({ type: 'attach', request }, times.attachMs, (reply) =>
        answer(reply?.type === 'attached' ? reply : null),
      );
    },
    rebind(session, user, bindSeq, answer) {
      bus.ask({ type: 'rebind', session, user, bindSeq }, times.attachMs, (reply) => answer(isOk(reply)));
    },
    detach: (session) => bus.send({ type: 'detach', session }),
    setForeground: (session, foreground) => bus.send({ type: 'state', session, foreground }),
    released: (session, grant) => bus.send({ type: 'released', session, grant }),
    validate(instance, user, sessionId, answer) {
      const question = { type: 'validate', instance, user, sessionId } as const;
      bus.ask(question, times.validateMs, (reply) =>
        answer(reply?.type === 'done' && reply.ok && reply.value === true),
      );
    },
    report(request, answer) {
      bus.ask({ type: 'report', request }, times.writeMs, (reply) =>
        answer(reply?.type === 'done' && reply.ok ? reportAnswer(reply.value) : null),
      );
    },
  };
}

function reportAnswer(value: unknown): ReportAnswer {
  return Array.isArray(value) ? value.map(String) : value === true;
}

/** What a worker reads of the store by itself. */
export type WorkerStoreReads = Pick<Store, 'readAfter' | 'newest' | 'heads' | 'cursors' | 'device'>;

/** The store as a worker has it: reads from its own snapshot, the three writes through control. */
export function createWorkerStore(
  reader: WorkerStoreReads,
  bus: WorkerBus,
  times: WorkerBusTimes,
): WorkerStore {
  const write = (question: WorkerQuestion): Promise<unknown> =>
    new Promise((resolve, reject) => {
      bus.ask(question, times.writeMs, (reply) => {
        if (reply?.type === 'done' && reply.ok) resolve(reply.value);
        else reject(new StoreUnavailable(`${question.type}: no answer of the writer`));
      });
    });
  return {
    readAfter: (stream, after, limit) => reader.readAfter(stream, after, limit),
    newest: (stream, after, keep) => reader.newest(stream, after, keep),
    heads: (instance, owners) => reader.heads(instance, owners),
    cursors: (key) => reader.cursors(key),
    device: (instance, by) => reader.device(instance, by),
    saveDevice: async (record) => void (await write({ type: 'saveDevice', record })),
    saveProgress: async (batch) => void (await write({ type: 'progress', batch })),
    raiseFloor: async (stream, floor) => (await write({ type: 'raiseFloor', stream, floor })) === true,
  };
}
