/** Who signed a call, and how: both schemes read into one shape. Checks form, not truth. */
import { GatewayError } from './gateway-errors.js';
import { parseUtcTime } from './parameters.js';
import { given, type RpcRequest } from './rpc-request.js';
import { ACS3_ALGORITHM, canonicalRequestAcs3, sameText, sha256Hex, signAcs3, signV1 } from './signature.js';

export interface Credentials {
  readonly keyId: string;
  readonly action: string;
  readonly version: string;
  /** When the caller says to have signed, ms. */
  readonly signedMs: number;
  readonly nonce: string;
  /** True when the signature was made with this secret over this request. */
  readonly isSignedWith: (secret: string) => boolean;
}

const MAX_NONCE = 256;

/** True for a request that is signed by header, or tries to be. */
export function isAcs3(request: RpcRequest): boolean {
  return request.headers.has('authorization');
}

/**
 * @throws {GatewayError} for what is missing or malformed, and for algorithms other than
 * HMAC-SHA1 version 1.0 and ACS3-HMAC-SHA256
 */
export function readCredentials(request: RpcRequest): Credentials {
  return isAcs3(request) ? readAcs3(request) : readV1(request);
}

function readV1(request: RpcRequest): Credentials {
  const need = (name: string): string => {
    const value = given(request.parameters, name);
    if (value === undefined) throw new GatewayError('MissingParameter', name);
    return value;
  };
  const action = need('Action');
  const version = need('Version');
  const keyId = need('AccessKeyId');
  const signature = need('Signature');
  const method = need('SignatureMethod');
  if (method.toUpperCase() !== 'HMAC-SHA1') throw new GatewayError('InvalidSignatureMethod', 'given');
  if (need('SignatureVersion') !== '1.0') throw new GatewayError('InvalidParameter', 'SignatureVersion');
  // Present and empty in the Python client; a value asks for a bearer token or a private key.
  if (given(request.parameters, 'SignatureType') !== undefined) {
    throw new GatewayError('InvalidParameter', 'SignatureType');
  }
  const signed = [...request.query, ...request.form];
  return {
    keyId,
    action,
    version,
    signedMs: readTimestamp(need('Timestamp')),
    nonce: checkedNonce(need('SignatureNonce'), 'SignatureNonce'),
    isSignedWith: (secret) => sameText(signV1(request.method, signed, secret), signature),
  };
}

/** Without these among the signed headers a recorded request could be aimed at something else. */
const MUST_BE_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
];
const MAX_SIGNED_HEADERS = 64;

function readAcs3(request: RpcRequest): Credentials {
  const { headers } = request;
  const authorization = parseAuthorization(headers.get('authorization') ?? '');
  const need = (name: string): string => {
    const value = headers.get(name);
    if (value === undefined || value === '') throw new GatewayError('MissingParameter', name);
    return value;
  };
  for (const name of MUST_BE_SIGNED) {
    need(name);
    checkSigned(authorization.signedHeaders, name);
  }
  if (request.body.length > 0 && headers.has('content-type')) {
    checkSigned(authorization.signedHeaders, 'content-type');
  }
  return {
    keyId: authorization.keyId,
    action: need('x-acs-action'),
    version: need('x-acs-version'),
    signedMs: readTimestamp(need('x-acs-date')),
    nonce: checkedNonce(need('x-acs-signature-nonce'), 'x-acs-signature-nonce'),
    isSignedWith: (secret) => {
      const payloadHash = sha256Hex(request.body);
      if (payloadHash !== need('x-acs-content-sha256').toLowerCase()) return false;
      const { method, query } = request;
      const { signedHeaders, signature } = authorization;
      const canonical = canonicalRequestAcs3({ method, query, headers, signedHeaders, payloadHash });
      return sameText(signAcs3(canonical, secret), signature);
    },
  };
}

interface Authorization {
  readonly keyId: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** `ACS3-HMAC-SHA256 Credential=<id>,SignedHeaders=<a;b;c>,Signature=<hex>` */
function parseAuthorization(text: string): Authorization {
  const space = text.indexOf(' ');
  const algorithm = space < 0 ? text : text.slice(0, space);
  if (algorithm !== ACS3_ALGORITHM) throw new GatewayError('InvalidSignatureMethod', 'of the header');
  const fields = new Map<string, string>();
  for (const part of text.slice(space + 1).split(',', 8)) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (fields.has(name)) throw new GatewayError('IncompleteSignature', `${name} stands twice`);
    fields.set(name, part.slice(equals + 1).trim());
  }
  const need = (name: string): string => {
    const value = fields.get(name) ?? '';
    if (value === '') throw new GatewayError('IncompleteSignature', `${name} is missing`);
    return value;
  };
  const signedHeaders = need('SignedHeaders').split(';', MAX_SIGNED_HEADERS + 1);
  if (signedHeaders.length > MAX_SIGNED_HEADERS || new Set(signedHeaders).size < signedHeaders.length) {
    throw new GatewayError('IncompleteSignature', 'SignedHeaders is not a list of different names');
  }
  return { keyId: need('Credential'), signedHeaders, signature: need('Signature') };
}

function checkSigned(signedHeaders: readonly string[], name: string): void {
  if (!signedHeaders.includes(name)) throw new GatewayError('IncompleteSignature', `${name} is not signed`);
}

function readTimestamp(text: string): number {
  const ms = parseUtcTime(text);
  if (ms === null) throw new GatewayError('InvalidTimeStamp.Format');
  return ms;
}

function checkedNonce(nonce: string, name: string): string {
  if (nonce.length > MAX_NONCE) throw new GatewayError('InvalidParameter', name);
  return nonce;
}
