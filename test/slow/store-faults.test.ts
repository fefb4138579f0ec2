/** Reliability of the embedded store under kill -9, power loss, a full disk and a failing one. */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Store } from '../../src/core/ports.js';
import { backupStore, openEmbeddedStore } from '../../src/store/embedded/index.js';
import {
  appendOne,
  cursorOf,
  INSTANCE,
  idOf,
  progress,
  requestOf,
  START_MS,
  streamOf,
  sweepAll,
} from '../store/harness.js';
import { type Acked, checkLeftBehind, missing, run, startWriter } from './store-faults.js';

t.setTimeout(180_000);

function makeDirectory(test: Test): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'longlink-faults-'));
  test.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

t.test('kill -9 in mid-write: nothing acknowledged is lost, nothing is counted twice', async (test) => {
  const directory = path.join(makeDirectory(test), 'data');
  const acked: Acked[] = [];
  for (let round = 0; round < 12; round++) {
    const writer = await startWriter(directory, `r${round}`, { answers: 100 + round * 100 });
    test.equal(writer.process.exitCode, null, writer.complaints());
    writer.process.kill('SIGKILL');
    test.equal(await writer.ended, 'SIGKILL');
    acked.push(...writer.acked);
    if (round % 4 === 3) await checkLeftBehind(test, directory, acked);
  }
});

t.test(
  'another process copies the store while it is written, and a killed one leaves no reader',
  async (test) => {
    const directory = path.join(makeDirectory(test), 'data');
    const writer = await startWriter(directory, 'w', { answers: 200 });
    const before = writer.acked.length;
    const copy = path.join(makeDirectory(test), 'copy');
    await backupStore(directory, copy);
    test.ok(writer.acked.length >= before);
    writer.process.kill('SIGKILL');
    await writer.ended;
    await checkLeftBehind(test, copy, writer.acked.slice(0, before));
  },
);

const POWER_TOOLS = ['mkfs.ext4', 'xfs_io', 'mount', 'losetup'];
t.test(
  'power cut: what was acknowledged before it is on the disk',
  { skip: missing(...POWER_TOOLS) },
  async (test) => {
    const directory = makeDirectory(test);
    const [image, mounted] = [path.join(directory, 'disk.img'), path.join(directory, 'mnt')];
    mkdirSync(mounted);
    run('truncate', '-s', '256M', image);
    run('mkfs.ext4', '-q', '-F', image);
    // Nothing reaches this disk by itself for five minutes.
    const mount = () => run('mount', '-o', 'loop,commit=300', image, mounted);
    for (let round = 0; round < 3; round++) {
      mount();
      try {
        const writer = await startWriter(path.join(mounted, 'data'), `p${round}`, { answers: 800 });
        writeFileSync(path.join(mounted, `control-${round}`), 'never flushed');
        const acked = [...writer.acked];
        run('xfs_io', '-x', '-c', 'shutdown', mounted);
        // We end the process, or the damage does that lmdb-js does to itself on a failed write (disk.ts).
        test.ok([3, 'SIGABRT', 'SIGSEGV'].includes(await writer.ended), writer.complaints());
        run('umount', mounted);
        mount();
        const control = statSync(path.join(mounted, `control-${round}`), { throwIfNoEntry: false });
        test.equal(control?.size ?? 0, 0, 'it was a power cut: what nobody flushed is gone');
        await checkLeftBehind(test, path.join(mounted, 'data'), acked);
      } finally {
        run('umount', mounted);
      }
    }
  },
);

t.test(
  'disk full: appends are refused, the rest goes on, and it heals',
  { skip: missing('mount') },
  async (test) => {
    const directory = makeDirectory(test);
    run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', directory);
    const ballast = path.join(directory, 'ballast');
    writeFileSync(ballast, Buffer.alloc(6 * 2 ** 20));
    const store = await openEmbeddedStore({
      path: path.join(directory, 'data'),
      reserveBytes: 4 * 2 ** 20,
      isSingleReader: () => false,
      onCorrupt: (where) => test.fail(`corrupt: ${where}`),
      onFatal: (error) => test.fail(`fatal: ${error.message}`),
    });
    try {
      await checkFullDisk(test, store, () => rmSync(ballast));
      const rest = statfsSync(directory);
      writeFileSync(ballast, Buffer.alloc(rest.bavail * rest.bsize - 2 ** 19));
      const nothing = { cursors: [], dead: [], events: [] };
      await test.rejects(store.saveProgress(nothing), { message: /the disk is full/ });
      test.ok((await store.conservation()).length > 0, 'with no room at all it can still be read');
    } finally {
      await store.close();
      run('umount', directory);
    }
  },
);

async function checkFullDisk(test: Test, store: Store, makeRoom: () => void): Promise<void> {
  const anna = streamOf('anna');
  const small = { body: Buffer.alloc(3_000, 0x61), expiresMs: START_MS + 1000 };
  const stored: number[] = [];
  const fill = async () => {
    for (let n = 0; ; n++) {
      const round = `${stored.length} ${n}`;
      const requests = Array.from({ length: 20 }, (_, i) => requestOf(anna, `${round} ${i}`, small));
      stored.push(...(await store.append(requests)).map(idOf));
    }
  };
  const all = { records: 100_000, bytes: 2 ** 30 };
  const full = { name: 'StoreUnavailable', message: /the disk is full/ };
  await test.rejects(fill(), full);
  const first = stored.length;
  test.ok(first > 1000, `${first} records before it was full`);
  await test.rejects(appendOne(store, anna, 'one more'), full);
  const readable = (await store.readAfter(anna, 0, all)).oplogs.map((oplog) => oplog.id);
  test.same(readable, stored, 'reads go on, and nothing refused is there');
  const phone = { instance: INSTANCE, kind: 'd', id: 'phone' } as const;
  for (const id of stored.slice(0, 200)) await store.saveProgress(progress(phone, cursorOf(anna, id)));
  test.equal((await store.cursors(phone))[0]?.acked, stored[199], 'acknowledgements go on');

  makeRoom();
  const healed = idOf(await appendOne(store, anna, 'healed', small));
  test.ok(healed > (stored.at(-1) ?? 0), 'room on the disk heals it');
  await test.rejects(fill(), full);
  test.ok(stored.length > first);
  test.equal(await sweepAll(store, START_MS + 1000), stored.length + 1, 'a full store still expires');
  const before = stored.length;
  await test.rejects(fill(), full);
  test.ok(stored.length - before > first / 2, `${stored.length - before} records in the room that it freed`);
  test.equal((await store.conservation())[0]?.accepted, stored.length + 1);
}

const strace = missing('strace');
t.test('a failed flush: no answer after it, and the process ends', { skip: strace }, async (test) => {
  const directory = path.join(makeDirectory(test), 'data');
  const inject = ['strace', '-f', '-q', '-o', '/dev/null', '-e', 'trace=fdatasync'];
  const first = await startWriter(directory, 'before', { answers: 100 });
  first.process.kill('SIGKILL');
  await first.ended;
  const under = [...inject, '-e', 'inject=fdatasync:error=EIO:when=40+'];
  const writer = await startWriter(directory, 'failing', { under, answers: Number.POSITIVE_INFINITY });
  test.equal(await writer.ended, 3);
  test.match(writer.complaints(), /fatal: a commit failed: .*Input\/output error/);
  test.ok(writer.acked.length > 0);
  await checkLeftBehind(test, directory, [...first.acked, ...writer.acked]);
});

t.test(
  'a flush that does not end: the commit times out, and the process ends',
  { skip: strace },
  async (test) => {
    const directory = path.join(makeDirectory(test), 'data');
    const under = ['strace', '-f', '-q', '-o', '/dev/null', '-e', 'trace=fdatasync'];
    under.push('-e', 'inject=fdatasync:delay_enter=3000000:when=40+');
    const options = { under, commitTimeoutMs: 500, answers: Number.POSITIVE_INFINITY };
    const writer = await startWriter(directory, 'hanging', options);
    test.equal(await writer.ended, 3);
    test.match(writer.complaints(), /fatal: no commit within 500 ms/);
    await checkLeftBehind(test, directory, writer.acked);
  },
);
