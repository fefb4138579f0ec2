import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { chaos } from './command.js';
import { judgementOf, type RowResult } from './drive.js';
import { type Control, isGood, matrixSection, textTable, writeSection } from './report.js';
import { trendOf } from './soak.js';

const RESULT: RowResult = {
  ...{ row: 'worker-killed', store: 'embedded', seed: 1, skipped: '', struck: 3, idle: 0, inFlight: 12 },
  ...{
    messages: 100,
    accepted: 99,
    receipts: 120,
    recoveryMs: [1_500, 40, 700],
    complaints: [],
    seconds: 20,
  },
};
const CONTROL: Control = { bug: 'skip-backlog', seenBy: 'LOST', calm: [] };

t.test(
  'a row counts when it struck with something in flight and its bug was seen, only with the fault',
  async (t) => {
    t.equal(judgementOf(RESULT), 'holds');
    t.equal(judgementOf({ ...RESULT, idle: 1 }), 'does not count');
    t.equal(judgementOf({ ...RESULT, complaints: ['LOST 1 times'] }), 'does not hold');
    t.equal(judgementOf({ ...RESULT, skipped: 'needs root' }), 'skipped');
    t.ok(isGood({ result: RESULT, control: CONTROL }));
    t.notOk(isGood({ result: RESULT, control: { ...CONTROL, seenBy: '' } }), 'a blind row');
    t.notOk(isGood({ result: RESULT, control: { ...CONTROL, calm: ['LOST 1'] } }), 'seen without the fault');
    t.notOk(isGood({ result: { ...RESULT, idle: 1 }, control: CONTROL }));
  },
);

t.test('the table has what struck, what was in flight, and how long it took', async (t) => {
  const lineOf = (result: RowResult): string =>
    textTable([{ result, control: CONTROL }]).split('\n')[1] ?? '';
  t.match(lineOf(RESULT), /^worker-killed +3 +12 +100 +0\.70 s, 1\.50 s +skip-backlog: LOST +holds$/);
  t.match(
    lineOf({ ...RESULT, idle: 1 }),
    /^worker-killed +3 \(1 idle\) .* does not count: nothing was in flight$/,
  );
});

t.test('a section of the results takes the place of the one before, and leaves the others', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-results-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'results.md');
  const bad = { result: { ...RESULT, complaints: ['LOST 2 times, for example a'] }, control: CONTROL };
  writeSection(file, 'Store: embedded', 'old words');
  writeSection(file, 'Soak: embedded', 'soaked');
  writeSection(file, 'Store: embedded', matrixSection([bad], 'Commit x.', 18_000, 1));
  const text = readFileSync(file, 'utf8');
  t.notMatch(text, 'old words');
  t.match(text, 'soaked');
  t.match(text, '- `worker-killed`: LOST 2 times, for example a');
  t.equal(text.match(/^## /gm)?.length, 2);
});

const MIB = 1_048_576;
const MINUTE_MS = 60_000;

/** An hour of samples, a minute apart. */
function hour(own: (minute: number) => number, descriptors: (minute: number) => number) {
  const samples = Array.from({ length: 60 }, (_, minute) => ({
    ...{ atMs: minute * MINUTE_MS, ownBytes: own(minute) * MIB, residentBytes: 2 * own(minute) * MIB },
    descriptors: descriptors(minute),
  }));
  return trendOf({ role: 'worker', pid: 1, samples });
}

t.test('a soak sees memory that grows and descriptors that stay open, and no more', async (t) => {
  const noisy = hour(
    (minute) => 80 + (minute % 7),
    (minute) => 100 + (minute % 10),
  );
  t.same(noisy.leaks, []);
  t.same(
    hour(
      (minute) => (minute < 12 ? 40 + minute * 4 : 88),
      () => 100,
    ).leaks,
    [],
    'a warm-up is no leak',
  );
  const leaking = hour(
    (minute) => 80 + minute,
    () => 100,
  );
  t.same(leaking.leaks, ['memory grows']);
  t.ok(Math.abs(leaking.mibPerHour - 60) < 1);
  t.same(
    hour(
      () => 80,
      (minute) => 100 + minute,
    ).leaks,
    ['descriptors stay open'],
  );
});

t.test('wrong use of the command is refused before anything is started', async (t) => {
  for (const args of [['--faults', 'nonsense'], ['--store', 'paper'], ['--minutes', '0'], ['--nonsense']])
    t.equal(await chaos(args), 2, args.join(' '));
  t.equal(await chaos(['--faults', 'power-cut', '--store', 'redis']), 2, 'a fault of another store');
  t.equal(await chaos(['--nodes', '3+2']), 2, 'several nodes on the store of one');
  for (const wrong of [
    ['--nodes', '0+2'],
    ['--nodes', '3'],
    ['--crowd', '-1'],
  ])
    t.equal(await chaos(['--store', 'redis', ...wrong]), 2, wrong.join(' '));
});
