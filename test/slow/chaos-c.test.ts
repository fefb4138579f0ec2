/** Eight faults, a minute each: the last two. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('half-open', 60);
testRow('disk-full', 60);
