/** Faults of the store that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('flush-fails', 6);
testRow('flush-slow', 6);
testRow('bit-rot', 6);
testRow('no-files', 6);
