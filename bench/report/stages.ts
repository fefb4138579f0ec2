/** CPU profiles summed up: by module of ours, by stage of a delivery, and by function. */
import { readFileSync } from 'node:fs';

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

/** Microseconds, without those that nothing was done in. */
export interface Summary {
  readonly busy: number;
  /** By the nearest module of ours up the stack: what Node, libraries and native code did for it is its own. */
  readonly modules: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
}

const OURS = /\/build\/src\/(.+)\.js$/;

export function readProfile(path: string): Profile {
  return JSON.parse(readFileSync(path, 'utf8')) as Profile;
}

export function summarize(profile: Profile): Summary {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const modules = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const [id, time] of selfTimes(profile)) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)' || isProfiler(frame)) continue;
    busy += time;
    add(modules, moduleOf(id, byId, parents), time);
    add(functions, `${frame.functionName || '(anonymous)'} ${placeOf(frame)}`, time);
  }
  return { busy, modules, functions };
}

/** What begins and ends a profile by `node:inspector`: it walks all code that is compiled. */
function isProfiler({ functionName, url }: CallFrame): boolean {
  return functionName === 'dispatch' && url === '';
}

/** Microseconds that each node was on top. */
function selfTimes({ samples, timeDeltas }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  samples.forEach((id, i) => {
    add(times, id, timeDeltas[i] ?? 0);
  });
  return times;
}

function add<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** The nearest module of ours up the stack; else the top of it. */
function moduleOf(
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

/**
 * Stages of a delivery, the first that fits. A module belongs to one stage, so the borders are those of
 * the modules: a commit writes cursors as well as records, and is all `append`. `node` is what Node does
 * without a caller of ours, such as the events of its sockets.
 */
const STAGES: readonly (readonly [stage: string, modules: RegExp])[] = [
  ['node', /^without ours|^\(program\)/],
  ['gc', /^\(garbage collector\)$/],
  ['cursor', /^(store\/cursors|store\/\w+\/progress|link\/progress|processes\/control-receipts)/],
  ['ack', /^(wire\/(client-frames|splitter)|core\/receive|link\/handlers)/],
  ['encode', /^(wire\/|core\/frames)/],
  ['parse', /^(admin|api)\//],
  ['append', /^(store|redis)\/|^processes\/control-writer/],
  ['bus', /^(bus|cluster)\/|^processes\/(worker-bus|control-routes|cluster-routes)|^core\/route-table/],
  ['write', /^link\/(connection|detour|listener)/],
  ['session', /^(core|link|push)\/|^clock$|^processes\/worker$/],
];

export const STAGE_NAMES: readonly string[] = [
  'parse',
  'append',
  'bus',
  'session',
  'encode',
  'write',
  'ack',
  'cursor',
  'gc',
  'node',
  'other',
];

/** Microseconds by stage; what belongs to none is `other`. */
export function stagesOf({ modules }: Summary): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [module, time] of modules)
    add(sums, STAGES.find(([, pattern]) => pattern.test(module))?.[0] ?? 'other', time);
  return sums;
}
