/**
 * The two signature schemes of the RPC APIs. Pure: what to sign, and the signature of it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Pair, percentEncode } from './percent.js';

/**
 * What signature V1 signs: Mobile Push OpenAPI 2015-08-27, "signature mechanism".
 *
 * @param parameters all of the call, from query and form, empty ones too; `Signature` is left out here
 */
export function stringToSignV1(method: string, parameters: readonly Pair[]): string {
  const signed = parameters.filter((pair) => pair.name.toLowerCase() !== 'signature');
  return `${method}&%2F&${percentEncode(canonicalQuery(signed))}`;
}

/** Base64 of HMAC-SHA1 under the secret followed by `&`. */
export function signV1(method: string, parameters: readonly Pair[], secret: string): string {
  return createHmac('sha1', `${secret}&`).update(stringToSignV1(method, parameters)).digest('base64');
}

/** The parts of a request that ACS3-HMAC-SHA256 signs. */
export interface Acs3Parts {
  readonly method: string;
  readonly query: readonly Pair[];
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Lower-case names in the order in which they are signed. */
  readonly signedHeaders: readonly string[];
  /** Hex SHA-256 of the raw body. */
  readonly payloadHash: string;
}

/** The canonical request of ACS3. A signed header that was not sent counts as empty. */
export function canonicalRequestAcs3(parts: Acs3Parts): string {
  const headers = parts.signedHeaders.map((name) => `${name}:${parts.headers.get(name) ?? ''}\n`).join('');
  const names = parts.signedHeaders.join(';');
  return `${parts.method}\n/\n${canonicalQuery(parts.query)}\n${headers}\n${names}\n${parts.payloadHash}`;
}

/** Hex HMAC-SHA256 under the secret itself, without the `&` of V1. */
export function signAcs3(canonicalRequest: string, secret: string): string {
  const stringToSign = `${ACS3_ALGORITHM}\n${sha256Hex(canonicalRequest)}`;
  return createHmac('sha256', secret).update(stringToSign).digest('hex');
}

export const ACS3_ALGORITHM = 'ACS3-HMAC-SHA256';

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Compares without telling by its time where the two differ. */
export function sameText(left: string, right: string): boolean {
  const a = createHash('sha256').update(left).digest();
  const b = createHash('sha256').update(right).digest();
  return timingSafeEqual(a, b);
}

/** Sorted by name in code units, so `TargetMsg.10.Target` comes before `TargetMsg.2.Target`. */
function canonicalQuery(pairs: readonly Pair[]): string {
  return [...pairs]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((pair) => `${percentEncode(pair.name)}=${percentEncode(pair.value)}`)
    .join('&');
}
