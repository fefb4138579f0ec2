/** The same ten thousand devices at level R2: a primary is cut off and replaced. */
import t from 'tap';
import { testHolds } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

// The planted bug of this row is seen in chaos-redis, where no crowd stands in the way.
testHolds('failover', 10, 'cluster', { nodes: { gateways: 3, apis: 2 }, crowd: 10_000 });
