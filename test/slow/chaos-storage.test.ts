/** Faults of the store that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('flush-fails', 10);
testRow('flush-slow', 10);
testRow('bit-rot', 10);
testRow('no-files', 10);
