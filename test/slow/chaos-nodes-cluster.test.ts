/** Nodes that share a Redis Cluster: killed, frozen, and replaced one by one. */
import t from 'tap';
import { testHolds } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

// The planted bugs of these rows are seen in chaos-nodes: they are of the nodes, not of the store.
testHolds('node-killed', 8, 'cluster');
testHolds('node-frozen', 8, 'cluster');
testHolds('node-upgrade', 8, 'cluster');
