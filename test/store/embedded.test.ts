/** What the embedded store does beyond the port: readers, lock, formats, copies, damage. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Store } from '../../src/core/ports.js';
import { openEnvironment } from '../../src/store/embedded/environment.js';
import { FORMAT_VERSION } from '../../src/store/embedded/format.js';
import {
  auditStore,
  backupStore,
  type EmbeddedStoreOptions,
  openEmbeddedReader,
  openEmbeddedStore,
  restoreStore,
} from '../../src/store/embedded/index.js';
import { Meta, metaKey, Tag } from '../../src/store/embedded/keys.js';
import {
  ALL,
  appendOne,
  cursorOf,
  INSTANCE,
  idOf,
  idsAfter,
  progress,
  requestOf,
  START_MS,
  streamOf,
} from './harness.js';

function makeDirectory(test: Test): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'longlink-store-'));
  test.teardown(() => rmSync(directory, { recursive: true }));
  return path.join(directory, 'data');
}

function open(directory: string, options: Partial<EmbeddedStoreOptions> = {}): Promise<Store> {
  return openEmbeddedStore({
    path: directory,
    isSingleReader: () => false,
    onCorrupt: (where) => {
      throw new Error(`corrupt: ${where}`);
    },
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
}

const anna = streamOf('anna');

t.test(
  'a reader sees what is committed when it is asked, in the turn of an older read, too',
  async (test) => {
    const directory = makeDirectory(test);
    await test.rejects(openEmbeddedReader({ path: directory, onCorrupt: () => {} }), /no store/);
    const store = await open(directory);
    const reader = await openEmbeddedReader({ path: directory, onCorrupt: () => {} });
    const early = reader.readAfter(anna, 0, ALL);
    const id = idOf(await appendOne(store, anna, 'm1'));
    test.same((await early).oplogs, []);
    for (let n = 0; n < 50; n++) {
      await reader.readAfter(anna, 0, ALL);
      const next = idOf(await appendOne(store, streamOf(`owner ${n}`, `biz ${n}`), 'm'));
      const head = await reader.heads(INSTANCE, [{ kind: 'u', owner: `owner ${n}` }]);
      test.equal(head[0]?.last, next, 'also of a bizType the reader had not heard of');
    }
    test.equal((await reader.find(anna, { id }))?.thirdMsgId, 'm1');
    await reader.close();
    test.ok(idOf(await appendOne(store, anna, 'm2')), 'the writer goes on without it');
    await store.close();
  },
);

t.test("the directory is its owner's, and one writer's", async (test) => {
  const directory = makeDirectory(test);
  const store = await open(directory);
  test.equal(statSync(directory).mode & 0o777, 0o700);
  for (const file of ['store.mdb', 'store.mdb-lock', 'writer.lock'])
    test.equal(statSync(path.join(directory, file)).mode & 0o777, 0o600, file);
  await test.rejects(open(directory), {
    message: `the store in ${directory} is in use by process ${process.pid}`,
  });
  await store.close();
  const again = await open(directory);
  await again.close();
});

t.test('a lock left behind is no lock', async (test) => {
  const directory = makeDirectory(test);
  mkdirSync(directory);
  const file = path.join(directory, 'writer.lock');
  const holder = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  await once(holder, 'spawn');
  await (await open(directory)).close();
  test.throws(() => statSync(file), { code: 'ENOENT' });
  const own = JSON.parse(await lockOf(directory)) as { pid: number; started: string; place: string };
  const stat = readFileSync(`/proc/${holder.pid}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  writeFileSync(file, JSON.stringify({ ...own, pid: holder.pid, started }));
  await test.rejects(open(directory), { message: new RegExp(`in use by process ${holder.pid}$`) });
  const stale = [
    { ...own, pid: holder.pid, started: '1' },
    { ...own, pid: holder.pid, started, place: 'another boot' },
    { ...own, pid: 4_194_305 },
  ];
  for (const left of [...stale.map((lock) => JSON.stringify(lock)), 'not a lock', '']) {
    writeFileSync(file, left);
    await (await open(directory)).close();
  }
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  writeFileSync(file, JSON.stringify({ ...own, pid: holder.pid, started }));
  const openings = await Promise.allSettled([open(directory), open(directory), open(directory)]);
  test.equal(openings.filter((opening) => opening.status === 'fulfilled').length, 1, 'one takes it over');
  for (const opening of openings) if (opening.status === 'fulfilled') await opening.value.close();
});

/**
 * A control process killed with its supervisor stays in the process table until init collects it. A
 * server started in that moment found "the store in use" by the dead one, and gave up.
 */
t.test('a killed process that nobody has collected holds no lock', async (test) => {
  const directory = makeDirectory(test);
  mkdirSync(directory);
  const own = JSON.parse(await lockOf(directory)) as { pid: number; started: string; place: string };
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
  test.teardown(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  // A shell collects its children; only what it has become by `exec` leaves them.
  const nameOf = (): string => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim();
  while (nameOf() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 5));
  const fieldsOf = (): string[] => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  };
  writeFileSync(
    path.join(directory, 'writer.lock'),
    JSON.stringify({ ...own, pid, started: fieldsOf()[19] }),
  );
  await test.rejects(open(directory), { message: /in use/ });
  process.kill(pid, 'SIGKILL');
  while (fieldsOf()[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
  await (await open(directory)).close();
});

async function lockOf(directory: string): Promise<string> {
  const store = await open(directory);
  const lock = readFileSync(path.join(directory, 'writer.lock'), 'utf8');
  await store.close();
  return lock;
}

t.test('a store that somebody else has written to is given up', async (test) => {
  const directory = makeDirectory(test);
  const fatal: string[] = [];
  const store = await open(directory, { onFatal: (error) => fatal.push(error.message) });
  await appendOne(store, anna, 'm1');
  await appendOne(store, anna, 'm1');
  const script = `
    import { openEnvironment } from '${new URL('../../src/store/embedded/environment.js', import.meta.url)}';
    const environment = openEnvironment(process.argv[1], 'writer');
    await environment.meta.put(Buffer.from('x'), Buffer.from('y'));
    await environment.root.close();
  `;
  await once(spawn(process.execPath, ['--input-type=module', '-e', script, directory]), 'exit');
  await test.rejects(appendOne(store, anna, 'm2'), { name: 'StoreUnavailable' });
  test.same(fatal, ['another process has written to the store']);
  await test.rejects(appendOne(store, anna, 'm3'), { name: 'StoreUnavailable' });
  test.equal((await idsAfter(store, anna)).length, 1, 'it can still be read');
  await store.close();
});

t.test('a newer format is refused, by writers and readers; an older one is migrated', async (test) => {
  const directory = makeDirectory(test);
  let store = await open(directory);
  await store.append([1, 2, 3].map((n) => requestOf(anna, `m${n}`)));
  await appendOne(store, streamOf('anna', 'news'), 'm');
  const before = await store.conservation();
  await store.close();
  await writeFormat(directory, FORMAT_VERSION + 1);
  const newer = {
    message: `the store has format ${FORMAT_VERSION + 1}; this version reads up to ${FORMAT_VERSION}`,
  };
  await test.rejects(open(directory), newer);
  await test.rejects(openEmbeddedReader({ path: directory, onCorrupt: () => {} }), /has format/);

  // Format 1 had no counters.
  const counters = metaKey(Meta.COUNTERS);
  await writeFormat(directory, 1, counters);
  await test.rejects(
    openEmbeddedReader({ path: directory, onCorrupt: () => {} }),
    /open it for writing first/,
  );
  store = await open(directory);
  test.same(await store.conservation(), before);
  test.equal((await idsAfter(store, anna)).length, 3);
  await store.close();
  test.same(await auditStore(directory), []);
});

/** Gives a store another format number, and takes away the rows under a prefix. */
async function writeFormat(directory: string, version: number, without?: Buffer): Promise<void> {
  const environment = openEnvironment(directory, 'writer');
  const value = Buffer.alloc(4);
  value.writeUInt32BE(version, 0);
  await environment.meta.put(metaKey(Meta.VALUE, 'format'), value);
  if (without)
    for (const key of [
      ...environment.meta.getKeys({ start: without, end: Buffer.from([(without[0] ?? 0) + 1]) }),
    ])
      await environment.meta.remove(key);
  await environment.root.close();
}

t.test('G3: a copy is taken while the store is written, and restored with a higher floor', async (test) => {
  const directory = makeDirectory(test);
  const [copy, restored] = [`${directory}-copy`, `${directory}-restored`];
  const store = await open(directory);
  const ahead = START_MS + 400 * 86_400_000;
  await appendOne(store, anna, 'from the future', { acceptedMs: ahead, expiresMs: ahead + 1 });
  const before = (await store.append([1, 2, 3].map((n) => requestOf(anna, `m${n}`)))).map(idOf);
  let writing = true;
  const appending = (async () => {
    const ids: number[] = [];
    for (let n = 0; writing; n++) ids.push(idOf(await appendOne(store, anna, `during ${n}`)));
    return ids;
  })();
  await backupStore(directory, copy);
  writing = false;
  const during = await appending;
  await test.rejects(backupStore(directory, copy), /not empty/);
  const lost = idOf(await appendOne(store, anna, 'after the copy'));
  await store.close();

  const floor = await restoreStore(copy, restored, START_MS);
  await test.rejects(restoreStore(copy, restored, START_MS), /not empty/);
  test.same(await auditStore(restored), [], 'the copy is of one moment');
  const again = await open(restored);
  const ids = await idsAfter(again, anna);
  const all = [...before, ...during];
  test.same(ids.slice(1), all.slice(0, ids.length - 1), 'a prefix of what was written');
  test.ok(ids.length > before.length);
  const next = idOf(await appendOne(again, anna, 'new'));
  test.ok(next > lost && next >= floor);
  test.ok(idOf(await appendOne(again, streamOf('nobody yet'), 'new')) >= floor, 'in every stream');
  test.equal((await appendOne(again, anna, 'm1')).status, 'duplicate');
  await again.close();
});

t.test('a reader in another process sees a commit as soon as it is answered', async (test) => {
  const directory = makeDirectory(test);
  const store = await open(directory);
  await appendOne(store, anna, 'first');
  const script = `
    import { openEmbeddedReader } from '${new URL('../../src/store/embedded/index.js', import.meta.url)}';
    const reader = await openEmbeddedReader({ path: process.argv[1], onCorrupt: () => process.exit(9) });
    process.on('message', async ({ stream, after }) => {
      if (!stream) return reader.close().then(() => process.disconnect());
      const page = await reader.readAfter(stream, after, { records: 9, bytes: 1e6 });
      process.send(page.oplogs.map((oplog) => oplog.id));
    });
    process.send('ready');
  `;
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    stdio: [...stdio],
  });
  await once(child, 'message');
  for (let n = 0; n < 200; n++) {
    const id = idOf(await appendOne(store, anna, `m${n}`));
    child.send({ stream: anna, after: id - 1 });
    const [seen] = await once(child, 'message');
    if (JSON.stringify(seen) !== JSON.stringify([id])) test.fail(`${JSON.stringify(seen)} instead of ${id}`);
  }
  child.send({});
  const [code] = await once(child, 'exit');
  test.equal(code, 0);
  await store.close();
});

t.test('a damaged tail takes no id back', async (test) => {
  const directory = makeDirectory(test);
  let store = await open(directory);
  const ahead = { acceptedMs: START_MS + 86_400_000 };
  const last = idOf(await appendOne(store, anna, 'm1', ahead));
  await store.close();
  const environment = openEnvironment(directory, 'writer');
  for (const { key, value } of [...environment.streams.getRange({})])
    if (key.at(-1) === Tag.TAIL)
      await environment.streams.put(key, Buffer.from([...value.subarray(0, -1), 0xaa]));
  await environment.root.close();
  const corrupt: string[] = [];
  store = await open(directory, { onCorrupt: (where) => corrupt.push(where) });
  test.equal((await store.heads(INSTANCE, [anna]))[0]?.last, last);
  test.ok(idOf(await appendOne(store, anna, 'm2')) > last);
  test.match(corrupt, [/^tail/]);
  test.match(await appendOne(store, anna, 'm2'), { status: 'duplicate' });
  await store.close();
});

t.test('a damaged record is never returned: it is skipped and told of', async (test) => {
  const directory = makeDirectory(test);
  let store = await open(directory);
  const body = Buffer.from('the record that will be damaged');
  const ids = (await store.append(['a', 'b', 'c'].map((name) => requestOf(anna, name, { body })))).map(idOf);
  await store.saveProgress(progress({ instance: INSTANCE, kind: 'd', id: 'phone' }, cursorOf(anna, 77)));
  await store.close();
  const environment = openEnvironment(directory, 'writer');
  for (const { key, value } of [...environment.streams.getRange({})]) {
    const damaged = Buffer.from(value);
    damaged[damaged.length - 3] = (damaged[damaged.length - 3] ?? 0) ^ 4;
    const isSecond = value.includes('will be damaged') && value.includes('b');
    if (isSecond && key.readUInt32BE(key.length - 4) === (ids[1] ?? 0) % 2 ** 32)
      await environment.streams.put(key, damaged);
    if (value.includes('77,')) await environment.streams.put(key, damaged);
  }
  await environment.root.close();

  const corrupt: string[] = [];
  store = await open(directory, { onCorrupt: (where) => corrupt.push(where) });
  const page = await store.readAfter(anna, 0, ALL);
  test.same(
    page.oplogs.map((oplog) => oplog.id),
    [ids[0], ids[2]],
  );
  test.equal(page.through, ids[2]);
  test.equal(await store.find(anna, { id: ids[1] ?? 0 }), null);
  test.same(await store.cursors({ instance: INSTANCE, kind: 'd', id: 'phone' }), []);
  test.match(corrupt, [/^record/, /^record/, /^row/]);
  await store.sweep(START_MS + 31 * 86_400_000, 100);
  await store.close();
  test.same(await auditStore(directory), [], 'it ends like the others');
});
