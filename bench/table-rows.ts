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
}

export interface Row {
  readonly name: string;
  readonly scenario: string;
  readonly sizes: Sizes;
  /** A first part of the scenario only: what has no ratio is left to a run of its own. */
  readonly quick?: boolean;
  /** Settings that are not the default, for a row that says so. */
  readonly settings?: Settings;
  /** About how long it takes on two cores. */
  readonly seconds: number;
  readonly cells: readonly Cell[];
}

const DELIVERIES = 'deliveries, of those of ';
const CPU = 'CPU per delivery, of that of ';

/** What matters most comes first: a budget that runs out leaves out the last. */
export const ROWS: readonly Row[] = [
  {
    name: 'peers',
    scenario: 'peers',
    sizes: { devices: 5_000 },
    seconds: 230,
    cells: [
      { figure: 'longlink: deliveries', title: 'durable, acknowledged deliveries', reach: '' },
      { figure: 'longlink: CPU per delivery', title: 'CPU of a delivery', reach: '' },
      { figure: `${DELIVERIES}bare node:net`, title: 'deliveries, of bare Node', reach: '' },
      { figure: `${DELIVERIES}aedes`, title: 'deliveries, of Aedes', reach: '>= 1.0' },
      { figure: `${DELIVERIES}nats`, title: 'deliveries, of NATS JetStream', reach: '>= 1.0' },
      { figure: `${DELIVERIES}mosquitto`, title: 'deliveries, of Mosquitto', reach: '>= 0.7, then 1.0' },
      { figure: `${CPU}bare node:net`, title: 'CPU of a delivery, of bare Node', reach: '' },
      { figure: `${CPU}aedes`, title: 'CPU of a delivery, of Aedes', reach: '' },
      { figure: `${CPU}mosquitto`, title: 'CPU of a delivery, of Mosquitto', reach: '' },
    ],
  },
  {
    name: 'api',
    scenario: 'api',
    sizes: { devices: 100_000, seconds: 3 },
    seconds: 60,
    cells: [
      {
        figure: '64 connections: requests, of those of bare HTTP',
        title: 'single requests, durable, of a bare node:http echo',
        reach: '>= 0.5',
      },
      { figure: '64 connections: requests', title: 'single requests, durable, 64 connections', reach: '' },
    ],
  },
  {
    name: 'handshakes',
    scenario: 'handshakes',
    sizes: { devices: 4_000, seconds: 2, tls: true },
    seconds: 80,
    cells: [
      {
        figure: 'full: handshakes per core, of those of the bare platform',
        title: 'TLS handshakes per core of the workers, full, of bare Node',
        reach: '>= 0.85',
      },
      {
        figure: 'resumed: handshakes per core, of those of the bare platform',
        title: 'TLS handshakes per core of the workers, resumed, of bare Node',
        reach: '>= 0.85',
      },
      {
        figure: 'full: handshakes, of those of the bare platform',
        title: 'TLS handshakes, full, control and store included, of bare Node',
        reach: '',
      },
    ],
  },
  {
    name: 'latency',
    scenario: 'latency',
    sizes: { devices: 5_000, seconds: 10 },
    seconds: 60,
    cells: [
      { figure: '30 %: due to device p50', title: 'latency at 30 % load, p50', reach: '<= 5 ms + one fsync' },
      { figure: '30 %: due to device p99', title: 'latency at 30 % load, p99', reach: '<= 25 ms + two' },
      { figure: '70 %: due to device p99', title: 'latency at 70 % load, p99', reach: '' },
    ],
  },
  {
    name: 'depth',
    scenario: 'depth',
    sizes: { devices: 1_000_000 },
    seconds: 150,
    cells: [
      {
        figure: '10 million stored: appends, of those of the empty store',
        title: 'appends at 10 million stored, of the empty store',
        reach: '>= 0.5',
      },
      {
        figure: '10 million stored: reads, of those of the empty store',
        title: 'reads at 10 million stored, of the empty store',
        reach: '>= 0.8',
      },
      { figure: '10 million stored: pages written per append', title: 'pages written an append', reach: '' },
    ],
  },
  {
    name: 'global',
    scenario: 'global',
    sizes: { devices: 30_000 },
    seconds: 90,
    cells: [
      {
        figure: 'until the last device has it, of that of the bare platform',
        title: 'global record to 30,000 online, of bare writes',
        reach: '<= 1.5',
      },
      {
        figure: 'p99 of single messages meanwhile, of that before',
        title: 'p99 of unrelated messages meanwhile, of that before',
        reach: '<= 2',
      },
    ],
  },
  {
    name: 'storm',
    scenario: 'storm',
    sizes: { devices: 30_000, tls: true },
    quick: true,
    seconds: 200,
    cells: [
      {
        figure: 'at once, of the time of the bare platform',
        title: 'storm of 30,000 TLS devices, limits off, of bare handshakes',
        reach: '<= 1.5',
      },
      { figure: 'at once: until 99 % are back', title: 'storm, until 99 % are back', reach: '' },
    ],
  },
  {
    name: 'cost',
    scenario: 'cost',
    sizes: { devices: 100_000 },
    seconds: 170,
    cells: [
      {
        figure: 'to the same, of that with few',
        title: 'CPU of a message to 1,000 devices beside 99,000 idle ones, of that without them',
        reach: '<= 1.25',
      },
      {
        figure: 'to all the others, of that with few',
        title: 'CPU of a message over 99,000 devices, of that over 1,000',
        reach: '',
      },
    ],
  },
  {
    name: 'idle',
    scenario: 'idle',
    sizes: { devices: 5_000 },
    seconds: 50,
    cells: [
      { figure: 'longlink: RSS per device', title: 'RSS of an idle device, plain', reach: '' },
      {
        figure: 'RSS per device, of that of bare node:net',
        title: 'RSS, plain, of bare Node',
        reach: '<= 1.6',
      },
      {
        figure: 'RSS per device without mapped files, of that of bare node:net',
        title: 'the same without pages of the mapped store',
        reach: '',
      },
      { figure: 'RSS per device, of that of aedes', title: 'RSS, plain, of Aedes', reach: '<= 0.5' },
    ],
  },
  {
    name: 'idle-tls',
    scenario: 'idle',
    sizes: { devices: 5_000, tls: true },
    seconds: 70,
    cells: [
      { figure: 'longlink: RSS per device', title: 'RSS of an idle device, TLS 1.3', reach: '' },
      {
        figure: 'RSS per device, of that of bare node:tls',
        title: 'RSS, TLS, of bare Node',
        reach: '<= 1.10',
      },
      {
        figure: 'RSS per device after a burst, of that of bare node:tls',
        title: 'RSS, TLS, after 60 KB from the device, of bare Node',
        reach: '<= 0.6',
      },
    ],
  },
  {
    name: 'idle-tls-lean',
    scenario: 'idle',
    sizes: { devices: 5_000, tls: true },
    settings: { 'link.leanTls': 'true' },
    seconds: 70,
    cells: [
      {
        figure: 'RSS per device, of that of bare node:tls',
        title: 'RSS, TLS, of bare Node, with link.leanTls',
        reach: '<= 1.10',
      },
      {
        figure: 'RSS per device after a burst, of that of bare node:tls',
        title: 'RSS, TLS, after 60 KB, of bare Node, with link.leanTls',
        reach: '<= 0.6',
      },
    ],
  },
  {
    name: 'hold',
    scenario: 'hold',
    sizes: { devices: 200_000, seconds: 10 },
    seconds: 300,
    cells: [
      { figure: 'devices online at the end', title: 'held at once', reach: '200,000, nothing lost' },
      {
        figure: 'idle with heartbeats: CPU of the server',
        title: 'idle CPU of the server, heartbeats on',
        reach: '<= 15 % of a core',
      },
      { figure: 'RSS of the workers per device', title: 'RSS of the workers a device held', reach: '' },
    ],
  },
];
