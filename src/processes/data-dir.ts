/** The data directory: its mode and what lies in it. The store keeps a second server out. */
import { chmodSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { ExitCode, StartError } from './start-error.js';

/** As in src/store/embedded; named here too, because the supervisor does not load the store. */
const STORE_FILE = 'store.mdb';
/** Longest path of a unix socket on Linux is 107 bytes; on macOS 103. */
const MAX_SOCKET_PATH_BYTES = 100;

/** Where things lie, with the configured paths in place of the default ones. */
export function dataFiles(config: Config) {
  const { dataDir, tls, admin, openapi } = config;
  return {
    certFile: tls.certFile || join(dataDir, 'tls/cert.pem'),
    keyFile: tls.keyFile || join(dataDir, 'tls/key.pem'),
    adminTokenFile: admin.tokenFile || join(dataDir, 'admin.token'),
    openApiKeyFile: openapi.secretKeyFile || join(dataDir, 'openapi.key'),
  };
}

/**
 * Makes the directory for this user alone. An existing one that is open to others is closed to them
 * when it is empty or holds a store; a directory of other things (`/tmp`, say) is left as it is.
 *
 * @throws {StartError} when it cannot be made, belongs to another user, or is open and not ours.
 */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(dataDir);
    const self = process.getuid?.() ?? uid;
    if (uid !== self) {
      throw new StartError(
        `the data directory ${dataDir} belongs to user ${uid}, not to ${self}`,
        ExitCode.DATA_DIR,
      );
    }
    if ((mode & 0o077) === 0) return;
    const names = readdirSync(dataDir);
    if (names.length > 0 && !names.includes(STORE_FILE)) {
      throw new StartError(
        `${dataDir} is open to other users and holds other files; take a directory of its own`,
        ExitCode.DATA_DIR,
      );
    }
    chmodSync(dataDir, 0o700);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { message } = error as Error;
    throw new StartError(`the data directory ${dataDir} cannot be used: ${message}`, ExitCode.DATA_DIR);
  }
}

/**
 * Path of a socket in the directory. A long directory name is reached through a file descriptor,
 * because the kernel takes no longer path; the descriptor stays open while the process lives.
 */
export function socketPath(dataDir: string, name: string): string {
  const path = join(dataDir, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  return `/proc/self/fd/${openSync(dataDir, 'r')}/${name}`;
}
