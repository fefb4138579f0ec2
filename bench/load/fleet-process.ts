/** A process full of simulated devices, told what to do by the bench. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecorder } from '../../test/history/recorder.js';
import { createMqtt } from '../peers/mqtt.js';
import { createNats } from '../peers/nats.js';
import { closeDevice, cutDevice, Device, type Fleet, type FleetRules, openDevice } from './device.js';
import { createLonglink, type LonglinkRules } from './longlink.js';
import { nowUs } from './payload.js';
import type { Protocol } from './protocol.js';
import { serveParent, tell } from './questions.js';
import { emptyTally, Samples, type Shared, type Tally } from './tally.js';

export interface FleetSetup {
  readonly run: string;
  readonly rules: FleetRules;
  readonly protocol: 'longlink' | 'mqtt' | 'nats';
  readonly longlink: LonglinkRules;
  /** File for the history of these devices, or null. */
  readonly history: string | null;
  /** Device numbers of this process: from `first`, so many. */
  readonly first: number;
  readonly count: number;
  /** Pause between two pings of one device, ms; 0 for none. */
  readonly pingMs: number;
}

/** News of a fleet process, ten times a second. */
export interface FleetNews {
  readonly tally: Tally;
  readonly delays: Uint32Array;
  readonly globalDelays: Uint32Array;
  readonly connectTimes: Uint32Array;
}

/** What the devices have, for the verdict at the end. */
export interface FleetState {
  readonly first: number;
  readonly sequences: Uint32Array;
  readonly globals: Uint32Array;
}

const NEWS_MS = 100;
const OPEN_STEP_MS = 5;
const PING_STEP_MS = 100;

let fleet: Fleet | null = null;
let stopPings: (() => void) | null = null;

function current(): Fleet {
  if (fleet === null) throw new Error('not set up');
  return fleet;
}

function setup(options: FleetSetup): void {
  const shared: Shared = {
    run: Buffer.from(options.run, 'latin1'),
    tally: emptyTally(),
    delays: new Samples(),
    globalDelays: new Samples(),
    connectTimes: new Samples(),
    recorder: options.history === null ? null : openRecorder(options.history),
  };
  const protocol = protocolOf(options);
  const made: Fleet = { rules: options.rules, shared, protocol, devices: [], session: null };
  for (let i = 0; i < options.count; i += 1) made.devices.push(new Device(made, options.first + i));
  fleet = made;
  setInterval(() => tell('news', news(made)), NEWS_MS).unref();
  if (options.pingMs > 0) stopPings = startPings(made, options.pingMs);
}

function protocolOf({ protocol, longlink }: FleetSetup): Protocol {
  if (protocol === 'mqtt') return createMqtt();
  return protocol === 'nats' ? createNats() : createLonglink(longlink);
}

function news({ shared }: Fleet): FleetNews {
  return {
    tally: shared.tally,
    delays: shared.delays.take(),
    globalDelays: shared.globalDelays.take(),
    connectTimes: shared.connectTimes.take(),
  };
}

/** Goes round the devices, so that each pings once in `pingMs` and no two seconds differ. */
function startPings({ devices, protocol }: Fleet, pingMs: number): () => void {
  const started = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / pingMs) * devices.length);
    const ping = protocol.ping();
    for (; done < due; done += 1) {
      const device = devices[done % devices.length];
      if (ping !== null && device?.online) device.socket?.write(ping);
    }
  }, PING_STEP_MS);
  return () => clearInterval(timer);
}

/** Connects devices at a rate, open loop: what comes late counts as late. */
async function open(args: {
  readonly from: number;
  readonly count: number;
  readonly perSecond: number;
}): Promise<void> {
  const { devices } = current();
  const startUs = nowUs();
  const gapUs = 1e6 / args.perSecond;
  for (let done = 0; done < args.count; ) {
    const due = Math.min(args.count, Math.floor((nowUs() - startUs) / gapUs) + 1);
    for (; done < due; done += 1) {
      const device = devices[args.from + done];
      if (device !== undefined) openDevice(device, startUs + done * gapUs);
    }
    await sleep(OPEN_STEP_MS);
  }
}

/** Connects and disconnects again and again, so many at once, for a time. @returns nothing: the news tell. */
async function churn(args: { readonly atOnce: number; readonly seconds: number }): Promise<void> {
  const { devices } = current();
  const end = performance.now() + args.seconds * 1000;
  const lane = async (from: number): Promise<void> => {
    for (let i = from; performance.now() < end; i += args.atOnce) {
      const device = devices[i % devices.length];
      if (device === undefined || device.socket !== null) {
        await sleep(1);
        continue;
      }
      const before = device.connections;
      openDevice(device, nowUs());
      while (device.connections === before && device.socket !== null) await sleep(1);
      closeDevice(device);
    }
  };
  await Promise.all(Array.from({ length: args.atOnce }, (_, from) => lane(from)));
}

/** Every device writes so many bytes that mean nothing: a frame of a kind that nobody knows. */
async function burst(args: { readonly bytes: number; readonly perSecond: number }): Promise<void> {
  // Field 500 of a frame, length-delimited; protobuf skips what it does not know.
  const body = Buffer.concat([varint(500 * 8 + 2), varint(args.bytes), Buffer.alloc(args.bytes)]);
  const frame = Buffer.concat([varint(body.length), body]);
  const started = performance.now();
  let done = 0;
  for (const device of current().devices) {
    device.socket?.write(frame);
    done += 1;
    const aheadMs = (done * 1000) / args.perSecond - (performance.now() - started);
    if (aheadMs > 0) await sleep(aheadMs);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest < 128 ? 0 : 128));
    if (rest < 128) return Buffer.from(bytes);
  }
}

function state(): FleetState {
  const { devices } = current();
  return {
    first: devices[0]?.index ?? 0,
    sequences: Uint32Array.from(devices, (device) => device.lastSequence),
    globals: Uint32Array.from(devices, (device) => device.lastGlobal),
  };
}

serveParent({
  setup,
  open,
  churn,
  burst,
  state,
  news: () => news(current()),
  cut: () => current().devices.forEach(cutDevice),
  close: () => {
    stopPings?.();
    current().devices.forEach(closeDevice);
  },
  flush: () => current().shared.recorder?.flush(),
});
