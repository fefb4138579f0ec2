/** Faults of processes that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('api-killed', 6);
testRow('supervisor-killed', 6);
testRow('worker-frozen', 8);
testRow('out-of-memory', 6);
testRow('starved', 8);
