import t from 'tap';
import { missing } from '../sim/coverage.js';
import { PLANTED } from '../sim/plants.js';
import { runSeed } from '../sim/world.js';

/** Far from those that `npm test` runs. */
const FROM = 10_001;
const SEEDS = 1_000;
const PLANT_SEEDS = 30;

t.setTimeout(900_000);

t.test(`${SEEDS} seeds keep every promise and meet every kind of trouble`, async (t) => {
  const coverage = new Map<string, number>();
  for (let seed = FROM; seed < FROM + SEEDS; seed++) {
    const result = await runSeed({ seed });
    for (const [name, times] of result.coverage) coverage.set(name, (coverage.get(name) ?? 0) + times);
    const { violation } = result;
    if (violation !== null)
      t.fail(`node build/test/sim/run.js --seed ${seed} --trace: ${violation.check} ${violation.detail}`);
  }
  t.comment(
    [...coverage]
      .sort()
      .map(([name, times]) => `${times} ${name}`)
      .join('; '),
  );
  t.same(missing(coverage), [], 'what never happened');
});

t.test('each planted bug is found by its own check, and by no other', async (t) => {
  for (const { name, caughtBy, plants } of PLANTED) {
    const found: string[] = [];
    for (let seed = 1; seed <= PLANT_SEEDS; seed++) {
      const { violation } = await runSeed({ seed, plants: plants() });
      if (violation !== null) found.push(violation.check);
    }
    t.ok(found.length > 0, `${name}: red in ${found.length} of ${PLANT_SEEDS} seeds`);
    t.same(new Set(found), new Set([caughtBy]), name);
  }
});
