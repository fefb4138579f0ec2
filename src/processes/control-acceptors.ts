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
  const listening = new Set<number>();
  const full = new Set<number>();
  const resting = new Set<number>();

  function rest(worker: number, on: boolean): void {
    if (on) resting.add(worker);
    else resting.delete(worker);
    tell(worker, on);
  }

  function settle(): void {
    for (const worker of resting) if (!full.has(worker)) rest(worker, false);
    for (const worker of full) {
      const isOneOfMany = listening.has(worker) && listening.size - resting.size > 1;
      if (isOneOfMany && !resting.has(worker)) rest(worker, true);
    }
    // All are full: one says so to whoever comes.
    const [first] = resting;
    if (first !== undefined && resting.size === listening.size) rest(first, false);
  }

  return {
    count: () => listening.size,
    onListening(worker) {
      listening.add(worker);
      // A worker that comes back after a lost control accepts.
      resting.delete(worker);
      settle();
    },
    onFull(worker, is) {
      if (is) full.add(worker);
      else full.delete(worker);
      settle();
    },
    onLeave(worker) {
      for (const set of [listening, full, resting]) set.delete(worker);
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
