/** The bare platform with all devices of a run: in as many processes as open files ask for, all on the same cores. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceFleet } from '../fleet.js';
import type { FleetRules } from '../load/device.js';
import { processesFor } from '../machine.js';
import type { Run } from '../run.js';
import { type Peer, startBare } from './peer.js';

export interface BareFleet {
  /** Connects all devices at a rate and waits until they are online. */
  open(perSecond: number, timeoutMs: number): Promise<void>;
  /** Of all parts together, up to date. */
  count(name: 'online' | 'welcomes' | 'received'): Promise<number>;
  /** Resolves when the count has reached so many. */
  reached(name: 'online' | 'welcomes' | 'received', wanted: number, timeoutMs: number): Promise<void>;
  /** Writes a message to every device in one go. @returns ms until the last has it. */
  broadcast(timeoutMs: number): Promise<number>;
  cut(): Promise<void>;
  close(): Promise<void>;
}

interface Part {
  readonly peer: Peer;
  readonly fleet: DeviceFleet;
}

/** Starts the servers and their devices, which do not connect yet. */
export async function startBareFleet(run: Run, rules: Partial<FleetRules>): Promise<BareFleet> {
  const { devices, tls } = run.options;
  const count = processesFor(devices);
  const parts: Part[] = [];
  for (let at = 0; at < count; at += 1) {
    const first = Math.floor((devices * at) / count);
    const part = { first, devices: Math.floor((devices * (at + 1)) / count) - first };
    const peer = await startBare(run, part);
    const ports = { tls: peer.port, tcp: peer.port, api: 0, admin: 0 };
    const fleet = await run.fleet(
      { ports },
      {
        rules: { tls, ...rules, port: peer.port },
        history: null,
        firstDevice: part.first,
        devices: part.devices,
      },
    );
    parts.push({ peer, fleet });
  }
  const all = <T>(what: (part: Part) => Promise<T>): Promise<T[]> => Promise.all(parts.map(what));

  const bare: BareFleet = {
    open: async (perSecond, timeoutMs) =>
      void (await all(({ fleet }) => fleet.open(perSecond / parts.length, timeoutMs))),
    async count(name) {
      const tallies = await all(({ fleet }) => fleet.refresh());
      return tallies.reduce((sum, tally) => sum + tally[name], 0);
    },
    async reached(name, wanted, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while ((await bare.count(name)) < wanted) {
        if (performance.now() > deadline) throw new Error(`bare platform: ${wanted} ${name}: not in time`);
        await sleep(20);
      }
    },
    async broadcast(timeoutMs) {
      const before = await bare.count('received');
      for (const { fleet } of parts) fleet.resetDelays();
      await all(({ peer }) => peer.broadcast?.() ?? Promise.resolve());
      await bare.reached('received', before + devices, timeoutMs);
      return Math.max(...parts.map(({ fleet }) => fleet.delays.max)) / 1000;
    },
    cut: async () => void (await all(({ fleet }) => fleet.cut())),
    close: async () => void (await all(({ fleet }) => fleet.close())),
  };
  return bare;
}
