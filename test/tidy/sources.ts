/** The sources as the tidy test reads them: parsed once, with what each module imports and names. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Import {
  /** Path from the root for a module of ours, else the specifier as written. */
  readonly target: string;
  readonly ours: boolean;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

export interface Module {
  /** From the root, with forward slashes: `src/core/model.ts`. */
  readonly path: string;
  readonly text: string;
  readonly source: ts.SourceFile;
  readonly imports: readonly Import[];
}

function importOf(path: string, specifier: string, typeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { target: specifier, ours: false, typeOnly };
  const target = relative(ROOT, join(ROOT, dirname(path), specifier)).replace(/\.js$/, '.ts');
  return { target, ours: true, typeOnly };
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** Calls `visit` with every node below and including `node`. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Parses one module; `text` may be planted by a test. */
export function parseModule(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  walk(source, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      imports.push(importOf(path, node.moduleSpecifier.text, onlyTypes(node.importClause)));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
      imports.push(importOf(path, node.moduleSpecifier.text, node.isTypeOnly));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteral(specifier))
        imports.push(importOf(path, specifier.text, false));
    }
  });
  return { path, text, source, imports };
}

/** Every TypeScript module below `folder`, generated code left out. */
export function readModules(folder: string): Module[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('/generated/'))
    .sort()
    .map((path) => parseModule(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Paths of all files of the repository, those that git would not keep left out. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '');
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** A function with a body, and how many lines it takes without the functions that it contains. */
export interface Measured {
  readonly name: string;
  readonly lines: number;
}

function functionName(node: ts.Node): string {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name)
    return node.name.getText();
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return '(anonymous)';
}

function hasBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function spanOf(module: Module, node: ts.Node): number {
  const from = module.source.getLineAndCharacterOfPosition(node.getStart()).line;
  return module.source.getLineAndCharacterOfPosition(node.end).line - from + 1;
}

/** Lines of the functions right below, of which one-liners share theirs with what is around them. */
function nestedLines(module: Module, node: ts.Node): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += hasBody(child) ? spanOf(module, child) - 1 : nestedLines(module, child);
  });
  return lines;
}

export function measureFunctions(module: Module): Measured[] {
  const found: Measured[] = [];
  walk(module.source, (node) => {
    if (hasBody(node))
      found.push({ name: functionName(node), lines: spanOf(module, node) - nestedLines(module, node) });
  });
  return found;
}
