/** Faults of links and devices that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('resets', 10);
testRow('certificates', 10);
testRow('slow-reader', 10);
testRow('client-dies', 10);
testRow('same-device-twice', 10);
testRow('reconnect-storm', 15);
testRow('clock-jumps', 12);
