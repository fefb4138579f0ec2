/**
 * Parameter schemas: they parse, check and type the parameters of an action, and the reference in
 * docs/openapi is printed from them.
 */
import { type Bag, given } from './rpc-request.js';

/** What is wrong with a parameter. Each API has its own result code for it. */
export type Problem = 'missing' | 'invalid' | 'tooLong' | 'tooMany';

/** A parameter that cannot be used. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly parameter: string;
  readonly problem: Problem;
  /** Result code for just this problem of just this parameter, or empty for that of the API. */
  code = '';

  /** @param detail a whole phrase that goes on from the parameter's name */
  constructor(parameter: string, problem: Problem, detail: string) {
    super(`${parameter} ${detail}`);
    this.parameter = parameter;
    this.problem = problem;
  }
}

/** How a value is read from the text that came in. */
export interface Kind<T> {
  /** Type and limits in words, for the reference. */
  readonly about: string;
  /** Names below this parameter, for lists of records. */
  readonly fields?: Schema;
  /**
   * @param name the parameter's name within the bag
   * @param path its full name, for messages
   * @returns undefined when it was not given
   * @throws {ParameterError}
   */
  readonly read: (bag: Bag, name: string, path: string) => T | undefined;
}

/** Result codes of one parameter that differ from those of its API. */
export type ProblemCodes = Readonly<Partial<Record<Problem, string>>>;

export interface Parameter<T, R extends boolean = boolean> {
  readonly kind: Kind<T>;
  readonly required: R;
  readonly about: string;
  readonly codes: ProblemCodes;
}

/** Parameters by wire name, in the order in which they are checked. */
export type Schema = Readonly<Record<string, Parameter<unknown>>>;

/** What reading a schema gives. */
export type Values<S extends Schema> = {
  readonly [K in keyof S]: S[K] extends Parameter<infer T, infer R>
    ? R extends true
      ? T
      : T | undefined
    : never;
};

/** A parameter without which the call is refused. */
export function required<T>(kind: Kind<T>, about: string, codes: ProblemCodes = {}): Parameter<T, true> {
  return { kind, required: true, about, codes };
}

/** A parameter that may be left out, or be empty, which is the same. */
export function optional<T>(kind: Kind<T>, about: string, codes: ProblemCodes = {}): Parameter<T, false> {
  return { kind, required: false, about, codes };
}

/**
 * Reads all parameters of a schema; names that it does not have are ignored, since newer SDKs send more.
 *
 * @param path full name of what the bag holds, with a closing dot; empty for a call
 * @throws {ParameterError} for the first that cannot be used
 */
export function readValues<S extends Schema>(schema: S, bag: Bag, path = ''): Values<S> {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(schema)) {
    values[name] = readValue(parameter, bag, name, path + name);
  }
  return values as Values<S>;
}

function readValue(parameter: Parameter<unknown>, bag: Bag, name: string, path: string): unknown {
  try {
    const value = parameter.kind.read(bag, name, path);
    if (value === undefined && parameter.required) throw new ParameterError(path, 'missing', 'is not given');
    return value;
  } catch (error) {
    if (error instanceof ParameterError && error.parameter === path)
      error.code = parameter.codes[error.problem] ?? '';
    throw error;
  }
}

/** A kind that is read from one text. */
function scalar<T>(about: string, parse: (text: string, path: string) => T): Kind<T> {
  return {
    about,
    read: (bag, name, path) => {
      const text = given(bag, name);
      return text === undefined ? undefined : parse(text, path);
    },
  };
}

/** Control characters: never part of an identifier; NUL separates parts of the store's keys. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** An identifier or one line of text, in characters (code points). */
export function line(max: number): Kind<string> {
  return scalar(`text, at most ${max} characters`, (text, path) => {
    if (CONTROL.test(text)) throw new ParameterError(path, 'invalid', 'has control characters');
    return short(text, max, path);
  });
}

/** Any text, in characters (code points). */
export function text(max: number): Kind<string> {
  return scalar(`text, at most ${max} characters`, (value, path) => short(value, max, path));
}

function short(text: string, max: number, path: string): string {
  // Code points are counted only when the UTF-16 length leaves it open.
  if (text.length > max && (text.length > 2 * max || [...text].length > max)) {
    throw new ParameterError(path, 'tooLong', `has more than ${max} characters`);
  }
  return text;
}

/** A decimal whole number that JavaScript holds exactly. */
export function integer(min: number, max: number): Kind<number> {
  return scalar(`integer from ${min} to ${max}`, (text, path) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new ParameterError(path, 'invalid', 'is no whole number');
    if (value < min || value > max) {
      throw new ParameterError(path, 'invalid', `is not from ${min} to ${max}`);
    }
    return value;
  });
}

/** A time as milliseconds since 1970. */
export function time(): Kind<number> {
  return { ...integer(0, Number.MAX_SAFE_INTEGER), about: 'time in ms since 1970' };
}

/** `true` or `false`, in any case. */
export function flag(): Kind<boolean> {
  return scalar('true or false', (text, path) => {
    const value = text.toLowerCase();
    if (value !== 'true' && value !== 'false')
      throw new ParameterError(path, 'invalid', 'is not true or false');
    return value === 'true';
  });
}

/** One of a few words; in any case, unless `exact`. */
export function choice<const T extends string>(words: readonly T[], exact = false): Kind<T> {
  return scalar(`one of ${words.join(', ')}`, (text, path) => {
    const found = words.find(
      (word) => word === text || (!exact && word.toLowerCase() === text.toLowerCase()),
    );
    if (found === undefined) throw new ParameterError(path, 'invalid', `is not one of ${words.join(', ')}`);
    return found;
  });
}

/** One of a few numbers. */
export function numberChoice<const T extends number>(numbers: readonly T[]): Kind<T> {
  return scalar(`one of ${numbers.join(', ')}`, (text, path) => {
    const found = numbers.find((number) => String(number) === text);
    if (found === undefined) throw new ParameterError(path, 'invalid', `is not one of ${numbers.join(', ')}`);
    return found;
  });
}

/** A time as `YYYY-MM-DDThh:mm:ssZ`, read as ms since 1970. */
export function utcTime(): Kind<number> {
  return scalar('UTC time, YYYY-MM-DDThh:mm:ssZ', (text, path) => {
    const ms = parseUtcTime(text);
    if (ms === null) throw new ParameterError(path, 'invalid', 'is not of the form YYYY-MM-DDThh:mm:ssZ');
    return ms;
  });
}

/** Ms since 1970 of `YYYY-MM-DDThh:mm:ssZ`; null for anything else, and for days that do not exist. */
export function parseUtcTime(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  return new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19) ? ms : null;
}

/** Several values with commas between; spaces around each are dropped, empty ones too. */
export function commaList(maxItems: number, maxCharacters: number): Kind<readonly string[]> {
  return scalar(`at most ${maxItems} texts of ${maxCharacters} characters, comma between`, (text, path) => {
    const items = text.split(',', maxItems + 1).map((item) => item.trim());
    if (items.length > maxItems)
      throw new ParameterError(path, 'tooMany', `has more than ${maxItems} values`);
    const kept = items.filter((item) => item !== '').map((item) => short(item, maxCharacters, path));
    if (kept.some((item) => CONTROL.test(item)))
      throw new ParameterError(path, 'invalid', 'has control characters');
    if (kept.length === 0) throw new ParameterError(path, 'missing', 'has no value');
    return kept;
  });
}

/** `Name.1.Field`, `Name.2.Field`, …: numbered from 1, in the order of the numbers, gaps closed. */
export function list<S extends Schema>(fields: S, maxItems: number): Kind<readonly Values<S>[]> {
  return {
    about: `list of at most ${maxItems}`,
    fields,
    read: (bag, name, path) => {
      const items = itemBags(bag, name, path);
      if (items.length === 0) return undefined;
      if (items.length > maxItems)
        throw new ParameterError(path, 'tooMany', `has more than ${maxItems} items`);
      return items.map(([index, item]) => readValues(fields, item, `${path}.${index}.`));
    },
  };
}

function itemBags(bag: Bag, name: string, path: string): [number, Bag][] {
  const prefix = `${name.toLowerCase()}.`;
  const items = new Map<number, Map<string, { name: string; value: string }>>();
  for (const [key, pair] of bag) {
    if (!key.startsWith(prefix) || pair.value === '') continue;
    const match = /^([1-9]\d{0,4})\.(.+)$/.exec(pair.name.slice(prefix.length));
    if (match === null) throw new ParameterError(path, 'invalid', 'is not numbered from 1');
    const [, index = '', field = ''] = match;
    const item = items.get(Number(index)) ?? new Map();
    items.set(Number(index), item);
    item.set(field.toLowerCase(), { name: field, value: pair.value });
  }
  return [...items].sort(([a], [b]) => a - b);
}
