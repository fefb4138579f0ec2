/** Runs the server: as a supervisor with its processes, or all in one. */

import type { Config } from './config.js';
import { createLog, type Log } from './observe/log.js';
import { makeDataDir } from './processes/data-dir.js';
import { makeSecrets } from './processes/first-run.js';
import type { Address } from './processes/messages.js';
import type { ExitCode } from './processes/start-error.js';
import { startSupervisor } from './processes/supervisor.js';

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
  if (config.workers === 0) {
    // The supervisor has no use for the store and the servers, and does not load them.
    const { startInOneProcess } = await import('./processes/one-process.js');
    return { made, ...(await startInOneProcess(config, log)) };
  }
  const supervisor = await startSupervisor(config, log ?? createLog(config.log, 'supervisor'));
  return { made, ...supervisor };
}
