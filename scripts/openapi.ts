/**
 * Writes the OpenAPI descriptions of both HTTP ports to docs/openapi/, from the schemas that the
 * routes have. `npm run openapi`; a test holds the files current.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { createAdminServer } from '../src/admin/server.js';
import { createAppKeys } from '../src/admin/service/app-keys.js';
import { createBindings } from '../src/admin/service/bindings.js';
import { createExclusive } from '../src/admin/service/context.js';
import { createFollower } from '../src/admin/service/follow.js';
import { DEFAULT_SYNC_LIMITS } from '../src/admin/service/sync-request.js';
import { createApiServer } from '../src/api/server.js';
import { createMemoryStore } from '../src/store/memory.js';
import { decodeOplogBody } from '../src/wire/frames.js';

const log = pino({ level: 'silent' });
const clock = () => ({ wall: 0, mono: 0 });
const catalogue = () => ({ version: 0, instances: [], configs: [] });
/** The servers made here answer nobody. */
const unused = (): never => {
  throw new Error('this server only describes itself');
};

/** File names below docs/openapi/ and their text. */
export async function describePorts(): Promise<Readonly<Record<string, string>>> {
  const store = createMemoryStore();
  const admin = await createAdminServer({
    service: {
      store,
      clock,
      limits: DEFAULT_SYNC_LIMITS,
      catalogue,
      catalogueChanged: unused,
      exclusive: createExclusive(),
      turns: createExclusive,
      leads: unused,
      follower: createFollower(),
      bindings: createBindings(store, () => clock().wall),
      decodeBody: decodeOplogBody,
    },
    send: unused,
    sendAll: unused,
    fleet: { find: unused, count: unused, list: unused, kick: unused },
    operations: { ready: unused, metrics: unused, drain: unused, acceptClock: unused, backup: unused },
    signedApi: {
      accessKeys: {
        ...{ create: unused, rotate: unused, change: unused, remove: unused },
        ...{ list: unused, find: unused, touch: unused, flush: unused },
      },
      appKeys: createAppKeys(store),
    },
    receipts: {
      callbacks: { get: unused, change: unused, rotate: unused },
      ...{ test: unused, dead: unused },
    },
    findPushes: unused,
    token: 'x'.repeat(64),
    log,
  });
  const api = await createApiServer({
    send: unused,
    catalogue,
    clock,
    limits: DEFAULT_SYNC_LIMITS,
    answerTimeoutMs: 1000,
    maxInFlight: 1,
    log,
  });
  await Promise.all([admin.ready(), api.ready()]);
  const files = { 'admin.json': text(admin.swagger()), 'api.json': text(api.swagger()) };
  await Promise.all([admin.close(), api.close(), store.close()]);
  return files;
}

function text(description: unknown): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const directory = join(process.cwd(), 'docs/openapi');
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(await describePorts())) {
    writeFileSync(join(directory, name), content);
  }
}
