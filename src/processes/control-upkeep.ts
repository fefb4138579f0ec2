/** Work in the background that keeps the store small: bounded steps, one after the other. */
import { forgetAudit } from '../admin/service/audit.js';
import type { Bindings } from '../admin/service/bindings.js';
import { createBroadcastForgetter } from '../admin/service/broadcasts.js';
import { endDeleted } from '../admin/service/configurations.js';
import { DAY_MS } from '../core/model.js';
import type { Store } from '../core/ports.js';
import { createLogForgetter, LOGGED_DAYS } from '../push/log.js';
import { createTaskForgetter } from '../push/tasks.js';
import { startTicker, type Ticker } from '../ticker.js';
import type { ProcessTools } from './process-tools.js';

/** After a round over what has an age the next one begins so much later. */
const ROUND_EVERY_MS = 3_600_000;
/** A broadcast is listed for so long after its validity. */
const BROADCAST_DAYS = 30;
/** Between two steps of a deletion: others get their commits. */
const DELETE_PAUSE_MS = 10;

/** Ends the data of deleted configurations, old audit records, bindings, push tasks and broadcasts. */
export function startUpkeep(
  { config, clock, log }: ProcessTools,
  store: Store,
  bindings: Pick<Bindings, 'forget'>,
  leads: (job: string) => Promise<boolean>,
): Ticker[] {
  const { sweepEveryMs, bindingDays } = config.store;
  const deletions = async (): Promise<number | undefined> =>
    (await leads('upkeep')) && (await endDeleted(store)) ? DELETE_PAUSE_MS : undefined;
  const aged = (days: number, step: (beforeMs: number) => Promise<boolean>) => async () => {
    const { wall } = clock.now();
    // With a date in doubt nothing is ended for good.
    if (clock.heldMs() !== 0 || !(await leads('upkeep'))) return undefined;
    return (await step(wall - days * DAY_MS)) ? ROUND_EVERY_MS : undefined;
  };
  const audit = aged(config.admin.auditDays, (beforeMs) => forgetAudit(store, beforeMs));
  const pairs = aged(bindingDays, (beforeMs) => bindings.forget(beforeMs));
  const tasks = createTaskForgetter(store);
  const pushTasks = aged(0, (nowMs) => tasks.forget(nowMs));
  const log30 = createLogForgetter(store);
  const pushLog = aged(LOGGED_DAYS, (beforeMs) => log30.forget(beforeMs));
  const old = createBroadcastForgetter(store);
  const broadcasts = aged(BROADCAST_DAYS, (beforeMs) => old.forget(beforeMs));
  const failed = (what: string) => (err: unknown) => log.error({ err }, `${what} failed`);
  return [
    startTicker(sweepEveryMs, deletions, failed('ending the data of a deleted configuration')),
    startTicker(sweepEveryMs, audit, failed('removing old audit records')),
    startTicker(sweepEveryMs, pushTasks, failed('removing old push tasks')),
    startTicker(sweepEveryMs, pushLog, failed('removing what was pushed long ago')),
    startTicker(sweepEveryMs, broadcasts, failed('removing old broadcasts')),
    startTicker(sweepEveryMs, pairs, failed('removing old bindings')),
  ];
}
