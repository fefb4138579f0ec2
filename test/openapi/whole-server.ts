/** A whole server in this process, with the signed APIs. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { openDevice } from '../../src/client/device.js';
import type { SyncMessage } from '../../src/client/message.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { checkConfig } from '../../src/config.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { startServer } from '../../src/serve.js';

/** Everything in this process, on free ports, in a directory of its own. */
export async function startAll(dataDir: string) {
  const config = checkConfig({
    dataDir,
    workers: 0,
    demoInstance: true,
    listeners: [{ name: 'tcp', port: 0, tls: false }],
    api: { port: 0 },
    openapi: { enabled: true, port: 0 },
    admin: { port: 0 },
    log: { level: 'error' },
  });
  const server = await startServer(config);
  const portOf = (name: string): number =>
    server.addresses.find((address) => address.name === name)?.port ?? 0;
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (method: string, path: string, body?: unknown): Promise<Record<string, never>> => {
    const response = await fetch(`http://127.0.0.1:${portOf('admin')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, never>;
  };
  return { server, portOf, admin };
}

/** The same in a directory that goes with the test, and a tenant's access key for it. */
export async function startShop(t: Test, appKeys: readonly string[] = ['*'], instances = ['default_demo']) {
  const dataDir = await mkdtemp(join(tmpdir(), 'longlink-shop-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const all = await startAll(dataDir);
  t.teardown(() => all.server.stop());
  const made = await all.admin('POST', '/v1/access-keys', { tenant: 'shop', scope: { instances, appKeys } });
  const { key, secret } = made as unknown as { key: { id: string }; secret: string };
  return { ...all, keyId: key.id, secret };
}

export interface PhoneOptions {
  /** Empty for none. */
  readonly user: string;
  readonly os?: 'android' | 'ios';
  readonly appVersion?: string;
}

/** A device that registers all streams of pushes and of the demo app, and shows what it gets. */
export async function openPhone(port: number, { user, os = 'android', appVersion = '1.0' }: PhoneOptions) {
  const shown: string[] = [];
  const device = await openDevice({
    endpoint: { host: '127.0.0.1', port, tls: null },
    workspaceId: 'default',
    appId: 'demo',
    os,
    appVersion,
    storage: createMemoryStorage(),
    handlers: {
      message(message: SyncMessage) {
        const [item] = JSON.parse(message.msgData) as { pl: string }[];
        shown.push(message.biz.startsWith('$push.') ? pushShown(item?.pl ?? '') : (item?.pl ?? ''));
        device.report(message);
      },
      command() {},
      state() {},
      error() {},
    },
  });
  for (const biz of [...Object.values(PUSH_BIZ), 'DEMO-USER', 'DEMO-GLOBAL']) device.register(biz);
  if (user !== '') device.setUser(user, 's');
  device.connect();
  return { shown, adToken: () => device.adToken, close: () => device.close() };
}

function pushShown(payload: string): string {
  const { k, bData } = JSON.parse(payload) as { k: string; bData: string };
  const { title, content } = JSON.parse(bData) as { title: string; content: string };
  return k.length === 32 ? `${title} ${content}` : 'no message id';
}

export async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!done() && Date.now() < deadline) await sleep(10);
}
