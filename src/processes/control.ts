/**
 * The control process, put together: the one writer of the store, the route table, the catalogue, and
 * the work that is done by the clock. control-servers.ts puts the HTTP ports on top.
 */
import type { Fleet, Operations } from '../admin/options.js';
import { type Bindings, createBindings } from '../admin/service/bindings.js';
import { createExclusive, type Send, type SendAll, type ServiceContext } from '../admin/service/context.js';
import { createFollower } from '../admin/service/follow.js';
import type { Validate } from '../api/validation/validator.js';
import type { ToControl } from '../bus/messages.js';
import type { ControlBus, ControlBusHandler, WorkerAnswer } from '../bus/port.js';
import type { CatalogueView } from '../core/catalogue.js';
import { appendDue, type Delivery, send, sendAll } from '../core/delivery.js';
import { type Revoked, type Store, StoreUnavailable } from '../core/ports.js';
import { isReservedBiz } from '../core/push-streams.js';
import { type RevokeItem, revoke } from '../core/revocation.js';
import type { ChannelEnd } from '../push/channel-sending.js';
import { endedBy } from '../push/receipts/acks.js';
import { decodeOplogBody, encodeOplogBody } from '../wire/frames.js';
import { type ControlAnalysis, channelEvent, openAnalysis } from './control-analysis.js';
import { type CatalogueKeeper, openCatalogue } from './control-catalogue.js';
import { createFleet } from './control-fleet.js';
import { meterStore, watchControl } from './control-metrics.js';
import { createOperations } from './control-operations.js';
import { type ControlReceipts, openReceipts } from './control-receipts.js';
import { type ControlRoutes, createRoutes } from './control-routes.js';
import { startUpkeep } from './control-upkeep.js';
import { createWriter, type Writer } from './control-writer.js';
import type { ProcessTools } from './process-tools.js';
import { startTicker, type Ticker } from './ticker.js';

/** How often the workers' leases are renewed, and for how long: several may get lost. */
const LEASE_EVERY_MS = 500;
const LEASE_FOR_MS = 3000;
const DUE_BATCH = 200;
/** The sweep goes round the whole store; after a round it rests for so many of its pauses. */
const SWEEP_REST = 30;

export interface ControlOptions {
  readonly tools: ProcessTools;
  readonly store: Store;
  /** The view by which the store tells single-reader streams; empty until the catalogue is read. */
  readonly view: CatalogueView;
  /** Writes a hot backup of the store into a directory that does not exist yet. */
  readonly backup: (directory: string) => Promise<void>;
  readonly makeBus: (handler: ControlBusHandler) => Promise<ControlBus>;
  readonly validate: Validate;
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
  /** Ends the work by the clock and the bus, and closes the store when all is written. */
  stop(): Promise<void>;
}

export async function startControl(options: ControlOptions): Promise<Control> {
  const { tools, view } = options;
  const { config, metrics, clock, log } = tools;
  const store = meterStore(options.store, metrics);
  const listening = new Set<number>();
  const catalogue = await openCatalogue(store, view, (next) => {
    for (const worker of bus.workers()) bus.send(worker, { type: 'catalogue', catalogue: next });
  });
  const bindings = createBindings(store, () => clock.now().wall);
  const service: ServiceContext = {
    store,
    clock: clock.now,
    limits: config.limits,
    catalogue: catalogue.current,
    catalogueChanged: catalogue.reload,
    exclusive: createExclusive(),
    follower: createFollower(),
    bindings,
    decodeBody: decodeOplogBody,
  };
  const receipts = config.openapi.enabled ? await openOrClose(tools, service) : null;
  const analysis = await openAnalysis(tools, service);
  const told = tellingEndings(store, receipts, analysis, (err) =>
    log.error({ err }, 'what progress ended was not told'),
  );
  const writer = makeWriter(tools, told, () => bus);
  const routes = makeRoutes(tools, view, writer, bindings, () => bus);
  const bus: ControlBus = await options.makeBus({
    onJoin(worker, pid) {
      log.info({ worker, workerPid: pid }, 'a worker joined');
      bus.send(worker, { type: 'catalogue', catalogue: catalogue.current() });
      bus.send(worker, { type: 'lease', forMs: LEASE_FOR_MS });
    },
    onLeave(worker, reason) {
      log.info({ worker, reason }, 'a worker left');
      listening.delete(worker);
      routes.onLeave(worker);
    },
    onMessage: (worker, message) =>
      receive(worker, message, { routes, writer, bus, options, catalogue, listening, analysis }),
  });
  watchControl(metrics, store, bus, routes.table);
  const delivery = makeDelivery(tools, store, view, routes);
  const tickers = [...startTickers(tools, delivery, bus), ...startUpkeep(tools, store, bindings)];
  const operations = createOperations(tools, bus, listening, options.backup);

  return {
    service,
    async send(request) {
      const outcome = await send(delivery, service.follower.mark(request));
      await receipts?.onSend(request, outcome);
      return outcome;
    },
    async sendAll(requests) {
      const outcomes = await sendAll(delivery, requests.map(service.follower.mark));
      // Only pushes have receipts, and a promise for each of thousands of other records is not nothing.
      for (let at = 0; at < requests.length; at += 1) {
        const [request, outcome] = [requests[at], outcomes[at]];
        if (request !== undefined && outcome !== undefined && isReservedBiz(request.biz))
          await receipts?.onSend(request, outcome);
      }
      return outcomes;
    },
    revoke: (items) => revoke(delivery, items),
    fleet: createFleet(routes),
    operations,
    receipts,
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
      await bus.close();
      await store.close();
      metrics.close();
    },
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
  readonly bus: ControlBus;
  readonly options: ControlOptions;
  readonly catalogue: CatalogueKeeper;
  /** Workers whose device ports are open. */
  readonly listening: Set<number>;
  readonly analysis: ControlAnalysis;
}

function receive(
  worker: number,
  message: Exclude<ToControl, WorkerAnswer | { type: 'join' }>,
  { routes, writer, bus, options, catalogue, listening, analysis }: Receivers,
): void {
  switch (message.type) {
    case 'listening':
      listening.add(worker);
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
      void verdict.then((value) => bus.send(worker, { type: 'done', seq, ok: true, value }));
      break;
    }
    case 'report': {
      const { seq, request } = message;
      void analysis
        .onReport(request)
        .then((kept) => bus.send(worker, { type: 'done', seq, ok: kept !== null, value: kept }));
      break;
    }
    default:
      routes.onMessage(worker, message);
  }
}

function makeRoutes(
  { config, metrics, clock, log }: ProcessTools,
  catalogue: CatalogueView,
  writer: Writer,
  bindings: Bindings,
  bus: () => ControlBus,
): ControlRoutes {
  const confirmed = metrics.count('longlink_fences_total', { result: 'confirmed' });
  const timedOut = metrics.count('longlink_fences_total', { result: 'timeout' });
  return createRoutes({
    bus,
    catalogue,
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
): Delivery {
  return {
    store,
    catalogue,
    now: clock.now,
    encodeBody: encodeOplogBody,
    wake: routes.wake,
    isOnline: routes.isOnline,
    hardCapPerStream: config.store.hardCapPerStream,
    traceSampleRate: config.delivery.traceSampleRate,
    random: Math.random,
    lastTransientId: 0,
  };
}

function startTickers(
  { config, metrics, clock, log }: ProcessTools,
  delivery: Delivery,
  bus: ControlBus,
): Ticker[] {
  const expired = metrics.count('longlink_sweep_expired_total');
  const due = metrics.count('longlink_due_appended_total');
  const lease = async (): Promise<undefined> => {
    for (const worker of bus.workers()) bus.send(worker, { type: 'lease', forMs: LEASE_FOR_MS });
  };
  const appendWhatIsDue = async (): Promise<number | undefined> => {
    const appended = await appendDue(delivery, DUE_BATCH);
    due.inc(appended);
    return appended === DUE_BATCH ? 0 : undefined;
  };
  const sweep = async (): Promise<number | undefined> => {
    const { wall } = clock.now();
    // With a date in doubt nothing is ended for good; what may not be sent is not sent anyway.
    if (clock.heldMs() !== 0) return undefined;
    const result = await delivery.store.sweep(wall, config.store.sweepRecords);
    expired.inc(result.expired);
    return result.wrapped ? config.store.sweepEveryMs * SWEEP_REST : undefined;
  };
  const failed = (what: string) => (err: unknown) => log.error({ err }, `${what} failed`);
  return [
    startTicker(LEASE_EVERY_MS, lease, failed('lease')),
    startTicker(config.store.dueEveryMs, appendWhatIsDue, failed('appending what is due')),
    startTicker(config.store.sweepEveryMs, sweep, failed('sweep')),
  ];
}
