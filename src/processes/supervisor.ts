/**
 * The first process: starts one control process and the link workers, starts anew what dies, and
 * passes on signals. It serves nobody itself; the device listeners are bound here only because
 * node:cluster shares them so.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Config } from '../config.js';
import type { Log } from '../observe/log.js';
import type { Address } from './messages.js';
import { createSeats } from './seats.js';
import { ExitCode } from './start-error.js';

const HOUR_MS = 3_600_000;
/** What Node's TLS server takes as name, AES key and HMAC key of its tickets. */
const TICKET_KEY_BYTES = 48;

export interface Supervisor {
  readonly addresses: readonly Address[];
  reloadCertificates(): void;
  /** Sends the devices away, ends the workers and then control. Resolves to the exit code. */
  stop(): Promise<ExitCode>;
  /** Kills all children. */
  kill(): void;
}

/**
 * Starts everything; resolves when all processes are ready.
 *
 * @throws {StartError} when the first control or a first worker cannot start; nothing is left running.
 */
export async function startSupervisor(config: Config, log: Log): Promise<Supervisor> {
  let ticketKeys = newTicketKeys();
  const seats = createSeats(
    (worker, takesOver) => ({ type: 'start', config, worker, ticketKeys, takesOver }),
    log,
  );
  const addresses: Address[] = [];
  try {
    // Workers open the store that control has made.
    addresses.push(...(await seats.add('control')));
    const wanted = config.workers === -1 ? availableParallelism() : config.workers;
    const count = config.role === 'api' ? 0 : wanted;
    const ofWorkers = await Promise.all(Array.from({ length: count }, () => seats.add('worker')));
    addresses.unshift(...(ofWorkers[0] ?? []));
  } catch (error) {
    seats.kill();
    throw error;
  }

  const rotation = setInterval(() => {
    ticketKeys = newTicketKeys();
    seats.tell('worker', { type: 'ticketKeys', ticketKeys });
  }, config.tls.ticketRotationHours * HOUR_MS);
  rotation.unref();

  return {
    addresses,
    reloadCertificates: () => seats.tell('worker', { type: 'reloadCertificates' }),
    async stop() {
      seats.close();
      clearInterval(rotation);
      const { overMs, limitMs } = config.drain;
      const workersEnded = await seats.end('worker', overMs, overMs + limitMs);
      // Control outlives the workers: it writes their last acknowledgements.
      const controlEnded = await seats.end('control', 0, limitMs);
      return workersEnded && controlEnded ? ExitCode.OK : ExitCode.FAULT;
    },
    kill: seats.kill,
  };
}

function newTicketKeys(): string {
  return randomBytes(TICKET_KEY_BYTES).toString('base64');
}
