/**
 * Python prints a dict as `{'name': '张三'}`, and the vendor's Python sample passes that where JSON
 * is meant. Such maps are read too, so that the sample works as printed.
 */

/** The pairs of a flat Python dict literal of texts, numbers and booleans; null for anything else. */
export function parsePythonMap(text: string): Map<string, string> | null {
  const reader = new Reader(text);
  if (!reader.take('{')) return null;
  const map = new Map<string, string>();
  if (reader.take('}')) return reader.atEnd() ? map : null;
  do {
    if (reader.peek('}')) break;
    const key = reader.readText();
    if (key === null || !reader.take(':')) return null;
    const value = reader.readText() ?? reader.readWord();
    if (value === null) return null;
    map.set(key, value);
  } while (reader.take(','));
  return reader.take('}') && reader.atEnd() ? map : null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A position in the text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(char: string): boolean {
    while (this.#text[this.#at] === ' ') this.#at += 1;
    return this.#text[this.#at] === char;
  }

  take(char: string): boolean {
    const found = this.peek(char);
    if (found) this.#at += 1;
    return found;
  }

  atEnd(): boolean {
    this.peek('');
    return this.#at === this.#text.length;
  }

  /** A quoted text, with an optional `u` before it as Python 2 prints it. Null when there is none. */
  readText(): string | null {
    const begin = this.#at;
    this.take('u');
    const quote = ["'", '"'].find((char) => this.peek(char));
    if (quote !== undefined) return this.#quoted(quote);
    this.#at = begin;
    return null;
  }

  /** A number or True or False, as JSON would write it. */
  readWord(): string | null {
    this.peek('');
    const match = /^(?:True|False|-?\d{1,15}(?:\.\d{1,15})?)/.exec(this.#text.slice(this.#at, this.#at + 40));
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0] === 'True' ? 'true' : match[0] === 'False' ? 'false' : match[0];
  }

  #quoted(quote: string): string | null {
    this.#at += 1;
    let value = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return null;
      this.#at += 1;
      if (char === quote) return value;
      if (char !== '\\') {
        value += char;
        continue;
      }
      const escaped = this.#escape();
      if (escaped === null) return null;
      value += escaped;
    }
  }

  #escape(): string | null {
    const char = this.#text[this.#at] ?? '';
    this.#at += 1;
    const plain = ESCAPES[char];
    if (plain !== undefined) return plain;
    const digits = this.#text.slice(this.#at, this.#at + (HEX_LENGTHS[char] ?? 0));
    if (digits === '' || !/^[0-9a-fA-F]+$/.test(digits) || digits.length !== HEX_LENGTHS[char]) return null;
    const code = Number.parseInt(digits, 16);
    if (code > 0x10ffff) return null;
    this.#at += digits.length;
    return String.fromCodePoint(code);
  }
}
