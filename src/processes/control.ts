/**
 * The control process, put together: the one writer of the store, the route table, the catalogue, and
 * the work that is done by the clock. control-servers.ts puts the HTTP ports on top.
 */
import type { Fleet, Operations } from '../admin/options.js';
import { type Bindings, createBindings } from '../admin/service/bindings.js';
import type { Send, SendAll, ServiceContext } from '../admin/service/context.js';
import { createFollower } from '../admin/service/follow.js';
import type { Validate } from '../api/validation/validator.js';
import type { ToControl } from '../bus/messages.js';
import type { ControlBus, ControlBusHandler, WorkerAnswer } from '../bus/port.js';
import type { CatalogueView } from '../core/catalogue.js';
import type { Delivery } from '../core/delivery.js';
import { type Revoked, type Store, StoreUnavailable } from '../core/ports.js';
import { type RevokeItem, revoke } from '../core/revocation.js';
import type { ChannelEnd } from '../push/channel-sending.js';
import { endedBy } from '../push/receipts/acks.js';
import type { RedisConnection } from '../redis/connection.js';
import { decodeOplogBody, encodeOplogBody } from '../wire/frames.js';
import { type Acceptors, makeAcceptors } from './control-acceptors.js';
import { type ControlAnalysis, channelEvent, openAnalysis } from './control-analysis.js';
import { type CatalogueKeeper, openCatalogue } from './control-catalogue.js';
import type { ControlCluster } from './control-cluster.js';
import { createFleet } from './control-fleet.js';
import { meterStore, watchControl } from './control-metrics.js';
import { createOperations } from './control-operations.js';
import { join, lease, type Made, makeSending, makeTurns, reloading, there } from './control-parts.js';
import { type ControlReceipts, openReceipts } from './control-receipts.js';
import { type ControlRoutes, createRoutes, SETTLE_MS } from './control-routes.js';
import { startTickers } from './control-tickers.js';
import { startUpkeep } from './control-upkeep.js';
import { createWriter, type Writer } from './control-writer.js';
import type { ProcessTools } from './process-tools.js';

/** How often the workers' leases are renewed, and for how long: several may get lost. */

export interface ControlOptions {
  readonly tools: ProcessTools;
  readonly store: Store;
  /** The view by which the store tells single-reader streams; empty until the catalogue is read. */
  readonly view: CatalogueView;
  /** Writes a hot backup of the store into a directory that does not exist yet. */
  readonly backup: (directory: string) => Promise<void>;
  readonly makeBus: (handler: ControlBusHandler) => Promise<ControlBus>;
  readonly validate: Validate;
  /** What the store is on and other nodes are reached by; null for a store of this machine alone. */
  readonly redis: RedisConnection | null;
  /** Workers have lost a control process and have sessions to announce. */
  readonly takesOver: boolean;
}

export interface Control {
  readonly service: ServiceContext;
  readonly send: Send;
  readonly sendAll: SendAll;
  readonly revoke: (items: readonly RevokeItem[]) => Promise<(Revoked | null)[]>;
  readonly fleet: Fleet;
  readonly operations: Operations;
  /** Null where the signed APIs are not served. */
  readonly receipts: ControlReceipts | null;
  readonly analysis: ControlAnalysis;
  /** Logs how a push to a device without a connection ended, and tells the tenant. */
  onChannelEnd(end: ChannelEnd): Promise<void>;
  /** Null on one node. */
  readonly cluster: ControlCluster | null;
  /** Ends the work by the clock and the bus, and closes the store when all is written. */
  stop(): Promise<void>;
}

export async function startControl(options: ControlOptions): Promise<Control> {
  const { tools, view } = options;
  const { config, metrics, clock, log } = tools;
  const store = meterStore(options.store, metrics);
  const made: Made = { bus: null, routes: null, operations: null, cluster: null };
  const bus = (): ControlBus => there(made.bus);
  const catalogue = await openCatalogue(store, view, (next) => {
    for (const worker of made.bus?.workers() ?? [])
      bus().send(worker, { type: 'catalogue', catalogue: next });
  });
  const bindings = createBindings(store, () => clock.now().wall);
  const follower = createFollower();
  const reloads = [catalogue.reload];
  const service = makeService(
    tools,
    { store, catalogue, bindings, follower, reloads, made },
    options.redis !== null,
  );
  const receipts = config.openapi.enabled ? await openOrClose(tools, service) : null;
  if (receipts !== null) reloads.push(receipts.reload);
  const analysis = await openAnalysis(tools, service);
  const told = tellingEndings(store, receipts, analysis, (err) =>
    log.error({ err }, 'what progress ended was not told'),
  );
  const writer = makeWriter(tools, told, bus);
  const routes = makeRoutes(options, writer, bindings, bus, made);
  made.routes = routes;
  const delivery = makeDelivery(tools, store, view, routes, made, options.redis !== null);
  if (options.redis !== null) made.cluster = await join(tools, options.redis, made, reloads, delivery);
  const acceptors = makeAcceptors(bus, log);
  const joined = { routes, writer, bus, options, catalogue, acceptors, analysis, made };
  made.bus = await options.makeBus(busHandler(joined, log));
  watchControl(metrics, store, made.bus, routes.table);
  const operations = createOperations(
    tools,
    made.bus,
    () => config.role === 'api' || acceptors.count() > 0,
    options.redis !== null,
    options.backup,
  );
  made.operations = operations;
  const tickers = [
    ...startTickers(tools, delivery, bus, made, reloads),
    ...startUpkeep(tools, store, bindings, service.leads),
  ];

  return {
    service,
    ...makeSending(delivery, follower, receipts),
    revoke: (items) => revoke(delivery, items),
    fleet: createFleet(
      routes,
      made.cluster,
      async (instance, adToken) => (await store.device(instance, { adToken }))?.deviceId ?? null,
    ),
    operations,
    receipts,
    cluster: made.cluster,
    analysis,
    async onChannelEnd(end) {
      const event = channelEvent(end, clock.now().wall);
      if (event !== null) await store.saveProgress({ cursors: [], dead: [], events: [event] });
      await receipts?.onChannelEnd(end);
    },
    async stop() {
      operations.withdraw();
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      routes.close();
      await new Promise<void>((resolve) => writer.afterProgress(resolve));
      await receipts?.stop();
      await analysis.stop();
      await bus().close();
      await made.cluster?.close();
      await store.close();
      metrics.close();
    },
  };
}

function busHandler(receivers: Receivers, log: ProcessTools['log']): ControlBusHandler {
  const { bus, catalogue, acceptors, routes, made } = receivers;
  return {
    onJoin(worker, pid) {
      log.info({ worker, workerPid: pid }, 'a worker joined');
      bus().send(worker, { type: 'catalogue', catalogue: catalogue.current() });
      lease(bus(), worker, made.cluster);
    },
    onLeave(worker, reason) {
      log.info({ worker, reason }, 'a worker left');
      acceptors.onLeave(worker);
      routes.onLeave(worker);
    },
    onMessage: (worker, message) => receive(worker, message, receivers),
  };
}

interface ServiceParts extends Pick<ServiceContext, 'store' | 'bindings' | 'follower'> {
  readonly catalogue: CatalogueKeeper;
  readonly reloads: readonly (() => Promise<void>)[];
  readonly made: Made;
}

function makeService(
  { config, clock }: ProcessTools,
  parts: ServiceParts,
  isCluster: boolean,
): ServiceContext {
  const { store, catalogue, bindings, follower, reloads, made } = parts;
  const turns = makeTurns(made, isCluster);
  return {
    store,
    clock: clock.now,
    limits: config.limits,
    catalogue: catalogue.current,
    async catalogueChanged() {
      await catalogue.reload();
      made.cluster?.node.broadcast({ type: 'changed' });
    },
    exclusive: !isCluster ? turns('service') : reloading(turns('service'), reloads),
    turns,
    // Before this node has joined, nothing is its work.
    leads: async (job) => !isCluster || (await made.cluster?.locks.leads(job)) === true,
    follower,
    bindings,
    decodeBody: decodeOplogBody,
  };
}

/** A start that fails leaves no store open. */
async function openOrClose(tools: ProcessTools, service: ServiceContext): Promise<ControlReceipts> {
  try {
    return await openReceipts(tools, service);
  } catch (error) {
    await service.store.close();
    throw error;
  }
}

/** What progress ends is looked up before it is written, while the store has the cursors of before. */
function tellingEndings(
  store: Store,
  receipts: ControlReceipts | null,
  analysis: ControlAnalysis,
  onError: (error: unknown) => void,
): Store {
  const asked = (instance: string, biz: string): boolean =>
    analysis.wants(biz) || receipts?.wants(instance, biz) === true;
  return {
    ...store,
    async saveProgress(batch) {
      const ended = await endedBy(store, batch, asked).catch((error: unknown) => {
        // A store that does not answer will be asked again, with the same progress.
        if (error instanceof StoreUnavailable) throw error;
        onError(error);
        return [];
      });
      await receipts?.onEnded(ended);
      await store.saveProgress(batch);
      analysis.onEnded(ended);
    },
  };
}

interface Receivers {
  readonly routes: ControlRoutes;
  readonly writer: Writer;
  readonly bus: () => ControlBus;
  readonly options: ControlOptions;
  readonly catalogue: CatalogueKeeper;
  readonly acceptors: Acceptors;
  readonly analysis: ControlAnalysis;
  readonly made: Made;
}

function receive(
  worker: number,
  message: Exclude<ToControl, WorkerAnswer | { type: 'join' }>,
  { routes, writer, bus, options, catalogue, acceptors, analysis }: Receivers,
): void {
  switch (message.type) {
    case 'listening':
      acceptors.onListening(worker);
      break;
    case 'full':
      acceptors.onFull(worker, message.full);
      break;
    case 'progress':
    case 'saveDevice':
    case 'raiseFloor':
      writer.onMessage(worker, message);
      break;
    case 'validate': {
      const { seq, instance, user, sessionId } = message;
      const tenant = catalogue.current().instances.find((one) => one.key === instance);
      const verdict =
        tenant === undefined ? Promise.resolve(false) : options.validate(tenant, user, sessionId);
      void verdict.then((value) => bus().send(worker, { type: 'done', seq, ok: true, value }));
      break;
    }
    case 'report': {
      const { seq, request } = message;
      void analysis
        .onReport(request)
        .then((kept) => bus().send(worker, { type: 'done', seq, ok: kept !== null, value: kept }));
      break;
    }
    default:
      routes.onMessage(worker, message);
  }
}

function makeRoutes(
  { tools, view, redis, takesOver }: ControlOptions,
  writer: Writer,
  bindings: Bindings,
  bus: () => ControlBus,
  made: Made,
): ControlRoutes {
  const { config, metrics, clock, log } = tools;
  const confirmed = metrics.count('longlink_fences_total', { result: 'confirmed' });
  const timedOut = metrics.count('longlink_fences_total', { result: 'timeout' });
  return createRoutes({
    bus,
    cluster: redis === null ? null : () => there(made.cluster),
    settleMs: takesOver ? SETTLE_MS : 0,
    catalogue: view,
    now: clock.now,
    afterWrites: writer.afterProgress,
    fenceTimeoutMs: config.delivery.fenceTimeoutMs,
    handoverGraceMs: config.delivery.handoverGraceMs,
    onUser({ instance, user, deviceId }) {
      bindings.note(instance, user, deviceId).catch((err) => log.warn({ err }, 'a binding was not noted'));
    },
    onFence: (inTime) => (inTime ? confirmed : timedOut).inc(),
  });
}

function makeWriter({ metrics, log }: ProcessTools, store: Store, bus: () => ControlBus): Writer {
  const written = metrics.count('longlink_progress_writes_total', { result: 'ok' });
  const failed = metrics.count('longlink_progress_writes_total', { result: 'failed' });
  const raised = metrics.count('longlink_floors_raised_total');
  return createWriter({
    store,
    answer: (worker, message) => bus().send(worker, message),
    onProgress: (ok) => (ok ? written : failed).inc(),
    onFloorRaised({ stream, floor }) {
      raised.inc();
      log.warn({ stream, floor }, 'a device is ahead of the store: its tail was lost, the counter is raised');
    },
    onError: (err) => log.error({ err }, 'the store did not take a write of a worker'),
  });
}

function makeDelivery(
  { config, clock }: ProcessTools,
  store: Store,
  catalogue: CatalogueView,
  routes: ControlRoutes,
  made: Made,
  isCluster: boolean,
): Delivery {
  return {
    store,
    catalogue,
    now: clock.now,
    encodeBody: encodeOplogBody,
    wake: routes.wake,
    isOnline: routes.isOnline,
    ...(isCluster
      ? { locate: ({ instance, kind, owner }) => there(made.cluster).node.nodesOf(instance, kind, owner) }
      : {}),
    hardCapPerStream: config.store.hardCapPerStream,
    traceSampleRate: config.delivery.traceSampleRate,
    random: Math.random,
    lastTransientId: 0,
  };
}
