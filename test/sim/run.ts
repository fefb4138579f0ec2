/**
 * Runs the simulator: `node build/test/sim/run.js --seeds 1000 --from 1`, or one seed with everything
 * that happened: `--seed 17 --trace`. Ends with 1 when a promise was broken, and with the command that
 * repeats the run.
 */
import { parseArgs } from 'node:util';
import { missing } from './coverage.js';
import { PLANTED } from './plants.js';
import { runSeed } from './world.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    plant: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const planted = PLANTED.find(({ name }) => name === values.plant);
const coverage = new Map<string, number>();
const broken = new Map<string, number>();
const startedMs = performance.now();

for (let seed = from; seed < from + count; seed++) {
  const result = await runSeed({
    seed,
    ...(planted === undefined ? {} : { plants: planted.plants() }),
    ...(values.trace ? { trace: (line: string) => console.log(line) } : {}),
  });
  for (const [name, times] of result.coverage) coverage.set(name, (coverage.get(name) ?? 0) + times);
  const { violation } = result;
  if (violation === null) continue;
  broken.set(violation.check, (broken.get(violation.check) ?? 0) + 1);
  const plant = values.plant === undefined ? '' : ` --plant '${values.plant}'`;
  console.log(`seed ${seed}: ${violation.check} at ${violation.atMs} ms: ${violation.detail}`);
  console.log(`  node build/test/sim/run.js --seed ${seed}${plant} --trace`);
}

const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
console.log(`\n${count} seeds in ${seconds} s`);
for (const [name, times] of [...coverage].sort()) console.log(`${String(times).padStart(9)} ${name}`);
// A few seeds meet only a part of it.
const unmet = count >= 300 && planted === undefined ? missing(coverage) : [];
for (const name of unmet) console.log(`NEVER ${name}`);
for (const [check, times] of broken) console.log(`BROKEN ${check} in ${times} seeds`);
process.exitCode = broken.size === 0 && unmet.length === 0 ? 0 : 1;
