/** The peers, started and stopped: each a server, and what sends to it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/free-port.js';
import { type Child, endChild, pinned } from '../child.js';
import type { FleetSetup } from '../load/fleet-process.js';
import { USER_BIZ } from '../load/longlink.js';
import { weighable } from '../memory.js';
import type { Run, Sender } from '../run.js';
import type { Settings } from '../server.js';

/** What every peer's sender can do. */
export interface PeerSender extends Pick<Sender, 'sent' | 'grant'> {
  /** Sends so many messages to the devices in turn; `first` may be under way before the first grant. */
  send(total: number, first: number): Promise<void>;
}

export interface Peer {
  readonly name: string;
  /** What it keeps where: not all of them do the same work. */
  readonly note: string;
  readonly protocol: FleetSetup['protocol'];
  readonly port: number;
  /** Processes whose time counts, and those that hold the devices' connections. */
  readonly pids: readonly number[];
  readonly holders: readonly number[];
  /** Where a Node process answers `weigh`, or null for another program. */
  readonly heapDir: string | null;
  readonly sender: PeerSender;
  /** Only the bare platform: writes a message to every device in one go. */
  broadcast?(): Promise<void>;
}

export type StartPeer = (run: Run) => Promise<Peer | null>;

const READY_MS = 20_000;

export async function startLonglink(run: Run, settings: Settings = {}): Promise<Peer> {
  const heapDir = join(run.dir, 'heap-longlink');
  const server = await run.server(settings, { env: weighable(heapDir) });
  const sender = await run.sender(server);
  const processes = server.processes();
  return {
    name: 'longlink',
    note: 'every record durable before it is answered',
    protocol: 'longlink',
    port: run.options.tls ? server.ports.tls : server.ports.tcp,
    pids: processes.map(({ pid }) => pid),
    holders: processes.filter(({ role }) => role === 'worker').map(({ pid }) => pid),
    heapDir,
    sender: {
      sent: sender.sent,
      grant: sender.grant,
      async send(total, first) {
        const sent = await sender.lines({ biz: USER_BIZ, total, granted: first });
        if (sent.refused > 0) throw new Error(`${sent.refused} lines refused: ${sent.refusals.join(' ')}`);
      },
    },
  };
}

function senderOf(child: Child): PeerSender {
  return {
    send: (total, first) => child.ask('lines', { total, first }),
    grant: (total) => child.ask('grant', total),
    sent: () => child.ask('sent'),
  };
}

/** @param part of the devices, where one process cannot have them all. */
export async function startBare(
  run: Run,
  part: { readonly first: number; readonly devices: number } = { first: 0, devices: run.options.devices },
): Promise<Peer> {
  const { payloadBytes, tls, cores } = run.options;
  const heapDir = join(run.dir, 'heap-bare');
  const server = run.child('./peers/bare-server.js', cores.server, weighable(heapDir));
  const port = await server.ask<number>('listen', {
    run: run.name,
    payloadBytes,
    ...part,
    tls: tls ? makeCertificate(run.dir) : null,
  });
  return {
    name: tls ? 'bare node:tls' : 'bare node:net',
    note: 'writes and reads the same bytes, nothing else',
    protocol: 'longlink',
    port,
    pids: [server.pid],
    holders: [server.pid],
    heapDir,
    sender: senderOf(server),
    broadcast: () => server.ask('broadcast'),
  };
}

/** The same kind of key as the server makes for itself. */
function makeCertificate(dir: string): { keyFile: string; certFile: string } {
  const keyFile = join(dir, 'bare-key.pem');
  const certFile = join(dir, 'bare-cert.pem');
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=localhost',
  ];
  execFileSync('openssl', ['req', '-x509', ...kind, '-days', '30', '-keyout', keyFile, '-out', certFile], {
    stdio: 'pipe',
  });
  return { keyFile, certFile };
}

export async function startAedes(run: Run): Promise<Peer> {
  const heapDir = join(run.dir, 'heap-aedes');
  const server = run.child('./peers/aedes-server.js', run.options.cores.server, weighable(heapDir));
  const port = await server.ask<number>('listen');
  const about = { name: 'aedes', note: 'MQTT QoS 1, nothing on disk', protocol: 'mqtt' } as const;
  const sender = await startPublisher(run, 'mqtt', port);
  return { ...about, port, pids: [server.pid], holders: [server.pid], heapDir, sender };
}

async function startPublisher(run: Run, protocol: 'mqtt' | 'nats', port: number): Promise<PeerSender> {
  const { payloadBytes, devices, cores } = run.options;
  const child = run.child('./peers/publisher-process.js', cores.load);
  await child.ask('setup', { protocol, port, run: run.name, payloadBytes, devices });
  return senderOf(child);
}

async function startMosquitto(run: Run): Promise<Peer | null> {
  const port = await freePort();
  const config = join(run.dir, 'mosquitto.conf');
  const lines = ['allow_anonymous true', 'persistence false', 'log_type error', 'set_tcp_nodelay true'];
  const queues = ['max_queued_messages 0', 'max_inflight_messages 0'];
  writeFileSync(config, `${[`listener ${port} 127.0.0.1`, ...lines, ...queues].join('\n')}\n`);
  const child = await startProgram(run, 'mosquitto', ['-c', config], port);
  if (child === null) return null;
  const about = { name: 'mosquitto', note: 'MQTT QoS 1, nothing on disk', protocol: 'mqtt' } as const;
  const sender = await startPublisher(run, 'mqtt', port);
  return { ...about, port, pids: [child], holders: [child], heapDir: null, sender };
}

async function startNats(run: Run): Promise<Peer | null> {
  const port = await freePort();
  const directory = join(run.dir, 'nats');
  mkdirSync(directory);
  const config = join(run.dir, 'nats.conf');
  const size = 'max_memory_store: 1GB, max_file_store: 16GB';
  writeFileSync(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${directory}", ${size} }\n`);
  const child = await startProgram(run, 'nats-server', ['-c', config], port);
  if (child === null) return null;
  const note = 'JetStream, file storage that is not synced with every write (2.9 cannot)';
  const sender = await startPublisher(run, 'nats', port);
  return {
    name: 'nats',
    note,
    protocol: 'nats',
    port,
    pids: [child],
    holders: [child],
    heapDir: null,
    sender,
  };
}

/** Starts a program of the system; null when it is not installed. @returns its process id. */
async function startProgram(
  run: Run,
  name: string,
  args: readonly string[],
  port: number,
): Promise<number | null> {
  const [command, all] = pinned(run.options.cores.server, name, args);
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const child: ChildProcess = spawn(command, all, {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, PATH: path },
  });
  let missing = false;
  child.on('error', () => {
    missing = true;
  });
  run.defer(() => endChild(child));
  const deadline = performance.now() + READY_MS;
  while (!missing && child.exitCode === null && !(await answers(port))) {
    if (performance.now() > deadline) throw new Error(`${name} did not come up`);
    await sleep(20);
  }
  return missing || child.exitCode !== null ? null : (child.pid ?? null);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** All peers, the one that is compared first. Only the first two speak TLS here. */
export const PEERS: readonly StartPeer[] = [
  (run) => startLonglink(run),
  startBare,
  startAedes,
  startMosquitto,
  startNats,
];
export const TLS_PEERS: readonly StartPeer[] = [(run) => startLonglink(run), startBare];
