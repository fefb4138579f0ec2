/**
 * The process that the fault tests of the store hurt:
 *
 *   node store-writer.js DIRECTORY RUN [COMMIT_TIMEOUT_MS]
 *
 * Appends with many callers, sweeps, trims and saves cursors, and prints one line per answer that
 * the store gave as durable: [owner, thirdMsgId, id]. Exits with 3 when the store says it is lost.
 */
import { writeSync } from 'node:fs';
import type { AppendRequest, Store } from '../../src/core/ports.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { cursorOf, INSTANCE, idOf, progress, requestOf, streamOf } from '../store/harness.js';

const CALLERS = 50;
export const OWNERS = 200;
const [directory = '', run = '', commitTimeoutMs = '10000'] = process.argv.slice(2);

const store = await openEmbeddedStore({
  path: directory,
  commitTimeoutMs: Number(commitTimeoutMs),
  reserveBytes: 16 * 2 ** 20,
  isSingleReader: (_, biz) => biz === 'trimmed',
  onCorrupt: (where) => {
    throw new Error(`corrupt: ${where}`);
  },
  onFatal: (error) => {
    writeSync(2, `fatal: ${error.message}\n`);
    process.exit(3);
  },
});

async function append(caller: number, n: number): Promise<void> {
  const owner = `owner ${(caller * 31 + n * 7) % OWNERS}`;
  const thirdMsgId = `${run}-${caller}-${n}`;
  const now = Date.now();
  const body = Buffer.alloc((n * 97) % 1500, 0x61);
  const times: Partial<AppendRequest> = { acceptedMs: now, expiresMs: now + 86_400_000, body };
  const short = { ...times, expiresMs: now + 5 };
  const requests = [
    requestOf(streamOf(owner), thirdMsgId, times),
    requestOf(streamOf(owner, 'short'), thirdMsgId, short),
    requestOf(streamOf(owner, 'trimmed'), thirdMsgId, { ...times, keepNewest: 3 }),
  ];
  const [kept, , trimmed] = await store.append(requests);
  writeSync(1, `${JSON.stringify([owner, thirdMsgId, idOf(kept)])}\n`);
  const reader = { instance: INSTANCE, kind: 'u', id: owner } as const;
  await store.saveProgress(progress(reader, cursorOf(streamOf(owner, 'trimmed'), idOf(trimmed))));
}

async function call(caller: number): Promise<void> {
  for (let n = 0; ; n++) await append(caller, n);
}

async function sweep(store: Store): Promise<void> {
  for (;;) await store.sweep(Date.now(), 200);
}

if (directory !== '')
  await Promise.all([sweep(store), ...Array.from({ length: CALLERS }, (_, n) => call(n))]);
