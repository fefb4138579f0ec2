/** Immediate pushes through kill -9 of each process: each device gets each message, and the counters hold. */
import t from 'tap';
import type { Device } from '../../src/client/device-options.js';
import { type Cluster, createCluster, signal, until } from '../faults/cluster.js';
import { SDK_CORES } from '../openapi/sdk-cores.js';
import { openPushedDevice } from './pushed-device.js';

const DEVICES = 50;
const CALLS = 200;
const PUSHES = DEVICES * CALLS;
/** Calls that are under way at once. */
const CALLERS = 4;
const KILLS = ['control', 'workers', 'supervisor'] as const;
const APP = { AppId: 'demo', WorkspaceId: 'default' };

type Signed = (action: string, parameters: object) => Promise<Record<string, unknown> | null>;

async function signer(cluster: Cluster): Promise<Signed> {
  const scope = { instances: ['default_demo'], appKeys: [] };
  const { body } = await cluster.admin('POST', '/v1/access-keys', { tenant: 'shop', scope });
  const { key, secret } = JSON.parse(body) as { key: { id: string }; secret: string };
  const core = SDK_CORES.find(({ name }) => name === 'pop-core POST');
  if (core === undefined) throw new Error('no core');
  return async (action, parameters) => {
    const caller = { port: cluster.ports.openapi, keyId: key.id, secret, version: '2020-10-28' };
    const result = await core
      .call({ ...caller, action, parameters: { ...APP, ...parameters } })
      .catch(() => null);
    return result?.ok === true ? result.body : null;
  };
}

async function openAll(cluster: Cluster, received: Map<string, string[]>): Promise<Device[]> {
  const users = Array.from({ length: DEVICES }, (_, number) => `user${number}`);
  return Promise.all(
    users.map((user) => {
      const own: string[] = [];
      received.set(user, own);
      return openPushedDevice(cluster, user, own);
    }),
  );
}

/** One message to every user; repeated, as a caller does, until it is taken. */
async function pushToAll(call: Signed, number: number): Promise<void> {
  const targets = Array.from({ length: DEVICES }, (_, at) => [
    [`TargetMsg.${at + 1}.Target`, `user${at}`],
    [`TargetMsg.${at + 1}.MsgKey`, `k${number}`],
  ]).flat();
  const task = { TaskName: `call ${number}`, TemplateName: 'hi', DeliveryType: '3', ExpiredSeconds: '86400' };
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const answer = await call('PushMultiple', { ...task, ...Object.fromEntries(targets) });
    if (answer?.ResultCode === 'OK') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`call ${number} was never taken`);
}

async function kill(cluster: Cluster, victim: (typeof KILLS)[number]): Promise<void> {
  if (victim === 'supervisor') {
    await cluster.killAll();
    await cluster.start();
    return;
  }
  const pids = cluster.pids();
  for (const pid of victim === 'control' ? [pids.control] : pids.workers) signal(pid, 'SIGKILL');
  await cluster.ready();
}

t.test(`${PUSHES} pushes reach each device once, whatever is killed`, async (t) => {
  const cluster = await createCluster({ workers: 1, config: { demoInstance: true } });
  t.teardown(() => cluster.dispose());
  await cluster.start();
  const call = await signer(cluster);
  await call('CreateTemplate', { TemplateName: 'hi', Title: 'T', Content: 'C', DescInfo: 'd' });
  const received = new Map<string, string[]>();
  const devices = await openAll(cluster, received);
  t.teardown(() => Promise.all(devices.map((device) => device.close())));
  await until('all connected', 30_000, () => devices.every(({ state }) => state === 'connected'));

  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < CALLS) {
      const number = next++;
      await pushToAll(call, number);
      done += 1;
    }
  };
  const callers = Array.from({ length: CALLERS }, work);
  for (const [at, victim] of KILLS.entries()) {
    await until(`call of ${victim}`, 60_000, () => done >= ((at + 1) * CALLS) / (KILLS.length + 1));
    await kill(cluster, victim);
  }
  await Promise.all(callers);
  const all = (own: readonly string[]): boolean => new Set(own).size === CALLS;
  await until('all of them', 60_000, () => [...received.values()].every(all));
  for (const [user, own] of received) t.equal(own.length, CALLS, `${user}: each once`);
  const range = { StartTime: String(Date.now() - 86_400_000), EndTime: String(Date.now() + 86_400_000) };
  let sums = { PushNum: 0, ArrivalNum: 0 };
  const settled = async (): Promise<boolean> => {
    const answer = await call('QueryPushAnalysisCoreIndex', range);
    const before = sums.ArrivalNum;
    if (answer === null) return false;
    sums = (answer.ResultContent as { Data: typeof sums }).Data;
    return sums.ArrivalNum > 0 && sums.ArrivalNum === before;
  };
  await until('the last arrivals', 30_000, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return settled();
  });
  t.comment(JSON.stringify(sums));
  // Two kills of control, each with a quarter of a second of counts; nothing is counted twice.
  t.ok(sums.ArrivalNum <= PUSHES && sums.ArrivalNum > 0.5 * PUSHES, `${sums.ArrivalNum} arrivals`);
  t.ok(sums.PushNum <= PUSHES && sums.PushNum > 0.5 * PUSHES, `${sums.PushNum} pushed`);
});
