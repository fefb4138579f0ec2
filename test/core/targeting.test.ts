/** Who may see a record: versions, os, uid ranges, validity. */
import fc from 'fast-check';
import t from 'tap';
import {
  compareVersions,
  isExpired,
  matches,
  normalizeOs,
  parseVersion,
  uidNumber,
} from '../../src/core/targeting.js';
import { createBench, DEVICE_DATA } from './harness.js';

const versions = fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 6 });

t.test('a version is one to six dotted integers', async (t) => {
  for (const text of ['1', '1.2.3', '0.0.0.0.0.1', '007.1']) t.ok(parseVersion(text), text);
  for (const text of ['', '.', '1.', '.1', '1..2', '1.2.3.4.5.6.7', '1.x', 'v1', '1234567890', '1 .2', '-1'])
    t.equal(parseVersion(text), null, JSON.stringify(text));
  fc.assert(
    fc.property(versions, (parts) => t.same(parseVersion(parts.join('.')), parts) === true),
    { seed: 1, numRuns: 20 },
  );
});

t.test('versions compare by number, and missing parts are zeros', async (t) => {
  const compare = (a: string, b: string) =>
    Math.sign(compareVersions(parseVersion(a) ?? [], parseVersion(b) ?? []));
  t.equal(compare('1.10', '1.9'), 1);
  t.equal(compare('1', '1.0.0'), 0);
  t.equal(compare('1.0.1', '1'), 1);
  fc.assert(
    fc.property(versions, versions, versions, (a, b, c) => {
      const sorted = [a, b, c].sort(compareVersions);
      const [first = [], second = [], third = []] = sorted;
      return (
        compareVersions(a, b) === -compareVersions(b, a) &&
        compareVersions(a, [...a, 0].slice(0, 6)) === 0 &&
        compareVersions(first, second) <= 0 &&
        compareVersions(first, third) <= 0
      );
    }),
    { seed: 1 },
  );
});

t.test('version bounds are inclusive; what is no version matches no bound', async (t) => {
  const seen = (version: string, filter: object) =>
    matches(filter, { os: '', version: parseVersion(version), uid: null, boundMs: 0 });
  t.ok(seen('1.2', { minVersion: '1.2.0', maxVersion: '1.2' }));
  t.notOk(seen('1.1.9', { minVersion: '1.2' }));
  t.notOk(seen('1.2.1', { maxVersion: '1.2' }));
  t.notOk(seen('beta', { minVersion: '0' }));
  t.ok(seen('beta', { os: '' }), 'without a bound any version will do');
  t.notOk(seen('1.2', { maxVersion: 'broken' }));
});

t.test('an os has many spellings', async (t) => {
  t.same(['iOS', 'ANDROID', 'HarmonyOS', 'harmony'].map(normalizeOs), [
    'ios',
    'android',
    'harmony',
    'harmony',
  ]);
  t.ok(matches({ os: 'harmony' }, { os: normalizeOs('HarmonyOS'), version: null, uid: null, boundMs: 0 }));
  t.notOk(matches({ os: 'ios' }, { os: '', version: null, uid: null, boundMs: 0 }));
});

t.test('the uid number is made of the third- and second-last characters', async (t) => {
  t.equal(uidNumber('208800123'), 12);
  t.equal(uidNumber('ab'), null);
  t.equal(uidNumber('xAbz'), 58, 'A is 65 and b is 98: a letter counts by its code modulo 10');
  t.equal(uidNumber('050'), 5);
  fc.assert(
    fc.property(fc.string({ minLength: 3 }), (id) => {
      const uid = uidNumber(id);
      return uid !== null && Number.isInteger(uid) && uid >= 0 && uid <= 99;
    }),
    { seed: 1 },
  );
});

t.test('a list of uids wins over the range', async (t) => {
  const seen = (uid: number | null, filter: object) =>
    matches(filter, { os: '', version: null, uid, boundMs: 0 });
  t.ok(seen(12, { minUid: 12, maxUid: 12 }));
  t.notOk(seen(11, { minUid: 12 }));
  t.ok(seen(99, { minUid: 12 }));
  t.ok(seen(5, { uids: [5], minUid: 50, maxUid: 60 }));
  t.notOk(seen(55, { uids: [5], minUid: 50, maxUid: 60 }));
  t.notOk(seen(null, { maxUid: 99 }));
});

t.test('a record is expired from its last millisecond on', async (t) => {
  const oplog = createBench().append(DEVICE_DATA, { expiresMs: 1000 });
  t.notOk(isExpired(oplog, 999));
  t.ok(isExpired(oplog, 1000));
});
