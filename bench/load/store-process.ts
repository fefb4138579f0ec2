/** A store by itself, filled and measured: what `depth` asks. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AppendRequest, Store } from '../../src/core/ports.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { serveParent } from './questions.js';
import { Samples } from './tally.js';

export interface StoreSetup {
  readonly path: string;
  readonly owners: number;
  readonly bodyBytes: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly latencies: Uint32Array;
  readonly cpuUsEach: number;
  /** Pages handed to the kernel. `write_bytes` would say more: where a folio is large, one page counts as all of it. */
  readonly pagesEach: number;
  readonly fileBytes: number;
}

const FILL_CALL = 1_000;
const FILL_CALLS = 8;
const READ_RECORDS = 100;
const DAY_MS = 86_400_000;
const PAGE_BYTES = 4096;

let setup: StoreSetup | null = null;
let store: Store | null = null;
let appended = 0;

async function open(args: StoreSetup): Promise<void> {
  setup = args;
  store = await openEmbeddedStore({
    path: args.path,
    isSingleReader: () => false,
    onCorrupt: (where) => {
      throw new Error(`corrupt: ${where}`);
    },
    onFatal: (error) => {
      throw error;
    },
  });
  // A store that was kept: what is there already.
  appended = (await store.conservation()).reduce((sum, { accepted }) => sum + accepted, 0);
}

function current(): { readonly store: Store; readonly setup: StoreSetup } {
  if (store === null || setup === null) throw new Error('no store is open');
  return { store, setup };
}

function streamOf(owner: number) {
  const name = `user-${String(owner).padStart(9, '0')}`;
  return { instance: 'load_bench', kind: 'u', owner: name, biz: 'bench-user' } as const;
}

function requestFor(owner: number): AppendRequest {
  appended += 1;
  const acceptedMs = Date.now();
  return {
    stream: streamOf(owner),
    thirdMsgId: `m-${appended}`,
    acceptedMs,
    expiresMs: acceptedMs + 30 * DAY_MS,
    notBeforeMs: 0,
    filter: null,
    traced: false,
    resendOf: 0,
    body: Buffer.alloc(current().setup.bodyBytes, 0x61),
    keepNewest: 0,
  };
}

/** Appends until so many are stored, in rounds over the owners, which is quick. */
async function fill(total: number): Promise<void> {
  const { owners } = current().setup;
  while (appended < total) {
    const calls = Array.from({ length: FILL_CALLS }, () => {
      const count = Math.max(0, Math.min(FILL_CALL, total - appended));
      return current().store.append(Array.from({ length: count }, () => requestFor(appended % owners)));
    });
    await Promise.all(calls);
  }
}

/** Gives so many owners so many records each, one round over all of them after the other. */
async function fillOwners({
  owners,
  each,
}: {
  readonly owners: number;
  readonly each: number;
}): Promise<void> {
  for (let round = 0; round < each; round += 1)
    for (let first = 0; first < owners; first += FILL_CALL) {
      const count = Math.min(FILL_CALL, owners - first);
      await current().store.append(Array.from({ length: count }, (_, i) => requestFor(first + i)));
    }
}

function writtenBytes(): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
}

async function measure(
  callers: number,
  count: number,
  owners: number,
  work: (owner: number) => Promise<unknown>,
): Promise<Measured> {
  const { path } = current().setup;
  const latencies = new Samples();
  const cpu = process.cpuUsage();
  const written = writtenBytes();
  const started = performance.now();
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const at = performance.now();
      await work(Math.floor(Math.random() * owners));
      latencies.add(Math.round((performance.now() - at) * 1000));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: (count * 1000) / (performance.now() - started),
    latencies: latencies.take(),
    cpuUsEach: (user + system) / count,
    pagesEach: (writtenBytes() - written) / PAGE_BYTES / count,
    fileBytes: statSync(join(path, 'store.mdb')).size,
  };
}

serveParent({
  open,
  fill,
  fillOwners,
  append: (args: { readonly callers: number; readonly count: number }) =>
    measure(args.callers, args.count, current().setup.owners, (owner) =>
      current().store.append([requestFor(owner)]),
    ),
  read: (args: { readonly count: number; readonly owners: number }) =>
    measure(1, args.count, args.owners, (owner) =>
      current().store.readAfter(streamOf(owner), 0, { records: READ_RECORDS, bytes: 1 << 20 }),
    ),
  async close() {
    await current().store.close();
    store = null;
  },
});
