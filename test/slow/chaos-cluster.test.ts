/**
 * Ten thousand devices on three gateways and two API nodes over a Redis Cluster of six, at level R1:
 * processes of every role are killed in turn.
 */
import t from 'tap';
import { testHolds, testSeen } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

const nodes = { gateways: 3, apis: 2 };
/** What a planted bug needs to be seen, and no more. */
const FEW = 500;

const seed = testHolds('nodes-by-turns', 20, 'cluster', { nodes, crowd: 10_000 });
testSeen('nodes-by-turns', 'cluster', seed, { nodes, crowd: FEW });
