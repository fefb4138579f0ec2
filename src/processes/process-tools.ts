/** What every process of the server has: its log, its clock, its metrics, and how it ends on a fault. */
import { type Clock, createClock } from '../clock.js';
import type { Config } from '../config.js';
import { createLog, type Log } from '../observe/log.js';
import { createMetrics, type Metrics } from '../observe/metrics.js';
import { ExitCode } from './start-error.js';

export interface ProcessTools {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * @param role `control`, `worker` or `all`.
 * @param name as it stands in the log, for example `worker-2`.
 */
export function createProcessTools(config: Config, role: string, name: string, log?: Log): ProcessTools {
  const own = log ?? createLog(config.log, name);
  const metrics = createMetrics(role);
  const clock = createClock({
    maxStepMs: config.clock.maxStepMs,
    onHeld(heldMs) {
      if (heldMs === 0) own.warn('the system clock is believed again');
      else
        own.error(
          { heldMs },
          'the system clock made a step: it is held, and expiry pauses, until it is undone or accepted',
        );
    },
  });
  metrics.onCollect(() => {
    clock.now();
    metrics.set('longlink_clock_held_seconds', clock.heldMs() / 1000);
  });
  return { config, log: own, clock, metrics };
}

/** After a fault the state of a process cannot be trusted: it ends, and the supervisor starts another. */
export function exitOnFault(log: Log): void {
  const end = (error: unknown): void => {
    log.fatal({ err: error }, 'a fault ended this process');
    log.flush();
    // The log writes in the background; what it still holds is flushed by its own exit handler.
    process.exit(ExitCode.FAULT);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
