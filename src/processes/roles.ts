/** Control and worker as they are put together in a process. */
import { createValidator, type Validate } from '../api/validation/validator.js';
import { createBusClient } from '../bus/client.js';
import type { ControlBus, ControlBusHandler, WorkerBus, WorkerBusHandler } from '../bus/port.js';
import { createBusServer } from '../bus/server.js';
import { createCatalogueView } from '../core/catalogue.js';
import type { Store } from '../core/ports.js';
import { type Control, startControl } from './control.js';
import { startControlServers } from './control-servers.js';
import { socketPath } from './data-dir.js';
import { makeDemoInstance } from './demo-instance.js';
import type { Address } from './messages.js';
import type { ProcessTools } from './process-tools.js';
import { openReader, openStorage } from './storage.js';
import { startWorker, type Worker } from './worker.js';

const BUS_SOCKET = 'bus.sock';

export interface ControlRole {
  readonly addresses: readonly Address[];
  /** In one process the worker reads the same store. */
  readonly store: Store;
  stop(): Promise<void>;
}

export interface ControlPlace {
  /** Workers have lost a control process and have sessions to announce. */
  readonly takesOver: boolean;
  /** The bus in process; the unix socket in the data directory when left out. */
  readonly makeBus?: (handler: ControlBusHandler) => ControlBus;
}

/**
 * Opens the store and everything that control does.
 *
 * @throws {StartError}
 */
export async function runControl(
  tools: ProcessTools,
  { takesOver, makeBus }: ControlPlace,
): Promise<ControlRole> {
  const { config, log } = tools;
  const view = createCatalogueView();
  const { store, redis, backup } = await openStorage(tools, view);
  const path = socketPath(config.dataDir, BUS_SOCKET);
  const control = await startControl({
    tools,
    store,
    view,
    backup,
    makeBus: async (handler) => makeBus?.(handler) ?? (await createBusServer({ path, handler })),
    validate: makeValidate(tools),
    redis,
    takesOver,
  });
  try {
    const servers = await startControlServers(tools, control);
    await prepareTenants(tools, control);
    return {
      addresses: servers.addresses,
      store,
      async stop() {
        await servers.close();
        await control.stop();
      },
    };
  } catch (error) {
    await control.stop().catch((err) => log.error({ err }, 'stopping after a failed start'));
    throw error;
  }
}

function makeValidate({ config, metrics, log }: ProcessTools): Validate {
  return createValidator({
    ...config.validation,
    onVerdict(result, instance, reason) {
      metrics.count('longlink_validations_total', { result }).inc();
      if (result === 'failed') log.warn({ instance, reason }, 'the user-consistency endpoint did not answer');
    },
  });
}

async function prepareTenants({ config, log }: ProcessTools, { service }: Control): Promise<void> {
  if (config.demoInstance) {
    const made = await makeDemoInstance(service);
    if (made !== null) log.info({ instance: made }, 'made the demo instance');
  }
}

/** @throws {StartError} */
export async function runWorker(tools: ProcessTools, number: number, ticketKeys: string): Promise<Worker> {
  const { config } = tools;
  const path = socketPath(config.dataDir, BUS_SOCKET);
  const { reader, close } = await openReader(tools);
  const makeBus = (handler: WorkerBusHandler): WorkerBus =>
    createBusClient({ path, worker: number, handler });
  const worker = await startWorker({ tools, number, reader, makeBus, ticketKeys });
  return {
    ...worker,
    async stop(overMs) {
      await worker.stop(overMs);
      await close();
    },
  };
}
