/** Faults of Redis under the store: killed, cut off, full, emptied, and failed over while cut off. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('redis-killed', 15, 'redis');
testRow('redis-torn', 8, 'redis');
testRow('redis-cut', 10, 'redis');
testRow('redis-full', 10, 'redis');
testRow('redis-emptied', 6, 'redis');
testRow('failover', 10, 'sentinel');
testRow('failover', 10, 'cluster');
