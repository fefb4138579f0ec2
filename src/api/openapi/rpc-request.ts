/**
 * A received HTTP request as an RPC call: one bag of parameters from query and form.
 */
import { GatewayError } from './gateway-errors.js';
import { decodePairs, MalformedPairs, type Pair } from './percent.js';

/** What the HTTP server hands over. */
export interface HttpRequest {
  readonly method: string;
  /** The request target as received, each byte one character. */
  readonly url: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  /** Whole body, already bounded and without its transfer encoding. */
  readonly body: Buffer;
}

/**
 * Parameters by lower-case name. Matching ignores case because one of the vendor's cores makes
 * the first letter upper-case (`iOSBadge` arrives as `IOSBadge`).
 */
export type Bag = ReadonlyMap<string, Pair>;

export interface RpcRequest {
  readonly method: 'GET' | 'POST';
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly query: readonly Pair[];
  readonly form: readonly Pair[];
  readonly parameters: Bag;
  readonly body: Buffer;
}

/** Most parameters of one call: 100 targets of four fields and generous dotted objects. */
const MAX_PARAMETERS = 4_096;
const FORM = 'application/x-www-form-urlencoded';

/** Headers that decide how a request is read or signed: sent twice, the request means two things. */
const SINGLE_HEADER = /^(?:x-acs-.*|authorization|host|content-type)$/;

/**
 * @throws {GatewayError} for another method or path, what is not percent-encoded UTF-8, a body
 * that is no form, and names that occur twice
 */
export function readRequest(http: HttpRequest): RpcRequest {
  const mark = http.url.indexOf('?');
  const path = mark < 0 ? http.url : http.url.slice(0, mark);
  if (path !== '/' && path !== '') throw new GatewayError('InvalidPath.NotFound');
  if (http.method !== 'GET' && http.method !== 'POST') throw new GatewayError('UnsupportedHTTPMethod');
  const headers = readHeaders(http.rawHeaders);
  const query = mark < 0 ? [] : readPairs(Buffer.from(http.url.slice(mark + 1), 'latin1'), 'query');
  const form = readForm(http.body, headers.get('content-type'));
  return {
    method: http.method,
    headers,
    query,
    form,
    parameters: makeBag([...query, ...form]),
    body: http.body,
  };
}

/** The parameter's value; undefined when absent or empty, which all clients mean by it. */
export function given(bag: Bag, name: string): string | undefined {
  const value = bag.get(name.toLowerCase())?.value;
  return value === '' ? undefined : value;
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    if (headers.has(name) && SINGLE_HEADER.test(name)) throw new GatewayError('InvalidParameter', name);
    headers.set(name, (raw[index + 1] ?? '').trim());
  }
  return headers;
}

/**
 * A body of another kind is refused and not ignored: signature V1 covers parameters only, so it
 * would ride along unsigned.
 */
function readForm(body: Buffer, contentType: string | undefined): Pair[] {
  if (body.length === 0) return [];
  const [type = '', ...attributes] = (contentType ?? FORM).toLowerCase().split(';');
  if (type.trim() !== FORM) throw new GatewayError('InvalidParameter', 'Content-Type');
  for (const attribute of attributes) {
    const [name = '', value = ''] = attribute.split('=');
    if (name.trim() === 'charset' && !/^"?utf-?8"?$/.test(value.trim())) {
      throw new GatewayError('InvalidParameter', 'Content-Type');
    }
  }
  return readPairs(body, 'body');
}

function readPairs(bytes: Uint8Array, where: string): Pair[] {
  try {
    return decodePairs(bytes, MAX_PARAMETERS);
  } catch (error) {
    if (error instanceof MalformedPairs) throw new GatewayError('InvalidParameter', where);
    throw error;
  }
}

/** One name twice, in whatever case or place, is refused: signer and server could read it differently. */
function makeBag(pairs: readonly Pair[]): Bag {
  const bag = new Map<string, Pair>();
  for (const pair of pairs) {
    const key = pair.name.toLowerCase();
    if (bag.has(key)) throw new GatewayError('InvalidParameter', printable(pair.name));
    bag.set(key, pair);
  }
  return bag;
}

/** A name as it may stand in a message: short, and nothing but letters, digits, `.`, `_` and `-`. */
export function printable(name: string): string {
  return name.slice(0, 100).replace(/[^\w.-]/g, '?');
}
