/** Runs the real server, `longlink serve` as built, with its supervisor, control and workers, to be hurt. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PLANTER = new URL('./planted.js', import.meta.url).href;

/** Part of a configuration, merged section by section over the defaults of these tests. */
export type ConfigPart = Readonly<Record<string, unknown>>;

export interface ClusterOptions {
  readonly workers?: number;
  readonly config?: ConfigPart;
  /** Where the store lies; a fresh directory by default. */
  readonly dataDir?: string;
  /** Name of a bug to plant (planted.ts), so that the test shows that it can fail. */
  readonly plant?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Command that the server is started through, such as `prlimit --nofile=400`. */
  readonly through?: readonly string[];
}

export interface Ports {
  readonly tls: number;
  readonly tcp: number;
  readonly api: number;
  /** The signed APIs. */
  readonly openapi: number;
  readonly admin: number;
}

export interface Pids {
  readonly supervisor: number;
  readonly control: number;
  readonly workers: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Cluster {
  /** Scratch directory of this run: configuration, log, history. Removed by `dispose`. */
  readonly dir: string;
  readonly dataDir: string;
  readonly ports: Ports;
  /** What was added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts the server and waits until it says that it is ready. */
  start(): Promise<void>;
  /** Resolves when the admin port answers ready. */
  ready(timeoutMs?: number): Promise<void>;
  pids(): Pids;
  /** kill -9 of the supervisor and all its children. */
  killAll(): Promise<void>;
  /** SIGTERM to the supervisor. @returns the exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
  /** One call of the admin port. */
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Everything the server has written to its log. */
  log(): string;
  /** Stops what still runs and removes the scratch directory. */
  dispose(): Promise<void>;
}

const DEFAULTS: ConfigPart = {
  link: {
    acceptPerSecond: 100_000,
    connectionsPerAddress: 100_000,
    flapConnectsPerMinute: 10_000,
    // Raw devices acknowledge every batch by itself.
    framesPerSecond: 10_000,
    heartbeatSec: 5,
    minHeartbeatSec: 1,
    retryAfterMinMs: 50,
    retryAfterMaxMs: 1_000,
  },
  delivery: { ackTimeoutMs: 2_000, attemptBackoffMs: [0] },
  drain: { overMs: 1_000, limitMs: 5_000 },
  log: { level: 'info', format: 'json' },
};

function isSection(value: unknown): value is ConfigPart {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `over` section by section over `base`. */
export function merge(base: ConfigPart, over: ConfigPart): ConfigPart {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isSection(value) && isSection(below) ? merge(below, value) : value;
  }
  return merged;
}

/** Ports kept by number, so that a restarted server is found again. */
async function freePorts(): Promise<Ports> {
  return {
    tls: await freePort(),
    tcp: await freePort(),
    api: await freePort(),
    openapi: await freePort(),
    admin: await freePort(),
  };
}

/** Children of a process by their command lines; empty when it is gone. */
function childrenOf(pid: number): { readonly pid: number; readonly command: string }[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return pids.map((child) => ({
      pid: Number(child),
      command: readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' '),
    }));
  } catch {
    return [];
  }
}

/** False for a process that is gone, or dead and not yet reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends a signal; a process that is already gone is none to complain about. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves when `condition` holds. @throws when it does not in time. */
export async function until(
  what: string,
  timeoutMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(25);
  }
}

/** One HTTP request to a port of this machine; rejects on a connection that fails. */
export function call(
  options: {
    readonly agent?: Agent;
    readonly port: number;
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  },
  body?: string,
): Promise<Answer> {
  const { port, method, path, headers = {}, timeoutMs = 20_000 } = options;
  return new Promise((resolve, reject) => {
    const agent = options.agent === undefined ? {} : { agent: options.agent };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, ...agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Supervisors that run. A test that is ended by its time limit must not leave a server behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Prepares a server; nothing runs before `start`. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), 'longlink-faults-'));
  const dataDir = options.dataDir ?? join(dir, 'data');
  const ports = await freePorts();
  const workers = options.workers ?? 2;
  // A node that only answers calls has no link workers.
  const expected = options.config?.role === 'api' ? 0 : workers;
  const configFile = join(dir, 'config.json');
  const logFile = join(dir, 'server.log');
  const config = merge(merge(DEFAULTS, options.config ?? {}), {
    dataDir,
    workers,
    listeners: [
      { name: 'tls', port: ports.tls, host: '127.0.0.1', tls: true },
      { name: 'tcp', port: ports.tcp, host: '127.0.0.1', tls: false },
    ],
    api: { port: ports.api },
    openapi: { enabled: true, port: ports.openapi },
    admin: { port: ports.admin },
  });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  mkdirSync(join(dir, 'history'));
  let child: ChildProcess | null = null;

  const token = (): string => readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();

  async function admin(method: string, path: string, body?: unknown): Promise<Answer> {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { ...json, authorization: `Bearer ${token()}` };
    const text = body === undefined ? undefined : JSON.stringify(body);
    // A connection of its own: one kept alive may be closed by the server while a trial judges for
    // seconds without a turn of the event loop, and the next call would find that out as an error.
    return call({ port: ports.admin, method, path, headers }, text);
  }

  async function ready(timeoutMs = 60_000): Promise<void> {
    await until('ready', timeoutMs, async () => {
      if (child !== null && child.exitCode !== null)
        throw new Error(`the server ended:\n${log().slice(-2_000)}`);
      const answer = await call({
        port: ports.admin,
        method: 'GET',
        path: '/readyz',
        timeoutMs: 1_000,
      }).catch(() => null);
      return answer?.status === 200 && (await workersJoined()) >= expected;
    });
  }

  /** The server says ready when its first worker is there; a trial wants all of them. */
  async function workersJoined(): Promise<number> {
    const { body } = await admin('GET', '/metrics').catch(() => ({ body: '' }));
    return Number(/^longlink_workers (\d+)$/m.exec(body)?.[1] ?? 0);
  }

  async function start(): Promise<void> {
    const [command = process.execPath, ...rest] = [...(options.through ?? []), process.execPath];
    const preload = `${process.env.NODE_OPTIONS ?? ''} --import=${PLANTER}`.trim();
    const planted =
      options.plant === undefined ? {} : { FAULTS_PLANTED: options.plant, NODE_OPTIONS: preload };
    const out = openSync(logFile, 'a');
    child = spawn(command, [...rest, MAIN, 'serve'], {
      cwd: dir,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...planted, ...options.env, LONGLINK_CONFIG: configFile },
    });
    closeSync(out);
    const started = child;
    running.add(started);
    started.once('exit', () => running.delete(started));
    await ready();
  }

  function pids(): Pids {
    const supervisor = child?.pid ?? 0;
    const children = childrenOf(supervisor);
    const isControl = (command: string): boolean => / control\b/.test(command);
    return {
      supervisor,
      control: children.find((entry) => isControl(entry.command))?.pid ?? 0,
      workers: children.filter((entry) => !isControl(entry.command)).map((entry) => entry.pid),
    };
  }

  async function killAll(): Promise<void> {
    const { supervisor, control, workers } = pids();
    const all = [supervisor, control, ...workers].filter((pid) => pid > 0);
    for (const pid of all) signal(pid, 'SIGKILL');
    await until('all processes are gone', 10_000, () => all.every((pid) => !isAlive(pid)));
    child = null;
  }

  async function stop(): Promise<number | null> {
    const stopping = child;
    if (stopping === null || stopping.exitCode !== null) return stopping?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => stopping.once('exit', (code) => resolve(code)));
    stopping.kill('SIGTERM');
    const code = await Promise.race([ended, sleep(30_000, 'late' as const, { ref: false })]);
    if (code === 'late') {
      await killAll();
      return null;
    }
    child = null;
    return code;
  }

  function log(): string {
    try {
      return readFileSync(logFile, 'utf8');
    } catch {
      return '';
    }
  }

  async function dispose(): Promise<void> {
    if (child !== null) await killAll();
    rmSync(dir, { recursive: true, force: true });
  }

  const { env = {} } = options;
  return { dir, dataDir, ports, env, start, ready, pids, killAll, stop, admin, log, dispose };
}
