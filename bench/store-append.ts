/**
 * Durable appends a second of the embedded store, with random owners.
 *
 *   node build/bench/store-append.js [--records 0] [--owners 1000000] [--appends 100000]
 *                                    [--callers 1000] [--body 300] [--path DIR]
 *
 * Fills the store to --records first (in rounds over the owners, which is quick), then measures
 * --appends by --callers concurrent callers of one record each. With --path the store is kept and
 * filled only by what is missing.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { AppendRequest, Store } from '../src/core/ports.js';
import { openEmbeddedStore } from '../src/store/embedded/index.js';

const options = {
  records: { type: 'string', default: '0' },
  owners: { type: 'string', default: '1000000' },
  appends: { type: 'string', default: '100000' },
  callers: { type: 'string', default: '1000' },
  body: { type: 'string', default: '300' },
  path: { type: 'string' },
} as const;
const { values } = parseArgs({ options });
const [records, owners, appends, callers] = [
  values.records,
  values.owners,
  values.appends,
  values.callers,
].map(Number) as [number, number, number, number];
const body = Buffer.alloc(Number(values.body), 0x61);
const FILL = 1_000;

function request(owner: number, thirdMsgId: string): AppendRequest {
  const acceptedMs = Date.now();
  return {
    stream: { instance: 'ws_app', kind: 'u', owner: `user-${String(owner).padStart(9, '0')}`, biz: 'pay' },
    thirdMsgId,
    acceptedMs,
    expiresMs: acceptedMs + 86_400_000 * 30,
    notBeforeMs: 0,
    filter: null,
    traced: false,
    resendOf: 0,
    body,
    keepNewest: 0,
  };
}

async function acceptedSoFar(store: Store): Promise<number> {
  return (await store.conservation()).reduce((sum, counter) => sum + counter.accepted, 0);
}

async function fill(store: Store): Promise<void> {
  const started = performance.now();
  const done = await acceptedSoFar(store);
  for (let n = done; n < records; n += FILL * 8) {
    const calls = Array.from({ length: 8 }, (_, call) => {
      const first = n + call * FILL;
      return store.append(
        Array.from({ length: FILL }, (_, i) => request((first + i) % owners, `fill-${first + i}`)),
      );
    });
    await Promise.all(calls);
    if (n % 1_000_000 < FILL * 8)
      console.error(`filled ${n} after ${Math.round(performance.now() - started)} ms`);
  }
}

async function measure(store: Store): Promise<void> {
  const before = await acceptedSoFar(store);
  const latency = createHistogram();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const cpu = process.cpuUsage();
  loop.enable();
  const started = performance.now();
  let next = 0;
  const caller = async () => {
    while (next < appends) {
      const n = next++;
      const at = performance.now();
      await store.append([request(Math.floor(Math.random() * owners), `m-${before}-${n}`)]);
      latency.record(Math.max(1, Math.round((performance.now() - at) * 1000)));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - started) / 1000;
  loop.disable();
  const used = process.cpuUsage(cpu);
  const accepted = (await acceptedSoFar(store)) - before;
  const ms = (value: number) => Math.round(value / 100) / 10;
  console.log(
    JSON.stringify({
      records: before,
      owners,
      callers,
      appends: accepted,
      appendsPerSecond: Math.round(accepted / seconds),
      latencyMs: { p50: ms(latency.percentile(50)), p99: ms(latency.percentile(99)) },
      loopDelayMs: { p99: ms(loop.percentile(99) / 1000), max: ms(loop.max / 1000) },
      cpuUsPerAppend: Math.round((used.user + used.system) / accepted),
    }),
  );
}

const directory = values.path ?? mkdtempSync(path.join(tmpdir(), 'longlink-bench-'));
mkdirSync(directory, { recursive: true });
const store = await openEmbeddedStore({
  path: directory,
  isSingleReader: () => false,
  onCorrupt: (where) => console.error(`corrupt: ${where}`),
  onFatal: (error) => {
    throw error;
  },
});
await fill(store);
await measure(store);
await store.close();
console.error(`${Math.round(statSync(path.join(directory, 'store.mdb')).size / 2 ** 20)} MiB`);
if (values.path === undefined) rmSync(directory, { recursive: true });
