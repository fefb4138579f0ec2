/** Eight faults, a minute each: the first three. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('worker-killed', 60);
testRow('control-killed', 60);
testRow('power-cut', 60);
