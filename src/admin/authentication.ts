/** The admin port's bearer token: made once, kept in a file only its user can read. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

const TOKEN_BYTES = 32;
const MIN_TOKEN_LENGTH = 32;

/** The token file cannot be used; `message` says why. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

/**
 * Reads the token, making it when there is no file yet.
 *
 * @throws {TokenFileError} when others may read the file, or it holds no token.
 */
export function readOrMakeToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return replaceToken(file);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new TokenFileError(`${file} can be read by other users; run: chmod 600 ${file}`);
  }
  if (text.length < MIN_TOKEN_LENGTH) {
    throw new TokenFileError(`${file} holds no token of at least ${MIN_TOKEN_LENGTH} characters`);
  }
  return text;
}

/** Writes a new random token, in one step, and returns it. The server takes it at its next start. */
export function replaceToken(file: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${token}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return token;
}

/** Checks `Authorization` headers against one token, in a time that says nothing of it. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const [scheme, given] = (authorization ?? '').split(' ', 2);
    // Hashing makes both sides one length, as timingSafeEqual demands.
    const same = timingSafeEqual(digest(given ?? ''), expected);
    return same && scheme?.toLowerCase() === 'bearer';
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
