/** Nodes that share a Redis Cluster: killed, frozen, and replaced one by one. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('node-killed', 8, 'cluster');
testRow('node-frozen', 8, 'cluster');
testRow('node-upgrade', 8, 'cluster');
