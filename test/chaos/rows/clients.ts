/** Devices that misbehave: not reading, dying, coming twice or all at once; machines whose clock jumps. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, signal, until } from '../../faults/cluster.js';
import { recordDeadLetters } from '../../faults/trial.js';
import type { RawDevice } from '../../history/device.js';
import { findFaketime } from '../needs.js';
import { type Row, STORES } from '../row.js';
import { busiest } from './processes.js';

const MIB = 1_048_576;
const REPLACED = 4_200;

/** Resident memory of a process, bytes. */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1_024;
}

async function hasSession(cluster: Cluster, dev: string): Promise<boolean> {
  const answer = await cluster.admin('GET', `/v1/instances/test_faults/devices/${dev}`);
  const { sessions = [] } = JSON.parse(answer.body) as { readonly sessions?: readonly unknown[] };
  return sessions.length > 0;
}

const BACKLOG = 5_500;
const GROWTH_MIB = 48;

export const slowReader: Row = {
  name: 'slow-reader',
  group: 'clients',
  stores: STORES,
  needs: [],
  what: 'a device stops reading while 20 MB wait for it',
  holds: 'the worker does not grow, and disconnects it; it gets everything when it reads again',
  plant: { bug: 'no-queue-limit', seen: /^(MEMORY|SLOW_READER)/m },
  cluster: {
    workers: 1,
    config: {
      link: { maxQueuedBytes: 65_536, slowReaderTimeoutMs: 2_000, heartbeatSec: 60 },
      delivery: { windowRecords: 10_000, windowBytes: 16 * MIB, batchBytes: 65_536, ackTimeoutMs: 60_000 },
    },
  },
  world: { users: 20, callers: 2, heartbeatSec: 60 },
  check: { maxLatencyMs: null },
  blows: 1,
  async arm({ cluster, trial, complain }) {
    const slow = trial.addDevice({ dev: 'slow', user: 'sloth', retryMs: 200 });
    slow.start();
    await slow.connected();
    const pad = 'x'.repeat(3_900);
    const worker = (): number => residentBytes(cluster.pids().workers[0] ?? 0);
    let highest = 0;
    async function send(from: number, count: number): Promise<void> {
      await Promise.all(
        Array.from({ length: count }, (_, index) => trial.send('news', 'sloth', `s${from + index}`, { pad })),
      );
      highest = Math.max(highest, worker());
    }
    // A worker that has not worked yet grows by its first traffic alone.
    await send(0, 500);
    await until('it has read what there was', 10_000, () => slow.tally.handedOver >= 500);
    const before = worker();
    return {
      async inject() {
        slow.setReading(false);
        for (let from = 500; from < BACKLOG; from += 500) await send(from, 500);
      },
      lastsMs: 3_500,
      async heal() {
        highest = Math.max(highest, worker());
        const grown = (highest - before) / MIB;
        if (grown > GROWTH_MIB) complain(`MEMORY the worker grew by ${grown.toFixed(0)} MiB`);
        if (await hasSession(cluster, 'slow')) complain('SLOW_READER was not disconnected');
        slow.setReading(true);
        await until('it has come back', 10_000, () => slow.tally.connects > 1).catch(() => undefined);
      },
    };
  },
};

/** Deaths that a device is ready for: twice as many as it may be tried. */
const DEATHS = 12;
const ATTEMPTS = 6;
const AFTER = 10;

export const clientDies: Row = {
  name: 'client-dies',
  group: 'clients',
  stores: STORES,
  needs: [],
  what: 'a device dies on its oldest message, every time, before it can acknowledge anything',
  holds:
    'the message is tried six times and listed as a dead letter; those behind it and of other kinds arrive',
  plant: { bug: 'forget-attempts', seen: /^(OVER_ATTEMPTS|ATTEMPTS|DEAD_LETTERS)/m },
  cluster: { config: { delivery: { maxAttempts: ATTEMPTS, attemptBackoffMs: [0] } } },
  check: { noAttemptDrops: false },
  arm({ trial, complain }) {
    let rounds = 0;
    let deaths = 0;
    let fragile: RawDevice | null = null;
    return {
      async inject() {
        rounds += 1;
        deaths = 0;
        const user = `fragile${rounds}`;
        await trial.sendUntilKnown('news', user, `poison${rounds}`);
        for (let index = 0; index < AFTER; index += 1)
          await trial.sendUntilKnown('news', user, `after${rounds}-${index}`);
        await trial.sendUntilKnown('order', user, `beside${rounds}`);
        fragile = trial.addDevice({
          ...{ dev: `d-${user}`, user, retryMs: 100 },
          answer(sync) {
            const poisoned = sync.oplogs.some((oplog) => oplog.thirdMsgId === `poison${rounds}`);
            if (!poisoned || deaths >= DEATHS) return 'ack';
            deaths += 1;
            return 'die';
          },
        });
        fragile.start();
      },
      lastsMs: 0,
      async heal() {
        const rest = `after${rounds}-${AFTER - 1}`;
        await until('the rest has come', 20_000, () => trial.isAcked('news', rest)).catch(() => undefined);
        await sleep(300);
        await fragile?.connected();
        if (deaths > ATTEMPTS) complain(`ATTEMPTS the device died ${deaths} times`);
      },
      async finish() {
        const letters = await recordDeadLetters(trial, 'news');
        if (letters !== rounds) complain(`DEAD_LETTERS ${letters} instead of ${rounds}`);
      },
    };
  },
};

const TWINS = 6;

export const sameDeviceTwice: Row = {
  name: 'same-device-twice',
  group: 'clients',
  stores: STORES,
  needs: [],
  what: 'devices connect a second time while their first connection is up',
  holds: 'the older one is told and closed within a second, and is sent nothing more',
  plant: { bug: 'never-fence', seen: /^NOT_FENCED/m },
  arm({ trial, complain, random }) {
    let old: RawDevice[] = [];
    return {
      async inject() {
        // Others hold on to devices of their own.
        const mine = trial.devices.filter((device) => /^[de]-/.test(device.options.dev));
        const from = Math.floor(random() * (mine.length - TWINS));
        old = mine.slice(from, from + TWINS);
        const twins = old.map((device) => device.twin());
        for (const [index, device] of old.entries()) {
          const twin = twins[index];
          if (twin !== undefined) trial.devices.splice(trial.devices.indexOf(device), 1, twin);
        }
        for (const twin of twins) twin.start();
        await trial.allConnected();
      },
      lastsMs: 1_000,
      heal() {
        const left = old.filter((device) => !device.tally.kicks.includes(REPLACED)).length;
        if (left > 0) complain(`NOT_FENCED ${left} older connections were not told`);
        for (const device of old) device.stop();
      },
    };
  },
};

const STORM = 400;
const ACCEPTS_PER_SECOND = 100;

export const reconnectStorm: Row = {
  name: 'reconnect-storm',
  group: 'clients',
  stores: STORES,
  needs: [],
  what: 'a worker is killed, and all its devices come back at once, without a pause',
  holds: 'connections are taken at the configured pace; those that are up stay up; everybody is back',
  plant: { bug: 'no-accept-limit', seen: /^NO_LIMIT/m },
  cluster: { config: { link: { acceptPerSecond: ACCEPTS_PER_SECOND }, delivery: { ackTimeoutMs: 10_000 } } },
  check: { maxLatencyMs: 20_000 },
  world: { users: STORM, retryMs: 1, heartbeatSec: 10, pauseMs: 60 },
  // What the killed worker had counted is gone with it, so that a second storm cannot be told from the first.
  blows: 1,
  arm({ cluster, trial, complain }) {
    const { length } = cluster.pids().workers;
    let victim = 0;
    let struck = 0;
    let refusedBefore = 0;
    const refused = async (): Promise<number> => {
      const { body } = await cluster.admin('GET', '/metrics').catch(() => ({ body: '' }));
      return Number(/^longlink_refusals_total\{reason="ACCEPT_RATE"\} (\d+)$/m.exec(body)?.[1] ?? 0);
    };
    return {
      async inject() {
        struck += 1;
        refusedBefore = await refused();
        const { workers } = cluster.pids();
        victim = busiest(workers);
        signal(victim, 'SIGKILL');
      },
      lastsMs: 2_000,
      async heal() {
        await until('another worker', 20_000, () => {
          const { workers } = cluster.pids();
          return workers.length === length && !workers.includes(victim);
        });
        await trial.allConnected(40_000);
        if ((await refused()) === refusedBefore) complain(`NO_LIMIT storm ${struck} was let in as it came`);
      },
    };
  },
};

export const clockJumps: Row = {
  name: 'clock-jumps',
  group: 'clients',
  stores: STORES,
  needs: ['faketime'],
  what: 'the clock of the server jumps 31 days ahead and back, then two hours back and forth',
  holds: 'nothing expires by it, no id goes back, timers go on',
  plant: { bug: 'believe-clock', seen: /^(LOST|REORDER|DROP_UNJUSTIFIED|ORDER_RT)/m },
  cluster: { config: { store: { sweepEveryMs: 50 } } },
  stage(scratch) {
    const file = join(scratch, 'clock');
    writeFileSync(file, '+0');
    const env = {
      LD_PRELOAD: findFaketime() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return { cluster: { env, config: { store: { sweepEveryMs: 50 } } }, clear: () => undefined };
  },
  async arm({ trial, cluster }) {
    const offsets = ['+31d', '-2h'];
    let turn = 0;
    const setClock = (offset: string): void => {
      writeFileSync(cluster.env.FAKETIME_TIMESTAMP_FILE ?? '', offset);
    };
    // Reads what the whole run left for it: a record that expired meanwhile never comes.
    const away = trial.addDevice({ dev: 'away', user: 'u0' });
    trial.devices.splice(trial.devices.indexOf(away), 1);
    return {
      inject() {
        setClock(offsets[turn % offsets.length] ?? '+0');
        turn += 1;
      },
      lastsMs: 3_000,
      async heal() {
        setClock('+0');
        await sleep(1_500);
      },
      async finish() {
        trial.devices.push(away);
        away.start();
        await away.connected();
      },
    };
  },
};

export const CLIENTS: readonly Row[] = [slowReader, clientDies, sameDeviceTwice, reconnectStorm, clockJumps];
