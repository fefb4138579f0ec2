/**
 * Percent-encoding as the signatures want it, and the reading of queries and forms.
 */

/** A decoded name and value, in the order received. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Thrown by {@link decodePairs}: not percent-encoded UTF-8, or more pairs than allowed. */
export class MalformedPairs extends Error {
  override readonly name = 'MalformedPairs';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * RFC 3986 strictly: everything but `A-Z a-z 0-9 - _ . ~` becomes `%XX` of its UTF-8 bytes.
 * Both signature schemes sign this form, however the caller wrote it.
 */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Reads `a=1&b=2`. `+` is a space (the Java clients send it so), `%2B` a plus.
 *
 * @param bytes as received: the query of the request line, or a form body
 * @param max most pairs that are read
 * @throws {MalformedPairs}
 */
export function decodePairs(bytes: Uint8Array, max: number): Pair[] {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new MalformedPairs('not UTF-8');
  }
  const pairs: Pair[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      if (pairs.length === max) throw new MalformedPairs(`more than ${max} parameters`);
      pairs.push(decodePair(text.slice(start, end)));
    }
    start = end + 1;
  }
  return pairs;
}

function decodePair(text: string): Pair {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  try {
    return { name: decodeComponent(name), value: decodeComponent(value) };
  } catch {
    throw new MalformedPairs('not percent-encoded UTF-8');
  }
}

function decodeComponent(text: string): string {
  return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}
