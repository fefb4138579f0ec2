/**
 * Sums up CPU profiles by stage: `node build/bench/profile.js DIR`. Time in Node itself, in libraries and
 * in native code is charged to the nearest caller of ours, so that the table says which of our modules
 * costs what; garbage collection and idle time have rows of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columns } from './report/table.js';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 25;
const OURS = /\/build\/src\/(.+)\.js$/;

function readProfile(path: string): Profile {
  return JSON.parse(readFileSync(path, 'utf8')) as Profile;
}

/** Microseconds that each node was on top. */
function selfTimes({ samples, timeDeltas }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  samples.forEach((id, i) => {
    times.set(id, (times.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return times;
}

interface Summary {
  readonly busy: number;
  readonly stages: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
}

function summarize(profile: Profile): Summary {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const stages = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const [id, time] of selfTimes(profile)) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    busy += time;
    add(stages, stageOf(id, byId, parents), time);
    add(functions, `${frame.functionName || '(anonymous)'} ${placeOf(frame)}`, time);
  }
  return { busy, stages, functions };
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** The nearest module of ours up the stack; else the top of it. */
function stageOf(
  id: number,
  byId: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
): string {
  let library = '';
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = byId.get(at)?.callFrame;
    if (frame === undefined) break;
    const ours = OURS.exec(frame.url)?.[1];
    if (ours !== undefined) return ours;
    if (library === '') library = frame.url === '' ? frame.functionName : placeOf(frame);
  }
  return library.startsWith('(') ? library : `without ours: ${library.replace(/:\d+$/, '')}`;
}

function placeOf({ url, lineNumber }: CallFrame): string {
  const short = OURS.exec(url)?.[1] ?? /node_modules\/(.+)$/.exec(url)?.[1] ?? url;
  return short === '' ? '' : `${short}:${lineNumber + 1}`;
}

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
  const { busy, stages, functions } = summarize(readProfile(join(directory, file)));
  console.log(
    `\n== ${file}: busy ${Math.round(busy / 1000)} ms\n\n${top(stages, busy)}\n\n${top(functions, busy)}`,
  );
}
