/** Disks that lose power, fill up, and processes that run out of files. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { until } from '../faults/cluster.js';
import { type Outcome, play, type Story, startTraffic, strike } from '../faults/run.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 120_000 };

const ROOT_ONLY = process.getuid?.() === 0 ? false : 'not root: cannot mount';

function hasTool(...words: readonly string[]): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${words.join(' && command -v ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}

function canRun(command: string, ...args: readonly string[]): boolean {
  try {
    run(command, ...args);
    return true;
  } catch {
    return false;
  }
}

/** A mounted file system that is thrown away after `use`. */
async function withMount<T>(
  mount: (dir: string, scratch: string) => void,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'longlink-mount-'));
  const dir = join(scratch, 'mount');
  mkdirSync(dir);
  mount(dir, scratch);
  try {
    return await use(dir);
  } finally {
    if (!canRun('umount', dir)) canRun('umount', '--lazy', dir);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function users(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `u${index}`);
}

function mountLoop(dir: string, scratch: string): void {
  const image = join(scratch, 'disk.img');
  if (!existsSync(image)) {
    run('truncate', '--size=256M', image);
    run('mkfs.ext4', '-q', image);
  }
  // The journal is not written by itself within the test: what was not synced is lost.
  run('mount', '-o', 'loop,commit=300', image, dir);
}

/** The disk stops in the middle of writes; what the server had promised is there when it starts again. */
function powerCut(dir: string, cuts: number): Story {
  return {
    cluster: { workers: 1, dataDir: join(dir, 'data') },
    async tell(trial, cluster) {
      const complaints: string[] = [];
      const names = users(50);
      await trial.addBiz('news');
      for (const user of names) trial.addDevice({ dev: `d-${user}`, user, retryMs: 300 }).start();
      await trial.allConnected();
      run('sync', '--file-system', dir);
      const traffic = startTraffic(trial, 'news', names, { callers: 32, pauseMs: 0 });
      for (let cut = 0; cut < cuts; cut += 1) {
        await sleep(1_500);
        await strike(trial, 'power cut', complaints, () => {
          // An answer given while the cut is under way may be from before or after it.
          trial.distrust(true);
          run('xfs_io', '-x', '-c', 'shutdown', dir);
        });
        await cluster.killAll();
        // A child that the dying supervisor had just started may hold it for a moment.
        await until('the disk can be taken out', 5_000, () => canRun('umount', dir));
        mountLoop(dir, join(dir, '..'));
        await cluster.start();
        trial.distrust(false);
        trial.fault('power cut', false);
      }
      await sleep(1_000);
      await traffic.stop();
      await trial.allConnected();
      return complaints;
    },
  };
}

const noPowerCut = ROOT_ONLY || (hasTool('xfs_io', 'mkfs.ext4') ? false : 'xfs_io or mkfs.ext4 is missing');

t.test(
  'a power cut loses nothing that was answered with success',
  { ...LIMIT, skip: noPowerCut },
  async (t) => {
    const outcome = await withMount(mountLoop, (dir) => play(powerCut(dir, 3)));
    t.same(outcome.complaints, []);
  },
);

t.test('and a store that does not sync is seen', { ...LIMIT, skip: noPowerCut }, async (t) => {
  const outcome = await withMount(mountLoop, (dir) =>
    play({ ...powerCut(dir, 1), restMs: 3_000 }, 'no-sync'),
  );
  t.match(outcome.complaints.join('\n'), /^(LOST|ID_REUSE|DOUBLE_STORE)/m);
});

function mountSmall(dir: string): void {
  run('mount', '-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', dir);
}

function fillUp(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(256 * 1_024 * 1_024));
  } catch {
    // It took what there was, which is the point.
  }
}

/** The disk fills up, and has room again. */
function diskFull(dir: string): Story {
  return {
    cluster: { workers: 1, dataDir: join(dir, 'data') },
    async tell(trial, cluster) {
      const complaints: string[] = [];
      const names = users(20);
      await trial.addBiz('news');
      for (const user of names) trial.addDevice({ dev: `d-${user}`, user }).start();
      await trial.allConnected();
      const { control } = cluster.pids();
      const pad = 'x'.repeat(3_000);
      const traffic = startTraffic(trial, 'news', names, { callers: 4, pad });
      await sleep(500);
      const filler = join(dir, 'filler');
      await strike(trial, 'full disk', complaints, () => fillUp(filler));
      await until('the disk is full for the server', 10_000, async () => {
        return (await trial.send('news', 'u0', `probe${performance.now()}`, { pad })) === 'unknown';
      }).catch(() => complaints.push('NEVER_FULL every message was still accepted'));
      await sleep(500);
      rmSync(filler);
      trial.fault('full disk', false);
      const healing = until('writing works again', 10_000, async () => {
        return (await trial.send('news', 'u0', `heal${performance.now()}`)) === 'ok';
      });
      await healing.catch(() =>
        complaints.push('NOT_HEALED no message was accepted 10 s after there was room'),
      );
      await sleep(500);
      await traffic.stop();
      if (cluster.pids().control !== control)
        complaints.push('RESTARTED the control process did not survive');
      return complaints;
    },
  };
}

t.test(
  'a full disk refuses what it cannot keep, and heals by itself',
  { ...LIMIT, skip: ROOT_ONLY },
  async (t) => {
    t.same((await withMount(mountSmall, (dir) => play(diskFull(dir)))).complaints, []);
  },
);

t.test('and a store that does not look for room first is seen', { ...LIMIT, skip: ROOT_ONLY }, async (t) => {
  const outcome = await withMount(mountSmall, (dir) =>
    play({ ...diskFull(dir), restMs: 3_000 }, 'no-reserve'),
  );
  t.match(outcome.complaints.join('\n'), /^(RESTARTED|NOT_HEALED|LOST)/m);
});

const OPEN_FILES = 400;
const INTRUDERS = 600;

/** More connections than the server may have files. */
const noFiles: Story = {
  cluster: { workers: 1, through: ['prlimit', `--nofile=${OPEN_FILES}:${OPEN_FILES}`] },
  async tell(trial, cluster) {
    const complaints: string[] = [];
    await trial.addBiz('news');
    const canary = trial.addDevice({ dev: 'canary', user: 'ann' });
    canary.start();
    await trial.allConnected();
    const traffic = startTraffic(trial, 'news', ['ann'], { callers: 4 });
    await sleep(300);
    await strike(trial, 'no files left', complaints, () => undefined);
    const sockets: Socket[] = [];
    let refusedWithWord = 0;
    let closed = 0;
    for (let index = 0; index < INTRUDERS; index += 1) {
      const socket = connect({ port: cluster.ports.tcp, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.on('data', () => {
        refusedWithWord += 1;
      });
      socket.on('close', () => {
        closed += 1;
      });
      sockets.push(socket);
      // Slowly enough that everybody can be told: at once only so many are.
      if (index % 20 === 0) await sleep(20);
    }
    await sleep(1_500);
    const admin = await cluster.admin('GET', '/v1/instances').catch(() => ({ status: 0, body: '' }));
    if (admin.status !== 200) complaints.push('ADMIN the admin port does not answer');
    if (closed === 0) complaints.push('NO_LIMIT nobody was refused');
    if (refusedWithWord < closed)
      complaints.push(`SILENT ${closed - refusedWithWord} were closed without a word`);
    if (canary.tally.connects !== 1) complaints.push('CANARY the device that was there lost its connection');
    for (const socket of sockets) socket.destroy();
    trial.fault('no files left', false);
    await sleep(300);
    await traffic.stop();
    return complaints;
  },
};

const noPrlimit = hasTool('prlimit') ? false : 'prlimit is missing';

t.test(
  'connections beyond the limit of open files are refused with a word',
  { skip: noPrlimit },
  async (t) => {
    t.same((await play(noFiles)).complaints, []);
  },
);

t.test('and a server without a limit of connections is seen', { ...LIMIT, skip: noPrlimit }, async (t) => {
  const outcome: Outcome = await play({ ...noFiles, restMs: 3_000 }, 'no-connection-limit');
  t.match(outcome.complaints.join('\n'), /^(SILENT|NO_LIMIT|ADMIN|CANARY)/m);
});
