/** Faults of links and devices that are not among the eight. */
import t from 'tap';
import { testRow } from '../chaos/row-test.js';

t.jobs = 1;
t.setTimeout(600_000);

testRow('resets', 6);
testRow('certificates', 6);
testRow('slow-reader', 6);
testRow('client-dies', 6);
testRow('same-device-twice', 6);
testRow('reconnect-storm', 8);
testRow('clock-jumps', 8);
