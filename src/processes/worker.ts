/** One link worker, put together: listeners, sessions, its view of the store, its end of the bus. */
import type { ToWorker } from '../bus/messages.js';
import type { ControlAnswer, WorkerBus, WorkerBusHandler } from '../bus/port.js';
import type { Config } from '../config.js';
import { createCatalogueView } from '../core/catalogue.js';
import type { Session, SessionRules } from '../core/session.js';
import { type Certificates, createCertificates } from '../link/certificates.js';
import { createHost, type Host } from '../link/host.js';
import { createLink, type Link } from '../link/link.js';
import { readOpenFileLimit } from '../link/open-files.js';
import { dataFiles } from './data-dir.js';
import { createHostMetrics } from './host-metrics.js';
import { createLinkMetrics } from './link-metrics.js';
import type { Address } from './messages.js';
import type { ProcessTools } from './process-tools.js';
import { asStartError, ExitCode, StartError } from './start-error.js';
import { createWorkerRoutes, createWorkerStore, type WorkerStoreReads } from './worker-bus.js';

/** Beyond the fence time, for a registration to come back. */
const ATTACH_SLACK_MS = 4000;
const WRITE_SLACK_MS = 2000;
const VALIDATE_SLACK_MS = 500;
/** Devices that were told to go get so long to close by themselves. */
const LEAVE_MS = 1500;
const LEAVE_CHECK_MS = 20;

export interface WorkerOptions {
  readonly tools: ProcessTools;
  /** Never used by another worker since the supervisor started. */
  readonly number: number;
  readonly reader: WorkerStoreReads;
  readonly makeBus: (handler: WorkerBusHandler) => WorkerBus;
  /** 48 bytes in base64, shared by the workers, or empty: then this worker makes its own. */
  readonly ticketKeys: string;
}

export interface Worker {
  readonly addresses: readonly Address[];
  setTicketKeys(ticketKeys: string): void;
  reloadCertificates(): Promise<void>;
  /** Accepts no more, sends the devices away over `overMs`, and writes what they acknowledged. */
  stop(overMs: number): Promise<void>;
}

/** @throws {StartError} when a port cannot be had or the certificate is broken. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { tools } = options;
  const { config, metrics, log, clock } = tools;
  const linkMetrics = createLinkMetrics(metrics);
  const certificates = await openCertificates(tools, linkMetrics);
  if (options.ticketKeys !== '') certificates?.setTicketKeys(Buffer.from(options.ticketKeys, 'base64'));
  let stopping = false;
  let listening = false;
  let full = false;
  let haveCatalogue = (): void => {};
  const catalogue = new Promise<void>((resolve) => {
    haveCatalogue = resolve;
  });
  const handler: WorkerBusHandler = {
    onUp() {
      host.announce();
      if (listening) bus.send({ type: 'listening' });
      if (full) bus.send({ type: 'full', full });
    },
    onDown(reason) {
      // Nobody knows whether another still accepts.
      link.rest(false);
      host.routesLost();
      if (!stopping) log.warn({ reason }, 'control is away; devices keep their connections');
    },
    onMessage(message) {
      if (message.type === 'rest') link.rest(message.on);
      else receive(message, host, bus, tools);
      if (message.type === 'catalogue') haveCatalogue();
    },
  };
  // The bus calls its handler in later turns, when `host` is there.
  const bus: WorkerBus = options.makeBus(handler);
  const host = makeHost(options, bus);
  const link = createLink<Session>({
    listeners: config.listeners,
    limits: config.link,
    openFileLimit: readOpenFileLimit(),
    certificates,
    owner: host,
    now: clock.now,
    random: Math.random,
    metrics: linkMetrics,
    log,
    onFull(is) {
      full = is;
      bus.send({ type: 'full', full });
    },
    onListening() {
      listening = true;
      bus.send({ type: 'listening' });
    },
  });
  // Without the catalogue every device would be told, for good, that its instance is not known.
  await catalogue;
  const addresses = await startLink(config, link);
  return {
    addresses,
    setTicketKeys: (ticketKeys) => certificates?.setTicketKeys(Buffer.from(ticketKeys, 'base64')),
    async reloadCertificates() {
      await certificates?.reload();
    },
    async stop(overMs) {
      stopping = true;
      link.stopAccepting();
      log.info({ devices: host.sessionCount(), overMs }, 'sending the devices away');
      await host.drain(overMs, '');
      await left(link);
      link.close();
      certificates?.close();
      await bus.close();
      metrics.close();
    },
  };
}

async function openCertificates(
  { config, clock, log }: ProcessTools,
  metrics: ReturnType<typeof createLinkMetrics>,
): Promise<Certificates | null> {
  if (!config.listeners.some((listener) => listener.tls)) return null;
  const { certFile, keyFile } = dataFiles(config);
  try {
    return await createCertificates({ certFile, keyFile, wallMs: () => clock.now().wall, metrics, log });
  } catch (error) {
    throw new StartError(`the TLS certificate cannot be used: ${(error as Error).message}`, ExitCode.USAGE);
  }
}

async function startLink(config: Config, link: Link<Session>): Promise<Address[]> {
  try {
    const started = await link.start();
    return started.map(({ name, address }) => ({
      name,
      host: address.address,
      port: address.port,
      protocol: config.listeners.find((listener) => listener.name === name)?.tls ? 'tls' : 'tcp',
    }));
  } catch (error) {
    throw asStartError(error);
  }
}

function makeHost({ tools, number, reader }: WorkerOptions, bus: WorkerBus): Host {
  const { config, metrics, log, clock } = tools;
  const { delivery, store, validation } = config;
  const times = {
    attachMs: delivery.fenceTimeoutMs + ATTACH_SLACK_MS,
    writeMs: store.commitTimeoutMs + WRITE_SLACK_MS,
    validateMs: validation.timeoutMs + VALIDATE_SLACK_MS,
  };
  const { retryAfterMinMs, retryAfterMaxMs } = config.link;
  return createHost({
    worker: number,
    rules: sessionRules(config),
    progressFlushMs: delivery.progressFlushMs,
    cursorFlushMs: delivery.cursorFlushMs,
    globalPacePerSecond: delivery.globalPacePerSecond,
    catalogue: createCatalogueView(),
    store: createWorkerStore(reader, bus, times),
    routes: createWorkerRoutes(bus, times),
    now: clock.now,
    retryAfterMs: () => Math.round(retryAfterMinMs + Math.random() * (retryAfterMaxMs - retryAfterMinMs)),
    metrics: createHostMetrics(metrics),
    log,
  });
}

function sessionRules({ delivery, limits, link, clock, validation }: Config): SessionRules {
  return {
    window: { records: delivery.windowRecords, bytes: delivery.windowBytes },
    batch: { records: delivery.batchRecords, bytes: delivery.batchBytes },
    ackTimeoutMs: delivery.ackTimeoutMs,
    ackTimeoutMaxMs: delivery.ackTimeoutMaxMs,
    maxAttempts: delivery.maxAttempts,
    attemptBackoffMs: delivery.attemptBackoffMs,
    heartbeatSec: link.heartbeatSec,
    minHeartbeatSec: link.minHeartbeatSec,
    maxHeartbeatSec: link.maxHeartbeatSec,
    maxFrameBytes: link.maxFrameBytes,
    maxSubscriptions: link.maxSubscriptions,
    maxNameChars: limits.linkToken,
    maxSkewMs: clock.maxSkewMs,
    handoverGraceMs: delivery.handoverGraceMs,
    revalidateMs: validation.cacheMs,
  };
}

function receive(
  message: Exclude<ToWorker, ControlAnswer | { type: 'rest' }>,
  host: Host,
  bus: WorkerBus,
  { metrics, clock, log }: ProcessTools,
): void {
  switch (message.type) {
    case 'wake':
      host.wake(message.sessions, message.wake);
      break;
    case 'wakeAll':
      host.wakeAll(message.wake);
      break;
    case 'lease':
      host.lease(message.forMs);
      break;
    case 'fence':
      host.fence(message.session, message.code);
      bus.send({ type: 'fenced', seq: message.seq });
      break;
    case 'feeder':
      host.feeder(message.session, message.on, message.grant, message.bindSeq);
      break;
    case 'kick':
      host.kick(message.session, message.code, message.retryAfterMs, message.redirect);
      break;
    case 'command':
      host.command(message.session, message.name, message.body);
      break;
    case 'catalogue':
      host.catalogueChanged(message.catalogue);
      break;
    case 'acceptClock':
      clock.accept();
      break;
    case 'drain':
      if (message.away) host.sendAway(message.overMs, message.redirect);
      else host.drain(message.overMs, message.redirect).catch((err) => log.error({ err }, 'drain failed'));
      break;
    case 'recheck':
      host.recheck();
      break;
    case 'metricsRequest': {
      const { seq } = message;
      void metrics.values().then((json) => bus.send({ type: 'metrics', seq, json }));
    }
  }
}

/** Resolves when all connections are gone, or after the time that they are given for it. */
async function left(link: Link<Session>): Promise<void> {
  const end = performance.now() + LEAVE_MS;
  while (link.count() > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LEAVE_CHECK_MS));
  }
}
