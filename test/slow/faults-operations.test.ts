/** What operators and machines do to a running server: clocks that jump, new certificates, restarts one by one. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import t from 'tap';
import { signal, until } from '../faults/cluster.js';
import { play, type Story, startTraffic, strike } from '../faults/run.js';
import { note } from '../faults/trial.js';

t.jobs = 1;
t.setTimeout(600_000);

/** Longest time of one trial, the server's start and the drain included. */
const LIMIT = { timeout: 120_000 };

function users(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `u${index}`);
}

/** The preload library that lies about the time, or null. */
function findFaketime(): string | null {
  const folder = '/usr/lib';
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, name, 'faketime', 'libfaketime.so.1');
    if (existsSync(path)) return path;
  }
  return null;
}

const faketime = findFaketime();

/** All processes of the server see the clock jump 31 days ahead, back, and two hours behind. */
function clockJumps(): Story {
  const folder = mkdtempSync(join(tmpdir(), 'longlink-clock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'clock');
  const setClock = (offset: string): void => writeFileSync(file, offset);
  setClock('+0');
  return {
    cluster: {
      config: { store: { sweepEveryMs: 50 } },
      env: {
        LD_PRELOAD: faketime ?? '',
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    },
    async tell(trial) {
      const complaints: string[] = [];
      const names = users(20);
      await trial.addBiz('news');
      for (const user of names) trial.addDevice({ dev: `d-${user}`, user }).start();
      await trial.allConnected();
      const away = trial.addDevice({ dev: 'away', user: 'u0' });
      const traffic = startTraffic(trial, 'news', names, { callers: 4 });
      for (const [name, offset] of [
        ['clock 31 days ahead', '+31d'],
        ['clock two hours behind', '-2h'],
      ] as const) {
        await sleep(1_000);
        await strike(trial, name, complaints, () => setClock(offset));
        await sleep(3_000);
        setClock('+0');
        await sleep(1_500);
        trial.fault(name, false);
      }
      await traffic.stop();
      away.start();
      await trial.allConnected();
      return complaints;
    },
  };
}

const noFaketime = faketime === null ? 'libfaketime is missing' : false;

t.test(
  'a clock that jumps expires nothing and takes no id back',
  { ...LIMIT, skip: noFaketime },
  async (t) => {
    t.same((await play(clockJumps())).complaints, []);
  },
);

t.test('and a server that believes every clock is seen', { ...LIMIT, skip: noFaketime }, async (t) => {
  const outcome = await play({ ...clockJumps(), restMs: 3_000 }, 'believe-clock');
  t.match(outcome.complaints.join('\n'), /^(LOST|REORDER|DROP_UNJUSTIFIED)/m);
});

/** Serial number of the certificate that a new connection is shown. */
function shownSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function writePair(certFile: string, keyFile: string): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: 'faults' }], { keyType: 'ec' });
  writeFileSync(keyFile, pair.private);
  writeFileSync(certFile, pair.cert);
}

/** The certificate is replaced under load, then by a broken one. */
const rotation: Story = {
  async tell(trial, cluster) {
    const complaints: string[] = [];
    const names = users(50);
    const certFile = join(cluster.dataDir, 'tls', 'cert.pem');
    const keyFile = join(cluster.dataDir, 'tls', 'key.pem');
    await trial.addBiz('news');
    for (const user of names) trial.addDevice({ dev: `d-${user}`, user }).start();
    await trial.allConnected();
    const traffic = startTraffic(trial, 'news', names, { callers: 8 });
    await sleep(500);
    const old = await shownSerial(cluster.ports.tls);
    await strike(trial, 'new certificate', complaints, () => undefined);
    await writePair(certFile, keyFile);
    const shown = until(
      'the new certificate',
      5_000,
      async () => (await shownSerial(cluster.ports.tls)) !== old,
    );
    await shown.catch(() => complaints.push('OLD_CERTIFICATE after 5 s'));
    // Workers look at the files by themselves: the last one a little after the first.
    await sleep(2_500);
    trial.fault('new certificate', false);
    const current = await shownSerial(cluster.ports.tls);
    await strike(trial, 'broken certificate', complaints, () => {
      writeFileSync(certFile, '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n');
    });
    await sleep(3_000);
    const serials = await Promise.all(
      [1, 2, 3, 4].map(() => shownSerial(cluster.ports.tls).catch(() => 'none')),
    );
    if (serials.some((serial) => serial !== current))
      complaints.push(`BROKEN_CERTIFICATE in use: ${serials}`);
    trial.addDevice({ dev: 'late', user: 'u0' }).start();
    await trial.allConnected();
    trial.fault('broken certificate', false);
    await traffic.stop();
    const dropped = trial.devices.filter((device) => device.tally.connects !== 1).length;
    if (dropped > 0) complaints.push(`SESSIONS ${dropped} devices lost their connections`);
    return complaints;
  },
};

t.test('a new certificate is shown within seconds, and a broken one is not', LIMIT, async (t) => {
  t.same((await play(rotation)).complaints, []);
});

t.test('and a server that never looks at its files again is seen', LIMIT, async (t) => {
  const outcome = await play(rotation, 'never-reload');
  t.match(outcome.complaints.join('\n'), /^OLD_CERTIFICATE/m);
});

const DRAINING = 4_000;

/** SIGTERM to one worker after the other, under load. */
const rollingRestart: Story = {
  // What was acknowledged before is written before the worker ends: nothing acknowledged comes again.
  check: { strictDup: true },
  async tell(trial, cluster) {
    const complaints: string[] = [];
    const names = users(200);
    await trial.addBiz('news');
    await trial.addBiz('order', { multi: false });
    for (const user of names) trial.addDevice({ dev: `d-${user}`, user, retryMs: 500 }).start();
    await trial.allConnected();
    const traffic = startTraffic(trial, 'news', names, { callers: 16 });
    const orders = startTraffic(trial, 'order', names, { callers: 8, prefix: 'o' });
    let total = 0;
    for (const worker of cluster.pids().workers) {
      await sleep(1_000);
      const before = trial.devices.map((device) => device.tally.connects);
      const kicks = trial.devices.map((device) => device.tally.kicks.length);
      await strike(trial, 'restart of a worker', complaints, () => signal(worker, 'SIGTERM'));
      await until('the worker is replaced', 15_000, () => {
        const { workers } = cluster.pids();
        return workers.length === 2 && !workers.includes(worker);
      });
      await sleep(1_000);
      await trial.allConnected();
      trial.fault('restart of a worker', false);
      const moved = trial.devices.filter((device, index) => device.tally.connects !== before[index]);
      const told = trial.devices.filter((device, index) =>
        device.tally.kicks.slice(kicks[index]).includes(DRAINING),
      );
      note(`${moved.length} devices moved, ${told.length} were told to`);
      total += moved.length;
      if (told.length < moved.length)
        complaints.push(`UNTOLD ${moved.length - told.length} lost their connections`);
    }
    if (total === 0) complaints.push('NOBODY was on either worker');
    await Promise.all([traffic.stop(), orders.stop()]);
    return complaints;
  },
};

t.test('workers restarted one by one tell their devices, and lose nothing', LIMIT, async (t) => {
  t.same((await play(rollingRestart)).complaints, []);
});

t.test('and workers that end without a word are seen', LIMIT, async (t) => {
  t.match((await play(rollingRestart, 'silent-drain')).complaints.join('\n'), /^UNTOLD/m);
});
