/** What a node reaches Redis by, and the keys of the cluster as a whole. */
import type { RedisClient } from '../redis/connection.js';

export interface ClusterLinks {
  /** For commands; shared with the store. */
  readonly client: RedisClient;
  /** For subscriptions only. On a Cluster it has `shardedSubscribers`. */
  readonly subscriber: RedisClient;
  /** Redis Cluster: a message goes to the shard of its channel and not to all nodes (SPUBLISH, 7.0). */
  readonly sharded: boolean;
  /** Of every key; a colon follows. */
  readonly prefix: string;
}

/**
 * Keys that belong to no owner. Each has a slot of its own but the two of the nodes, which one script
 * writes. Those of owners are in src/redis/owner-key.ts.
 */
export const clusterKeys = (prefix: string) => ({
  /** Hash: member to what it says of itself. */
  nodes: `${prefix}:{nodes}:records`,
  /** Sorted set: member by the end of its lease. */
  leases: `${prefix}:{nodes}:leases`,
  /** List of messages that must not be lost with the subscription; a minute of life. */
  mail: (member: string) => `${prefix}:{mail/${member}}`,
  channel: (member: string) => `${prefix}:{to/${member}}`,
  lock: (name: string) => `${prefix}:{lock/${name}}`,
  nonce: (mark: string) => `${prefix}:{nonce/${mark}}`,
});

export type ClusterKeys = ReturnType<typeof clusterKeys>;
