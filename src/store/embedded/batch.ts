/**
 * The writes of one commit while they are being planned. Reads see them on top of what is
 * committed, so that the plans of one commit build on each other.
 */
import type { Environment, Table } from './environment.js';
import { MAX_KEY_BYTES, Tag, tagKey } from './keys.js';
import { encodeTail, type Tail } from './tail.js';

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

/** A stream's tail as a commit leaves it. */
interface PendingTail {
  readonly prefix: Buffer;
  tail: Tail;
}

export interface Batch {
  /** All rows of the table but records that this commit appends, and tails that it writes. */
  readonly streams: View;
  readonly meta: View;
  /** Adds a record: a key that no row has. */
  append(key: Buffer, value: Buffer): void;
  /** A record, committed or of this commit. */
  record(key: Buffer): Buffer | undefined;
  /** The tail that this commit has for a stream, by the stream's prefix as latin1. */
  tail(name: string): Tail | undefined;
  putTail(name: string, prefix: Buffer, tail: Tail): void;
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
  // Apart from the other rows: there is one of each for every message, and neither needs a name that is
  // made, hashed and sorted. A tail is encoded once, however many records its stream gets.
  const records: Write[] = [];
  const tails = new Map<string, PendingTail>();
  const recordsByName = new Map<string, Buffer>();
  const size = () => records.length + streamWrites.size + tails.size + metaWrites.size;
  const streams = createView(environment.streams, streamWrites);
  return {
    streams,
    append: (key, value) => void records.push({ key, value }),
    record(key) {
      if (streams.touched(key)) return undefined;
      // Rarely asked for, so named only now.
      for (let at = recordsByName.size; at < records.length; at++) {
        const own = records[at];
        if (own?.value != null) recordsByName.set(own.key.toString('latin1'), own.value);
      }
      const own = recordsByName.size === 0 ? undefined : recordsByName.get(key.toString('latin1'));
      return own ?? environment.streams.get(key);
    },
    tail: (name) => tails.get(name)?.tail,
    putTail(name, prefix, tail) {
      const known = tails.get(name);
      if (known === undefined) tails.set(name, { prefix, tail });
      else known.tail = tail;
    },
    meta: createView(environment.meta, metaWrites),
    appended: new Map(),
    dueNumbers: new Map(),
    size,
    async commit() {
      if (size() === 0) return;
      await environment.root.batch(() => {
        for (const { key, value } of records) if (value !== null) void environment.streams.put(key, value);
        // After the records: one that was appended and ended in the same commit is removed.
        enqueue(environment.streams, streamWrites);
        for (const { prefix, tail } of tails.values())
          void environment.streams.put(tagKey(prefix, Tag.TAIL), encodeTail(tail));
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
