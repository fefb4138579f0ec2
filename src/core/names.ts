/** Bounds on the names that a device gives: they become keys of the store and are held for every session. */

/** Characters of a user's session id. */
export const MAX_SESSION_ID_CHARS = 1024;
/** Characters of os, app version, model and SDK version. */
export const MAX_LABEL_CHARS = 100;

/** Characters of a device's token in a vendor's channel. */
export const MAX_TOKEN_CHARS = 1024;

/** Characters of an alias; its bytes are bounded where it is stored. */
export const MAX_ALIAS_CHARS = 128;

/** Whether a text is at most `maxChars` code points long and holds no NUL, which ends owners in store keys. */
export function isName(text: string, maxChars: number): boolean {
  if (text.includes('\0')) return false;
  if (text.length <= maxChars) return true;
  // Only a text of up to twice as many UTF-16 units can still be short enough.
  return text.length <= maxChars * 2 && [...text].length <= maxChars;
}
