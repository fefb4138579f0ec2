/** Kinds of parameters whose text is JSON, or which arrive as dotted names. */
import { type Kind, ParameterError } from './parameters.js';
import { parsePythonMap } from './python-map.js';
import { type Bag, given } from './rpc-request.js';

/** Bounds of a map from text to text. */
export interface MapLimits {
  readonly pairs: number;
  readonly keyCharacters: number;
  readonly valueCharacters: number;
}

/**
 * A JSON object of texts; numbers and booleans in it count as their text. Python's print of a dict
 * is read too.
 */
export function jsonMap(limits: MapLimits): Kind<ReadonlyMap<string, string>> {
  return {
    about: `JSON object of at most ${limits.pairs} texts`,
    read: (bag, name, path) => {
      const text = given(bag, name);
      if (text === undefined) return undefined;
      const map = parseMap(text);
      if (map === null) throw new ParameterError(path, 'invalid', 'is no JSON object of texts');
      if (map.size > limits.pairs) {
        throw new ParameterError(path, 'tooMany', `has more than ${limits.pairs} pairs`);
      }
      for (const [key, value] of map) checkPair(path, key, value, limits);
      return map;
    },
  };
}

function checkPair(path: string, key: string, value: string, limits: MapLimits): void {
  if (key === '') throw new ParameterError(path, 'invalid', 'has an empty key');
  if (key.length > 2 * limits.keyCharacters || [...key].length > limits.keyCharacters) {
    throw new ParameterError(path, 'tooLong', `has a key of more than ${limits.keyCharacters} characters`);
  }
  if (value.length > 2 * limits.valueCharacters || [...value].length > limits.valueCharacters) {
    throw new ParameterError(
      path,
      'tooLong',
      `has a value of more than ${limits.valueCharacters} characters`,
    );
  }
}

function parseMap(text: string): Map<string, string> | null {
  const object = parseObject(text);
  if (object === null) return parsePythonMap(text);
  const map = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'string') map.set(key, value);
    else if (typeof value === 'boolean' || isExact(value)) map.set(key, String(value));
    else return null;
  }
  return map;
}

/** A number that JSON.parse did not have to round. */
function isExact(value: unknown): value is number {
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** A JSON object as text of at most so many characters. Its fields are the caller's to check. */
export function jsonObject(maxCharacters: number): Kind<Readonly<Record<string, unknown>>> {
  return {
    about: `JSON object, at most ${maxCharacters} characters`,
    read: (bag, name, path) => {
      const text = given(bag, name);
      return text === undefined ? undefined : checkedObject(text, maxCharacters, path);
    },
  };
}

function checkedObject(text: string, maxCharacters: number, path: string): Readonly<Record<string, unknown>> {
  if (text.length > maxCharacters) {
    throw new ParameterError(path, 'tooLong', `has more than ${maxCharacters} characters`);
  }
  const object = parseObject(text);
  if (object === null) throw new ParameterError(path, 'invalid', 'is no JSON object');
  return object;
}

/**
 * An object, either as JSON text or spread over dotted names: `Name.a.b=1`, lists numbered from 1.
 * The vendor's newer cores send objects in the second form. Read as JSON text.
 */
export function dottedObject(maxCharacters: number): Kind<string> {
  return {
    about: `JSON object, at most ${maxCharacters} characters, or \`.\`-separated names below this one`,
    read: (bag, name, path) => {
      const text = given(bag, name);
      if (text !== undefined) return JSON.stringify(checkedObject(text, maxCharacters, path));
      const tree = readTree(bag, name, path);
      if (tree === null) return undefined;
      const json = JSON.stringify(plain(tree));
      if (json.length > maxCharacters) {
        throw new ParameterError(path, 'tooLong', `has more than ${maxCharacters} characters`);
      }
      return json;
    },
  };
}

type Tree = Map<string, Tree | string>;

const MAX_DEPTH = 8;

function readTree(bag: Bag, name: string, path: string): Tree | null {
  const prefix = `${name.toLowerCase()}.`;
  const root: Tree = new Map();
  for (const [key, pair] of bag) {
    if (!key.startsWith(prefix)) continue;
    const parts = pair.name.slice(prefix.length).split('.', MAX_DEPTH + 1);
    if (parts.length > MAX_DEPTH || parts.includes('')) {
      throw new ParameterError(path, 'invalid', `has empty names, or is deeper than ${MAX_DEPTH}`);
    }
    insert(root, parts, pair.value, path);
  }
  return root.size === 0 ? null : root;
}

function insert(root: Tree, parts: readonly string[], value: string, path: string): void {
  const last = parts[parts.length - 1] ?? '';
  let node = root;
  for (const part of parts.slice(0, -1)) {
    const next = node.get(part) ?? new Map();
    if (typeof next === 'string') throw new ParameterError(path, 'invalid', 'has a value above a value');
    node.set(part, next);
    node = next;
  }
  if (node.has(last)) throw new ParameterError(path, 'invalid', 'has a value twice');
  node.set(last, value);
}

/** Maps become objects without a prototype, so that `__proto__` is a name like any other. */
function plain(tree: Tree | string): unknown {
  if (typeof tree === 'string') return tree;
  const keys = [...tree.keys()];
  const isList = keys.every((_, index) => tree.has(String(index + 1)));
  if (isList) return keys.map((_, index) => plain(tree.get(String(index + 1)) ?? ''));
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of tree) object[key] = plain(value);
  return object;
}
