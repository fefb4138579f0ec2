/** Names from outside that become parts of the store's keys. */

/** Of a target, a tag's client or a business message id; keys have 1,978 bytes in all. */
export const MAX_NAME_BYTES = 1024;
const UNUSABLE = /[\p{Cc}\p{Surrogate}]/u;

/** Not empty, no control characters (NUL parts keys), no half surrogate pairs, and not too long. */
export function isUsableName(name: string, maxBytes = MAX_NAME_BYTES): boolean {
  return name !== '' && !UNUSABLE.test(name) && Buffer.byteLength(name) <= maxBytes;
}
