/** A Redis that is killed, torn, failed over, cut off, slow, full or emptied. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../faults/cluster.js';
import type { RawDevice } from '../../history/device.js';
import type { RedisServer } from '../../redis/servers.js';
import { lastCommandOf, lastTransaction, tear } from '../../redis/torn-file.js';
import { filterPorts, type PortFilter } from '../cut.js';
import { findFaketime } from '../needs.js';
import type { Row, Run } from '../row.js';

export const SHARED = ['redis', 'sentinel', 'cluster'] as const;
export const REDIS = ['redis-server'];
/** `api.answerTimeoutMs` and what a loaded machine adds. */
const ANSWERED_MS = 900 + 3_000;

/** Calls that took longer than they may, and devices that lost their connections. */
function noticed({ trial, complain }: Run): void {
  const slowest = trial.slowestCallMs();
  if (slowest > ANSWERED_MS) complain(`HANGS a call took ${slowest.toFixed(0)} ms`);
  const lost = trial.devices.filter((device) => device.tally.connects !== 1).length;
  if (lost > 0) complain(`SOCKETS ${lost} devices lost their connections`);
}

async function role(server: RedisServer): Promise<string> {
  const info = String(await server.command('info', 'replication').catch(() => ''));
  return /^role:(\w+)/m.exec(info)?.[1] ?? 'none';
}

async function primaries({ hosts }: Run): Promise<RedisServer[]> {
  const roles = await Promise.all(hosts.redis.map(role));
  return hosts.redis.filter((_, index) => roles[index] === 'master');
}

export const redisKilled: Row = {
  name: 'redis-killed',
  group: 'redis',
  stores: ['redis'],
  needs: REDIS,
  what: 'kill -9 of Redis in mid-write; started again on its files',
  holds: 'what was answered with success is there; calls are answered in time, devices stay connected',
  plant: { bug: 'error-is-success', seen: /^LOST/m },
  world: { callers: 32, pauseMs: 2, pushes: false, heartbeatSec: 30 },
  arm(run) {
    const [server] = run.hosts.redis;
    return {
      inject: () => server?.kill(),
      lastsMs: 1_500,
      heal: () => server?.start(),
      finish: () => noticed(run),
    };
  },
};

export const redisTorn: Row = {
  name: 'redis-torn',
  group: 'redis',
  stores: ['redis'],
  needs: REDIS,
  what: 'kill -9 of Redis, whose file then ends with the beginning of a transaction; started again as we ship it',
  holds: 'of what was half-written nothing comes back, neither at this start nor at the next',
  plant: { bug: 'load-torn', seen: /^(CONSERVATION|DOUBLE_STORE|ID_REUSE)/m },
  // It is the start after the next kill that would carry out what the first one has left.
  leastBlows: 2,
  recoveryMs: 40_000,
  world: { callers: 24, pauseMs: 5, pushes: false, heartbeatSec: 60 },
  arm(run) {
    const [server] = run.hosts.redis;
    let isFirst = true;
    return {
      async inject() {
        await server?.kill();
        if (server === undefined) return;
        const transaction = lastTransaction(server, ':accepted');
        // Within the last of two counters it shows for certain, anywhere else by luck.
        const anywhere = 1 + Math.floor(run.random() * (transaction.length - 1));
        tear(server, transaction, isFirst ? lastCommandOf(transaction) + 2 : anywhere);
        isFirst = false;
      },
      lastsMs: 500,
      heal: () => server?.start(),
      finish: () => noticed(run),
    };
  },
};

/** Local ports of the connections by which replicas follow a primary. */
async function replicaPorts(primary: RedisServer): Promise<number[]> {
  const list = String(await primary.command('client', 'list', 'type', 'replica'));
  return [...list.matchAll(/\baddr=[^ ]*:(\d+)/g)].map(([, port]) => Number(port));
}

export const failover: Row = {
  name: 'failover',
  group: 'redis',
  stores: ['sentinel', 'cluster'],
  needs: [...REDIS, 'root', 'nft'],
  what: 'a primary is cut off from its replicas, goes on for 3 s, and is killed; a replica takes its place',
  holds: 'level R2: nothing that was answered with success is lost, no id is given twice',
  plant: { bug: 'forget-wait', seen: /^(LOST|ID_REUSE|DOUBLE_STORE)/m },
  level: 'R2',
  blows: 1,
  recoveryMs: 60_000,
  check: { maxLatencyMs: 60_000, lostTails: true },
  world: { callers: 24, pauseMs: 2, pushes: false, heartbeatSec: 60 },
  arm(run) {
    let victim: RedisServer | undefined;
    let filter: PortFilter | undefined;
    let away: readonly RawDevice[] = [];
    return {
      async inject() {
        // What is for them is only in Redis: the rest has its messages before the primary dies.
        away = run.trial.devices.filter((_, index) => index % 2 === 0);
        for (const device of away) device.stop();
        const found = await primaries(run);
        victim = found[Math.floor(run.random() * found.length)];
        if (victim === undefined) throw new Error('no primary');
        const ports = await replicaPorts(victim);
        if (ports.length === 0) throw new Error('no replica follows the primary');
        filter = filterPorts(ports);
        filter.cut();
      },
      lastsMs: 3_000,
      async heal() {
        await victim?.kill();
        const rest = run.hosts.redis.filter((server) => server !== victim);
        const wanted = run.hosts.sentinels.length > 0 ? 1 : 3;
        await until('a replica has taken its place', 30_000, async () => {
          const roles = await Promise.all(rest.map(role));
          return roles.filter((one) => one === 'master').length >= wanted;
        });
        // Not sooner: the kernel goes on sending what a killed process has left in its sockets.
        filter?.heal();
        // It comes back as a replica: R2 counts on all of them.
        await victim?.start();
        for (const device of away) device.start();
      },
    };
  },
};

export const redisCut: Row = {
  name: 'redis-cut',
  group: 'redis',
  stores: ['redis'],
  needs: [...REDIS, 'root', 'nft'],
  what: 'no packet passes between the nodes and Redis for 5 s: what is under way comes late, after it was called again',
  holds:
    'calls are answered in time, with SYSTEM_ERROR; devices stay connected; afterwards nothing is stored twice',
  plant: { bug: 'forget-calls-redis', seen: /^(DOUBLE_STORE|ID_REUSE|CONSERVATION)/m },
  recoveryMs: 40_000,
  world: { callers: 24, pauseMs: 5, pushes: false, heartbeatSec: 60 },
  arm(run) {
    const filter = filterPorts(run.hosts.redis.map(({ port }) => port));
    return {
      inject: () => filter.cut(),
      lastsMs: 5_000,
      heal: () => filter.heal(),
      finish: () => noticed(run),
    };
  },
};

/** Longer than a command may take, shorter than a silent connection is kept. */
const PAUSE_MS = 1_400;

export const redisSlow: Row = {
  name: 'redis-slow',
  group: 'redis',
  stores: SHARED,
  needs: REDIS,
  what: 'Redis answers no write for 1.4 s (CLIENT PAUSE), and does then what was given up',
  holds: 'calls are answered in time; what is unknown and called again is stored once',
  plant: { bug: 'forget-calls-redis', seen: /^(DOUBLE_STORE|ID_REUSE|CONSERVATION)/m },
  recoveryMs: 40_000,
  world: { callers: 24, pauseMs: 5, pushes: false, heartbeatSec: 60 },
  arm(run) {
    return {
      async inject() {
        for (const server of await primaries(run)) await server.command('client', 'pause', PAUSE_MS, 'write');
      },
      lastsMs: PAUSE_MS,
      heal: () => undefined,
      finish: () => noticed(run),
    };
  },
};

export const redisFull: Row = {
  name: 'redis-full',
  group: 'redis',
  stores: ['redis'],
  needs: REDIS,
  what: 'Redis has no memory left (maxmemory below what it uses, noeviction), and has it again',
  holds: 'data is refused with SYSTEM_ERROR and nothing stored is evicted; it heals by itself',
  plant: { bug: 'error-is-success', seen: /^LOST/m },
  recoveryMs: 40_000,
  world: { callers: 12, pauseMs: 10, pushes: false, heartbeatSec: 60 },
  arm(run) {
    const [server] = run.hosts.redis;
    return {
      inject: async () => void (await server?.command('config', 'set', 'maxmemory', '1mb')),
      lastsMs: 3_000,
      heal: async () => void (await server?.command('config', 'set', 'maxmemory', '0')),
      finish: () => noticed(run),
    };
  },
};

/** Below `clock.maxStepMs`, so that it is followed, and longer than a run. */
const AHEAD_SEC = 50;

async function floorsRaised({ hosts }: Run): Promise<number> {
  const answers = await Promise.all(hosts.gateways.map((node) => node.admin('GET', '/metrics')));
  const counts = answers.map(({ body }) => /^longlink_floors_raised_total (\d+)$/m.exec(body)?.[1] ?? 0);
  return counts.reduce<number>((sum, count) => sum + Number(count), 0);
}

export const redisEmptied: Row = {
  name: 'redis-emptied',
  group: 'redis',
  stores: ['redis'],
  needs: [...REDIS, 'faketime'],
  what: `FLUSHALL, when the clock of the node has just been set back by ${AHEAD_SEC} s: devices have seen ids ahead of it`,
  holds:
    'what was in Redis is lost; devices that come back raise the counters, which is counted; no id is given twice, all that is sent afterwards comes',
  plant: { bug: 'never-raise', seen: /^(LOST|NOT_RECOVERED|ID_REUSE)/m },
  blows: 1,
  losesCounters: true,
  recoveryMs: 15_000,
  // What waits for its time has the clock of the test; what one of several devices gets, no point of a device.
  world: { pushes: false, special: false },
  stage(scratch) {
    const file = join(scratch, 'clock');
    writeFileSync(file, `+${AHEAD_SEC}`);
    const env = {
      LD_PRELOAD: findFaketime() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return { cluster: { env }, clear: () => undefined };
  },
  arm(run) {
    const { trial, cluster, hosts, complain } = run;
    let before = 0;
    return {
      async inject() {
        before = await floorsRaised(run);
        writeFileSync(cluster.env.FAKETIME_TIMESTAMP_FILE ?? '', '+0');
        // A process that has little to do is slow to read the file again.
        await sleep(5_000);
        await hosts.redis[0]?.command('flushall');
        for (const device of trial.devices) device.drop();
      },
      lastsMs: 1_000,
      async heal() {
        await trial.allConnected(30_000);
        await sleep(500);
        // Also what was accepted before its device had come back.
        trial.declareLost();
        if ((await floorsRaised(run)) === before) complain('NO_ALARM no raised counter was counted');
      },
    };
  },
};

export const REDIS_ROWS: readonly Row[] = [
  redisKilled,
  redisTorn,
  failover,
  redisCut,
  redisSlow,
  redisFull,
  redisEmptied,
];
