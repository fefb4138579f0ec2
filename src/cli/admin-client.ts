/** The admin port as commands call it. */
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { userInfo } from 'node:os';
import type { ParseArgsConfig } from 'node:util';
import { dataFiles } from '../processes/data-dir.js';
import { CommandError, usageError } from './command-error.js';
import { CONFIG_HELP, CONFIG_OPTIONS, type ConfigArguments, configFrom } from './config-options.js';

export const ADMIN_OPTIONS = {
  ...CONFIG_OPTIONS,
  admin: { type: 'string' },
  'token-file': { type: 'string' },
  ca: { type: 'string' },
  instance: { type: 'string', short: 'i' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

export const ADMIN_HELP = `Where the server is:
  -i, --instance KEY     workspaceId_appId; may be left out while there is only one
      --admin URL        admin port (else as the configuration says)
      --token-file FILE  its bearer token (else as the configuration says)
      --ca FILE          certificate to trust for an https admin port
${CONFIG_HELP}
      --json             print JSON`;

/** Values of `ADMIN_OPTIONS` as parseArgs gives them. */
export interface AdminArguments extends ConfigArguments {
  readonly admin?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly ca?: string | undefined;
  readonly instance?: string | undefined;
  readonly json?: boolean | undefined;
}

const TIMEOUT_MS = 30_000;

/** An answer of the admin port. */
export type Json = Readonly<Record<string, unknown>>;

export interface AdminClient {
  /** @throws {CommandError} when the server cannot be reached, or refuses. */
  call(method: string, path: string, body?: unknown): Promise<Json>;
  /** Path below the instance that was named, or is the only one. */
  instancePath(path: string): Promise<string>;
}

/** @throws {CommandError} when the token cannot be read. */
export function createAdminClient(values: AdminArguments): AdminClient {
  const config = configFrom(values);
  const { host, port, certFile } = config.admin;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const base = values.admin ?? `${certFile === '' ? 'http' : 'https'}://${shownHost}:${port}`;
  if (!URL.canParse(base)) throw usageError(`--admin: ${base} is no address such as http://127.0.0.1:9000`);
  const token = read(values['token-file'] ?? dataFiles(config).adminTokenFile, 'the admin token').trim();
  const caFile = values.ca ?? certFile;
  const ca = caFile === '' ? undefined : read(caFile, 'the certificate');
  const call = (method: string, path: string, body?: unknown) =>
    exchange(new URL(path, base), { method, token, ca, body });
  let found: Promise<string> | null = null;
  return {
    call,
    async instancePath(path) {
      found ??= values.instance === undefined ? onlyInstance(call) : Promise.resolve(values.instance);
      return `/v1/instances/${encodeURIComponent(await found)}${path}`;
    },
  };
}

async function onlyInstance(call: AdminClient['call']): Promise<string> {
  const { instances } = (await call('GET', '/v1/instances')) as { readonly instances: { key: string }[] };
  const [first, second] = instances;
  if (first === undefined) {
    throw new CommandError('there is no instance yet: longlink config create-instance WORKSPACE APP');
  }
  if (second !== undefined) {
    throw usageError(`name one with --instance: ${instances.map((one) => one.key).join(', ')}`);
  }
  return first.key;
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${what}: ${(error as Error).message}`);
  }
}

interface Exchange {
  readonly method: string;
  readonly token: string;
  readonly ca: string | undefined;
  readonly body: unknown;
}

async function exchange(url: URL, { method, token, ca, body }: Exchange): Promise<Json> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      method,
      timeout: TIMEOUT_MS,
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'x-longlink-actor': encodeURIComponent(userInfo().username),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
    };
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) }, resolve)
        : httpRequest(url, options, resolve);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', reject);
    request.end(payload);
  }).catch((error: Error) => {
    throw new CommandError(`the admin port ${url.origin} cannot be reached: ${reasonOf(error)}`);
  });
  return readAnswer(answer);
}

/** A refused connection to both families of localhost has an empty message and two causes. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map((one: Error) => one.message).join(', ')
    : error.message;
}

async function readAnswer(answer: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const status = answer.statusCode ?? 0;
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw new CommandError(`the admin port answered ${status} with something else than JSON`);
  }
  if (status < 400) return json;
  const { code, message, field, limit } = (json.error ?? {}) as Readonly<Record<string, unknown>>;
  const where = field === undefined ? '' : ` (${field}${limit === undefined ? '' : `, limit ${limit}`})`;
  const hint = status === 401 ? '; is it the token file of this server?' : '';
  throw new CommandError(`refused: ${code}: ${message}${where}${hint}`);
}
