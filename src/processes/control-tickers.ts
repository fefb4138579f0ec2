/** What control does by the clock: leases, data whose time has come, expiry, and what other nodes changed. */
import type { ControlBus } from '../bus/port.js';
import { appendDue, type Delivery } from '../core/delivery.js';
import { startTicker, type Ticker } from '../ticker.js';
import { lease, type Made } from './control-parts.js';
import type { ProcessTools } from './process-tools.js';

/** A worker's lease is for 3 s: control may stand still for two before the worker sends no more. */
const LEASE_EVERY_MS = 1_000;
/** A change on another node is known after so long, whatever was lost. */
const RELOAD_EVERY_MS = 800;
const DUE_BATCH = 200;
/** The sweep goes round the whole store; after a round it rests for so many of its pauses. */
const SWEEP_REST = 30;

export function startTickers(
  { config, metrics, clock, log }: ProcessTools,
  delivery: Delivery,
  bus: () => ControlBus,
  made: Made,
  reloads: readonly (() => Promise<void>)[],
): Ticker[] {
  const expired = metrics.count('longlink_sweep_expired_total');
  const due = metrics.count('longlink_due_appended_total');
  const leases = async (): Promise<undefined> => {
    for (const worker of bus().workers()) lease(bus(), worker, made.cluster);
  };
  const leads = async (job: string): Promise<boolean> =>
    made.cluster === null || (await made.cluster.locks.leads(job));
  const reloadAll = async (): Promise<undefined> => {
    for (const reload of reloads) await reload();
  };
  const appendWhatIsDue = async (): Promise<number | undefined> => {
    if (!(await leads('due'))) return undefined;
    const appended = await appendDue(delivery, DUE_BATCH);
    due.inc(appended);
    return appended === DUE_BATCH ? 0 : undefined;
  };
  const sweep = async (): Promise<number | undefined> => {
    const { wall } = clock.now();
    // With a date in doubt nothing is ended for good; what may not be sent is not sent anyway.
    if (clock.heldMs() !== 0 || !(await leads('sweep'))) return undefined;
    const result = await delivery.store.sweep(wall, config.store.sweepRecords);
    expired.inc(result.expired);
    return result.wrapped ? config.store.sweepEveryMs * SWEEP_REST : undefined;
  };
  const failed = (what: string) => (err: unknown) => log.error({ err }, `${what} failed`);
  return [
    startTicker(LEASE_EVERY_MS, leases, failed('lease')),
    // What another node has changed is told; a word that was lost is made good here.
    ...(made.cluster === null ? [] : [startTicker(RELOAD_EVERY_MS, reloadAll, failed('reading documents'))]),
    startTicker(config.store.dueEveryMs, appendWhatIsDue, failed('appending what is due')),
    startTicker(config.store.sweepEveryMs, sweep, failed('sweep')),
  ];
}
