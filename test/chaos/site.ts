/** The servers of a run. */
import { createCluster } from '../faults/cluster.js';
import type { Site, Story } from '../faults/run.js';
import type { StoreKind } from './row.js';

/** What a fault can hurt beside the first node. */
export interface Hosts {
  readonly site: Site;
}

/** Prepares the servers of a run on `store`; nothing runs before `start`. */
export async function makeSite(_store: StoreKind, story: Story, plant: string | undefined): Promise<Site> {
  const first = await createCluster({ ...story.cluster, ...(plant === undefined ? {} : { plant }) });
  const { start, log, dispose } = first;
  return { first, others: { gateways: [], apis: [] }, start, log, dispose };
}
