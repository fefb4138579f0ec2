import t, { type Test } from 'tap';
import { PUSH_BIZ } from '../../src/core/push-streams.js';
import { newTask } from '../../src/push/schedules/documents.js';
import { encodePush } from '../../src/push/schedules/stored-push.js';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { type Cluster, createCluster, signal, until } from '../faults/cluster.js';
import { openPushedDevice } from './pushed-device.js';

const SCHEDULES = 5_000;
/** What is killed, one after the other. Without its supervisor nothing runs, until it is started again. */
const KILLS = ['control', 'workers', 'control', 'supervisor', 'control', 'control', 'control'] as const;
const INSTANCE = 'default_demo';

/** Pushes to one user, all due, as calls before this process would have left them. */
async function seed(dataDir: string, schedules: number): Promise<void> {
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
    Array.from({ length: schedules }, (_, number) => {
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

interface Outcome {
  readonly cluster: Cluster;
  readonly accepted: number;
  readonly received: readonly string[];
  /** The server's metrics at the end. */
  readonly metrics: string;
}

/** So many pushes fall due at once; processes are killed while they go out. */
async function fire(
  t: Test,
  schedules: number,
  kills: readonly (typeof KILLS)[number][],
  plant?: string,
): Promise<Outcome> {
  const cluster = await createCluster({
    workers: 1,
    config: { demoInstance: true },
    ...(plant === undefined ? {} : { plant }),
  });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  await cluster.stop();
  await seed(cluster.dataDir, schedules);
  await cluster.start();

  const received: string[] = [];
  const device = await openPushedDevice(cluster, 'ann', received);
  t.teardown(() => device.close());

  const startMs = performance.now();
  const told = (what: string): void => t.comment(`${Math.round(performance.now() - startMs)} ms: ${what}`);
  for (const [number, victim] of kills.entries()) {
    const enough = (number * schedules) / (kills.length + 1) + 1;
    await until(`push ${enough}`, 60_000, async () => (await accepted(cluster)) >= enough);
    if (victim === 'supervisor') {
      await cluster.killAll();
      await cluster.start();
    } else {
      const pids = cluster.pids();
      for (const pid of victim === 'control' ? [pids.control] : pids.workers) signal(pid, 'SIGKILL');
      await cluster.ready();
    }
    told(`${victim} killed and back, ${received.length} received`);
  }
  // Whatever a planted bug has put behind the id.
  const kinds = (): number => new Set(received.map((id) => id.split('@')[0])).size;
  await until('all of them', 60_000, () => kinds() >= schedules).catch(async (error: unknown) => {
    const { body } = await cluster.admin('GET', '/metrics').catch(() => ({ body: 'no metrics' }));
    const lines = body.split('\n').filter((line) => /^longlink_(conservation|push_sched|workers)/.test(line));
    told(`${kinds()} of ${schedules} received, the device is ${device.state}\n${lines.join('\n')}`);
    t.comment(cluster.log().slice(-4000));
    throw error;
  });
  const { body } = await cluster.admin('GET', '/metrics');
  return { cluster, accepted: await accepted(cluster), received, metrics: body };
}

// More than the longest wait with what comes before it, so that what is missing is told.
t.setTimeout(300_000);

t.test('scheduled pushes are each sent once, whatever is killed', async (t) => {
  const { accepted, received, metrics } = await fire(t, SCHEDULES, KILLS);
  t.equal(accepted, SCHEDULES);
  t.equal(received.length, SCHEDULES);
  t.equal(new Set(received).size, SCHEDULES);
  t.notMatch(metrics, /longlink_push_schedules_total\{result="(missed|failed)"\} [1-9]/);
});

t.test('a push that is finished under a new id would be seen', async (t) => {
  const few = 200;
  const { cluster } = await fire(t, few, ['control'], 'fire-anew');
  // The device may have each of them before the control process that came back has begun.
  const more = async (): Promise<boolean> => (await accepted(cluster)) > few;
  await t.resolves(until(`more than ${few}`, 20_000, more));
});
