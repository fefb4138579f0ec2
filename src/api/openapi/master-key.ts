/**
 * The key under which access key secrets are stored. It lies in a file of its own, beside the
 * store and not in it: a copied store alone gives no secret away.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Encrypts and decrypts short texts. */
export interface Sealer {
  /** @param context bound to the sealed text: it opens under the same one only */
  seal(text: string, context: string): SealedText;
  /** @throws {SealBroken} when it was sealed under another key or context, or was changed */
  open(sealed: SealedText, context: string): string;
}

/** Base64 parts of an AES-256-GCM sealing. */
export interface SealedText {
  /** Begin of the SHA-256 of the master key, so that a wrong key file is told from damage. */
  readonly keyMark: string;
  readonly iv: string;
  readonly tag: string;
  readonly text: string;
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const KEY_BYTES = 32;

/**
 * Reads the master key, 64 hex characters, from a file; makes the file (mode 0600, its directory
 * 0700) when there is none.
 *
 * @throws when the file is readable by others, or holds no key
 */
export async function loadMasterKey(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const made = await makeKeyFile(file);
  if (made !== null) return made;
  const handle = await open(file, 'r');
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) throw new Error(`${file} must be readable by its owner only (chmod 600)`);
    const text = (await handle.readFile('utf8')).trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${file} does not hold 64 hex characters`);
    return Buffer.from(text, 'hex');
  } finally {
    await handle.close();
  }
}

/** @returns null when the file is there already */
async function makeKeyFile(file: string): Promise<Buffer | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  }
  try {
    const key = randomBytes(KEY_BYTES);
    await handle.writeFile(`${key.toString('hex')}\n`);
    await handle.sync();
    return key;
  } finally {
    await handle.close();
  }
}

/** @param masterKey 32 bytes */
export function createSealer(masterKey: Uint8Array): Sealer {
  const keyMark = createHash('sha256').update(masterKey).digest('hex').slice(0, 16);
  return {
    seal(text, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', masterKey, iv).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return {
        keyMark,
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        text: sealed.toString('base64'),
      };
    },
    open(sealed, context) {
      if (sealed.keyMark !== keyMark) throw new SealBroken('sealed under another master key');
      const decipher = createDecipheriv('aes-256-gcm', masterKey, Buffer.from(sealed.iv, 'base64'), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
      try {
        return decipher.update(sealed.text, 'base64', 'utf8') + decipher.final('utf8');
      } catch {
        throw new SealBroken('the sealed text was changed');
      }
    },
  };
}
