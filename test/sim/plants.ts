/** Bugs that each turn runs red, by the check that is meant for them: without them nobody knows what green means. */
import type { Delivery } from '../../src/core/delivery.js';
import type { Oplog, StreamKey } from '../../src/core/model.js';
import type { AppendRequest, Store } from '../../src/core/ports.js';
import type { WorkerStore } from '../../src/link/opening.js';
import { decodeClientFrame, encodeClientFrame } from '../../src/wire/frames.js';
import type { Check } from './history.js';
import type { Kernel } from './kernel.js';
import { TROUBLE_MS } from './model.js';
import type { Plants } from './server.js';

export interface Planted {
  readonly name: string;
  readonly caughtBy: Check;
  /** Fresh for every run. */
  plants(): Plants;
}

export const PLANTED: readonly Planted[] = [
  {
    name: 'ack before durable',
    caughtBy: 'DURABLE',
    plants: () => ({
      send(request, plain) {
        void plain(request).catch(() => {});
        return Promise.resolve({ result: 'SUCCESS', id: null });
      },
    }),
  },
  {
    name: 'skipped dedupe',
    caughtBy: 'DUPLICATE',
    plants() {
      let tries = 0;
      return {
        send: (request, plain) => plain({ ...request, thirdMsgId: `${request.thirdMsgId} ${++tries}` }),
      };
    },
  },
  {
    name: 'forgotten sync point',
    caughtBy: 'SINGLE_TWICE',
    plants: () => ({
      workerStore: (store, { random }) => ({
        ...store,
        cursors: (reader) =>
          reader.kind === 'u' && random.chance(0.3) ? Promise.resolve([]) : store.cursors(reader),
      }),
    }),
  },
  { name: 'late registration', caughtBy: 'PROMPT', plants: () => ({ workerStore: withOldHeads }) },
  {
    name: "old user's ack",
    caughtBy: 'CURSOR',
    plants: () => ({
      received(bytes, session) {
        const frame = decodeClientFrame(withoutLength(bytes), { maxPoints: 1000 });
        if (frame.type !== 'ack' || frame.bindSeq === 0 || session === null) return bytes;
        return Buffer.from(encodeClientFrame({ ...frame, bindSeq: session.bindSeq }));
      },
    }),
  },
  { name: 'retransmission that skips', caughtBy: 'LOST', plants: () => ({ workerStore: withSkips() }) },
  { name: 'no lease check', caughtBy: 'STALE_SEND', plants: () => ({ leaseForMs: 1e12 }) },
  { name: 'wake before durable', caughtBy: 'NOT_DURABLE', plants: () => ({ delivery: withEarlyWakes }) },
];

const OLD_MS = 7_000;

/** The backlog is that of a while ago, and looking again shows nothing new. */
function withOldHeads(store: WorkerStore, kernel: Kernel): WorkerStore {
  const seen = new Map<string, { readonly atMs: number; readonly heads: ReturnType<WorkerStore['heads']> }>();
  return {
    ...store,
    heads(instance, owners) {
      const name = JSON.stringify(owners);
      const old = seen.get(name);
      if (old !== undefined && kernel.now() - old.atMs < OLD_MS) return old.heads;
      const heads = store.heads(instance, owners);
      seen.set(name, { atMs: kernel.now(), heads });
      return heads;
    },
  };
}

/** What is read a second time lacks its first record. */
function withSkips(): (store: WorkerStore, kernel: Kernel) => WorkerStore {
  const read = new Map<string, number>();
  return (store, kernel) => ({
    ...store,
    async readAfter(stream, after, limit) {
      const name = JSON.stringify(stream);
      const page = await store.readAfter(stream, after, limit);
      const isAgain = after < (read.get(name) ?? 0) && kernel.now() < TROUBLE_MS;
      read.set(name, Math.max(read.get(name) ?? 0, page.through));
      return isAgain ? { ...page, oplogs: page.oplogs.slice(1) } : page;
    },
  });
}

/** Sessions are woken with what the record will be, if it comes to be. */
function withEarlyWakes(delivery: Delivery): Delivery {
  const last = new Map<string, number>();
  const append: Store['append'] = async (requests) => {
    for (const request of requests) wakeEarly(delivery, request, last.get(nameOf(request.stream)) ?? 0);
    const results = await delivery.store.append(requests);
    results.forEach((result, at) => {
      const request = requests[at];
      if (result.status === 'stored' && request !== undefined)
        last.set(nameOf(request.stream), result.oplog.id);
    });
    return results;
  };
  return { ...delivery, store: { ...delivery.store, append } };
}

function wakeEarly(delivery: Delivery, request: AppendRequest, prev: number): void {
  const { stream, thirdMsgId, acceptedMs, expiresMs, filter, traced, resendOf, body } = request;
  if (request.notBeforeMs > 0) return;
  const id = Math.max(prev + 1, acceptedMs * 1000);
  const oplog: Oplog = { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body };
  delivery.wake({ stream, id, prev, oplog, transient: false }, []);
}

function nameOf(stream: StreamKey): string {
  return JSON.stringify(stream);
}

function withoutLength(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return bytes.subarray(at + 1);
}
