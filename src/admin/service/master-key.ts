/**
 * The key under which access key secrets are stored. It lies in a file of its own, beside the
 * store and not in it: a copied store alone gives no secret away.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, unlink } from 'node:fs/promises';
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

/** The file of the master key cannot be used. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const KEY_BYTES = 32;

/**
 * Reads the master key, 64 hex characters, from a file; makes the file (mode 0600, its directory
 * 0700) when there is none.
 *
 * @throws {MasterKeyError} when the file is readable by others, or holds no key
 */
export async function loadMasterKey(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return (existsSync(file) ? null : await makeKeyFile(file)) ?? (await readKeyFile(file));
}

async function readKeyFile(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      throw new MasterKeyError(`${file} must be readable by its owner only (chmod 600)`);
    }
    const text = (await handle.readFile('utf8')).trim();
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new MasterKeyError(`${file} does not hold 64 hex characters`);
    }
    return Buffer.from(text, 'hex');
  } finally {
    await handle.close();
  }
}

/**
 * The file appears whole or not at all: a half-written key would lock all access keys away.
 *
 * @returns null when the file is there already
 */
async function makeKeyFile(file: string): Promise<Buffer | null> {
  const key = randomBytes(KEY_BYTES);
  const draft = `${file}.${process.pid}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${key.toString('hex')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
    return key;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  } finally {
    await unlink(draft);
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
