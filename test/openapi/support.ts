/** A gateway on a free port, with documents in memory, and raw HTTP to it. */
import { type Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { createAccessKeys, type KeyScope } from '../../src/admin/service/access-keys.js';
import { createSealer } from '../../src/admin/service/master-key.js';
import type { Action } from '../../src/api/openapi/action.js';
import { ACTIONS } from '../../src/api/openapi/actions/index.js';
import { createDeviceDirectory } from '../../src/api/openapi/device-directory.js';
import { type CallRecord, createGateway } from '../../src/api/openapi/gateway.js';
import { type NonceStore, openNonces } from '../../src/api/openapi/nonces.js';
import { percentEncode } from '../../src/api/openapi/percent.js';
import {
  createOpenApiServer,
  DEFAULT_SERVER_LIMITS,
  type ServerLimits,
} from '../../src/api/openapi/server.js';
import type { DeviceDirectory, Services, SyncCall } from '../../src/api/openapi/services.js';
import { signV1 } from '../../src/api/openapi/signature.js';
import { createThrottle } from '../../src/api/openapi/throttle.js';
import type { Channel } from '../../src/channels/port.js';
import type { SyncResult } from '../../src/core/codes.js';
import type { SendOutcome, SendRequest } from '../../src/core/delivery.js';
import type { DeviceRecord } from '../../src/core/model.js';
import type { RevokeItem } from '../../src/core/revocation.js';
import { createAliases } from '../../src/push/aliases.js';
import { createAnalysisQueries } from '../../src/push/analysis/queries.js';
import { createDeviceBinder } from '../../src/push/device-bindings.js';
import { createMobilePush } from '../../src/push/mobile.js';
import { createPush } from '../../src/push/push.js';
import { createRevoker } from '../../src/push/revoke.js';
import { startScheduling } from '../../src/push/schedules/index.js';
import { createTags } from '../../src/push/tags.js';
import { createTemplates } from '../../src/push/templates.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { analysisRig } from '../push/analysis-rig.js';

const NO_DEVICES: DeviceDirectory = {
  find: async () => null,
  ofUser: async () => [],
  isOnline: async () => false,
  register: () => Promise.reject(new Error('no device can be registered')),
};

/** The one device that exists when a test brings no directory of its own. */
export const KNOWN_TOKEN = 'a'.repeat(64);

const KNOWN_DEVICE: DeviceRecord = {
  instance: 'default_APP1',
  deviceId: 'device1',
  adToken: KNOWN_TOKEN,
  keyHash: new Uint8Array(32).fill(1),
  os: 'android',
  appVersion: '1.0',
  model: 'M1',
  user: '',
  createdMs: 1,
  seenMs: 1,
};

export const ACTOR = { name: 'tester', address: '' };

export const SCOPE: KeyScope = { instances: ['default_APP1'], appKeys: ['23267207'] };

export interface TestGatewayOptions {
  readonly services?: Partial<Services>;
  readonly actions?: readonly Action[];
  readonly limits?: Partial<ServerLimits>;
  readonly nonces?: NonceStore;
  /** What becomes of a push; SUCCESS when left out. */
  readonly sendResult?: (request: SendRequest) => SyncResult;
  readonly perSecond?: number;
  readonly burst?: number;
  readonly now?: () => number;
  readonly vendors?: readonly Channel[];
}

/** Starts one; `close` ends it. Calls of data synchronization are collected and answered SUCCESS. */
export async function startGateway(options: TestGatewayOptions = {}) {
  const docs = createMemoryStore();
  const now = options.now ?? Date.now;
  const keys = createAccessKeys(docs, createSealer(Buffer.alloc(32, 7)), now);
  const { key, secret } = await keys.create(ACTOR, 'tenant1', SCOPE, 'test');
  const synced: SyncCall[] = [];
  const calls: CallRecord[] = [];
  const failures: unknown[] = [];
  const sent: SendRequest[] = [];
  const revoked: RevokeItem[] = [];
  const tags = createTags(docs);
  const aliases = createAliases(docs);
  const analysing = await analysisRig(docs, now, options.vendors);
  const nobody = { find: async () => [], devicesOf: async () => [] };
  const directory = createDeviceDirectory(docs, nobody, nobody, now);
  const pushing = {
    send: async (request: SendRequest): Promise<SendOutcome> => {
      sent.push(request);
      return { result: options.sendResult?.(request) ?? 'SUCCESS', id: 1 };
    },
    prepare: async () => {},
    findDevice: async (instance: string, device: string) =>
      device === KNOWN_TOKEN ? KNOWN_DEVICE : directory.find(instance, device),
    tags,
    aliases,
    store: docs,
    now,
    ...analysing,
  };
  const push = createPush(pushing);
  const scheduling = startScheduling({
    store: docs,
    push,
    now,
    timeZone: 'Asia/Shanghai',
    maxPending: 100,
    leads: () => Promise.resolve(true),
    graceMs: 600_000,
    everyMs: 20,
    onResult: () => {},
    onError: (error) => failures.push(error),
  });
  const gateway = createGateway({
    actions: options.actions ?? ACTIONS,
    keys,
    nonces: options.nonces ?? (await openNonces(docs, 10_000, now)),
    throttle: createThrottle({ perSecond: options.perSecond ?? 10_000, burst: options.burst ?? 10_000 }, () =>
      performance.now(),
    ),
    services: {
      apps: {
        has: async (instance) => instance === 'default_APP1' || instance === 'default_OTHER',
        ofAppKey: async (appKey) => (appKey === '23267207' ? 'default_APP1' : null),
      },
      sync: async (call) => {
        synced.push(call);
        return { result: 'SUCCESS', detail: '' };
      },
      templates: createTemplates(docs, now),
      tags,
      aliases,
      devices: { ...NO_DEVICES, find: directory.find, register: directory.register },
      push,
      binder: createDeviceBinder({
        store: { saveDevice: async () => {} },
        findDevice: pushing.findDevice,
        note: async () => {},
        reconnect: () => {},
        now,
      }),
      revoker: createRevoker({
        store: docs,
        revoke: async (items) => {
          revoked.push(...items);
          return items.map(({ thirdMsgId }) =>
            sent.some((request) => request.thirdMsgId === thirdMsgId)
              ? { id: 1, acceptedMs: now(), oplog: null, waited: false }
              : null,
          );
        },
        findDevice: pushing.findDevice,
        schedules: scheduling.schedules,
      }),
      schedules: scheduling.schedules,
      mobilePush: createMobilePush(pushing),
      analysis: createAnalysisQueries(docs, analysing.analysis.counts),
      tokens: analysing.tokens,
      ...options.services,
    },
    now,
    hostId: 'longlink.test',
    onCall: (call) => calls.push(call),
    onFailure: (error) => failures.push(error),
  });
  const server = createOpenApiServer(gateway, { ...DEFAULT_SERVER_LIMITS, ...options.limits });
  const { port } = await server.listen('127.0.0.1', 0);
  const close = async (): Promise<void> => {
    await server.close();
    await scheduling.stop();
    await analysing.analysis.stop();
  };
  return {
    ...analysing,
    store: docs,
    port,
    keyId: key.id,
    secret,
    keys,
    synced,
    sent,
    revoked,
    calls,
    failures,
    close,
  };
}

export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body when it is JSON. */
  readonly json: Record<string, unknown>;
}

/** One HTTP request, nothing added; a body is sent chunked. */
export function send(
  port: number,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body: string | Buffer = '',
  agent: Agent | false = false,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const framed = body.length > 0 ? { ...headers, 'transfer-encoding': 'chunked' } : headers;
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: framed, agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    request.on('error', reject);
    if (body.length > 0) request.write(body);
    request.end();
  });
}

let nonces = 0;

/** The parameters of a V1 call with all common ones and its signature. Undefined leaves one out. */
export function signed(
  gateway: Pick<TestGateway, 'keyId' | 'secret'>,
  method: string,
  business: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  nonces += 1;
  const all: Record<string, string | undefined> = {
    Format: 'JSON',
    Version: '2020-10-28',
    AccessKeyId: gateway.keyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    Timestamp: timestamp(Date.now()),
    SignatureNonce: `nonce-${process.pid}-${nonces}`,
    ...business,
  };
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) given[name] = value;
  const pairs = Object.entries(given).map(([name, value]) => ({ name, value }));
  return { ...given, Signature: signV1(method, pairs, gateway.secret) };
}

export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function encodeForm(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
}

export const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** What every sync call needs. */
export const SINGLE = {
  Action: 'CreateOpenSingleData',
  AppId: 'APP1',
  WorkspaceId: 'default',
  BizType: 'UCHAT',
  LinkToken: 'u1',
  Payload: 'hello',
  ThirdMsgId: 't1',
};

/** A signed call by GET. */
export function get(gateway: TestGateway, business: Readonly<Record<string, string | undefined>>) {
  return send(gateway.port, 'GET', `/?${encodeForm(signed(gateway, 'GET', business))}`);
}

/** A signed call by POST, all in the form. */
export function post(gateway: TestGateway, business: Readonly<Record<string, string | undefined>>) {
  return send(gateway.port, 'POST', '/', FORM_TYPE, encodeForm(signed(gateway, 'POST', business)));
}
