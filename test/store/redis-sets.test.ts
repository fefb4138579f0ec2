/** The Store port on a Sentinel set, at the level that waits for its replicas, and on a Cluster of six. */
import t from 'tap';
import { redisAvailable, SENTINEL_NAME, startRedisCluster, startSentinelSet } from '../redis/servers.js';
import { conformance } from './conformance.js';
import { redisHarness, settingsFor } from './redis-harness.js';

if (redisAvailable('the Redis store on a Sentinel set and on a Cluster')) {
  const [sentinel, cluster] = await Promise.all([startSentinelSet(), startRedisCluster()]);
  t.teardown(() => Promise.all([sentinel.stop(), cluster.stop()]));
  const toSentinels = settingsFor('sentinel', sentinel.sentinels, { sentinelName: SENTINEL_NAME });
  conformance('sentinel, R1', redisHarness(toSentinels));
  conformance('sentinel, R2', redisHarness({ ...toSentinels, level: 'R2', replicas: 2 }));
  const toCluster = settingsFor('cluster', cluster.servers.slice(0, 3));
  conformance('cluster, R1', redisHarness(toCluster));
  conformance('cluster, R2', redisHarness({ ...toCluster, level: 'R2', replicas: 1 }));
}
