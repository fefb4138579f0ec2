/**
 * The memory store behind a disk: a write is there for everybody from the moment it is durable, and
 * not before; what was not durable when its process died is gone. Reads take time, and both fail at times.
 */
import type { AppendRequest, AppendResult, DueAppend, Store } from '../../src/core/ports.js';
import { StoreUnavailable } from '../../src/core/ports.js';
import type { WorkerStoreReads } from '../../src/processes/worker-bus.js';
import type { Kernel } from './kernel.js';

export interface DiskFaults {
  /** Share of writes, and of reads, that are not answered well. */
  writeFails: number;
  readFails: number;
  maxWriteMs: number;
  maxReadMs: number;
}

/** What the run's history wants to know. */
export interface DiskWatch {
  stored(request: AppendRequest, result: AppendResult): void;
  /** Data that waited for its time. */
  due(append: DueAppend): void;
  /** Cursors, letters and so on of a batch are durable. */
  progress(batch: Parameters<Store['saveProgress']>[0]): void;
  /** Appends that are under way: asked for and not durable. */
  pendingAppends: number;
}

export interface Disk {
  readonly faults: DiskFaults;
  readonly watch: DiskWatch;
  /** The store as control has it. */
  readonly control: Store;
  /** The store as a worker reads it. */
  readonly reader: WorkerStoreReads;
}

export function createDisk(kernel: Kernel, memory: Store, watch: DiskWatch): Disk {
  const { random } = kernel;
  const faults: DiskFaults = { writeFails: 0, readFails: 0, maxWriteMs: 30, maxReadMs: 10 };
  let lastCommitMs = 0;

  /** Commits are in the order of the calls; each answer comes a little after its commit. */
  function write<T>(commit: () => Promise<T>, lost: () => void = () => {}): Promise<T> {
    const owner = kernel.current();
    lastCommitMs = Math.max(lastCommitMs, kernel.now() + random.int(1, faults.maxWriteMs));
    const atMs = lastCommitMs;
    const fails = random.chance(faults.writeFails);
    const takesPlace = !fails || random.chance(0.5);
    return new Promise((resolve, reject) => {
      // The disk is a process of its own: what has reached it takes place, whoever died since.
      kernel.after(atMs - kernel.now(), null, () => {
        if (owner?.alive === false || !takesPlace) {
          lost();
          if (fails) kernel.after(random.int(0, 5), owner, () => reject(new StoreUnavailable('not written')));
          return;
        }
        void commit().then(
          (value) =>
            kernel.after(random.int(0, 5), owner, () =>
              fails ? reject(new StoreUnavailable('no answer')) : resolve(value),
            ),
          (error: unknown) => kernel.after(0, owner, () => reject(error)),
        );
      });
    });
  }

  /** The answer is of the moment of the question. */
  function read<T>(ask: () => Promise<T>): Promise<T> {
    const owner = kernel.current();
    const fails = random.chance(faults.readFails);
    const delayMs = random.int(0, faults.maxReadMs);
    const value = ask();
    return new Promise((resolve, reject) => {
      kernel.after(delayMs, owner, () => {
        if (fails) reject(new StoreUnavailable('not read'));
        else value.then(resolve, reject);
      });
    });
  }

  function append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    watch.pendingAppends += requests.length;
    const settled = (): void => {
      watch.pendingAppends -= requests.length;
    };
    return write(async () => {
      settled();
      const results = await memory.append(requests);
      results.forEach((result, at) => {
        const request = requests[at];
        if (request !== undefined) watch.stored(request, result);
      });
      return results;
    }, settled);
  }

  const reads: WorkerStoreReads = {
    readAfter: (stream, after, limit) => read(() => memory.readAfter(stream, after, limit)),
    newest: (stream, after, keep) => read(() => memory.newest(stream, after, keep)),
    heads: (instance, owners) => read(() => memory.heads(instance, owners)),
    cursors: (reader) => read(() => memory.cursors(reader)),
    device: (instance, by) => read(() => memory.device(instance, by)),
  };
  return {
    faults,
    watch,
    reader: reads,
    control: {
      ...memory,
      ...reads,
      append,
      appendDue: (wallMs, max) =>
        write(async () => {
          const due = await memory.appendDue(wallMs, max);
          for (const one of due) watch.due(one);
          return due;
        }),
      saveProgress: (batch) =>
        write(async () => {
          await memory.saveProgress(batch);
          watch.progress(batch);
        }),
      saveDevice: (record) => write(() => memory.saveDevice(record)),
      raiseFloor: (stream, floor) => write(() => memory.raiseFloor(stream, floor)),
    },
  };
}
