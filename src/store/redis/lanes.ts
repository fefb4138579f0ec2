/**
 * Writes at level R2: sent together, then one WAIT for all of them on the same connection. WAIT stops
 * its connection, so these are connections of their own; what comes meanwhile goes out together next.
 */
import { Cluster, Redis } from 'ioredis';
import { StoreUnavailable } from '../../core/ports.js';
import type { RedisClient, RedisConnection } from '../../redis/connection.js';
import { connectionOptions, parseAddress } from '../../redis/options.js';
import type { Job } from './batches.js';
import type { Send } from './commands.js';
import { slotOf } from './slots.js';

/** Connections to each primary. A slot always takes the same one, so that its writes keep their order. */
const LANES = 4;
/** Commands of one batch: its answers come when the last has reached the replicas. */
const MAX_BATCH = 500;
/** The answer to WAIT must come before the command's own time-out. */
const WAIT_SHARE = 0.8;

interface Lane {
  readonly client: RedisClient;
  /** Settles when the first connection is there, or has taken too long. */
  readonly opened: Promise<void>;
  waiting: Job[];
  busy: boolean;
}

export interface Lanes {
  readonly send: Send;
  close(): void;
}

export function createLanes(connection: RedisConnection): Lanes {
  const { settings, client } = connection;
  const lanes = new Map<string, Lane>();
  const waitMs = Math.max(1, Math.floor(settings.commandTimeoutMs * WAIT_SHARE));

  const laneOf = (key: string): Lane => {
    const slot = slotOf(key);
    const address = client instanceof Cluster ? (client.slots[slot]?.[0] ?? '') : 'primary';
    if (address === '') throw new StoreUnavailable(`no node of the Cluster has slot ${slot}`);
    const name = `${address}/${slot % LANES}`;
    const known = lanes.get(name);
    if (known) return known;
    const node = open(address);
    const opened = readyWithin(node, settings.commandTimeoutMs);
    const made = { client: node, opened, waiting: [], busy: false };
    lanes.set(name, made);
    return made;
  };
  const open = (address: string): RedisClient => {
    if (!(client instanceof Cluster)) return connection.another('wait');
    const node = new Redis({
      ...connectionOptions(settings, 'wait'),
      ...parseAddress(address),
    });
    node.on('error', () => {});
    node.connect().catch(() => {});
    return node;
  };
  const drain = async (lane: Lane): Promise<void> => {
    lane.busy = true;
    await lane.opened;
    // Lets the callers of this turn of the event loop in.
    await new Promise((resolve) => setImmediate(resolve));
    while (lane.waiting.length > 0) {
      const jobs = lane.waiting.splice(0, MAX_BATCH);
      await runBatch(lane.client, jobs, settings.replicas, waitMs).catch((error: unknown) => {
        for (const job of jobs) job.reject(error);
      });
    }
    lane.busy = false;
  };
  const enqueue: Send = (command) =>
    new Promise((resolve, reject) => {
      const lane = laneOf(command.key);
      lane.waiting.push({ command, resolve, reject });
      if (!lane.busy) void drain(lane);
    });
  return {
    async send(command) {
      try {
        return await enqueue(command);
      } catch (error) {
        // Not carried out there: the slot has gone to another node.
        if (!(error instanceof Error) || !error.message.startsWith('MOVED')) throw error;
        if (client instanceof Cluster) await new Promise((resolve) => client.refreshSlotsCache(resolve));
        return enqueue(command);
      }
    },
    close() {
      for (const lane of lanes.values()) lane.client.disconnect();
    },
  };
}

function readyWithin(client: RedisClient, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Every job gets its own reply; but none of those that wrote, unless enough replicas have them. */
async function runBatch(
  client: RedisClient,
  jobs: readonly Job[],
  replicas: number,
  waitMs: number,
): Promise<void> {
  const pipeline = client.pipeline();
  for (const { command } of jobs) pipeline.callBuffer(command.name, ...command.args);
  pipeline.call('wait', replicas, waitMs);
  const replies = (await pipeline.exec()) ?? [];
  const [waitError, reached] = replies[jobs.length] ?? [new Error('no answer to WAIT'), null];
  const short = waitError === null && Number(reached) < replicas;
  jobs.forEach(({ resolve, reject }, at) => {
    const [error, reply] = replies[at] ?? [new Error('no answer'), null];
    if (error !== null) reject(error);
    else if (waitError !== null) reject(waitError);
    // The record is on the primary, and may be lost with it: the caller has to ask again.
    else if (short) reject(new StoreUnavailable(`a write reached ${reached} of ${replicas} replicas`));
    else resolve(reply);
  });
}
