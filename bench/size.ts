/** What a deployment takes, from what one device, one delivery and one handshake cost. */
import type { Result } from './report/result.js';
import { columns, showNumber } from './report/table.js';

/** What is to be served. */
export interface Demand {
  readonly devices: number;
  /** Share of the devices that speak TLS to us, 0..1. */
  readonly tlsShare: number;
  /** Deliveries a second, acknowledged by devices. */
  readonly messagesPerSecond: number;
  /** How often a device connects anew, times a day. */
  readonly connectsPerDay: number;
}

/** What things cost. Bytes and processor time of the server's side. */
export interface Costs {
  /** Resident in a worker, of an idle device. */
  readonly plainBytes: number;
  readonly tlsBytes: number;
  /** Of control: its route, and what the store remembers of its streams. */
  readonly routeBytes: number;
  /** Of the kernel: socket, its file, its place in epoll. */
  readonly kernelBytes: number;
  /** Before the first device. */
  readonly workerBytes: number;
  readonly controlBytes: number;
  readonly controlUsPerMessage: number;
  readonly workerUsPerMessage: number;
  readonly plainHandshakeMs: number;
  readonly tlsHandshakeMs: number;
}

/**
 * Rounded up from the runs in bench/results on two shared cores; give the results of your own machine
 * instead. A TLS device that has once received 60 KB keeps up to 81 KB on Node 20, which is not counted here.
 */
export const REFERENCE_COSTS: Costs = {
  plainBytes: 6 * 1024,
  tlsBytes: 34 * 1024,
  routeBytes: 6 * 1024,
  kernelBytes: 4 * 1024,
  workerBytes: 110 * 2 ** 20,
  controlBytes: 200 * 2 ** 20,
  controlUsPerMessage: 60,
  workerUsPerMessage: 35,
  plainHandshakeMs: 0.3,
  tlsHandshakeMs: 1.2,
};

/** Figures of results that stand for a cost, and what one unit of them is. */
const SOURCES: readonly (readonly [keyof Costs, string, number, tls?: boolean])[] = [
  ['plainBytes', 'RSS of the workers per device', 1024, false],
  ['tlsBytes', 'RSS of the workers per device', 1024, true],
  ['routeBytes', 'RSS of control per device', 1024],
  ['controlUsPerMessage', 'NDJSON: CPU of control per delivery', 1],
  ['workerUsPerMessage', 'NDJSON: CPU of the workers per delivery', 1],
  ['plainHandshakeMs', 'plain: CPU of the workers per handshake', 1],
  ['tlsHandshakeMs', 'TLS full: CPU of the workers per handshake', 1],
];

/** The costs as measured, the reference for what was not. */
export function costsOf(results: readonly Result[]): Costs {
  const costs: Record<keyof Costs, number> = { ...REFERENCE_COSTS };
  for (const result of results)
    for (const [cost, name, unit, tls] of SOURCES) {
      const figure = result.figures.find((candidate) => candidate.name === name);
      if (figure === undefined || (tls !== undefined && result.options.tls !== tls)) continue;
      costs[cost] = figure.value * unit;
    }
  return costs;
}

/** Processes are planned to be this busy: what is above is for bursts and for a neighbour that died. */
const BUSY = 0.6;
/** Devices of one worker, whatever its limit of open files: what is lost when it dies. */
const MOST_PER_WORKER = 100_000;
const DAY_SECONDS = 86_400;

export interface Size {
  readonly workers: number;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Share of one core that control needs; it cannot use more than one. */
  readonly controlShare: number;
  /** Seconds until all devices are back after a restart of everything, by processor time alone. */
  readonly returnSeconds: number;
}

export function sizeOf(demand: Demand, costs: Costs): Size {
  const { devices, tlsShare, messagesPerSecond, connectsPerDay } = demand;
  const mixed = (plain: number, tls: number): number => plain * (1 - tlsShare) + tls * tlsShare;
  const handshakeMs = mixed(costs.plainHandshakeMs, costs.tlsHandshakeMs);
  const connectShare = (devices * connectsPerDay * handshakeMs) / 1000 / DAY_SECONDS;
  const workerShare = (messagesPerSecond * costs.workerUsPerMessage) / 1e6 + connectShare;
  const controlShare = (messagesPerSecond * costs.controlUsPerMessage) / 1e6;
  const workers = Math.max(1, Math.ceil(devices / MOST_PER_WORKER), Math.ceil(workerShare / BUSY));
  const perDevice = mixed(costs.plainBytes, costs.tlsBytes) + costs.routeBytes + costs.kernelBytes;
  return {
    workers,
    cores: Math.max(1, Math.ceil((workerShare + controlShare) / BUSY)),
    memoryBytes: devices * perDevice + workers * costs.workerBytes + costs.controlBytes,
    controlShare,
    returnSeconds: (devices * handshakeMs) / 1000 / workers,
  };
}

export function showSize(demand: Demand, costs: Costs): string {
  const size = sizeOf(demand, costs);
  const rows = [
    [
      'workers',
      String(size.workers),
      `of at most ${showNumber(MOST_PER_WORKER)} devices; their limit of open files must allow it`,
    ],
    ['cores', String(size.cores), `${BUSY * 100} % busy at this load`],
    [
      'memory',
      (size.memoryBytes / 2 ** 30).toFixed(1),
      'GiB, sockets of the kernel included, page cache for the store not',
    ],
    ['control', (size.controlShare * 100).toFixed(0), '% of one core; it is one process'],
    [
      'all back after a restart',
      size.returnSeconds.toFixed(0),
      's of processor time; the admission limits may make it longer',
    ],
  ];
  const asked = `${showNumber(demand.devices)} devices, ${demand.tlsShare * 100} % TLS, ${showNumber(demand.messagesPerSecond)} messages a second, ${demand.connectsPerDay} connects a day`;
  const lines = [asked, '', columns(rows)];
  if (size.controlShare > BUSY)
    lines.push('', 'More than one control process can do: part the devices among several servers.');
  return lines.join('\n');
}
