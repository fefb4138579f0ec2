/** The server under test: `longlink serve` as built, in a directory of its own, as it ships. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../test/free-port.js';
import { endChild, pinned } from './child.js';
import { APP, DEVICE_BIZ, GLOBAL_BIZ, INSTANCE, USER_BIZ, WORKSPACE } from './load/longlink.js';
import { childrenOf, cpuSeconds, residentBytes } from './machine.js';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
/** Many workers on a busy core take their time. */
const READY_MS = 180_000;
const STOP_MS = 60_000;

/** Settings that differ from the shipped defaults, by configuration key. Named in the result. */
export type Settings = Readonly<Record<string, string>>;

export interface ServerOptions {
  readonly dir: string;
  readonly cores: readonly number[] | null;
  readonly settings: Settings;
  /** Directory for CPU profiles of all processes of the server, or null. */
  readonly profileDir: string | null;
  /** Beside the environment of the bench. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Ports {
  readonly tls: number;
  readonly tcp: number;
  readonly api: number;
  readonly admin: number;
}

export interface ServerProcess {
  readonly role: 'supervisor' | 'control' | 'worker';
  readonly pid: number;
}

export interface Server {
  readonly ports: Ports;
  readonly adminToken: string;
  readonly settings: Settings;
  processes(): ServerProcess[];
  /** One call of the admin port. @throws when the answer is not 200. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** One value of /metrics, its labels added up. */
  metric(name: string, labels?: string): Promise<number>;
  /** Ends it in order, so that profiles are written. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
  log(): string;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const { dir, settings, profileDir } = options;
  const dataDir = join(dir, 'data');
  const logFile = join(dir, 'server.log');
  mkdirSync(dir, { recursive: true });
  // By number, so that a worker that comes back is found where the one before it was.
  const ports = await freePorts();
  const fixed = {
    listeners: JSON.stringify([
      { name: 'tls', port: ports.tls, tls: true },
      { name: 'tcp', port: ports.tcp, tls: false },
    ]),
    'api.port': String(ports.api),
    'openapi.port': '0',
    'admin.port': String(ports.admin),
    'drain.overMs': '0',
  };
  const set = Object.entries({ ...fixed, ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ]);
  const profile = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const [command, args] = pinned(options.cores, process.execPath, [
    ...profile,
    MAIN,
    'serve',
    '--data-dir',
    dataDir,
    ...set,
  ]);
  const out = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd: dir,
    stdio: ['ignore', out, out],
    detached: true,
    env: { ...process.env, ...options.env },
  });
  closeSync(out);
  const log = (): string => readFileSync(logFile, 'utf8');
  await ready(child, ports.admin, log);
  const adminToken = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();

  const call = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${ports.admin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text;
  };

  return {
    ports,
    adminToken,
    settings,
    log,
    processes: () => serverProcesses(child),
    admin: async (method, path, body) => JSON.parse(await call(method, path, body)) as unknown,
    async metric(name, labels = '') {
      let sum = 0;
      for (const line of (await call('GET', '/metrics')).split('\n')) {
        const rest = line.slice(name.length);
        if (line.startsWith(name) && /^[{ ]/.test(rest) && line.includes(labels))
          sum += Number(line.split(' ').at(-1));
      }
      return sum;
    },
    stop: () => endChild(child, 'SIGTERM', STOP_MS),
    async kill() {
      // The children of a killed supervisor end by themselves; the profile of none is written.
      const children = serverProcesses(child);
      await endChild(child, 'SIGKILL');
      for (const { pid } of children) killQuietly(pid);
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function serverProcesses(child: ChildProcess): ServerProcess[] {
  const supervisor = child.pid ?? 0;
  const below = childrenOf(supervisor).map(({ pid, command }) => ({
    role: / control\b/.test(command) ? ('control' as const) : ('worker' as const),
    pid,
  }));
  return [{ role: 'supervisor', pid: supervisor }, ...below];
}

async function freePorts(): Promise<Ports> {
  const [tls, tcp, api, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  return { tls, tcp, api, admin };
}

async function ready(child: ChildProcess, adminPort: number, log: () => string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => null);
    if (answer?.ok) return;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended:\n${log().slice(-4000)}`);
    if (performance.now() > deadline) throw new Error(`the server did not come up:\n${log().slice(-4000)}`);
    await sleep(20);
  }
}

/** The instance of the load and its three streams. */
export async function createStreams(
  server: Server,
  deliver: 'immediate' | 'foreground' = 'foreground',
): Promise<void> {
  await server.admin('POST', '/v1/instances', { workspaceId: WORKSPACE, appId: APP });
  const path = `/v1/instances/${INSTANCE}/configs`;
  await server.admin('POST', path, { bizType: USER_BIZ, scope: 'specified', object: 'user' });
  await server.admin('POST', path, { bizType: DEVICE_BIZ, scope: 'specified', object: 'device' });
  await server.admin('POST', path, { bizType: GLOBAL_BIZ, scope: 'global', object: 'device', deliver });
}

/** Use of the server's processes at one moment. */
export interface Usage {
  readonly atMs: number;
  readonly cpu: ReadonlyMap<number, number>;
  readonly processes: readonly ServerProcess[];
}

export function usageOf(server: Server): Usage {
  const processes = server.processes();
  return {
    atMs: performance.now(),
    processes,
    cpu: new Map(processes.map(({ pid }) => [pid, cpuSeconds(pid)])),
  };
}

/** Processor seconds since an earlier moment, by role. */
export function cpuSince(server: Server, before: Usage): Record<ServerProcess['role'], number> {
  const used = { supervisor: 0, control: 0, worker: 0 };
  for (const { role, pid } of server.processes()) used[role] += cpuSeconds(pid) - (before.cpu.get(pid) ?? 0);
  return used;
}

export function residentByRole(server: Server): Record<ServerProcess['role'], number> {
  const used = { supervisor: 0, control: 0, worker: 0 };
  for (const { role, pid } of server.processes()) used[role] += residentBytes(pid);
  return used;
}
