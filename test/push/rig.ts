/** A whole server with the signed APIs, called by each SDK, and devices of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { openDevice } from '../../src/client/device.js';
import type { Revocation, SyncMessage } from '../../src/client/message.js';
import { type ClientStorage, createMemoryStorage } from '../../src/client/storage.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { startAll } from '../openapi/whole-server.js';

/** A whole server, and calls by each SDK. */
export async function start(t: Test) {
  const dataDir = await mkdtemp(join(tmpdir(), 'longlink-revoke-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const all = await startAll(dataDir);
  t.teardown(() => all.server.stop());
  const scope = { instances: ['default_demo'], appKeys: ['*'] };
  const made = await all.admin('POST', '/v1/access-keys', { tenant: 'shop', scope });
  const { key, secret } = made as unknown as { key: { id: string }; secret: string };
  const sdk = { port: all.portOf('openapi'), keyId: key.id, secret, version: '2020-10-28' };
  const call = async (core: number, action: string, parameters: Record<string, unknown>) => {
    const inQuery = 'AppKey' in parameters;
    const version = inQuery ? '2015-08-27' : sdk.version;
    const result = await SDK_CORES[core]?.call({ ...sdk, version, action, parameters, inQuery });
    if (result?.ok !== true) throw new Error(`${action}: ${JSON.stringify(result)}`);
    return result.body as { ResultCode: string; PushResult?: { Data?: string } };
  };
  return { all, call, dataDir };
}

export type Phone = ReturnType<typeof phone>;

/** A device whose database outlives its connections. It reports what it shows, but what is called so. */
export function phone(port: number, user: string) {
  const shown: string[] = [];
  const revoked: string[] = [];
  const users: string[] = [];
  const hold = { unregistered: false, received: [] as unknown[], register: () => {} };
  const storage: ClientStorage = createMemoryStorage();
  let device: Awaited<ReturnType<typeof openDevice>> | null = null;
  const open = async () => {
    const opened = await openDevice({
      endpoint: { host: '127.0.0.1', port, tls: null },
      workspaceId: 'default',
      appId: 'demo',
      os: 'android',
      appVersion: '1.0',
      storage,
      handlers: {
        message(message: SyncMessage) {
          if (!shown.includes(message.thirdMsgId)) shown.push(message.thirdMsgId);
          if (message.thirdMsgId !== 'unreported') opened.report(message);
        },
        revoked: ({ thirdMsgIds }: Revocation) => {
          for (const id of thirdMsgIds) if (!revoked.includes(id)) revoked.push(id);
        },
        userChanged: (userId) => void users.push(userId),
        command() {},
        state() {},
        error() {},
      },
      tap(direction, frame) {
        if (direction === 'in' && frame.type === 'sync' && frame.oplogs.length > 0) hold.received.push(frame);
      },
    });
    hold.register = () => {
      for (const biz of Object.values(PUSH_BIZ)) opened.register(biz);
    };
    if (!hold.unregistered) hold.register();
    if (user !== '') opened.setUser(user, 's');
    opened.connect();
    device = opened;
    return opened;
  };
  const close = async () => {
    await device?.close();
    device = null;
  };
  return {
    shown,
    revoked,
    users,
    hold,
    open,
    close,
    adToken: () => device?.adToken ?? '',
    deviceId: () => device?.deviceId ?? '',
    setUser: (next: string) => device?.setUser(next, 's'),
    isConnected: () => device?.state === 'connected',
  };
}

export async function until(done: () => boolean | Promise<boolean>, withinMs = 8000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await done()) && Date.now() < deadline) await sleep(10);
}
