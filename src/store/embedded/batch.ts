/**
 * The writes of one commit while they are being planned. Reads see them on top of what is
 * committed, so that the plans of one commit build on each other.
 */
import type { Environment, Table } from './environment.js';
import { MAX_KEY_BYTES } from './keys.js';

interface Write {
  readonly key: Buffer;
  /** Null removes. */
  readonly value: Buffer | null;
}

/** One table as a plan sees it. */
export interface View {
  get(key: Buffer): Buffer | undefined;
  put(key: Buffer, value: Buffer): void;
  remove(key: Buffer): void;
  /** True when this commit writes or removes the key: what is committed of it is out of date. */
  touched(key: Buffer): boolean;
}

export interface Batch {
  readonly streams: View;
  readonly meta: View;
  /** Ids this commit appends, by stream prefix, in order. */
  readonly appended: Map<string, number[]>;
  /** Where to look on for a free number, by the times of what this commit keeps aside (append.ts). */
  readonly dueNumbers: Map<string, number>;
  size(): number;
  /** Hands all writes to LMDB as one transaction; resolves when they are on the disk. */
  commit(): Promise<unknown>;
}

function createView(table: Table, writes: Map<string, Write>): View {
  const write = (key: Buffer, value: Buffer | null) => {
    // LMDB would refuse it in the middle of the commit, after the writes before it.
    if (key.length > MAX_KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes is too long`);
    writes.set(key.toString('latin1'), { key, value });
  };
  return {
    get(key) {
      const own = writes.size === 0 ? undefined : writes.get(key.toString('latin1'));
      return own === undefined ? table.get(key) : (own.value ?? undefined);
    },
    put: write,
    remove: (key) => write(key, null),
    touched: (key) => writes.has(key.toString('latin1')),
  };
}

export function createBatch(environment: Environment): Batch {
  const streamWrites = new Map<string, Write>();
  const metaWrites = new Map<string, Write>();
  const size = () => streamWrites.size + metaWrites.size;
  return {
    streams: createView(environment.streams, streamWrites),
    meta: createView(environment.meta, metaWrites),
    appended: new Map(),
    dueNumbers: new Map(),
    size,
    async commit() {
      if (size() === 0) return;
      await environment.root.batch(() => {
        enqueue(environment.streams, streamWrites);
        enqueue(environment.meta, metaWrites);
      });
    },
  };
}

function enqueue(table: Table, writes: ReadonlyMap<string, Write>): void {
  // In the order of the keys, so that neighbours find their pages where the last one left them.
  for (const name of [...writes.keys()].sort()) {
    const write = writes.get(name);
    if (write === undefined) continue;
    const { key, value } = write;
    // Each returns the promise of the batch around it, which is awaited.
    if (value === null) void table.remove(key);
    else void table.put(key, value);
  }
}
