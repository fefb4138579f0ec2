/** What several scenarios do. */
import type { DeviceFleet } from '../fleet.js';
import { type Figure, less } from '../report/result.js';
import type { Run, Sender } from '../run.js';
import { cpuSince, type Server, type Usage } from '../server.js';

/** Below the shipped limit of 1,000 new connections a second and worker. */
export const POLITE_PER_SECOND = 800;
/** Longest wait for devices to come online, or for what was sent to arrive. */
export const ARRIVE_MS = 120_000;

/** Lets the sender stay only so far ahead of the devices, until `done`. */
export function keepAhead(
  fleet: DeviceFleet,
  sender: Pick<Sender, 'grant'>,
  ahead: number,
): { stop(): Promise<void> } {
  const first = fleet.tally().received;
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const { received } = await fleet.refresh();
      await sender.grant(received - first + ahead);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  // A process that is gone is noticed by whoever waits for the messages.
  const running = loop().catch(() => undefined);
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** Waits until the devices have received so many more messages than `before`. */
export async function arrived(run: Run, fleet: DeviceFleet, before: number, count: number): Promise<void> {
  await fleet.until(`${count} messages`, ARRIVE_MS, ({ received }) => {
    run.progress(`${received - before} of ${count} messages`);
    return received - before >= count;
  });
}

/** Processor time of each process of the server, by what was done with it. */
export function cpuFigures(server: Server, before: Usage, count: number, what: string): Figure[] {
  const used = cpuSince(server, before);
  const each = (seconds: number): number => (seconds * 1e6) / Math.max(1, count);
  return [
    less(`CPU of control per ${what}`, each(used.control), 'us'),
    less(`CPU of the workers per ${what}`, each(used.worker), 'us'),
    less(`CPU of the server per ${what}`, each(used.control + used.worker + used.supervisor), 'us'),
  ];
}
