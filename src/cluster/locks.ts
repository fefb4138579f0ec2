/** What only one node of the cluster may do at a time: changes of documents, and jobs by the clock. */
import { randomBytes } from 'node:crypto';
import { StoreUnavailable } from '../core/ports.js';
import { type ClusterLinks, clusterKeys } from './links.js';
import { refuse, type Scripts } from './scripts.js';

/** A change that takes longer loses its turn; none does, while Redis answers within its time-out. */
const TURN_MS = 15_000;
const WAIT_MS = 5000;
const TRY_AGAIN_MS = 15;
/** A job passes to another node so long after the one that did it has gone. */
const JOB_MS = 5000;
/** For so long a node that does a job does not ask again. */
const JOB_KNOWN_MS = 1000;

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export interface Locks {
  /**
   * Runs work of this name one after the other on all nodes.
   *
   * @throws {StoreUnavailable} (as rejection) when its turn did not come within 5 s, or Redis does not answer
   */
  inTurn(name: string): InTurn;
  /** Whether the job is this node's now. False when Redis does not answer. */
  leads(job: string): Promise<boolean>;
  /** Gives the jobs to others. */
  close(): Promise<void>;
}

/** @param mono monotonic ms */
export function createLocks(links: ClusterLinks, scripts: Scripts, self: string, mono: () => number): Locks {
  const { client } = links;
  const keys = clusterKeys(links.prefix);
  /** Until when a job is known to be ours. */
  const jobs = new Map<string, number>();

  const locked = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const key = keys.lock(name);
    const token = randomBytes(12).toString('base64url');
    const end = mono() + WAIT_MS;
    while ((await client.set(key, token, 'PX', TURN_MS, 'NX').catch(refuse)) !== 'OK') {
      if (mono() > end) throw new StoreUnavailable(`${name}: another node is changing it`);
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS * (0.5 + Math.random())));
    }
    try {
      return await work();
    } finally {
      await scripts.run('unlock', [key], [token, 0]).catch(() => undefined);
    }
  };

  return {
    inTurn(name) {
      let last: Promise<unknown> = Promise.resolve();
      // One after the other here first, so that this node asks for one turn at a time.
      return (work) => {
        const next = last.then(() => locked(name, work));
        last = next.catch(() => undefined);
        return next;
      };
    },
    async leads(job) {
      const now = mono();
      if ((jobs.get(job) ?? 0) > now) return true;
      const key = keys.lock(`job/${job}`);
      try {
        const isOurs =
          (await client.set(key, self, 'PX', JOB_MS, 'NX')) === 'OK' ||
          Number(await scripts.run('unlock', [key], [self, JOB_MS])) === 1;
        if (isOurs) jobs.set(job, now + JOB_KNOWN_MS);
        return isOurs;
      } catch {
        return false;
      }
    },
    async close() {
      const names = [...jobs.keys()];
      jobs.clear();
      await Promise.all(
        names.map((job) =>
          scripts.run('unlock', [keys.lock(`job/${job}`)], [self, 0]).catch(() => undefined),
        ),
      );
    },
  };
}
