/** Makes what a server needs and does not find: a certificate for development, an admin token. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOrMakeToken } from '../admin/authentication.js';
import type { Config } from '../config.js';
import { dataFiles } from './data-dir.js';
import { ExitCode, StartError } from './start-error.js';

const CERTIFICATE_DAYS = 825;

/**
 * Makes the TLS certificate and the admin token if they are missing and their default places are
 * used; a configured file that is missing is an error, because the operator meant another one.
 *
 * @returns what was made, one line each.
 * @throws {StartError} for a configured file that does not exist.
 */
export async function makeSecrets(config: Config): Promise<string[]> {
  const files = dataFiles(config);
  const made: string[] = [];
  for (const file of [config.tls.certFile, config.tls.keyFile, config.admin.certFile, config.admin.keyFile]) {
    if (file !== '' && !existsSync(file)) throw new StartError(`${file} does not exist`, ExitCode.USAGE);
  }
  const needsTls = config.listeners.some((listener) => listener.tls);
  if (needsTls && config.tls.certFile === '' && !existsSync(files.certFile)) {
    await makeCertificate(files.certFile, files.keyFile);
    made.push(`a TLS certificate for development: ${files.certFile}`);
  }
  if (!existsSync(files.adminTokenFile)) {
    readOrMakeToken(files.adminTokenFile);
    made.push(`an admin token: ${files.adminTokenFile}`);
  }
  return made;
}

async function makeCertificate(certFile: string, keyFile: string): Promise<void> {
  // Only the first run needs it, and it is large.
  const { generate } = await import('selfsigned');
  const notAfterDate = new Date();
  notAfterDate.setDate(notAfterDate.getDate() + CERTIFICATE_DAYS);
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  writeSecret(keyFile, pair.private);
  writeSecret(certFile, pair.cert);
}

function writeSecret(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
}
