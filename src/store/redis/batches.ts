/**
 * Commands to a Cluster: those of one turn of the event loop that go to one node are written together.
 * (ioredis has auto-pipelining of its own, but it loses the name of a command given to `call`, and holds
 * the next batch back until the one before is answered.)
 */
import type { Cluster } from 'ioredis';
import { StoreUnavailable } from '../../core/ports.js';
import type { Command, Send } from './commands.js';
import { slotOf } from './slots.js';

export interface Job {
  readonly command: Command;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatches(cluster: Cluster): Send {
  let waiting = new Map<string, Job[]>();

  const flush = (): void => {
    const groups = waiting;
    waiting = new Map();
    for (const jobs of groups.values()) void runJobs(cluster, jobs);
  };
  return (command) =>
    new Promise((resolve, reject) => {
      const slot = slotOf(command.key);
      const group = cluster.slots[slot]?.join();
      if (group === undefined) {
        reject(new StoreUnavailable(`no node of the Cluster has slot ${slot}`));
        return;
      }
      if (waiting.size === 0) setImmediate(flush);
      const jobs = waiting.get(group);
      if (jobs) jobs.push({ command, resolve, reject });
      else waiting.set(group, [{ command, resolve, reject }]);
    });
}

async function runJobs(cluster: Cluster, jobs: readonly Job[]): Promise<void> {
  try {
    const pipeline = cluster.pipeline();
    for (const { command } of jobs) pipeline.callBuffer(command.name, ...command.args);
    const replies = (await pipeline.exec()) ?? [];
    jobs.forEach(({ resolve, reject }, at) => {
      const [error, reply] = replies[at] ?? [new Error('no answer'), null];
      if (error === null) resolve(reply);
      else reject(error);
    });
  } catch (error) {
    for (const { reject } of jobs) reject(error);
  }
}
