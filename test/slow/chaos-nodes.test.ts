/** Nodes that share one Redis: killed, cut off, frozen, and replaced one by one. */
import t from 'tap';
import { testHolds, testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('node-killed', 8, 'redis');
// Its planted bug is that of the row before; the matrix runs it.
testHolds('node-cut', 8, 'redis');
testRow('node-frozen', 8, 'redis');
testRow('node-upgrade', 8, 'redis');
