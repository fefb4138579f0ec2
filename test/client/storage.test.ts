import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { createFileStorage } from '../../src/client/file-storage.js';
import { type ClientStorage, createMemoryStorage } from '../../src/client/storage.js';

const dir = mkdtempSync(join(tmpdir(), 'longlink-storage-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
function newPath(): string {
  files += 1;
  return join(dir, String(files), 'device.db');
}

/** What a process that opens the file now finds. */
async function contentOf(path: string): Promise<Record<string, string>> {
  const copy = newPath();
  cpSync(path, copy);
  const storage = createFileStorage(copy);
  const content = await storage.load();
  await storage.close();
  return Object.fromEntries(content);
}

for (const [name, make] of [
  ['file', () => createFileStorage(newPath())],
  ['memory', () => createMemoryStorage()],
] as const) {
  t.test(`a ${name} storage gives back what was put and not removed, after reopening too`, async (t) => {
    const storage: ClientStorage = make();
    t.equal((await storage.load()).size, 0);
    await storage.write([
      ['a', '1'],
      ['b', 'ü\n"x"'],
    ]);
    await storage.write([
      ['a', null],
      ['c', ''],
    ]);
    await storage.close();
    t.same(Object.fromEntries(await storage.load()), { b: 'ü\n"x"', c: '' });
    await storage.close();
  });
}

t.test('a file cut at any byte opens with the batches before the cut, and takes new ones', async (t) => {
  const path = newPath();
  const storage = createFileStorage(path);
  await storage.load();
  const ends = [statSync(path).size];
  for (let i = 0; i < 3; i += 1) {
    await storage.write([
      [`k${i}`, `ü${i}`],
      ['last', String(i)],
    ]);
    ends.push(statSync(path).size);
  }
  await storage.close();
  const whole = readFileSync(path);
  t.equal(whole.length, ends.at(-1));
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const torn = newPath();
    mkdirSync(dirname(torn));
    writeFileSync(torn, whole.subarray(0, cut));
    const batches = Math.max(ends.filter((end) => end <= cut).length - 1, 0);
    const reopened = createFileStorage(torn);
    const content = await reopened.load();
    if (content.size !== (batches === 0 ? 0 : batches + 1)) t.fail(`cut at ${cut}: ${content.size} keys`);
    if (batches > 0 && content.get('last') !== String(batches - 1))
      t.fail(`cut at ${cut}: a batch was split`);
    await reopened.write([['after', 'cut']]);
    await reopened.close();
    const again = await contentOf(torn);
    if (again.after !== 'cut' || Object.keys(again).length !== content.size + 1)
      t.fail(`cut at ${cut}: write lost`);
  }
});

t.test('a flipped byte ends the file there and is told', async (t) => {
  const path = newPath();
  const storage = createFileStorage(path);
  await storage.load();
  await storage.write([['a', '1']]);
  const good = statSync(path).size;
  await storage.write([['b', '2']]);
  await storage.write([['c', '3']]);
  await storage.close();
  const bytes = readFileSync(path);
  const end = bytes.length;
  bytes.writeUInt8(bytes.readUInt8(good + 12) ^ 1, good + 12);
  writeFileSync(path, bytes);
  let damaged = 0;
  const reopened = createFileStorage(path, { onDamage: (count) => (damaged = count) });
  t.same(Object.fromEntries(await reopened.load()), { a: '1' });
  t.equal(damaged, end - good);
  await reopened.close();
});

t.test('what was written is there after a crash without close, in the order of the calls', async (t) => {
  const path = newPath();
  const storage = createFileStorage(path);
  await storage.load();
  const pending = [storage.write([['k', '1']]), storage.write([['k', '2']])];
  t.same(await contentOf(path), { k: '2' }, 'before either promise is done');
  await Promise.all(pending);
  await storage.close();
});

t.test('an outdated file is rewritten, keeps its content and goes on', async (t) => {
  const path = newPath();
  const storage = createFileStorage(path, { compactBytes: 4096 });
  await storage.load();
  await storage.write([['stays', 'x'.repeat(100)]]);
  let largest = 0;
  for (let i = 0; i < 300; i += 1) {
    await storage.write([['k', `${i}`.padStart(50)]]);
    largest = Math.max(largest, statSync(path).size);
  }
  t.ok(largest < 5000, `largest size ${largest}`);
  t.same(await contentOf(path), { stays: 'x'.repeat(100), k: '299'.padStart(50) });
  await storage.close();
});

t.test('only its user may read it, and only one process at a time', async (t) => {
  const path = newPath();
  const storage = createFileStorage(path);
  await storage.load();
  t.equal(statSync(path).mode & 0o777, 0o600);
  await t.rejects(createFileStorage(path).load(), /open already/);
  await storage.close();
  writeFileSync(`${path}.lock`, '1\n');
  await t.rejects(createFileStorage(path).load(), /in use by process 1/);
  // No process has this id: the largest that Linux gives is 4194304.
  writeFileSync(`${path}.lock`, '4999999\n');
  await storage.load();
  await storage.close();
});

t.test('a file of somebody else or of a later version is refused and left alone', async (t) => {
  for (const [text, message] of [
    ['something else\n', /not a Longlink device database/],
    ['longlink-device-db 2\n', /newer version/],
  ] as const) {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, text);
    await t.rejects(createFileStorage(path).load(), message);
    t.equal(readFileSync(path, 'utf8'), text);
  }
});

t.test('a full disk rejects the write, and what was there before stays whole', async (t) => {
  const path = newPath();
  // A file size limit of 4 KiB stands for the full disk; the signal that comes with it is ignored.
  const script = `
    import { createFileStorage } from ${JSON.stringify(new URL('../../src/client/file-storage.js', import.meta.url))};
    const storage = createFileStorage(${JSON.stringify(path)});
    await storage.load();
    let count = 0;
    try {
      for (; count < 100; count += 1) await storage.write([['k' + count, 'x'.repeat(300)]]);
    } catch (error) {
      await storage.write([['small', 'fits']]);
      await storage.close();
      console.log(count, error.code);
    }`;
  // The runner's hooks would write files of more than the limit.
  const shell = 'unset NODE_OPTIONS; trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"';
  const printed = execFileSync('sh', ['-c', shell, process.execPath, script], { encoding: 'utf8' });
  const [count, code] = printed.trim().split(' ');
  t.equal(code, 'EFBIG');
  t.ok(Number(count) > 5, `${count} writes before`);
  const content = await contentOf(path);
  t.equal(Object.keys(content).length, Number(count) + 1);
  t.equal(content.small, 'fits');
});
