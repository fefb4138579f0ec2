/** What goes wrong in a run, and what people do meanwhile. Each seed draws its own mix. */
import { USERS, VERSIONS } from './model.js';
import type { World } from './world.js';

export interface Trouble {
  /** Share of wake-ups that get lost on the bus. */
  loseWakes: number;
  active: boolean;
}

type Deed = (world: World) => void;

/** Things that happen at a moment, each with how often it does compared to the others. */
const DEEDS: readonly (readonly [number, string, Deed])[] = [
  [6, 'connection reset', (world) => pickDevice(world).reset()],
  [4, 'connection black hole', (world) => pickDevice(world).blackhole()],
  [4, 'reconnect', (world) => pickDevice(world).reconnect()],
  [4, 'second connection', (world) => pickDevice(world).connectAgain()],
  [2, 'reinstallation', (world) => pickDevice(world).reinstall()],
  [6, 'user switched', (world) => pickDevice(world).switchUser(world.kernel.random.pick([...USERS, '']))],
  [2, 'session invalid', (world) => pickDevice(world).switchUser(world.kernel.random.pick(USERS), 'invalid')],
  [3, 'app to background or front', toggleForeground],
  [3, 'app updated', (world) => pickDevice(world).updateApp(world.kernel.random.pick(VERSIONS))],
  [4, 'app went mute', muteApp],
  [5, 'message is poison', poison],
  [3, 'device reads slowly', stall],
  [3, 'worker frozen', freezeWorker],
  [2, 'worker killed', killWorker],
  [2, 'control killed', killControl],
  [3, 'disk trouble', troubleDisk],
  [3, 'slow bus', slowBus],
  [2, 'slow network', slowNetwork],
  [3, 'wake-ups get lost', loseWakes],
  [2, 'configuration offline', takeOffline],
  [1, 'clock stepped', stepClock],
];

/** Draws deeds until the time; some seeds are nearly quiet, some are wild, and each leaves some deeds out. */
export function causeTrouble(world: World, untilMs: number): void {
  const { random } = world.kernel;
  const everyMs = random.pick([600, 1_500, 4_000]);
  const chosen = DEEDS.filter(() => random.chance(0.6));
  const urn = chosen.flatMap((deed) => new Array<typeof deed>(deed[0]).fill(deed));
  if (urn.length === 0) return;
  for (let at = 4_000; at < untilMs; at += random.int(1, 2 * everyMs)) {
    world.kernel.after(at, null, () => {
      const [, name, run] = random.pick(urn);
      world.history.cover(name);
      world.history.note(() => `~~ ${name}`);
      run(world);
    });
  }
}

/** Everything works from here on. */
export function heal(world: World): void {
  const { kernel, server, devices, disk, bus, network, trouble } = world;
  trouble.active = false;
  trouble.loseWakes = 0;
  Object.assign(disk.faults, { writeFails: 0, readFails: 0, maxWriteMs: 20, maxReadMs: 5 });
  bus.maxDelayMs = 10;
  network.maxDelayMs = 20;
  world.offline.clear();
  world.catalogueVersion++;
  if (server.control === null) server.startControl();
  while (server.workers.length < 2) server.startWorker();
  for (const worker of server.workers) kernel.thaw(worker.process);
  for (const device of devices) {
    device.app.mute = false;
    device.app.slowMs = 50;
    device.app.poison.clear();
    device.stall(false);
    device.setForeground(true);
    if (device.user === '' || device.sessionId !== 'valid')
      device.switchUser(device.user === '' ? kernel.random.pick(USERS) : device.user);
    device.reconnect();
  }
}

function pickDevice({ kernel, devices }: World) {
  return kernel.random.pick(devices);
}

/** Undoes something later, but not after the time of trouble. */
function afterAWhile({ kernel, trouble }: World, fromMs: number, toMs: number, undo: () => void): void {
  kernel.after(kernel.random.int(fromMs, toMs), null, () => {
    if (trouble.active) undo();
  });
}

function toggleForeground(world: World): void {
  const device = pickDevice(world);
  device.setForeground(!device.foreground);
}

function muteApp(world: World): void {
  const { app } = pickDevice(world);
  app.mute = true;
  afterAWhile(world, 2_000, 60_000, () => {
    app.mute = false;
  });
}

/** The next messages of a device make its app crash. */
function poison(world: World): void {
  const { app } = pickDevice(world);
  const next = world.history.messages.size;
  for (let at = 1; at <= 6; at++) app.poison.add(`m${next + at}`);
}

function stall(world: World): void {
  const device = pickDevice(world);
  device.stall(true);
  afterAWhile(world, 500, 15_000, () => device.stall(false));
}

function freezeWorker(world: World): void {
  const { kernel, server } = world;
  if (server.workers.length === 0) return;
  const worker = kernel.random.pick(server.workers);
  kernel.freeze(worker.process);
  afterAWhile(world, 300, 9_000, () => kernel.thaw(worker.process));
}

function killWorker(world: World): void {
  const { kernel, server, history } = world;
  if (server.workers.length === 0) return;
  const worker = kernel.random.pick(server.workers);
  if (worker.sessions().some(({ feeds }) => feeds.some(({ batches }) => batches.length > 0)))
    history.cover('worker killed with records in flight');
  server.killWorker(worker);
  afterAWhile(world, 200, 4_000, server.startWorker);
}

function killControl(world: World): void {
  const { server, history, disk } = world;
  if (disk.watch.pendingAppends > 0) history.cover('control killed with appends under way');
  server.killControl();
  afterAWhile(world, 200, 6_000, () => {
    if (server.control === null) server.startControl();
  });
}

function troubleDisk(world: World): void {
  const { faults } = world.disk;
  const { random } = world.kernel;
  const bad = { writeFails: 0.3, readFails: 0.2, maxWriteMs: 400, maxReadMs: 300 };
  Object.assign(faults, random.chance(0.5) ? bad : { ...bad, writeFails: 0, readFails: 0 });
  afterAWhile(world, 1_000, 10_000, () => {
    Object.assign(faults, { writeFails: 0, readFails: 0, maxWriteMs: 30, maxReadMs: 10 });
  });
}

function slowBus(world: World): void {
  world.bus.maxDelayMs = world.kernel.random.pick([200, 1_500]);
  afterAWhile(world, 1_000, 8_000, () => {
    world.bus.maxDelayMs = 20;
  });
}

function slowNetwork(world: World): void {
  world.network.maxDelayMs = world.kernel.random.pick([300, 3_000]);
  afterAWhile(world, 1_000, 15_000, () => {
    world.network.maxDelayMs = 40;
  });
}

function loseWakes(world: World): void {
  world.trouble.loseWakes = 0.5;
  afterAWhile(world, 1_000, 10_000, () => {
    world.trouble.loseWakes = 0;
  });
}

function takeOffline(world: World): void {
  const biz = world.kernel.random.pick(['device-data', 'user-data', 'single', 'global']);
  world.offline.add(biz);
  world.catalogueVersion++;
  afterAWhile(world, 1_000, 10_000, () => {
    world.offline.delete(biz);
    world.catalogueVersion++;
  });
}

/** Small steps, as they are followed without asking (src/clock.ts). */
function stepClock(world: World): void {
  world.clockStepMs += world.kernel.random.int(-1_500, 1_500);
}

export const DEED_NAMES: readonly string[] = DEEDS.map(([, name]) => name);
