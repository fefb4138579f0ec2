/** The rows of the table: which scenario gives each figure, at which size, and what is to be reached. */
import type { Sizes } from './scenarios/scenario.js';
import type { Settings } from './server.js';

/** A figure that is shown, and what is to be reached. */
export interface Cell {
  /** Name of the figure in the result. */
  readonly figure: string;
  /** What the table calls it. */
  readonly title: string;
  readonly reach: string;
  /** The same as a number, in the figure's unit: at least, at most. */
  readonly least?: number;
  readonly most?: number;
}

export interface Row {
  readonly name: string;
  readonly scenario: string;
  readonly sizes: Sizes;
  /** Settings that are not the default, for a row that says so. */
  readonly settings?: Settings;
  /** The scenario is run so often, for the medians; once when left out. */
  readonly runs?: number;
  /** What its figures are made from: medians of so many rounds, or one. */
  readonly rounds: string;
  /** About how long it takes on two cores. */
  readonly seconds: number;
  /** When it is given up; some times `seconds` when left out. */
  readonly mostSeconds?: number;
  /** `all`: every figure of the run, without anything to reach. */
  readonly cells: readonly Cell[] | 'all';
}

function shown(figure: string, title: string): Cell {
  return { figure, title, reach: '' };
}

function least(figure: string, title: string, value: number, reach = `>= ${value}`): Cell {
  return { figure, title, reach, least: value };
}

function most(figure: string, title: string, value: number, reach = `<= ${value}`): Cell {
  return { figure, title, reach, most: value };
}

const DELIVERIES = 'deliveries, of those of ';
const CPU = 'CPU per delivery, of that of ';

/** Memory of an idle TLS device, with or without a setting. */
function tlsMemory(more: string): Cell[] {
  return [
    shown('longlink: RSS per device', `RSS of an idle device, TLS 1.3${more}`),
    most('RSS per device, of that of bare node:tls', `RSS, TLS, of bare Node${more}`, 1.1),
    shown('longlink: RSS per device after a burst', `RSS, TLS, after 60 KB from the device${more}`),
    most(
      'RSS per device after a burst, of that of bare node:tls',
      `RSS, TLS, after 60 KB, of bare Node${more}`,
      0.6,
    ),
  ];
}

/** What matters most comes first: a budget that runs out leaves out the last. */
export const ROWS: readonly Row[] = [
  {
    name: 'peers',
    scenario: 'peers',
    sizes: { devices: 5_000 },
    rounds: '5 in turn',
    seconds: 210,
    cells: [
      shown('longlink: deliveries', 'durable, acknowledged deliveries'),
      shown('longlink: CPU per delivery', 'CPU of a delivery'),
      shown(`${DELIVERIES}bare node:net`, 'deliveries, of bare Node'),
      least(`${DELIVERIES}aedes`, 'deliveries, of Aedes (nothing on disk)', 1),
      least(`${DELIVERIES}nats`, 'deliveries, of NATS JetStream (files, not synced with every write)', 1),
      least(`${DELIVERIES}mosquitto`, 'deliveries, of Mosquitto (nothing on disk)', 0.7, '>= 0.7, then 1.0'),
      shown(`${CPU}bare node:net`, 'CPU of a delivery, of bare Node'),
      shown(`${CPU}aedes`, 'CPU of a delivery, of Aedes'),
      shown(`${CPU}mosquitto`, 'CPU of a delivery, of Mosquitto'),
    ],
  },
  {
    name: 'stages',
    scenario: 'stages',
    sizes: { devices: 5_000 },
    rounds: '5; stages by 1 with the profiler',
    seconds: 60,
    cells: 'all',
  },
  {
    name: 'api',
    scenario: 'api',
    sizes: { devices: 100_000, seconds: 3 },
    rounds: '5 in turn',
    seconds: 60,
    cells: [
      least(
        '64 connections: requests, of those of bare HTTP',
        'single requests, durable, of a bare node:http echo',
        0.5,
      ),
      shown('64 connections: requests', 'single requests, durable, 64 connections'),
    ],
  },
  {
    name: 'handshakes',
    scenario: 'handshakes',
    sizes: { devices: 4_000, seconds: 2, tls: true },
    rounds: '5 in turn',
    seconds: 150,
    cells: [
      least(
        'full: handshakes per core, of those of the bare platform',
        'TLS handshakes per core of the workers, full, of bare Node',
        0.85,
      ),
      least(
        'resumed: handshakes per core, of those of the bare platform',
        'TLS handshakes per core of the workers, resumed, of bare Node',
        0.85,
      ),
      shown(
        'full, with a session: handshakes per core, of those of the bare platform',
        'the same with Hello, proof of the key, store and registration, full',
      ),
      shown(
        'resumed, with a session: handshakes per core, of those of the bare platform',
        'the same with Hello, proof of the key, store and registration, resumed',
      ),
      shown(
        'full, with a session: handshakes, of those of the bare platform',
        'the same, full, control on the same core included',
      ),
    ],
  },
  {
    name: 'latency',
    scenario: 'latency',
    sizes: { devices: 5_000, seconds: 5 },
    rounds: '5',
    seconds: 80,
    cells: [
      shown('one fsync on the idle disk, median', 'one fsync on the idle disk'),
      shown('30 %: due to device p50', 'latency at 30 % load, p50'),
      most('30 %: due to device p50, without one fsync', 'the same, without one fsync', 5, '<= 5 ms'),
      shown('30 %: due to device p99', 'latency at 30 % load, p99'),
      most('30 %: due to device p99, without two fsyncs', 'the same, without two fsyncs', 25, '<= 25 ms'),
      shown('70 %: due to device p50', 'latency at 70 % load, p50'),
      shown('70 %: due to device p99', 'latency at 70 % load, p99'),
    ],
  },
  {
    name: 'idle',
    scenario: 'idle',
    sizes: { devices: 5_000 },
    runs: 5,
    rounds: '5 runs',
    seconds: 150,
    cells: [
      shown('longlink: RSS per device', 'RSS of an idle device, plain'),
      most('RSS per device, of that of bare node:net', 'RSS, plain, of bare Node', 1.6),
      shown(
        'RSS per device without mapped files, of that of bare node:net',
        'the same without pages of the mapped store',
      ),
      most('RSS per device, of that of aedes', 'RSS, plain, of Aedes', 0.5),
    ],
  },
  {
    name: 'idle-tls',
    scenario: 'idle',
    sizes: { devices: 5_000, tls: true },
    runs: 5,
    rounds: '5 runs',
    seconds: 220,
    cells: tlsMemory(''),
  },
  {
    name: 'idle-tls-lean',
    scenario: 'idle',
    sizes: { devices: 5_000, tls: true },
    settings: { 'link.leanTls': 'true' },
    runs: 5,
    rounds: '5 runs',
    seconds: 220,
    cells: tlsMemory(', with link.leanTls (not the default)'),
  },
  {
    name: 'depth',
    scenario: 'depth',
    sizes: { devices: 1_000_000 },
    rounds: '5 in turn',
    // With a store that is filled already (--store); filling it takes minutes.
    seconds: 70,
    mostSeconds: 800,
    cells: [
      least(
        '10 million stored: appends, of those of the empty store',
        'appends at 10 million stored, of the empty store',
        0.5,
        '>= 0.5, at the least 0.3',
      ),
      least(
        '10 million stored: reads, of those of the empty store',
        'reads at 10 million stored, of the empty store',
        0.8,
        '>= 0.8, at the least 0.6',
      ),
      shown('10 million stored: pages written per append', 'pages written an append, 10 million stored'),
      shown('empty, beside 10 million stored: pages written per append', 'pages written an append, empty'),
    ],
  },
  {
    name: 'global',
    scenario: 'global',
    sizes: { devices: 30_000 },
    rounds: '5',
    seconds: 80,
    cells: [
      most(
        'until the last device has it, of that of the bare platform',
        'global record to 30,000 online, of bare writes',
        1.5,
      ),
      most(
        'p99 of single messages meanwhile, of that before',
        'p99 of unrelated messages meanwhile, of that before',
        2,
      ),
    ],
  },
  {
    name: 'redis',
    scenario: 'redis',
    sizes: { devices: 2_000 },
    rounds: '5 in turn',
    seconds: 110,
    cells: 'all',
  },
  {
    name: 'storm',
    scenario: 'storm',
    sizes: { devices: 30_000, tls: true },
    rounds: '5, then 5',
    seconds: 380,
    cells: [
      most(
        'at once, of the time of the bare platform',
        'storm of 30,000 TLS devices, limits off, of bare handshakes',
        1.5,
      ),
      shown('at once: until 99 % are back', 'storm, until 99 % are back'),
      shown('at once: API p99 meanwhile', 'storm, p99 of the API meanwhile'),
    ],
  },
  {
    name: 'cost',
    scenario: 'cost',
    sizes: { devices: 100_000 },
    rounds: '5',
    seconds: 180,
    cells: [
      shown('connections', 'connections'),
      most(
        'to the same, of that with few',
        'CPU of a message to 1,000 devices beside so many idle ones, of that without them',
        1.25,
      ),
      shown(
        'to all the others, of that with few',
        'CPU of a message over all the others, of that over 1,000',
      ),
    ],
  },
  {
    name: 'hold',
    scenario: 'hold',
    sizes: { devices: 200_000, seconds: 10 },
    rounds: '1',
    seconds: 310,
    mostSeconds: 500,
    cells: [
      least('devices online at the end', 'held at once', 200_000, '200,000, nothing lost'),
      most(
        'idle with heartbeats: CPU of the server',
        'idle CPU of the server, heartbeats on',
        15,
        '<= 15 % of a core',
      ),
      shown('RSS of the workers per device', 'RSS of the workers a device held'),
      shown('one message to each: deliveries', 'one message to each'),
      shown('due to device p99', 'p99 of 300 single messages a second'),
    ],
  },
  {
    name: 'comeback',
    scenario: 'comeback',
    sizes: { devices: 30_000, tls: true },
    rounds: '1',
    seconds: 140,
    cells: [
      shown(
        'shipped limits, delays of up to 30 s: until 99 % are back',
        'storm with the shipped limits, devices wait up to 30 s: until 99 % are back',
      ),
      shown(
        'shipped limits, delays of up to 30 s: API p99 meanwhile',
        'storm with the shipped limits, p99 of the API meanwhile',
      ),
    ],
  },
];
