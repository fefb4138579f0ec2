/**
 * Who accepts connections: a worker that is full leaves them to the others, of which one at least goes on.
 * Listening, it would take and refuse what others have room for, and, having the least to do, most of it.
 */
import type { ControlBus } from '../bus/port.js';
import type { Log } from '../observe/log.js';

export interface Acceptors {
  /** Workers whose device ports are open, those that rest included. */
  count(): number;
  onListening(worker: number): void;
  onFull(worker: number, full: boolean): void;
  onLeave(worker: number): void;
}

/** @param tell lets a worker rest, or accept again. */
export function createAcceptors(tell: (worker: number, rest: boolean) => void): Acceptors {
  const workers = new Set<number>();
  const full = new Set<number>();
  const resting = new Set<number>();
  /** Told to accept again, and not heard of since. */
  const waking = new Set<number>();

  function rest(worker: number): void {
    waking.delete(worker);
    resting.add(worker);
    tell(worker, true);
  }

  function wake(worker: number): void {
    resting.delete(worker);
    waking.add(worker);
    tell(worker, false);
  }

  const accepts = (worker: number): boolean => !resting.has(worker) && !waking.has(worker);
  const accepting = (): number[] => [...workers].filter(accepts);

  // A worker rests only when another is known to accept. Were the ports closed everywhere for a moment, the
  // system would refuse who waits there, and node:cluster could open them again on a handle of no use.
  function settle(): void {
    for (const worker of resting) if (!full.has(worker)) wake(worker);
    for (const worker of full) {
      const isOneOfMany = workers.has(worker) && accepting().some((other) => other !== worker);
      if (isOneOfMany && !resting.has(worker)) rest(worker);
    }
    // All are full: one says so to whoever comes.
    const [first] = resting;
    if (first !== undefined && accepting().length + waking.size === 0) wake(first);
  }

  return {
    count: () => workers.size,
    onListening(worker) {
      workers.add(worker);
      waking.delete(worker);
      // It speaks of before it was told, or has been without control in between.
      if (resting.has(worker)) tell(worker, true);
      settle();
    },
    onFull(worker, is) {
      if (is) full.add(worker);
      else full.delete(worker);
      settle();
    },
    onLeave(worker) {
      for (const set of [workers, full, resting, waking]) set.delete(worker);
      settle();
    },
  };
}

/** The workers of a control process: told by its bus, and the log is told, too. */
export function makeAcceptors(bus: () => ControlBus, log: Log): Acceptors {
  return createAcceptors((worker, on) => {
    log.info({ worker }, on ? 'a full worker leaves connections to others' : 'a worker accepts again');
    bus().send(worker, { type: 'rest', on });
  });
}
