/** Faults of processes that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('api-killed', 10);
testRow('supervisor-killed', 10);
testRow('worker-frozen', 12);
testRow('out-of-memory', 10);
testRow('starved', 12);
