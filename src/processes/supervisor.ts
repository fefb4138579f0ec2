/**
 * The first process: starts one control process and the link workers, starts anew what dies, and
 * passes on signals. It serves nobody itself; the device listeners are bound here only because
 * node:cluster shares them so.
 */
import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.js';
import type { Log } from '../observe/log.js';
import type { Address, FromChild, ToChild } from './messages.js';
import { ExitCode, StartError } from './start-error.js';

const CHILD_FILE = fileURLToPath(new URL('./child.js', import.meta.url));
/** A child that lived so long is started again at once; others wait longer each time. */
const STABLE_MS = 10_000;
const RESTART_MIN_MS = 100;
const RESTART_MAX_MS = 5000;
const HOUR_MS = 3_600_000;

export interface Supervisor {
  readonly addresses: readonly Address[];
  reloadCertificates(): void;
  /** Sends the devices away, ends the workers and then control. Resolves to the exit code. */
  stop(): Promise<ExitCode>;
  /** Kills all children. */
  kill(): void;
}

/** One place for a process, which lives through several of them. */
interface Seat {
  readonly role: 'control' | 'worker';
  child: ChildProcess | null;
  startedMs: number;
  restartMs: number;
  restarts: number;
}

/**
 * Starts everything; resolves when all processes are ready.
 *
 * @throws {StartError} when the first control or a first worker cannot start; nothing is left running.
 */
export async function startSupervisor(config: Config, log: Log): Promise<Supervisor> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: CHILD_FILE, args: ['worker'] });
  const seats: Seat[] = [];
  let ticketKeys = newTicketKeys();
  let stopping = false;

  const send = (seat: Seat, message: ToChild): void => {
    // A child that has just died is noticed by its exit; the channel's error says nothing more.
    if (seat.child?.connected) seat.child.send(message, () => {});
  };

  const launch = (seat: Seat): Promise<readonly Address[]> => {
    const { child, worker } = spawn(seat.role);
    seat.child = child;
    seat.startedMs = Date.now();
    child.once('exit', (code, signal) => onExit(seat, code, signal));
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromChild) => {
        if (message.type === 'hello') send(seat, { type: 'start', config, worker, ticketKeys });
        else if (message.type === 'ready') resolve(message.addresses);
        else if (message.type === 'failed') reject(new StartError(message.message, message.exitCode));
      });
      child.once('exit', (code) => {
        reject(new StartError(`the ${seat.role} process ended at its start (code ${code})`, ExitCode.FAULT));
      });
    });
  };

  const onExit = (seat: Seat, code: number | null, signal: string | null): void => {
    seat.child = null;
    if (stopping) return;
    const livedMs = Date.now() - seat.startedMs;
    seat.restartMs =
      livedMs >= STABLE_MS ? 0 : Math.min(RESTART_MAX_MS, Math.max(RESTART_MIN_MS, seat.restartMs * 2));
    seat.restarts += 1;
    const fields = { process: seat.role, code, signal, livedMs, againInMs: seat.restartMs };
    log.warn(fields, 'a process ended; another takes its place');
    setTimeout(() => {
      if (!stopping) launch(seat).catch((error) => log.error({ process: seat.role }, String(error.message)));
    }, seat.restartMs);
  };

  const kill = (): void => {
    stopping = true;
    for (const seat of seats) seat.child?.kill('SIGKILL');
  };

  const addSeat = (role: Seat['role']): Promise<readonly Address[]> => {
    const seat = { role, child: null, startedMs: 0, restartMs: 0, restarts: 0 };
    seats.push(seat);
    return launch(seat);
  };

  const addresses: Address[] = [];
  try {
    addresses.push(...(await addSeat('control')));
    const count = config.workers === -1 ? availableParallelism() : config.workers;
    const ofWorkers = await Promise.all(Array.from({ length: count }, () => addSeat('worker')));
    addresses.unshift(...(ofWorkers[0] ?? []));
  } catch (error) {
    kill();
    throw error;
  }

  const rotation = setInterval(() => {
    ticketKeys = newTicketKeys();
    for (const seat of seats) if (seat.role === 'worker') send(seat, { type: 'ticketKeys', ticketKeys });
  }, config.tls.ticketRotationHours * HOUR_MS);
  rotation.unref();

  return {
    addresses,
    reloadCertificates() {
      for (const seat of seats) send(seat, { type: 'reloadCertificates' });
    },
    async stop() {
      stopping = true;
      clearInterval(rotation);
      const { overMs, limitMs } = config.drain;
      const workers = seats.filter((seat) => seat.role === 'worker');
      const end = (seat: Seat, ms: number): Promise<boolean> => {
        send(seat, { type: 'stop', overMs });
        return endOf(seat, ms, log);
      };
      // Control outlives the workers: it writes their last acknowledgements.
      const workersEnded = await Promise.all(workers.map((seat) => end(seat, overMs + limitMs)));
      const others = seats.filter((seat) => seat.role === 'control');
      const controlEnded = await Promise.all(others.map((seat) => end(seat, limitMs)));
      return [...workersEnded, ...controlEnded].every(Boolean) ? ExitCode.OK : ExitCode.FAULT;
    },
    kill,
  };
}

function spawn(role: Seat['role']): { child: ChildProcess; worker: number } {
  if (role === 'control') return { child: fork(CHILD_FILE, ['control']), worker: 0 };
  const worker = cluster.fork();
  return { child: worker.process, worker: worker.id };
}

/** 48 bytes: what Node's TLS server takes as name, AES and HMAC key of its tickets. */
function newTicketKeys(): string {
  return randomBytes(48).toString('base64');
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
