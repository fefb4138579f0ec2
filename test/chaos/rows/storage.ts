/** Disks that lose power, fill up, fail, slow down or rot, and processes that run out of files. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../faults/cluster.js';
import { canRun, run } from '../needs.js';
import type { Row, Stage } from '../row.js';
import { shownSerial, writePair } from './network.js';

/** A file system of its own for the data directory, thrown away with the run. */
function mounted(scratch: string, mount: (dir: string) => void): Stage {
  const dir = join(scratch, 'mount');
  mkdirSync(dir);
  mount(dir);
  return {
    cluster: { workers: 1, dataDir: join(dir, 'data') },
    clear() {
      if (!canRun('umount', dir)) canRun('umount', '--lazy', dir);
    },
  };
}

function mountLoop(dir: string): void {
  const image = join(dir, '..', 'disk.img');
  if (!existsSync(image)) {
    run('truncate', '--size=256M', image);
    run('mkfs.ext4', '-q', image);
  }
  // The journal is not written by itself within the run: what was not synced is lost.
  run('mount', '-o', 'loop,commit=300', image, dir);
}

export const powerCut: Row = {
  name: 'power-cut',
  group: 'storage',
  stores: ['embedded'],
  needs: ['root', 'xfs_io', 'mkfs.ext4'],
  what: 'the file system below the store is shut down in mid-write and mounted again',
  holds: 'every answer of success from before the cut is true after it',
  plant: { bug: 'no-sync', seen: /^(LOST|ID_REUSE|DOUBLE_STORE|CONSERVATION|BROKE_OFF)/m },
  world: { users: 40, callers: 32, pauseMs: 0 },
  stage: (scratch) => mounted(scratch, mountLoop),
  arm({ cluster, trial }) {
    const dir = join(cluster.dataDir, '..');
    run('sync', '--file-system', dir);
    return {
      inject() {
        // An answer given while the cut is under way may be from before or after it.
        trial.distrust(true);
        run('xfs_io', '-x', '-c', 'shutdown', dir);
      },
      lastsMs: 0,
      async heal() {
        await cluster.killAll();
        // A child that the dying supervisor had just started may hold it for a moment.
        await until('the disk can be taken out', 5_000, () => canRun('umount', dir));
        mountLoop(dir);
        await cluster.start();
        trial.distrust(false);
      },
    };
  },
};

const SMALL_DISK_MIB = 256;

function fillUp(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(SMALL_DISK_MIB * 1_048_576));
  } catch {
    // It took what there was, which is the point.
  }
}

export const diskFull: Row = {
  name: 'disk-full',
  group: 'storage',
  stores: ['embedded'],
  needs: ['root'],
  what: 'the disk of the store fills up, and has room again',
  holds: 'data is refused with SYSTEM_ERROR, acks go on, and it heals without a restart',
  plant: { bug: 'no-reserve', seen: /^(RESTARTED|NOT_RECOVERED|LOST|NEVER_FULL)/m },
  recoveryMs: 10_000,
  world: { users: 20, callers: 6 },
  stage: (scratch) =>
    mounted(scratch, (dir) => run('mount', '-t', 'tmpfs', '-o', `size=${SMALL_DISK_MIB}m`, 'tmpfs', dir)),
  arm({ cluster, trial, complain }) {
    const filler = join(cluster.dataDir, '..', 'filler');
    const { control } = cluster.pids();
    const pad = 'x'.repeat(3_000);
    let probes = 0;
    return {
      async inject() {
        fillUp(filler);
        const deadline = performance.now() + 10_000;
        let refused = false;
        while (!refused && performance.now() < deadline) {
          const sent = await Promise.all(
            Array.from({ length: 8 }, () => trial.send('news', 'u0', `fill${probes++}`, { pad })),
          );
          refused = sent.includes('unknown');
        }
        if (!refused) complain('NEVER_FULL every message was still accepted');
      },
      lastsMs: 500,
      heal: () => rmSync(filler),
      finish() {
        if (cluster.pids().control !== control) complain('RESTARTED the control process did not survive');
      },
    };
  },
};

/** Makes system calls of a running process fail or wait, until it is ended. */
async function inject(pid: number, what: string): Promise<ChildProcess> {
  const options = ['-f', '-q', '-p', String(pid), '-o', '/dev/null', '-e', 'trace=fdatasync'];
  const tracer = spawn('strace', [...options, '-e', `inject=fdatasync:${what}`], { stdio: 'ignore' });
  await until('strace has the process', 5_000, () => {
    try {
      return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return true;
    }
  });
  return tracer;
}

async function endTracer(tracer: ChildProcess | null): Promise<void> {
  if (tracer === null || tracer.exitCode !== null || tracer.signalCode !== null) return;
  const ended = new Promise((resolve) => tracer.once('exit', resolve));
  tracer.kill('SIGTERM');
  // It may wait for ever for a process that ended while it was being attached; its own end lets go of it.
  const stubborn = setTimeout(() => tracer.kill('SIGKILL'), 2_000);
  await ended;
  clearTimeout(stubborn);
}

export const flushFails: Row = {
  name: 'flush-fails',
  group: 'storage',
  stores: ['embedded'],
  needs: ['root', 'strace'],
  what: 'fdatasync of the store fails with EIO',
  holds: 'nothing is answered with success by it; the process ends instead of trying again',
  plant: { bug: 'answer-despite-failure', seen: /^(LOST|ID_REUSE|DOUBLE_STORE|CONSERVATION)/m },
  world: { callers: 32, pauseMs: 0 },
  arm({ cluster, complain }) {
    let control = 0;
    let tracer: ChildProcess | null = null;
    return {
      async inject() {
        control = cluster.pids().control;
        tracer = await inject(control, 'error=EIO');
      },
      lastsMs: 0,
      async heal() {
        await until('control has ended', 10_000, () => cluster.pids().control !== control).catch(() =>
          complain('STAYED control went on after a failed flush'),
        );
        await endTracer(tracer);
        await until('another control', 20_000, () => ![0, control].includes(cluster.pids().control));
        await cluster.ready();
      },
    };
  },
};

/** `api.answerTimeoutMs` and what a loaded machine adds. */
const ANSWERED_MS = 900 + 2_500;

export const flushSlow: Row = {
  name: 'flush-slow',
  group: 'storage',
  stores: ['embedded'],
  needs: ['root', 'strace'],
  what: 'each fdatasync of the store takes 4 s longer',
  holds: 'calls are answered in time, with SYSTEM_ERROR where nothing is durable yet; nothing is lost',
  plant: { bug: 'no-answer-timeout', seen: /^HANGS/m },
  world: { pushes: false },
  arm({ cluster, trial, complain }) {
    let tracer: ChildProcess | null = null;
    return {
      async inject() {
        tracer = await inject(cluster.pids().control, 'delay_enter=4000000');
      },
      lastsMs: 9_000,
      heal: () => endTracer(tracer),
      finish() {
        const slowest = trial.slowestCallMs();
        if (slowest > ANSWERED_MS) complain(`HANGS a call took ${slowest.toFixed(0)} ms`);
      },
    };
  },
};

const ROTTEN = 3;
const ROT_PAD = 'rotten'.repeat(40);

export const bitRot: Row = {
  name: 'bit-rot',
  group: 'storage',
  stores: ['embedded'],
  needs: [],
  what: 'bytes of stored records change on the disk while the server is down',
  holds: 'the damaged records are counted and never delivered; their neighbours are',
  plant: { bug: 'skip-checksum', seen: /^(CORRUPT|GHOST|DELIVERED|UNCOUNTED)/m },
  arm({ cluster, trial, complain }) {
    let rounds = 0;
    return {
      async inject() {
        rounds += 1;
        const user = `rot${rounds}`;
        const spoilt = Array.from({ length: ROTTEN }, (_, index) => `rot-${rounds}-${index}-spoilt`);
        for (const msg of spoilt) {
          await trial.sendUntilKnown('news', user, msg, { pad: ROT_PAD });
          await trial.sendUntilKnown('news', user, `${msg}-neighbour`);
        }
        await cluster.killAll();
        for (const msg of spoilt) spoil(join(cluster.dataDir, 'store.mdb'), msg);
        // Destroyed by our own hand; nobody promised these.
        for (const msg of spoilt) {
          const drop = {
            e: 'drop',
            app: 'faults',
            ws: 'test',
            biz: 'news',
            to: user,
            msg,
            why: 'admin',
          } as const;
          trial.recorder.write(drop);
        }
      },
      lastsMs: 0,
      async heal() {
        await cluster.start();
        const user = `rot${rounds}`;
        const device = trial.addDevice({ dev: `d-${user}`, user });
        device.start();
        const last = `rot-${rounds}-${ROTTEN - 1}-spoilt-neighbour`;
        await until('the neighbours have come', 10_000, () => trial.isAcked('news', last)).catch(
          () => undefined,
        );
        const { body } = await cluster.admin('GET', '/metrics');
        const counted = Number(/^longlink_damaged_rows_total (\d+)$/m.exec(body)?.[1] ?? 0);
        if (counted < ROTTEN) complain(`UNCOUNTED only ${counted} of ${ROTTEN} damaged records were counted`);
      },
    };
  },
};

/** Changes a byte of the filling behind every place where the message's payload stands in the file. */
function spoil(file: string, msg: string): void {
  const bytes = readFileSync(file);
  const mark = Buffer.from(`"msg":"${msg}"`);
  const fd = openSync(file, 'r+');
  let found = 0;
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    const inFilling = bytes.indexOf('rottenrotten', at);
    writeSync(fd, 'R', inFilling);
    found += 1;
  }
  closeSync(fd);
  if (found === 0) throw new Error(`${msg} is not in the store's file`);
}

const OPEN_FILES = 400;
const INTRUDERS = 600;

/** Connections that say nothing; slowly enough that everybody can be told: at once only so many are. */
async function intrude(port: number): Promise<{ sockets: Socket[]; closed: number; toldOf: number }> {
  const crowd = { sockets: [] as Socket[], closed: 0, toldOf: 0 };
  for (let index = 0; index < INTRUDERS; index += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.on('data', () => {
      crowd.toldOf += 1;
    });
    socket.on('close', () => {
      crowd.closed += 1;
    });
    crowd.sockets.push(socket);
    if (index % 20 === 0) await sleep(20);
  }
  await sleep(1_500);
  return crowd;
}

export const noFiles: Row = {
  name: 'no-files',
  group: 'storage',
  stores: ['embedded'],
  needs: ['prlimit'],
  what: 'more connections than the server may have open files; the certificate is replaced meanwhile',
  holds: 'who is too many is told; admin port, store and certificates work on; nobody is disconnected',
  plant: { bug: 'no-connection-limit', seen: /^(SILENT|NO_LIMIT|ADMIN|CANARY|CERTIFICATE|BROKE_OFF)/m },
  cluster: { workers: 1, through: ['prlimit', `--nofile=${OPEN_FILES}:${OPEN_FILES}`] },
  world: { users: 20, callers: 4 },
  arm({ cluster, trial, complain }) {
    const { tls, tcp } = cluster.ports;
    const there = [...trial.devices];
    let crowd: Awaited<ReturnType<typeof intrude>> | null = null;
    return {
      async inject() {
        crowd = await intrude(tcp);
        const admin = await cluster.admin('GET', '/v1/instances').catch(() => ({ status: 0 }));
        if (admin.status !== 200) complain('ADMIN the admin port does not answer');
        if (crowd.closed === 0) complain('NO_LIMIT nobody was refused');
        if (crowd.toldOf < crowd.closed)
          complain(`SILENT ${crowd.closed - crowd.toldOf} were closed without a word`);
        await writePair(cluster.dataDir);
        await sleep(2_500);
      },
      lastsMs: 0,
      async heal() {
        for (const socket of crowd?.sockets ?? []) socket.destroy();
        await until('a certificate is shown', 5_000, async () => {
          return (await shownSerial(tls).catch(() => '')) !== '';
        }).catch(() => complain('CERTIFICATE none after the files were short'));
        const cut = there.filter((device) => device.tally.connects !== 1).length;
        if (cut > 0) complain(`CANARY ${cut} devices that were there lost their connections`);
      },
    };
  },
};

export const STORAGE: readonly Row[] = [powerCut, diskFull, flushFails, flushSlow, bitRot, noFiles];
