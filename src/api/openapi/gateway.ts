/**
 * A received request to its answer: who signed it, may it pass, what does the action say. Knows no
 * socket.
 */
import { randomUUID } from 'node:crypto';
import type { AccessKey, AccessKeys } from '../../admin/service/access-keys.js';
import { StoreUnavailable } from '../../core/ports.js';
import type { Action, Version } from './action.js';
import { VERSIONS } from './action.js';
import { errorAnswer, type Format, type HttpAnswer, successAnswer } from './answer.js';
import { type Credentials, isAcs3, readCredentials } from './credentials.js';
import { GatewayError } from './gateway-errors.js';
import { type NonceStore, NoncesUnavailable } from './nonces.js';
import { given, type HttpRequest, type RpcRequest, readRequest } from './rpc-request.js';
import type { Services } from './services.js';
import type { Throttle } from './throttle.js';

/** How far a call's timestamp may be from the server's time, both ways. */
export const TIMESTAMP_WINDOW_MS = 15 * 60_000;

/** What is noted of every call, for metrics and the log. Never parameters, secrets or signatures. */
export interface CallRecord {
  readonly requestId: string;
  /** Name of a known action, or empty. */
  readonly action: string;
  /** Id of the access key once the signature was right, or empty. */
  readonly keyId: string;
  readonly status: number;
  /** Gateway error code, or the result code of the action, or `OK` where it has none. */
  readonly code: string;
}

export interface GatewayOptions {
  readonly actions: readonly Action[];
  readonly keys: Pick<AccessKeys, 'find' | 'touch'>;
  readonly nonces: NonceStore;
  readonly throttle: Throttle;
  readonly services: Services;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Site id in error envelopes when the request names no host. */
  readonly hostId: string;
  readonly onCall: (call: CallRecord) => void;
  /** What went wrong inside, behind an InternalError or ServiceUnavailable. */
  readonly onFailure: (error: unknown, requestId: string) => void;
}

export interface Gateway {
  /** Never rejects. */
  readonly answer: (http: HttpRequest) => Promise<HttpAnswer>;
  /** An error found by the HTTP server, before there was a whole request. */
  readonly refuse: (http: HttpHead, error: GatewayError) => HttpAnswer;
}

/** What becomes known of a call on its way; read when it fails. */
interface Progress {
  readonly requestId: string;
  /** Null until the request was read. */
  format: Format | null;
  action: string;
  keyId: string;
}

type HttpHead = Omit<HttpRequest, 'body'>;

const KEY_ID = /^[\w.-]{1,64}$/;
const NO_BODY = Buffer.alloc(0);
const FORM_FORMAT = /(?:^|&)format=(json|xml)(?:&|$)/i;

/** Makes the gateway in front of a table of actions. */
export function createGateway(options: GatewayOptions): Gateway {
  const table = new Map(options.actions.map((action) => [action.name.toLowerCase(), action]));

  /** The order matters: a forged call takes no share of the key's rate, and burns no nonce. */
  const authenticate = async (credentials: Credentials, progress: Progress): Promise<AccessKey> => {
    // What is no key id is not looked up: it may be as long as a header.
    const found = KEY_ID.test(credentials.keyId) ? await options.keys.find(credentials.keyId) : null;
    if (found === null) throw new GatewayError('InvalidAccessKeyId.NotFound');
    if (!found.key.active) throw new GatewayError('InvalidAccessKeyId.Inactive');
    if (!credentials.isSignedWith(found.secret)) throw new GatewayError('SignatureDoesNotMatch');
    progress.keyId = found.key.id;
    const offMs = Math.abs(options.now() - credentials.signedMs);
    if (offMs > TIMESTAMP_WINDOW_MS) throw new GatewayError('InvalidTimeStamp.Expired');
    const waitMs = options.throttle.take(found.key.id);
    if (waitMs > 0) throw new GatewayError('Throttling', '', waitMs);
    return found.key;
  };

  const useNonce = async (credentials: Credentials): Promise<void> => {
    const untilMs = credentials.signedMs + TIMESTAMP_WINDOW_MS;
    const fresh = await options.nonces.use(credentials.keyId, credentials.nonce, untilMs);
    if (!fresh) throw new GatewayError('SignatureNonceUsed');
  };

  const handle = async (http: HttpRequest, progress: Progress): Promise<HttpAnswer> => {
    const request = readRequest(http);
    const format = formatOf(request);
    progress.format = format;
    const credentials = readCredentials(request);
    const key = await authenticate(credentials, progress);
    const { action, version, run } = findAction(table, credentials);
    progress.action = action.name;
    await useNonce(credentials);
    const wallMs = options.now();
    options.keys.touch(key.id, wallMs);
    const { requestId } = progress;
    const { services } = options;
    const fields = await run(request.parameters, { requestId, version, key, wallMs, services });
    options.onCall({ ...noted(progress), status: 200, code: resultCode(fields) });
    return successAnswer(format, action.name, requestId, fields);
  };

  const refuse = (http: HttpHead, progress: Progress, error: GatewayError): HttpAnswer => {
    options.onCall({ ...noted(progress), status: error.status, code: error.code });
    return errorAnswer(progress.format ?? 'xml', progress.requestId, hostOf(http, options.hostId), error);
  };

  return {
    async answer(http) {
      const progress = begin(null);
      try {
        return await handle(http, progress);
      } catch (error) {
        progress.format ??= guessFormat(http, http.body);
        if (error instanceof GatewayError) return refuse(http, progress, error);
        options.onFailure(error, progress.requestId);
        const away = error instanceof StoreUnavailable || error instanceof NoncesUnavailable;
        return refuse(http, progress, new GatewayError(away ? 'ServiceUnavailable' : 'InternalError'));
      }
    },
    refuse: (http, error) => refuse(http, begin(guessFormat(http, NO_BODY)), error),
  };
}

function begin(format: Format | null): Progress {
  return { requestId: randomUUID().toUpperCase(), format, action: '', keyId: '' };
}

function noted(progress: Progress): Pick<CallRecord, 'requestId' | 'action' | 'keyId'> {
  return { requestId: progress.requestId, action: progress.action, keyId: progress.keyId };
}

function findAction(
  table: ReadonlyMap<string, Action>,
  credentials: Credentials,
): { readonly action: Action; readonly version: Version; readonly run: NonNullable<Action['run']> } {
  const version = VERSIONS.find((known) => known === credentials.version);
  if (version === undefined) throw new GatewayError('NoSuchVersion');
  const action = table.get(credentials.action.toLowerCase());
  if (action === undefined || action.run === null || !action.versions.includes(version)) {
    throw new GatewayError('UnsupportedOperation');
  }
  return { action, version, run: action.run };
}

/** XML when nothing is said, by the document; but ACS3 clients say nothing and read JSON only. */
function formatOf(request: RpcRequest): Format {
  const format = given(request.parameters, 'Format')?.toLowerCase();
  if (format === 'json' || format === 'xml') return format;
  if (format !== undefined) throw new GatewayError('InvalidParameter', 'Format');
  return isAcs3(request) ? 'json' : 'xml';
}

/** For requests that cannot be read as a whole: the first `Format` that can be found. */
function guessFormat(http: HttpHead, body: Buffer): Format {
  const found = /[?&]format=(json|xml)(?:&|$)/i.exec(http.url) ?? FORM_FORMAT.exec(body.toString('latin1'));
  if (found !== null) return found[1]?.toLowerCase() === 'json' ? 'json' : 'xml';
  return headerOf(http, 'authorization') === '' ? 'xml' : 'json';
}

function headerOf(http: HttpHead, name: string): string {
  const at = http.rawHeaders.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name);
  return at < 0 ? '' : (http.rawHeaders[at + 1] ?? '');
}

function hostOf(http: HttpHead, fallback: string): string {
  const host = headerOf(http, 'host');
  return /^[\w.:[\]-]{1,255}$/.test(host) ? host : fallback;
}

function resultCode(fields: Readonly<Record<string, unknown>>): string {
  const code = fields.ResultCode ?? fields.Code;
  return typeof code === 'string' ? code : 'OK';
}
