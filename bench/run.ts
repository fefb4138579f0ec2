/** One run of a scenario: its processes, its scratch directory, its progress line, and the end of all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { type DeviceFleet, type FleetOptions, startFleet } from './fleet.js';
import { openHistory } from './history.js';
import { INSTANCE } from './load/longlink.js';
import { newRunName } from './load/payload.js';
import type { LinesArgs, RequestsArgs, SenderSetup, Sent } from './load/sender-process.js';
import type { Cores } from './machine.js';
import type { Wrong } from './report/result.js';
import { createStreams, type Server, type Settings, startServer } from './server.js';

export interface RunOptions {
  readonly cores: Cores;
  readonly devices: number;
  readonly tls: boolean;
  readonly payloadBytes: number;
  readonly seconds: number;
  /** Small sizes, as continuous integration runs them: nothing that is measured then is worth anything. */
  readonly small: boolean;
  /** Fewer devices and rounds, for a first look. */
  readonly quick: boolean;
  /** How `throughput` sends. */
  readonly enqueue: 'lines' | 'requests' | 'both';
  readonly profileDir: string | null;
  readonly historyDir: string | null;
  /** A filled store that `depth` keeps from run to run, or null. */
  readonly storeDir: string | null;
  /** Settings given on the command line. */
  readonly settings: Settings;
}

export interface Sender {
  lines(args: LinesArgs): Promise<Sent>;
  requests(args: RequestsArgs): Promise<Sent>;
  /** Lets so many lines of the present call be sent. */
  grant(total: number): Promise<void>;
  sent(): Promise<{
    readonly first: number;
    readonly sequences: Uint32Array;
    readonly globalSequence: number;
  }>;
  flush(): Promise<void>;
}

export interface Run {
  readonly options: RunOptions;
  readonly name: string;
  readonly dir: string;
  /** Starts the server with these settings beside those of the command line, and makes the streams. */
  server(settings?: Settings, more?: ServerExtras): Promise<Server>;
  fleet(server: Pick<Server, 'ports'>, changes?: FleetChanges): Promise<DeviceFleet>;
  sender(server: Server, changes?: Partial<SenderSetup>): Promise<Sender>;
  /** Starts another process of the load or a peer; it is ended with the run. */
  child(module: string, cores: readonly number[] | null, env?: Readonly<Record<string, string>>): Child;
  /** Something to be done when the run ends, however it ends; the last given first. */
  defer(end: () => Promise<unknown> | undefined): void;
  /** Shows where the run is, on a terminal. */
  progress(text: string): void;
  /** Settings of the last server that are not the defaults. */
  settings(): Settings;
  /** When all is delivered: brings the histories to their end, if there are any. */
  rest(): Promise<void>;
  end(): Promise<void>;
}

export interface ServerExtras {
  /** How data for everybody is delivered. */
  readonly deliver?: 'immediate' | 'foreground';
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the instance and its streams are made: not on a further node of the same store. */
  readonly streams?: boolean;
}

export type FleetChanges = Partial<Omit<FleetOptions, 'rules' | 'longlink'>> & {
  readonly rules?: Partial<FleetOptions['rules']>;
  readonly longlink?: Partial<FleetOptions['longlink']>;
};

const CLEAR_LINE = '\r\x1b[2K';

export function createRun(options: RunOptions): Run {
  const name = newRunName();
  const dir = mkdtempSync(join(tmpdir(), 'longlink-bench-'));
  const { cores, historyDir } = options;
  const flushes: (() => Promise<unknown>)[] = [];
  // A process that has ended has nothing left to write.
  const flushAll = (): Promise<unknown> => Promise.allSettled(flushes.map((flush) => flush()));
  const history = historyDir === null ? null : openHistory(historyDir, name, flushAll);
  const ends: (() => Promise<unknown> | undefined)[] = [];
  let servers = 0;
  let settings: Settings = {};
  let shownAt = 0;
  let ending: Promise<void> | null = null;

  const run: Run = {
    options,
    name,
    dir,
    async server(own = {}, { deliver = 'foreground', env = {}, streams = true } = {}) {
      servers += 1;
      settings = { ...own, ...options.settings };
      const { profileDir } = options;
      const server = await startServer({
        dir: join(dir, `server-${servers}`),
        cores: cores.server,
        settings,
        profileDir,
        env,
      });
      run.defer(() => (profileDir === null ? server.kill() : server.stop()));
      if (streams) await createStreams(server, deliver);
      return server;
    },
    async fleet(server, changes = {}) {
      const { tls, devices } = options;
      const { rules, longlink, ...rest } = changes;
      const port = tls ? server.ports.tls : server.ports.tcp;
      const fleet = await startFleet({
        run: name,
        devices,
        firstDevice: 0,
        pingMs: 0,
        protocol: 'longlink',
        cores: cores.load,
        history: historyDir,
        ...rest,
        rules: {
          host: '127.0.0.1',
          port,
          tls,
          handshakes: 'resumed',
          hello: true,
          comeBackMs: null,
          obeyRetryAfter: true,
          ...rules,
        },
        longlink: { syncPoints: true, heartbeatSec: 0, ...longlink },
      });
      run.defer(() => fleet.stop());
      flushes.push(fleet.flush);
      return fleet;
    },
    async sender(server, changes = {}) {
      const child = run.child('./load/sender-process.js', cores.load);
      await child.ask('setup', {
        run: name,
        instance: INSTANCE,
        apiPort: server.ports.api,
        adminPort: server.ports.admin,
        adminToken: server.adminToken,
        payloadBytes: options.payloadBytes,
        devices: options.devices,
        firstDevice: 0,
        history: historyDir === null ? null : join(historyDir, `sender-${ends.length}.jsonl`),
        ...changes,
      } satisfies SenderSetup);
      flushes.push(() => child.ask('flush'));
      return {
        lines: (args) => child.ask('lines', args),
        requests: (args) => child.ask('requests', args),
        grant: (total) => child.ask('grant', total),
        sent: () => child.ask('sent'),
        flush: () => child.ask('flush'),
      };
    },
    child(module, on, env = {}) {
      const child = startChild({ module, cores: on, env });
      run.defer(() => child.stop());
      return child;
    },
    defer(end) {
      ends.push(end);
    },
    progress(text) {
      if (!process.stderr.isTTY || performance.now() - shownAt < 100) return;
      shownAt = performance.now();
      process.stderr.write(`${CLEAR_LINE}${text}`);
    },
    settings: () => settings,
    rest: async () => history?.end(),
    end() {
      // A run that is given up ends twice, by who gave it up and by itself: both wait for the same.
      ending ??= endAll();
      return ending;
    },
  };
  return run;

  async function endAll(): Promise<void> {
    if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Compares what every device was sent with what it has. Call it when all is delivered or will not be. */
export async function verify(fleet: DeviceFleet, sender: Pick<Sender, 'sent'>): Promise<Wrong> {
  const { first, sequences, globalSequence } = await sender.sent();
  const tally = await fleet.refresh();
  let lost = 0;
  let ghost = tally.ghosts;
  for (const state of await fleet.states()) {
    state.sequences.forEach((have, i) => {
      const sent = sequences[state.first - first + i] ?? 0;
      lost += Math.max(0, sent - have) + Math.max(0, globalSequence - (state.globals[i] ?? 0));
      if (have > sent) ghost += 1;
    });
  }
  const { duplicated, reordered, crossed } = tally;
  return { lost, duplicated, reordered, crossed, ghost };
}
