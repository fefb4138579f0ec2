/** One run: a server, devices and back ends, a time of trouble, a time of calm, and the verdict. */
import type { SyncConfig } from '../../src/core/model.js';
import type { CountName } from '../../src/core/session.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { createBackEnd } from './back-end.js';
import { createSimBus } from './bus.js';
import { createDevice, type Device } from './device.js';
import { createDisk } from './disk.js';
import { createHistory, type History, type Violation } from './history.js';
import { createKernel, type Kernel, useVirtualTimers } from './kernel.js';
import { CONFIGS, DEVICES, INSTANCE, RULES, SINGLE, START_MS, TROUBLE_MS, USERS } from './model.js';
import { createNetwork, type Network } from './network.js';
import { createServer, type Plants, type Server } from './server.js';
import { causeTrouble, heal, type Trouble } from './trouble.js';
import { judge, watchPromptness } from './verdict.js';

export interface RunOptions {
  readonly seed: number;
  readonly plants?: Plants;
  /** Gets a line for everything that happens. */
  readonly trace?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly coverage: ReadonlyMap<string, number>;
}

export interface World {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly bus: ReturnType<typeof createSimBus>;
  readonly disk: ReturnType<typeof createDisk>;
  readonly server: Server;
  readonly devices: readonly Device[];
  readonly history: History;
  readonly trouble: Trouble;
  /** Bizs that are taken offline. */
  readonly offline: Set<string>;
  catalogueVersion: number;
  /** Added to the wall clock. */
  clockStepMs: number;
  readonly store: ReturnType<typeof createMemoryStore>;
}

const WORKERS = 2;
/** Then everything works; after a while data comes again, and devices come and go in order. */
const CALM_FROM_MS = TROUBLE_MS + 20_000;
const CALM_TO_MS = CALM_FROM_MS + 30_000;
/** Each device connects once more, and nothing is sent any more. */
const LAST_CONNECT_MS = CALM_TO_MS + 8_000;
const END_MS = LAST_CONNECT_MS + 60_000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const kernel = createKernel(options.seed);
  const restore = useVirtualTimers(kernel);
  try {
    const world = createWorld(kernel, options);
    const { history } = world;
    const stop = (): boolean => history.first() !== null;
    start(world);
    await kernel.run(TROUBLE_MS, stop);
    heal(world);
    await kernel.run(CALM_FROM_MS, stop);
    calmDown(world);
    await kernel.run(LAST_CONNECT_MS, stop);
    for (const device of world.devices) device.reconnect();
    await kernel.run(END_MS, stop);
    if (!stop()) await judge(world);
    return { seed: options.seed, violation: history.first(), coverage: history.coverage };
  } finally {
    restore();
  }
}

function createWorld(kernel: Kernel, { plants = {}, trace }: RunOptions): World {
  const nowOf = () => ({ wall: START_MS + Math.floor(kernel.now()) + world.clockStepMs, mono: kernel.now() });
  const history = createHistory(kernel, () => nowOf().wall, trace ?? null);
  const store = createMemoryStore({ isSingleReader: (_instance, biz) => biz === SINGLE.biz });
  const disk = createDisk(kernel, store, {
    stored: history.stored,
    due: ({ stream, oplog }) => history.keep(stream.biz, stream.owner, oplog),
    progress: history.progress,
    pendingAppends: 0,
  });
  const trouble: Trouble = { loseWakes: 0, active: true };
  const bus = createSimBus(kernel, {
    loseWake: () => {
      const lost = kernel.random.chance(trouble.loseWakes);
      if (lost) history.cover('wake-up lost');
      return lost;
    },
  });
  const network = createNetwork(kernel);
  const configs = (): SyncConfig[] =>
    CONFIGS.map((config) => ({ ...config, online: !world.offline.has(config.biz) }));
  const server = createServer({
    kernel,
    network,
    bus,
    disk,
    rules: RULES,
    plants,
    now: nowOf,
    catalogue: () => ({ version: world.catalogueVersion, instances: [INSTANCE], configs: configs() }),
    written: history.written,
    feeds: history.feeds,
    counted: (biz: string, name: CountName, by: number) => history.counted(biz, name, by),
    event: (name, detail = '') => {
      history.cover(name);
      history.note(() => `${name} ${detail}`);
    },
  });
  const parts = { kernel, network, server, history };
  const devices = DEVICES.map((id, at) => createDevice(parts, id, at % 2 === 0 ? 'ios' : 'android'));
  const world: World = {
    kernel,
    network,
    bus,
    disk,
    server,
    devices,
    history,
    trouble,
    offline: new Set(),
    catalogueVersion: 1,
    clockStepMs: 0,
    store,
  };
  return world;
}

function start(world: World): void {
  const { kernel, server, devices } = world;
  const { random } = kernel;
  server.startControl();
  for (let at = 0; at < WORKERS; at++) server.startWorker();
  for (const device of devices) {
    if (random.chance(0.8)) device.switchUser(random.pick(USERS));
    kernel.after(random.int(500, 5_000), null, device.connect);
  }
  createBackEnd(world).work(1_000, TROUBLE_MS, 700);
  causeTrouble(world, TROUBLE_MS);
}

/** Data comes while devices come and go in order: what is late now is late by a fault of ours. */
function calmDown(world: World): void {
  const { kernel, devices } = world;
  const { random } = kernel;
  watchPromptness(world, CALM_TO_MS);
  createBackEnd(world).work(kernel.now(), CALM_TO_MS, 250);
  for (let at = kernel.now() + 500; at < CALM_TO_MS; at += random.int(200, 1_200)) {
    kernel.after(at - kernel.now(), null, () => random.pick(devices).reconnect());
  }
}
