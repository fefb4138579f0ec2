/** Eight faults, a minute each: the next three. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('server-killed', 60);
testRow('rolling-restart', 60);
testRow('lossy-links', 60);
