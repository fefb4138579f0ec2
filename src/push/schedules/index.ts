/** Scheduled pushes put together: the service that the actions call, and the work by the clock. */
import type { DocStore } from '../../core/ports.js';
import { startTicker } from '../../ticker.js';
import type { Push } from '../push.js';
import { createTurns, type InTurn } from '../turns.js';
import { createFiring, type FiringResult, ROUND } from './firing.js';
import { createSchedules, type Schedules } from './schedules.js';
import { serverTimeZone } from './zone.js';

export interface SchedulingEvents {
  /** A planned time was dealt with; `lateMs` from it to now. */
  readonly onResult: (result: FiringResult, lateMs: number) => void;
  readonly onError: (error: unknown) => void;
}

export interface SchedulingOptions extends SchedulingEvents {
  readonly store: DocStore;
  readonly push: Push;
  /** IANA name, or empty for that of the machine. */
  readonly timeZone: string;
  /** Tasks of one app that may wait. */
  readonly maxPending: number;
  readonly graceMs: number;
  /** Changes of the documents, one after the other on all nodes; of this process when left out. */
  readonly inTurn?: InTurn;
  /** Whether sending what is due is the work of this node. */
  readonly leads: () => Promise<boolean>;
  /** How often is looked for what is due. */
  readonly everyMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

export interface Scheduling {
  readonly schedules: Schedules;
  /** No further push begins; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** Rounds between two looks for what ended long ago. */
const FORGET_EVERY = 600;

/** It relies on nobody changing these documents but in turn. */
export function startScheduling(options: SchedulingOptions): Scheduling {
  const inTurn = options.inTurn ?? createTurns();
  const schedules = createSchedules({ ...options, inTurn, timeZone: options.timeZone || serverTimeZone() });
  const firing = createFiring({ ...options, inTurn });
  let rounds = 0;
  let stopped = false;
  const round = async (): Promise<undefined> => {
    if (!(await options.leads())) return;
    while (!stopped && (await firing.fireDue()) === ROUND);
    if (rounds % FORGET_EVERY === 0) await firing.forgetOld();
    rounds += 1;
  };
  // What fell due while nobody was there has waited long enough.
  const ticker = startTicker(options.everyMs, round, options.onError, 0);
  return {
    schedules,
    stop() {
      stopped = true;
      return ticker.stop();
    },
  };
}
