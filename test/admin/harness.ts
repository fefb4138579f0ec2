/** A whole admin port and business port over the memory store, on free ports. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import Schema from 'typebox/schema';
import type { AdminOptions, Fleet } from '../../src/admin/options.js';
import { createAdminServer } from '../../src/admin/server.js';
import { createBindings } from '../../src/admin/service/bindings.js';
import { loadCatalogue } from '../../src/admin/service/catalogue.js';
import { createExclusive, type Send, type ServiceContext } from '../../src/admin/service/context.js';
import { createFollower } from '../../src/admin/service/follow.js';
import { DEFAULT_SYNC_LIMITS } from '../../src/admin/service/sync-request.js';
import { createApiServer } from '../../src/api/server.js';
import { createCatalogueView, updateCatalogue } from '../../src/core/catalogue.js';
import { type Delivery, send, sendAll } from '../../src/core/delivery.js';
import type { Catalogue, Route, Store, Wake } from '../../src/core/ports.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { decodeOplogBody, encodeOplogBody } from '../../src/wire/frames.js';

export const TOKEN = 'f'.repeat(64);
export const ADMIN = { name: 'tester', address: '' };

export interface Harness {
  readonly store: Store;
  readonly service: ServiceContext;
  readonly admin: FastifyInstance;
  readonly api: FastifyInstance;
  readonly adminUrl: string;
  readonly apiUrl: string;
  /** Live sessions; a test adds its own. */
  readonly routes: Route[];
  readonly kicked: { route: Route; code: number }[];
  readonly wakes: Wake[];
  readonly clock: { wall: number };
  /** Called before each send, to hold it back or fail it. */
  beforeSend: (requests: number) => Promise<void>;
  readonly calls: { drain: [number, string][] };
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field in tests
  readonly body: any;
}

export async function startHarness(): Promise<Harness> {
  const store = createMemoryStore();
  let catalogue: Catalogue = await loadCatalogue(store);
  const view = createCatalogueView();
  updateCatalogue(view, catalogue);
  const clock = { wall: Date.now() };
  const now = () => ({ wall: clock.wall, mono: 0 });
  const routes: Route[] = [];
  const kicked: { route: Route; code: number }[] = [];
  const wakes: Wake[] = [];
  const calls: { drain: [number, string][] } = { drain: [] };
  const delivery: Delivery = {
    store,
    catalogue: view,
    now,
    encodeBody: encodeOplogBody,
    wake: (wake) => {
      wakes.push(wake);
      return liveOf(routes, wake.stream.kind, wake.stream.instance, wake.stream.owner).length;
    },
    isOnline: (stream) => liveOf(routes, stream.kind, stream.instance, stream.owner).length > 0,
    hardCapPerStream: 100_000,
    traceSampleRate: 0,
    random: () => 0.5,
    lastTransientId: 0,
  };
  const service: ServiceContext = {
    store,
    clock: now,
    limits: DEFAULT_SYNC_LIMITS,
    catalogue: () => catalogue,
    catalogueChanged: async () => {
      catalogue = await loadCatalogue(store);
      updateCatalogue(view, catalogue);
    },
    exclusive: createExclusive(),
    turns: createExclusive,
    leads: () => Promise.resolve(true),
    follower: createFollower(),
    bindings: createBindings(store, () => now().wall),
    decodeBody: decodeOplogBody,
  };
  const log = pino({ level: 'silent' });
  const sendIt: Send = async (request) => {
    await harness.beforeSend(1);
    return send(delivery, service.follower.mark(request));
  };
  const options: AdminOptions = {
    service,
    send: sendIt,
    async sendAll(requests) {
      await harness.beforeSend(requests.length);
      return sendAll(delivery, requests.map(service.follower.mark));
    },
    fleet: fleetOf(routes, kicked),
    operations: {
      ready: () => true,
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
      drain: async (overMs, redirect) => {
        calls.drain.push([overMs, redirect]);
      },
      acceptClock: async () => 60_000,
      backup: async (directory) => {
        if (directory.endsWith('full')) throw new Error('it is not empty');
      },
    },
    token: TOKEN,
    log,
  };
  const admin = await createAdminServer(options);
  const api = await createApiServer({
    send: sendIt,
    catalogue: service.catalogue,
    clock: now,
    limits: DEFAULT_SYNC_LIMITS,
    answerTimeoutMs: 300,
    maxInFlight: 1000,
    log,
  });
  const adminUrl = await admin.listen({ port: 0, host: '127.0.0.1' });
  const apiUrl = await api.listen({ port: 0, host: '127.0.0.1' });
  const harness: Harness = {
    store,
    service,
    admin,
    api,
    adminUrl,
    apiUrl,
    routes,
    kicked,
    wakes,
    clock,
    calls,
    beforeSend: async () => {},
    call: async (method, path, body) => {
      const answer = await call(adminUrl, method, path, body);
      checkAnswer(admin, method, path, answer);
      return answer;
    },
    close: async () => {
      await admin.close();
      await api.close();
      await store.close();
    },
  };
  return harness;
}

function liveOf(routes: readonly Route[], kind: string, instance: string, owner: string): Route[] {
  return routes.filter(
    (route) =>
      route.instance === instance &&
      (kind === 'g' ||
        (kind === 'u' && route.user === owner) ||
        (kind === 'd' && route.deviceId === owner) ||
        (kind === 't' && route.adToken === owner)),
  );
}

function fleetOf(routes: Route[], kicked: { route: Route; code: number }[]): Fleet {
  return {
    find: async (instance, by) => {
      if ('deviceId' in by) return liveOf(routes, 'd', instance, by.deviceId);
      if ('user' in by) return liveOf(routes, 'u', instance, by.user);
      return liveOf(routes, 't', instance, by.adToken);
    },
    count: (instance) => routes.filter((route) => instance === null || route.instance === instance).length,
    list: async (instance, limit) => routes.filter((route) => route.instance === instance).slice(0, limit),
    kick: (route, code) => {
      kicked.push({ route, code });
      routes.splice(routes.indexOf(route), 1);
    },
  };
}

/** A live session with the given names. */
export function route(fields: Partial<Route>): Route {
  return {
    worker: 1,
    session: 7,
    epoch: 1_700_000_000_000_001,
    instance: 'w_a',
    deviceId: 'dev-1',
    adToken: 'a'.repeat(64),
    user: '',
    bindSeq: 1,
    foreground: true,
    os: 'ios',
    appVersion: '1.0.0',
    address: '127.0.0.1',
    connectedMs: 1,
    ...fields,
  };
}

async function call(base: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${TOKEN}`, 'x-longlink-actor': 'tester' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

/** Every answer that a test sees is what the OpenAPI description says. */
function checkAnswer(admin: FastifyInstance, method: string, path: string, answer: Answer): void {
  const { paths } = admin.swagger() as unknown as {
    paths: Record<
      string,
      Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
    >;
  };
  const [bare = ''] = path.split('?');
  const template = Object.keys(paths).find((known) =>
    new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  const responses = paths[template ?? '']?.[method.toLowerCase()]?.responses ?? {};
  const wanted = responses[answer.status] ?? responses[`${String(answer.status)[0]}XX`];
  const schema = wanted?.content?.['application/json']?.schema;
  if (typeof answer.body === 'string' || bare === '/openapi.json') return;
  if (schema === undefined) throw new Error(`${method} ${path}: ${answer.status} is not described`);
  const [fits, errors] = Schema.Errors(schema, answer.body);
  if (!fits) throw new Error(`${method} ${path}: not as described: ${JSON.stringify(errors)}`);
}

/** Posts bytes with full control over headers and body. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): Promise<{ status: number; text: string }> {
  const outgoing = httpRequest(url, { method: 'POST', headers });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}
