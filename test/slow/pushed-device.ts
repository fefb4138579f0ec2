/** A device of the demo app that takes pushes, and comes back soon to a server that is killed. */
import { DEFAULT_BACKOFF } from '../../src/client/backoff.js';
import { openDevice } from '../../src/client/device.js';
import type { Device } from '../../src/client/device-options.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import type { Cluster } from '../faults/cluster.js';

/** @param received gets the thirdMsgId of each message, repeated ones too. */
export async function openPushedDevice(cluster: Cluster, user: string, received: string[]): Promise<Device> {
  const device: Device = await openDevice({
    endpoint: { host: '127.0.0.1', port: cluster.ports.tcp, tls: null },
    workspaceId: 'default',
    appId: 'demo',
    os: 'android',
    storage: createMemoryStorage(),
    rules: { backoff: { ...DEFAULT_BACKOFF, maxMs: 1000 } },
    handlers: {
      message(message) {
        received.push(message.thirdMsgId);
        device.report(message);
      },
      command() {},
      state() {},
      error() {},
    },
  });
  for (const biz of Object.values(PUSH_BIZ)) device.register(biz);
  device.setUser(user, 's1');
  device.connect();
  return device;
}
