/** `longlink keys` */
import { createHash, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { replaceToken } from '../admin/authentication.js';
import { dataFiles } from '../processes/data-dir.js';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { CommandError, usageError } from './command-error.js';
import { configFrom } from './config-options.js';
import { print, printJson, table } from './output.js';
import { required } from './values.js';

const HELP = `Usage: longlink keys PART [options]

  list             the signature switch and key of every instance (the default)
  generate NAME    make an RSA key pair: NAME.pem for the caller, NAME.pub.pem for the server
  set FILE         set the public key that signatures of an instance are checked with
  remove           take it away; the switch must be off
  on | off         demand a signature on /webapi, or not; a bizType may differ (longlink config change)
  sign KEY FILE    print the signature of a body, for trying things; FILE - for standard input
  admin-token      replace the admin token; the server takes the new one at its next start

${ADMIN_HELP}`;

const MODULUS_BITS = 2048;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: ADMIN_OPTIONS, allowPositionals: true });
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) return print(HELP);
  const [part = 'list', first, second] = positionals;
  switch (part) {
    case 'list':
      return list(values);
    case 'generate':
      return generate(required(first, 'NAME'));
    case 'set':
      return change(values, { signaturePublicKey: readText(required(first, 'FILE')) });
    case 'remove':
      return change(values, { signaturePublicKey: '' });
    case 'on':
    case 'off':
      return change(values, { signature: part === 'on' });
    case 'sign':
      return sign(required(first, 'KEY'), required(second, 'FILE'));
    case 'admin-token':
      return replaceAdminToken(values);
    default:
      throw usageError(`no such part: ${part}\n\n${HELP}`);
  }
}

async function list(values: Values): Promise<number> {
  const { instances } = await createAdminClient(values).call('GET', '/v1/instances');
  const rows = (instances as readonly Json[]).map((instance) => [
    String(instance.key),
    instance.signature === true ? 'demanded' : 'off',
    fingerprint(String(instance.signaturePublicKey)),
  ]);
  if (values.json) {
    return printJson(rows.map(([instance, signature, key]) => ({ instance, signature, key })));
  }
  return print(table(['INSTANCE', 'SIGNATURE', 'KEY (SHA-256)'], rows));
}

/** The same for every way to write the key down. */
function fingerprint(pem: string): string {
  if (pem === '') return 'none';
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url');
}

async function change(values: Values, fields: object): Promise<number> {
  const client = createAdminClient(values);
  const changed = await client.call('PATCH', await client.instancePath(''), fields);
  if (values.json) return printJson(changed);
  const state = changed.signature === true ? 'demanded' : 'off';
  return print(`${changed.key}: signature ${state}, key ${fingerprint(String(changed.signaturePublicKey))}`);
}

function generate(name: string): number {
  const files = { secret: `${name}.pem`, open: `${name}.pub.pem` };
  for (const file of Object.values(files)) {
    if (existsSync(file)) throw new CommandError(`${file} exists; nothing is overwritten`);
  }
  const pair = generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS });
  const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(files.secret, secret, { mode: 0o600, flag: 'wx' });
  writeFileSync(files.open, pair.publicKey.export({ type: 'spki', format: 'pem' }), { flag: 'wx' });
  return print(
    `${files.secret} signs and stays with the caller; set ${files.open} with: longlink keys set ${files.open}`,
  );
}

function sign(keyFile: string, bodyFile: string): number {
  const body = readBytes(bodyFile);
  const signature = createSign('sha256').update(body).sign(readText(keyFile), 'base64');
  return print(signature.replaceAll('+', '-').replaceAll('/', '_'));
}

function replaceAdminToken(values: Values): number {
  const file = values['token-file'] ?? dataFiles(configFrom(values)).adminTokenFile;
  if (!existsSync(file)) throw new CommandError(`there is no token in ${file} to replace`);
  replaceToken(file);
  return print(`${file} holds a new token; the running server takes the old one until it starts again`);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

function readText(file: string): string {
  return readBytes(file).toString('utf8');
}
