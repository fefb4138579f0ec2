/**
 * One call to an address that a tenant named. It must not become a way into the server's own network:
 * public https only unless the operator allowed the origin, no redirects, a bounded answer, and the
 * connection goes to the very address that was checked.
 */
import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.js';

/** A longer answer is refused. */
const MAX_ANSWER_BYTES = 65_536;
const ALLOWED_PORTS: readonly string[] = ['', '443', '8443'];

export interface CallOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole call, name look-up and answer included. */
  readonly timeoutMs: number;
  /** Origins that may be called although they are not public https. */
  readonly allow: readonly string[];
}

/**
 * @returns the JSON of a 200 answer.
 * @throws {Error} for anything else; the message says what, without the body.
 */
export async function postJson(address: string, body: unknown, options: CallOptions): Promise<unknown> {
  return JSON.parse(await post(address, JSON.stringify(body), options, (status) => status === 200));
}

/**
 * Posts a body as it is; any 2xx answer will do, whatever it holds.
 *
 * @throws {Error} for anything else; the message says what, without the body.
 */
export async function postText(address: string, body: string, options: CallOptions): Promise<void> {
  await post(address, body, options, (status) => status >= 200 && status < 300);
}

async function post(
  address: string,
  payload: string,
  options: CallOptions,
  isGood: (status: number) => boolean,
): Promise<string> {
  const url = new URL(address);
  const trusted = options.allow.some(
    (origin) => URL.canParse(origin) && new URL(origin).origin === url.origin,
  );
  if (!trusted) checkPublic(url);
  const call: RequestOptions = {
    method: 'POST',
    agent: false,
    signal: AbortSignal.timeout(options.timeoutMs),
    headers: {
      'content-type': 'application/json',
      ...options.headers,
      'content-length': Buffer.byteLength(payload),
    },
    ...(trusted ? {} : { lookup: publicLookup }),
  };
  return exchange(url, payload, call, isGood);
}

function checkPublic(url: URL): void {
  if (url.protocol !== 'https:' || !ALLOWED_PORTS.includes(url.port)) {
    throw new Error(`${url.origin} is not https on port 443 or 8443, and not allowed by the operator`);
  }
  // A literal address is connected to without a look-up.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new Error(`${host} is not a public address`);
}

/** Resolves a name to public addresses only; Node connects to what this returns. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, '');
    const bad = found.find(({ address }) => !isPublicAddress(address));
    const [first] = found;
    if (bad !== undefined || first === undefined) {
      return callback(new Error(`${hostname} has an address that is not public`), '');
    }
    if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

function exchange(
  url: URL,
  payload: string,
  options: RequestOptions,
  isGood: (status: number) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const call = request(url, options, (answer) => {
      if (!isGood(answer.statusCode ?? 0)) {
        call.destroy();
        reject(new Error(`${url.origin} answered ${answer.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error(`${url.origin} answered too much`));
      });
      answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(payload);
  });
}
