/** Faults of Redis under the store: killed, cut off, full, and failed over while cut off. */
import t from 'tap';
import { testHolds, testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('redis-killed', 15, 'redis');
testRow('redis-cut', 10, 'redis');
testRow('redis-full', 10, 'redis');
testRow('failover', 10, 'sentinel');
// Of a Cluster's primaries one is cut off: what it loses is seldom what a device still lacks.
testHolds('failover', 10, 'cluster');
