/** What an operator can tell the server as a whole, for the admin port. */
import type { Operations } from '../admin/options.js';
import type { ControlBus } from '../bus/port.js';
import { metricsPage } from './control-metrics.js';
import type { ProcessTools } from './process-tools.js';

export interface ControlOperations extends Operations {
  /** From now on the server is not ready any more. */
  withdraw(): void;
  draining(): boolean;
}

/** @param isServing everything is open that this server is to serve. */
export function createOperations(
  { metrics, clock }: ProcessTools,
  bus: ControlBus,
  isServing: () => boolean,
  isCluster: boolean,
  backup: (directory: string) => Promise<void>,
): ControlOperations {
  let withdrawn = false;
  return {
    ready: () => !withdrawn && isServing(),
    draining: () => withdrawn,
    withdraw() {
      withdrawn = true;
    },
    metrics: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: await metricsPage(metrics, bus),
    }),
    drain(overMs, redirect) {
      withdrawn = true;
      for (const worker of bus.workers())
        bus.send(worker, { type: 'drain', overMs, redirect, away: isCluster });
      return Promise.resolve();
    },
    acceptClock() {
      clock.now();
      const held = clock.heldMs();
      clock.accept();
      for (const worker of bus.workers()) bus.send(worker, { type: 'acceptClock' });
      return Promise.resolve(held);
    },
    backup,
  };
}
