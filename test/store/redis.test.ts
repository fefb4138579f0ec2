/** The Store port on one real Redis. */
import t from 'tap';
import { redisAvailable, startRedis } from '../redis/servers.js';
import { conformance } from './conformance.js';
import { redisHarness, settingsFor } from './redis-harness.js';

if (redisAvailable('the Redis store on one server')) {
  const server = await startRedis();
  t.teardown(() => server.stop());
  conformance('redis', redisHarness(settingsFor('single', [server])));
}
