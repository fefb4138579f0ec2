/**
 * Readers that open the store while it is written. A worker that was started again under load took a
 * commit back that had been answered: two messages of 52,161, in one run of a killed server.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { STORE_FILE } from '../../src/store/embedded/environment.js';
import { holderOf } from '../../src/store/embedded/holder.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { appendOne, idOf, streamOf } from '../store/harness.js';
import { checkLeftBehind, missing, startWriter } from './store-faults.js';

t.setTimeout(120_000);

function makeDirectory(test: Test): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'longlink-openings-'));
  test.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, 'data');
}

const OPENS = 20;
const build = (file: string): string => new URL(`../../src/store/embedded/${file}`, import.meta.url).href;
const THROUGH_THE_GATE = `
  import { openEmbeddedReader } from '${build('index.js')}';
  for (let n = 0; n < ${OPENS}; n++)
    await (await openEmbeddedReader({ path: process.argv[1], onCorrupt: () => process.exit(9) })).close();
`;
const PAST_THE_GATE = `
  import { openEnvironment } from '${build('environment.js')}';
  for (let n = 0; n < ${OPENS}; n++) await openEnvironment(process.argv[1], 'reader').root.close();
`;

/** Opens the store again and again; between reading its header and mapping it, commits come to an end. */
async function openSlowly(directory: string, script: string): Promise<number | null> {
  const slow = ['-f', '-o', '/dev/null', '-P', path.join(directory, STORE_FILE), '-e', 'trace=mmap'];
  const delay = ['-e', 'inject=mmap:delay_enter=5000'];
  const node = [process.execPath, '--input-type=module', '-e', script, directory];
  const child = spawn('strace', [...slow, ...delay, ...node], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const skip = missing('strace');

t.test('readers that open slowly cost no commit', { skip }, async (test) => {
  const directory = makeDirectory(test);
  const writer = await startWriter(directory, 'w', { answers: 200 });
  test.same(await Promise.all([1, 2].map(() => openSlowly(directory, THROUGH_THE_GATE))), [0, 0]);
  test.equal(writer.process.exitCode, null, writer.complaints());
  writer.process.kill('SIGKILL');
  await writer.ended;
  await checkLeftBehind(test, directory, writer.acked);
});

t.test('the same past the gate breaks the store', { skip }, async (test) => {
  const directory = makeDirectory(test);
  const writer = await startWriter(directory, 'w', { answers: 200 });
  await Promise.all([1, 2].map(() => openSlowly(directory, PAST_THE_GATE)));
  writer.process.kill('SIGKILL');
  // LMDB finds its tree torn, or crashes on it, or what was answered is not there.
  if ((await writer.ended) !== 'SIGKILL') {
    test.pass(writer.complaints());
    return;
  }
  const store = await openEmbeddedStore({
    path: directory,
    isSingleReader: () => false,
    onCorrupt: () => {},
    onFatal: () => {},
  });
  const found = await Promise.all(
    writer.acked.map(([owner, thirdMsgId]) => store.find(streamOf(owner), { thirdMsgId })),
  );
  await store.close();
  test.ok(found.includes(null), `${found.length} answered, all of them there`);
});

t.test(
  'a reader that dies while it asks, or stops while it opens, holds nothing up for long',
  async (test) => {
    const directory = makeDirectory(test);
    const fatal: string[] = [];
    const open = () =>
      openEmbeddedStore({
        path: directory,
        isSingleReader: () => false,
        onCorrupt: () => {},
        onFatal: (error) => fatal.push(error.message),
      });
    const store = await open();
    const opening = path.join(directory, 'opening');
    // 4194304 is above any process id.
    writeFileSync(path.join(opening, '4194304-1-0.ask'), '');
    const stuck = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(stuck, 'exit');
    await once(stuck, 'spawn');
    const { pid, started } = holderOf(stuck.pid ?? 0);
    writeFileSync(path.join(opening, `${pid}-${started}-0.ask`), '');
    await new Promise((resolve) => setTimeout(resolve, 300));
    test.same(
      readdirSync(opening),
      [`${pid}-${started}-0.go`],
      'the dead one is forgotten, the other let in',
    );
    const since = performance.now();
    test.ok(idOf(await appendOne(store, streamOf('anna'), 'm1')) > 0);
    test.ok(performance.now() - since > 3000, 'nothing is committed while somebody opens');
    test.same(await ended, [null, 'SIGKILL']);
    test.same(readdirSync(opening), []);
    await store.close();
    test.same(fatal, []);
  },
);
