/** Processes that are killed, frozen, starved of processor time or memory, or replaced one by one. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, signal, until } from '../../faults/cluster.js';
import type { RawDevice } from '../../history/device.js';
import { type Row, type Run, STORES } from '../row.js';

/** Longest time until a process that ended is replaced: the supervisor waits longer after each death. */
const REPLACED_MS = 20_000;
const DRAINING = 4_000;

function pick<T>(from: readonly T[], random: () => number): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

/** Resolves when no worker is the victim any more and all are there. */
async function workerReplaced(cluster: Cluster, victim: number, count: number): Promise<void> {
  await until('another worker', REPLACED_MS, () => {
    const { workers } = cluster.pids();
    return workers.length === count && !workers.includes(victim);
  });
  await cluster.ready();
}

export const workerKilled: Row = {
  name: 'worker-killed',
  group: 'processes',
  stores: STORES,
  needs: [],
  what: 'kill -9 of a random link worker',
  holds: 'the devices of the others notice nothing; what was not acknowledged is sent again',
  plant: { bug: 'skip-backlog', seen: /^LOST/m },
  // While all devices of a worker shake hands again, an ack may wait its turn.
  cluster: { config: { delivery: { ackTimeoutMs: 10_000 } } },
  arm({ cluster, random }) {
    let victim = 0;
    const { length } = cluster.pids().workers;
    return {
      inject() {
        victim = pick(cluster.pids().workers, random);
        signal(victim, 'SIGKILL');
      },
      lastsMs: 0,
      heal: () => workerReplaced(cluster, victim, length),
    };
  },
};

async function controlReplaced(cluster: Cluster, victim: number): Promise<void> {
  await until('another control process', REPLACED_MS, () => ![0, victim].includes(cluster.pids().control));
  await cluster.ready();
}

/** Control is killed; `extra` looks at more. */
function controlKill(run: Run, finish: () => void): ReturnType<Row['arm']> {
  const { cluster } = run;
  let victim = 0;
  return {
    inject() {
      victim = cluster.pids().control;
      signal(victim, 'SIGKILL');
    },
    lastsMs: 0,
    heal: () => controlReplaced(cluster, victim),
    finish,
  };
}

function lostConnections(run: Run, devices: readonly RawDevice[] = run.trial.devices): void {
  const lost = devices.filter((device) => device.tally.connects !== 1).length;
  if (lost > 0) run.complain(`SOCKETS ${lost} devices lost their connections`);
}

export const controlKilled: Row = {
  name: 'control-killed',
  group: 'processes',
  stores: ['embedded'],
  needs: [],
  what: 'kill -9 of the control process',
  holds: 'no device loses its connection; calls are answered again within seconds',
  plant: { bug: 'never-announce', seen: /^(SLOW|LOST|NOT_RECOVERED)/m },
  // Workers keep what control has not confirmed, and say it again.
  // Three seconds, and those in which the new control awaits the feeders there were.
  check: { maxLatencyMs: 4_500, acksSurvive: true },
  // No heartbeat of a device comes in time to make a forgotten announcement good.
  world: { heartbeatSec: 60 },
  arm: (run) => controlKill(run, () => lostConnections(run)),
};

export const apiKilled: Row = {
  name: 'api-killed',
  group: 'processes',
  stores: ['embedded'],
  needs: [],
  what: 'kill -9 of the process that answers calls, in the middle of them',
  holds: 'a call without an answer, made again, is stored once',
  plant: { bug: 'forget-calls', seen: /^(DOUBLE_STORE|ID_REUSE|CONSERVATION)/m },
  check: { acksSurvive: true },
  world: { callers: 48, pauseMs: 0, pushes: false },
  arm: (run) => controlKill(run, () => undefined),
};

export const serverKilled: Row = {
  name: 'server-killed',
  group: 'processes',
  // Where the store is Redis, `node-killed` is the same.
  stores: ['embedded'],
  needs: [],
  what: 'kill -9 of the supervisor and everything below it; started again',
  holds: 'what was answered with success is there',
  plant: { bug: 'answer-before-durable', seen: /^(LOST|ID_REUSE|DOUBLE_STORE)/m },
  world: { callers: 48, pauseMs: 0 },
  arm({ cluster }) {
    return { inject: () => cluster.killAll(), lastsMs: 0, heal: () => cluster.start() };
  },
};

export const supervisorKilled: Row = {
  name: 'supervisor-killed',
  group: 'processes',
  stores: STORES,
  needs: [],
  what: 'kill -9 of the supervisor alone; started again',
  holds: 'its children end by themselves, and the next server finds ports and store free',
  plant: { bug: 'orphans-stay', seen: /^ORPHANS/m },
  arm({ cluster, complain }) {
    let children: readonly number[] = [];
    return {
      async inject() {
        const { supervisor, control, workers } = cluster.pids();
        children = [control, ...workers];
        signal(supervisor, 'SIGKILL');
      },
      lastsMs: 0,
      async heal() {
        const left = (): number[] => children.filter((pid) => isRunning(pid));
        await until('its children have ended', 5_000, () => left().length === 0).catch(() => {
          complain(`ORPHANS ${left().length} processes went on without their supervisor`);
          for (const pid of left()) signal(pid, 'SIGKILL');
        });
        await cluster.start();
      },
    };
  },
};

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Devices that had nothing handed over since `before`. */
function silentSince(devices: readonly RawDevice[], before: readonly number[]): RawDevice[] {
  return devices.filter((device, index) => device.tally.handedOver === before[index]);
}

function handedOver(devices: readonly RawDevice[]): number[] {
  return devices.map((device) => device.tally.handedOver);
}

export const workerFrozen: Row = {
  name: 'worker-frozen',
  group: 'processes',
  stores: STORES,
  needs: [],
  what: 'SIGSTOP of a worker until its devices have come back elsewhere, then SIGCONT',
  holds: 'woken, it sends nothing to the connections that were replaced',
  plant: { bug: 'ignore-lease', seen: /^STALE_LEASE/m },
  cluster: { workers: 2, config: { link: { heartbeatSec: 60 } } },
  world: { users: 16, heartbeatSec: 60, callers: 8, pauseMs: 10 },
  arm({ cluster, trial, complain }) {
    let frozen = 0;
    let old: readonly RawDevice[] = [];
    return {
      async inject() {
        for (const worker of cluster.pids().workers) {
          const before = handedOver(trial.devices);
          frozen = worker;
          signal(frozen, 'SIGSTOP');
          await sleep(1_500);
          if (silentSince(trial.devices, before).length > 2) break;
          // Nearly every device is on the other one.
          signal(frozen, 'SIGCONT');
        }
        signal(frozen, 'SIGSTOP');
        old = [...trial.devices];
        const twins = old.map((device) => device.twin());
        for (const twin of twins) twin.start();
        trial.devices.splice(0, trial.devices.length, ...twins);
        await trial.allConnected();
      },
      lastsMs: 6_000,
      async heal() {
        const sum = ({ tally }: RawDevice): number => tally.handedOver + tally.duplicates;
        const before = old.map(sum);
        signal(frozen, 'SIGCONT');
        await sleep(2_000);
        const stale = old.filter((device, index) => sum(device) !== before[index]).length;
        if (stale > 0) complain(`STALE_LEASE ${stale} replaced connections were sent data`);
        const left = old.filter((device) => device.connection !== null).length;
        if (left > 0) complain(`NOT_FENCED ${left} replaced connections are still up`);
        for (const device of old) device.stop();
      },
    };
  },
};

export const rollingRestart: Row = {
  name: 'rolling-restart',
  group: 'processes',
  stores: STORES,
  needs: [],
  what: 'SIGTERM to one worker after the other',
  holds: 'each device is told to come back, what it acknowledged is written, nothing is lost',
  plant: { bug: 'silent-drain', seen: /^UNTOLD/m },
  // What was acknowledged before is written before the worker ends: nothing acknowledged comes again.
  check: { strictDup: true, acksSurvive: true },
  world: { users: 200 },
  arm({ cluster, trial, complain }) {
    const { length } = cluster.pids().workers;
    let turn = 0;
    let total = 0;
    let victim = 0;
    let before: { readonly connects: number; readonly kicks: number }[] = [];
    return {
      inject() {
        const { workers } = cluster.pids();
        victim = workers[turn % workers.length] ?? 0;
        turn += 1;
        before = trial.devices.map(({ tally }) => ({ connects: tally.connects, kicks: tally.kicks.length }));
        signal(victim, 'SIGTERM');
      },
      lastsMs: 500,
      async heal() {
        await workerReplaced(cluster, victim, length);
        await trial.allConnected();
        const moved = trial.devices.filter(({ tally }, index) => tally.connects !== before[index]?.connects);
        const told = trial.devices.filter(({ tally }, index) =>
          tally.kicks.slice(before[index]?.kicks).includes(DRAINING),
        );
        total += moved.length;
        if (told.length < moved.length)
          complain(`UNTOLD ${moved.length - told.length} devices lost their connections without a word`);
      },
      finish() {
        if (turn >= length && total === 0) complain('NOBODY was on any worker');
      },
    };
  },
};

/** A cgroup of version 1 that the server's processes are put into. */
function openCgroup(controller: string): { readonly dir: string; close(back: readonly number[]): void } {
  const dir = `/sys/fs/cgroup/${controller}/longlink-chaos-${process.pid}`;
  mkdirSync(dir, { recursive: true });
  return {
    dir,
    close(back) {
      for (const pid of back) {
        if (isRunning(pid)) writeFileSync(`/sys/fs/cgroup/${controller}/cgroup.procs`, String(pid));
      }
      // A process that has just been killed is in it for a moment still.
      for (let tries = 0; ; tries += 1) {
        try {
          rmdirSync(dir);
          return;
        } catch (error) {
          if (tries > 40) throw error;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
        }
      }
    },
  };
}

/** The process with the most open files: connections, here. */
export function busiest(pids: readonly number[]): number {
  const open = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
  return [...pids].sort((a, b) => open(b) - open(a))[0] ?? 0;
}

export const outOfMemory: Row = {
  name: 'out-of-memory',
  group: 'processes',
  stores: STORES,
  needs: ['root', 'cgroup:memory'],
  what: 'a worker may have no more memory than it has; the kernel ends it',
  holds: 'as a killed worker: its devices come back, nothing is lost',
  plant: { bug: 'never-replace', seen: /^(NOT_REPLACED|BROKE_OFF another worker)/m },
  cluster: { config: { delivery: { ackTimeoutMs: 10_000 } } },
  arm({ cluster, complain }) {
    const { length } = cluster.pids().workers;
    let victim = 0;
    let group: ReturnType<typeof openCgroup> | null = null;
    return {
      inject() {
        group = openCgroup('memory');
        // One without devices has no need of memory.
        victim = busiest(cluster.pids().workers);
        writeFileSync(`${group.dir}/memory.limit_in_bytes`, '0');
        writeFileSync(`${group.dir}/cgroup.procs`, String(victim));
      },
      lastsMs: 0,
      async heal() {
        await until('the kernel ends it', 10_000, () => !isRunning(victim)).catch(() =>
          complain('SURVIVED the worker found enough memory'),
        );
        group?.close([victim]);
        group = null;
        await workerReplaced(cluster, victim, length).catch(() => {
          complain('NOT_REPLACED nobody took the place of the worker');
        });
      },
    };
  },
};

const QUIET = 60;
const QUIET_HEARTBEAT_SEC = 4;
/** Share of the devices that may lose their connections while the server starves. */
const CHURN = 0.01;

export const starved: Row = {
  name: 'starved',
  group: 'processes',
  stores: STORES,
  needs: ['root', 'cgroup:cpu'],
  what: 'all processes of the server together get a twentieth of a core for 12 s',
  holds: 'heartbeats that come late are heartbeats: hardly a connection is lost, and no message',
  plant: { bug: 'impatient', seen: /^CHURN/m },
  world: { users: 20, callers: 16, pauseMs: 5, globals: false },
  async arm({ cluster, trial, complain }) {
    // Devices that are sent nothing: their heartbeats are all that they show of life.
    const quiet = Array.from({ length: QUIET }, (_, index) =>
      trial.addDevice({ dev: `quiet${index}`, user: `quiet${index}`, heartbeatSec: QUIET_HEARTBEAT_SEC }),
    );
    // One after the other: heartbeats of all in one moment would all meet the server awake, or asleep.
    for (const device of quiet) {
      device.start();
      await sleep((QUIET_HEARTBEAT_SEC * 1_000) / QUIET);
    }
    await trial.allConnected();
    let group: ReturnType<typeof openCgroup> | null = null;
    let before: number[] = [];
    const all = (): number[] => {
      const { supervisor, control, workers } = cluster.pids();
      return [supervisor, control, ...workers];
    };
    return {
      inject() {
        group = openCgroup('cpu');
        before = trial.devices.map((device) => device.tally.connects);
        // By the second: throttled ten times as often, even a fast processor's share comes in time.
        writeFileSync(`${group.dir}/cpu.cfs_period_us`, '1000000');
        writeFileSync(`${group.dir}/cpu.cfs_quota_us`, '50000');
        for (const pid of all()) writeFileSync(`${group.dir}/cgroup.procs`, String(pid));
      },
      lastsMs: 12_000,
      heal() {
        group?.close(all());
        group = null;
        const lost = trial.devices.filter(({ tally }, index) => tally.connects !== before[index]).length;
        if (lost > trial.devices.length * CHURN)
          complain(`CHURN ${lost} of ${trial.devices.length} devices lost their connections`);
      },
    };
  },
};

export const PROCESSES: readonly Row[] = [
  workerKilled,
  controlKilled,
  apiKilled,
  serverKilled,
  supervisorKilled,
  workerFrozen,
  rollingRestart,
  outOfMemory,
  starved,
];
