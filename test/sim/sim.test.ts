import t from 'tap';
import { PLANTED } from './plants.js';
import { runSeed } from './world.js';

const SEEDS = 20;
/** So many seeds at most until a planted bug is found. */
const PLANT_SEEDS = 40;

t.test(`${SEEDS} seeds keep every promise`, async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation } = await runSeed({ seed });
    if (violation !== null)
      t.fail(`node build/test/sim/run.js --seed ${seed} --trace: ${violation.check} ${violation.detail}`);
  }
  t.pass();
});

t.test('a seed is repeated to the letter', async (t) => {
  const lines: string[][] = [[], []];
  for (const list of lines) await runSeed({ seed: 7, trace: (line) => void list.push(line) });
  t.ok((lines[0]?.length ?? 0) > 500);
  t.same(lines[0], lines[1]);
});

for (const { name, caughtBy, plants } of PLANTED) {
  t.test(`a planted bug is found by its check alone: ${name}, by ${caughtBy}`, async (t) => {
    for (let seed = 1; seed <= PLANT_SEEDS; seed++) {
      const { violation } = await runSeed({ seed, plants: plants() });
      if (violation === null) continue;
      t.equal(violation.check, caughtBy, `seed ${seed}: ${violation.detail}`);
      return;
    }
    t.fail(`not found in ${PLANT_SEEDS} seeds`);
  });
}
