/**
 * The RSA signature of the private sync API: SHA-256 over the raw body, base64 with `-` and `_`,
 * in the query parameter `sign` (mPaaS MSS guide, 6.8; mPaaS push guide, 6.5).
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Instance, SyncConfig } from '../../core/model.js';

/** Shorter keys are refused when an instance's key is set. */
export const MIN_RSA_BITS = 2048;
/** A 16384-bit signature in base64 is shorter. */
const MAX_SIGN_LENGTH = 4096;

/**
 * Reads a PEM public key (SPKI or PKCS#1).
 *
 * @returns the reason when the text is no RSA key of at least 2048 bits.
 */
export function readSignatureKey(pem: string): KeyObject | string {
  // A private key would be accepted by createPublicKey, and then be kept and shown as if public.
  if (pem.includes('PRIVATE KEY')) return 'this is a private key; the server needs the public one';
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return 'not a PEM public key';
  }
  if (key.asymmetricKeyType !== 'rsa') return 'not an RSA key';
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) return `an RSA key of ${bits} bits; at least ${MIN_RSA_BITS} are needed`;
  return key;
}

/** True when a call for this bizType must be signed: its own switch, or else the instance's. */
export function needsSignature(instance: Instance, config: SyncConfig | undefined): boolean {
  if (config === undefined || config.signature === 'inherit') return instance.signature;
  return config.signature === 'on';
}

const keys = new WeakMap<Instance, KeyObject | string>();

/** True when `sign` is the instance's signature of `body`. False without a key: fails closed. */
export function isSigned(instance: Instance, body: Uint8Array, sign: unknown): boolean {
  if (typeof sign !== 'string' || sign === '' || sign.length > MAX_SIGN_LENGTH) return false;
  let key = keys.get(instance);
  if (key === undefined) {
    key = readSignatureKey(instance.signaturePublicKey);
    keys.set(instance, key);
  }
  if (typeof key === 'string') return false;
  // A standard `+` that was not percent-encoded arrives as a space.
  const signature = Buffer.from(sign.replaceAll(' ', '+'), 'base64');
  return verify('sha256', body, key, signature);
}
