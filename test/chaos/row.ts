/** What one row of the fault table says, and what its fault is given to work with. */
import type { Cluster, ClusterOptions } from '../faults/cluster.js';
import type { Trial } from '../faults/trial.js';
import type { CheckOptions } from '../history/verdict.js';
import type { Crowd } from './crowd.js';
import type { Hosts } from './site.js';
import type { World, WorldOptions } from './world.js';

export const STORES = ['embedded', 'redis', 'sentinel', 'cluster'] as const;
export type StoreKind = (typeof STORES)[number];

export const GROUPS = ['processes', 'storage', 'redis', 'network', 'clients'] as const;

export interface NodeCount {
  readonly gateways: number;
  /** 0: the gateways answer calls themselves. */
  readonly apis: number;
}

/** What a fault works with while a run goes on. */
export interface Run {
  readonly trial: Trial;
  /** The first node: the one that is hurt, where one is. */
  readonly cluster: Cluster;
  readonly hosts: Hosts;
  readonly world: World;
  /** Quiet devices by the thousand, where they were asked for. */
  readonly crowd: Crowd | null;
  /** Something that must hold did not; the first word says of what kind. */
  complain(text: string): void;
  /** 0 to 1, from the seed. */
  random(): number;
}

/** A fault that is ready to strike, again and again. */
export interface Blow {
  /** Called at a moment with something in flight. */
  inject(): void | Promise<void>;
  /** From the blow to its end, ms. */
  readonly lastsMs: number;
  /** Undoes it; resolves when the server should be whole again. */
  heal(): void | Promise<void>;
  /** A last look, before the devices are gathered and the history is judged. */
  finish?(): void | Promise<void>;
}

/** What a server is put on, such as a disk that can be pulled out. */
export interface Stage {
  readonly cluster: ClusterOptions;
  clear(): void;
}

export interface Row {
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  readonly stores: readonly StoreKind[];
  /** `root`, `faketime`, or the name of a command. */
  readonly needs: readonly string[];
  /** What happens, in a few words. */
  readonly what: string;
  /** What must hold. */
  readonly holds: string;
  /** The planted bug (test/faults/plants.ts) that this row must see, and the complaints by which it does. */
  readonly plant: { readonly bug: string; readonly seen: RegExp };
  readonly cluster?: ClusterOptions;
  readonly check?: Partial<CheckOptions>;
  readonly world?: Partial<WorldOptions>;
  /** Where the store can be shared; one gateway when left out. */
  readonly nodes?: NodeCount;
  /** What an answer promises on Redis; R1 when left out. */
  readonly level?: 'R0' | 'R1' | 'R2';
  /** The fault takes the counters of the conservation equation with it. */
  readonly losesCounters?: boolean;
  /** Blows of a run, at most; as many as there is time for when left out. */
  readonly blows?: number;
  /** Blows of a run, at least, however short it is; one when left out. */
  readonly leastBlows?: number;
  /** Between the end of a blow and the next one, at least and at most, ms. */
  readonly calmMs?: readonly [number, number];
  /** Longest time from the end of a blow to the first messages that come through again, ms. */
  readonly recoveryMs?: number;
  stage?(scratch: string): Stage;
  arm(run: Run): Blow | Promise<Blow>;
}
