/** A device beside a fake server, and what its app sees. */
import type { ConnectionType, MPSync, MPSyncOptions, SyncMessage } from '../../src/client/index.js';
import { createMemoryStorage, createMPSync } from '../../src/client/index.js';
import { type FakePeer, type FakeServer, startFakeServer, within } from './fake-server.js';

export interface Rig {
  readonly server: FakeServer;
  readonly sync: MPSync;
  /** What was handed over, taken out by `take`. */
  readonly inbox: SyncMessage[];
  readonly states: ConnectionType[];
  readonly errors: Error[];
  /** Waits for so many messages and takes them out. @returns their oplog ids. */
  take(count: number): Promise<number[]>;
  /** The same, as messages. */
  messages(count: number): Promise<SyncMessage[]>;
  register(biz?: string): void;
  /** Connects and accepts. */
  online(fields?: Parameters<FakePeer['welcome']>[0]): Promise<FakePeer>;
  /** Waits for the state. */
  until(state: ConnectionType): Promise<void>;
}

interface Teardown {
  teardown(action: () => Promise<void>): void;
}

/** Fast enough for tests, and without chance unless asked for. */
export const FAST: MPSyncOptions = {
  deviceId: 'device-1',
  rules: { stableMs: 0, backoff: { baseMs: 10, maxMs: 20, longBaseMs: 10, longMaxMs: 20 } },
  repairAfterMs: 20,
};

export async function startRig(t: Teardown, options: MPSyncOptions = {}, given?: FakeServer): Promise<Rig> {
  const server = given ?? (await startFakeServer());
  const sync = createMPSync();
  const inbox: SyncMessage[] = [];
  const states: ConnectionType[] = [];
  const errors: Error[] = [];
  let wake: (() => void) | null = null;
  const changed = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  sync.setup(
    { appId: 'app', workspaceId: 'ws', syncserver: '127.0.0.1', syncport: server.port, synctls: false },
    { storage: createMemoryStorage(), onError: (error) => void errors.push(error), ...FAST, ...options },
  );
  sync.addConnectionListener({
    onConnectionStateChanged(event) {
      states.push(event.getEventType());
      wake?.();
    },
  });
  await sync.initialize();
  t.teardown(async () => {
    await sync.shutdown();
    if (given === undefined) await server.close();
  });
  const rig: Rig = {
    server,
    sync,
    inbox,
    states,
    errors,
    async messages(count) {
      while (inbox.length < count) await within(`${count} messages, have ${inbox.length}`, changed());
      return inbox.splice(0, count);
    },
    take: async (count) => (await rig.messages(count)).map((message) => message.oplogId),
    register(biz = 'biz') {
      sync.registerBiz(biz, {
        onReceiveMessage(message) {
          inbox.push(message);
          wake?.();
        },
      });
    },
    async online(fields) {
      sync.appToForeground();
      const peer = await server.peer();
      peer.welcome(fields);
      await rig.until('Connected');
      return peer;
    },
    async until(state) {
      while (states.at(-1) !== state) await within(state, changed());
    },
  };
  return rig;
}
