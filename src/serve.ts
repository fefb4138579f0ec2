/** Runs the server: as a supervisor with its processes, or all in one. */

import { createLocalBus } from './bus/local.js';
import type { Config } from './config.js';
import { createLog, type Log } from './observe/log.js';
import { makeDataDir } from './processes/data-dir.js';
import { makeSecrets } from './processes/first-run.js';
import type { Address } from './processes/messages.js';
import { createProcessTools } from './processes/process-tools.js';
import { runControl } from './processes/roles.js';
import { ExitCode } from './processes/start-error.js';
import { startSupervisor } from './processes/supervisor.js';
import { startWorker } from './processes/worker.js';

/** A running server. */
export interface Server {
  readonly addresses: readonly Address[];
  /** What the first run made, one line each. */
  readonly made: readonly string[];
  reloadCertificates(): void;
  /** Sends the devices away over `drain.overMs` and ends in order. @returns the exit code. */
  stop(): Promise<ExitCode>;
  /** Ends without order: child processes are killed. */
  kill(): void;
}

/**
 * Starts a server and resolves when every port listens.
 *
 * @param log of this process; made from the configuration when left out.
 * @throws {StartError} with all that the operator needs to know.
 */
export async function startServer(config: Config, log?: Log): Promise<Server> {
  makeDataDir(config.dataDir);
  const made = await makeSecrets(config);
  if (config.workers === 0) return { made, ...(await startInOneProcess(config, log)) };
  const supervisor = await startSupervisor(config, log ?? createLog(config.log, 'supervisor'));
  return { made, ...supervisor };
}

/** Control and one worker in this process, with the bus between them in memory. */
async function startInOneProcess(config: Config, log?: Log): Promise<Omit<Server, 'made'>> {
  const number = 1;
  const tools = createProcessTools(config, 'all', 'all', log);
  const bus = createLocalBus(number);
  const control = await runControl(tools, bus.control);
  try {
    const worker = await startWorker({
      tools: { ...tools, metrics: { ...tools.metrics, values: () => Promise.resolve([]) } },
      number,
      reader: control.store,
      makeBus: bus.worker,
      ticketKeys: '',
    });
    return {
      addresses: [...worker.addresses, ...control.addresses],
      reloadCertificates: () => void worker.reloadCertificates(),
      async stop() {
        await worker.stop(config.drain.overMs);
        await control.stop();
        return ExitCode.OK;
      },
      kill() {},
    };
  } catch (error) {
    await control.stop();
    throw error;
  }
}
