/** The scripts of lua/: read once, known to the server by their SHA-1. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const NAMES = [
  'add-counters',
  'append',
  'end-first',
  'find',
  'import-event',
  'import-stream',
  'import-waiting',
  'forget-letters',
  'forget-waiting',
  'memory-usage',
  'newest',
  'raise-floor',
  'read-after',
  'read-docs',
  'revoke',
  'save-cursors',
  'save-docs',
  'save-letters',
  'sweep',
] as const;

export type ScriptName = (typeof NAMES)[number];

export interface Script {
  readonly sha: string;
  readonly source: string;
}

/** Those that need nothing of what streams have in common. */
const ALONE = /^(add-counters|forget-letters|forget-waiting|import-event|memory-usage|read-docs|save-.*)$/;

let scripts: ReadonlyMap<string, Script> | undefined;

/** All scripts by name. */
export function loadScripts(): ReadonlyMap<string, Script> {
  scripts ??= new Map(NAMES.map((name) => [name, loadScript(name)]));
  return scripts;
}

export function scriptOf(name: ScriptName): Script {
  const script = loadScripts().get(name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
}

function loadScript(name: ScriptName): Script {
  const source = ALONE.test(name) ? read(name) : `${read('lib')}\n${read(name)}`;
  return { source, sha: hash('sha1', source) };
}

function read(name: string): string {
  return readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
}
