import t from 'tap';
import { openDevice } from '../../src/client/device.js';
import { createMemoryStorage } from '../../src/client/storage.js';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { newTask } from '../../src/push/schedules/documents.js';
import { encodePush } from '../../src/push/schedules/stored-push.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { type Cluster, createCluster, signal, until } from '../faults/cluster.js';
import { freePort } from '../free-port.js';

const SCHEDULES = 5_000;
const KILLS = 5;
const INSTANCE = 'default_demo';

/** Pushes to one user, all due, as calls before this process would have left them. */
async function seed(dataDir: string): Promise<void> {
  const store = await openEmbeddedStore({
    path: dataDir,
    commitTimeoutMs: 30_000,
    isSingleReader: () => false,
    onCorrupt: () => {},
    onFatal: () => {},
  });
  const atMs = Date.now() + 1000;
  const content = { title: 'T', content: 'C', uri: '', action: 0, silent: false, style: 0 };
  await Promise.all(
    Array.from({ length: SCHEDULES }, (_, number) => {
      const task = {
        ...{
          id: `${number.toString(16).padStart(29, '0')}000`,
          instance: INSTANCE,
          kind: 0,
          deliveryType: 3,
        },
        ...{ strategyType: 1, title: 'T', content: 'C', expiredSeconds: 86_400, createdMs: atMs },
        children: [{ atMs, state: 'pending', outcome: '' }],
      } as const;
      const message = { target: 'ann', msgKey: `k${number}`, extended: new Map<string, string>() };
      const push = encodePush({
        call: 'toTargets',
        args: [
          {
            instance: INSTANCE,
            deliveryType: 3,
            expiredSeconds: 86_400,
            extended: new Map<string, string>(),
          },
          [{ ...message, content: { ...content, imageUrls: '', iconUrls: '' } }],
        ],
      });
      return store.saveDocs(newTask(task, push));
    }),
  );
  await store.close();
}

/** Pushes that the store has accepted; what was there before stays counted. */
async function accepted(cluster: Cluster): Promise<number> {
  const { body } = await cluster.admin('GET', '/metrics').catch(() => ({ body: '' }));
  const line = body
    .split('\n')
    .find(
      (one) =>
        one.startsWith('longlink_conservation{') && one.includes(PUSH_BIZ.user) && one.includes('"accepted"'),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}

t.test('scheduled pushes are each sent once, however often control is killed', async (t) => {
  const cluster = await createCluster({
    workers: 1,
    config: { demoInstance: true, openapi: { enabled: true, port: await freePort() } },
  });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  await cluster.stop();
  await seed(cluster.dataDir);
  await cluster.start();

  const received: string[] = [];
  const device = await openDevice({
    endpoint: { host: '127.0.0.1', port: cluster.ports.tcp, tls: null },
    workspaceId: 'default',
    appId: 'demo',
    os: 'android',
    storage: createMemoryStorage(),
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
  t.teardown(() => device.close());
  for (const biz of Object.values(PUSH_BIZ)) device.register(biz);
  device.setUser('ann', 's1');
  device.connect();

  for (let kill = 0; kill < KILLS; kill += 1) {
    const enough = (kill * SCHEDULES) / (KILLS + 1) + 1;
    await until(`push ${enough}`, 60_000, async () => (await accepted(cluster)) >= enough);
    signal(cluster.pids().control, 'SIGKILL');
    await cluster.ready();
  }
  await until('all of them', 60_000, () => new Set(received).size >= SCHEDULES);
  t.equal(await accepted(cluster), SCHEDULES);
  t.equal(received.length, SCHEDULES);
  const { body } = await cluster.admin('GET', '/metrics');
  t.notMatch(body, /longlink_push_schedules_total\{result="(missed|failed)"\} [1-9]/);
});
