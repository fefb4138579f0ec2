/** The places of the server's processes: what dies in one is started anew, after a growing pause. */
import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Log } from '../observe/log.js';
import type { Address, FromChild, StartMessage, ToChild } from './messages.js';
import { ExitCode, StartError } from './start-error.js';

const CHILD_FILE = fileURLToPath(new URL('./child.js', import.meta.url));
/** A child that lived so long is started again at once; others wait longer each time. */
const STABLE_MS = 10_000;
const RESTART_MIN_MS = 100;
const RESTART_MAX_MS = 5000;

/**
 * On cores that workers and control fill, V8's marking threads only take their time: marking in short
 * steps between other work keeps an answer from waiting for it. And a larger share of garbage before the
 * next collection makes them rarer; with more than as much again as is alive, many connections would
 * cost memory. bench/results/README.md has the figures.
 */
const GC_OPTIONS = {
  control: ['--no-concurrent-marking', '--heap-growing-percent=200'],
  worker: ['--no-concurrent-marking', '--heap-growing-percent=100'],
};

type Role = keyof typeof GC_OPTIONS;

export interface Seats {
  /**
   * Fills another place. Resolves to where its process listens.
   *
   * @throws {StartError} when the first process in it does not start.
   */
  add(role: Role): Promise<readonly Address[]>;
  tell(role: Role, message: ToChild): void;
  /** Lets nobody be started anew from now on. */
  close(): void;
  /**
   * Tells the processes of a role to stop, and kills those that have not ended in time.
   *
   * @returns true when all have ended by themselves and in order.
   */
  end(role: Role, overMs: number, limitMs: number): Promise<boolean>;
  kill(): void;
}

/** One place for a process, which lives through several of them. */
interface Seat {
  readonly role: Role;
  child: ChildProcess | null;
  startedMs: number;
  restartMs: number;
}

/** @param orders what a new process is told, for its worker number and whether it takes over from another. */
export function createSeats(orders: (worker: number, takesOver: boolean) => StartMessage, log: Log): Seats {
  // Workers accept by themselves: through the primary every connection would cost it a message.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: CHILD_FILE, args: ['worker'], execArgv: optionsOf('worker') });
  const seats: Seat[] = [];
  let closed = false;

  const launch = (seat: Seat, takesOver: boolean): Promise<readonly Address[]> => {
    const { child, worker } = spawn(seat.role);
    seat.child = child;
    seat.startedMs = performance.now();
    child.once('exit', (code, signal) => replace(seat, code, signal));
    return started(seat, child, orders(worker, takesOver));
  };

  const replace = (seat: Seat, code: number | null, signal: string | null): void => {
    seat.child = null;
    if (closed) return;
    const livedMs = Math.round(performance.now() - seat.startedMs);
    seat.restartMs =
      livedMs >= STABLE_MS ? 0 : Math.min(RESTART_MAX_MS, Math.max(RESTART_MIN_MS, seat.restartMs * 2));
    const fields = { process: seat.role, code, signal, livedMs, againInMs: seat.restartMs };
    log.warn(fields, 'a process ended; another takes its place');
    setTimeout(() => {
      if (closed) return;
      launch(seat, true).catch((error: Error) => log.error({ process: seat.role }, error.message));
    }, seat.restartMs);
  };

  const of = (role: Role): Seat[] => seats.filter((seat) => seat.role === role);
  return {
    add(role) {
      const seat = { role, child: null, startedMs: 0, restartMs: 0 };
      seats.push(seat);
      return launch(seat, false);
    },
    tell(role, message) {
      for (const seat of of(role)) tell(seat, message);
    },
    close() {
      closed = true;
    },
    async end(role, overMs, limitMs) {
      const ended = of(role).map((seat) => {
        tell(seat, { type: 'stop', overMs });
        return endOf(seat, limitMs, log);
      });
      return (await Promise.all(ended)).every(Boolean);
    },
    kill() {
      closed = true;
      for (const seat of seats) seat.child?.kill('SIGKILL');
    },
  };
}

function tell(seat: Seat, message: ToChild): void {
  // A child that has just died is noticed by its exit; the channel's error says nothing more.
  if (seat.child?.connected) seat.child.send(message, () => {});
}

/** Gives a new process its orders; settles when it is ready or has failed. */
function started(seat: Seat, child: ChildProcess, orders: StartMessage): Promise<readonly Address[]> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.type === 'hello') tell(seat, orders);
      else if (message.type === 'ready') resolve(message.addresses);
      else if (message.type === 'failed') reject(new StartError(message.message, message.exitCode));
    });
    child.once('exit', (code) => {
      reject(new StartError(`the ${seat.role} process ended at its start (code ${code})`, ExitCode.FAULT));
    });
  });
}

/** Those of the supervisor, such as a profiler's, and our own in front, so that an operator's count. */
function optionsOf(role: Role): string[] {
  return [...GC_OPTIONS[role], ...process.execArgv];
}

function spawn(role: Role): { child: ChildProcess; worker: number } {
  if (role === 'control')
    return { child: fork(CHILD_FILE, ['control'], { execArgv: optionsOf('control') }), worker: 0 };
  const worker = cluster.fork();
  return { child: worker.process, worker: worker.id };
}

/** True when the process ended by itself in time and in order; after that it is killed. */
function endOf(seat: Seat, limitMs: number, log: Log): Promise<boolean> {
  const { child } = seat;
  if (child === null || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      log.error(
        { process: seat.role, pid: child.pid, limitMs },
        'a process did not end in time and is killed',
      );
      child.kill('SIGKILL');
    }, limitMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}
