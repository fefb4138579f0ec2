/**
 * Sums up CPU profiles by module: `node build/bench/profile.js DIR`. Time in Node itself, in libraries and
 * in native code is charged to the nearest caller of ours, so that the table says which of our modules
 * costs what; garbage collection has a row of its own.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readProfile, stagesOf, summarize } from './report/stages.js';
import { columns } from './report/table.js';

const SHOWN = 25;

function top(sums: ReadonlyMap<string, number>, whole: number): string {
  const rows = [...sums].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return columns(
    rows.map(([name, time]) => [
      name,
      `${((time * 100) / whole).toFixed(1)} %`,
      `${Math.round(time / 1000)} ms`,
    ]),
  );
}

const [directory = '.'] = process.argv.slice(2);
for (const file of readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'))) {
  const summary = summarize(readProfile(join(directory, file)));
  const { busy, modules, functions } = summary;
  const parts = [stagesOf(summary), modules, functions].map((sums) => top(sums, busy));
  console.log(`\n== ${file}: busy ${Math.round(busy / 1000)} ms\n\n${parts.join('\n\n')}`);
}
