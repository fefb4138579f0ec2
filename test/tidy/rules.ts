/** The rules of the tidy test, as functions from sources to complaints; empty means tidy. */
import ts from 'typescript';
import { lineCount, type Module, measureFunctions, walk } from './sources.js';

/** First folder below src, or the name of a file that lies directly in it. */
function unitOf(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}

/** Which unit of src may import which others. A unit that is not listed may be imported by `composers` only. */
export interface Arrows {
  readonly allowed: Readonly<Record<string, readonly string[]>>;
  /** Units that may import everything. */
  readonly composers: readonly string[];
}

export function wrongArrows(modules: readonly Module[], arrows: Arrows): string[] {
  const complaints: string[] = [];
  for (const module of modules) {
    const from = unitOf(module.path);
    if (arrows.composers.includes(from)) continue;
    const allowed = arrows.allowed[from];
    if (allowed === undefined) {
      complaints.push(`${module.path}: ${from} has no row in the table of arrows`);
      continue;
    }
    for (const { target, ours } of module.imports) {
      if (!ours) continue;
      const to = target.startsWith('src/') ? unitOf(target) : target;
      if (to !== from && !allowed.includes(to)) complaints.push(`${module.path} imports ${target}`);
    }
  }
  return complaints;
}

/** Cycles of imports that exist at run time, each named once from its first module on. */
export function importCycles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const { target, ours, typeOnly } of byPath.get(path)?.imports ?? [])
      if (ours && !typeOnly) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const module of modules) visit(module.path, []);
  return cycles;
}

const IMPURE_NAMES = new Set([
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'console',
  'require',
]);
const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random']);

function isName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !ts.isPropertyAssignment(parent) && !ts.isPropertySignature(parent) && !ts.isMethodSignature(parent);
}

function impurity(node: ts.Node): string | null {
  if (ts.isIdentifier(node) && IMPURE_NAMES.has(node.text) && isName(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) && IMPURE_MEMBERS.has(node.getText())) return node.getText();
  const dated =
    (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'Date';
  return dated && (node.arguments?.length ?? 0) === 0 ? 'the present Date' : null;
}

/** Clocks, chance, timers, input and output in a module that must be pure. */
export function impurities(modules: readonly Module[]): string[] {
  const complaints: string[] = [];
  for (const module of modules) {
    for (const { target, ours } of module.imports)
      if (!ours) complaints.push(`${module.path} imports ${target}`);
    walk(module.source, (node) => {
      const found = impurity(node);
      if (found !== null) complaints.push(`${module.path} uses ${found}`);
    });
  }
  return complaints;
}

/** Modules that read the environment. */
export function environmentReaders(modules: readonly Module[]): string[] {
  return modules
    .filter((module) => {
      let reads = false;
      walk(module.source, (node) => {
        const member = ts.isPropertyAccessExpression(node) && node.name.text === 'env';
        if (member && node.expression.getText() === 'process') reads = true;
        if (ts.isElementAccessExpression(node) && node.expression.getText() === 'process') reads = true;
        const taken = ts.isVariableDeclaration(node) && node.initializer?.getText() === 'process';
        if (taken && ts.isObjectBindingPattern(node.name)) reads = true;
      });
      return reads || module.imports.some((entry) => entry.target === 'node:process');
    })
    .map((module) => module.path);
}

/**
 * Files and functions longer than the limit, against the table of those known to be. What is listed
 * may shrink and never grow, and leaves the table when it is short enough.
 */
export function overlong(
  modules: readonly Module[],
  limits: { readonly file: number; readonly function: number },
  known: Readonly<Record<string, number>>,
): string[] {
  const found = new Map<string, number>();
  for (const module of modules) {
    const lines = lineCount(module.text);
    if (lines > limits.file) found.set(module.path, lines);
    for (const measured of measureFunctions(module)) {
      const name = `${module.path} ${measured.name}`;
      if (measured.lines > limits.function) found.set(name, Math.max(measured.lines, found.get(name) ?? 0));
    }
  }
  const grown = [...found]
    .filter(([name, lines]) => lines > (known[name] ?? 0))
    .map(([name, lines]) => `${name} has ${lines} lines, ${known[name] ?? 'none'} listed`);
  const stale = Object.keys(known).filter((name) => !found.has(name));
  return [...grown, ...stale.map((name) => `${name} is short enough: take it off the list`)];
}

/** Words that do not stand in the text as words of their own. */
export function missingWords(text: string, words: readonly string[]): string[] {
  return words.filter((word) => {
    const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return !new RegExp(`(?<![A-Za-z0-9_.])${escaped}(?![A-Za-z0-9_]|\\.[A-Za-z])`).test(text);
  });
}

/** Names of metrics in string literals. */
export function metricNames(modules: readonly Module[]): string[] {
  const names = new Set<string>();
  for (const module of modules) {
    walk(module.source, (node) => {
      if (ts.isStringLiteralLike(node) && /^longlink_[a-z0-9_]+$/.test(node.text)) names.add(node.text);
    });
  }
  return [...names].sort();
}

/** Lines that hold what must not stand in the repository. */
export function forbiddenLines(path: string, text: string, patterns: readonly RegExp[]): string[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
    .filter(({ line }) => patterns.some((pattern) => pattern.test(line)))
    .map(({ line, place }) => `${place}: ${line.trim().slice(0, 120)}`);
}
