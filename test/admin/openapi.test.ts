import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import Type from 'typebox';
import Value from 'typebox/value';
import { describePorts } from '../../scripts/openapi.js';
import { UnusableField } from '../../src/admin/service/field-values.js';
import { DEFAULT_SYNC_LIMITS, parseSyncRequest } from '../../src/admin/service/sync-request.js';
import { type SyncKind, syncBodyProperties } from '../../src/admin/service/sync-schemas.js';

t.test('the descriptions in docs/openapi are current', async (t) => {
  for (const [name, content] of Object.entries(await describePorts())) {
    const written = readFileSync(join('docs/openapi', name), 'utf8');
    t.ok(written === content, `${name} is old: run npm run openapi`);
    t.match(JSON.parse(content), { openapi: '3.1.0', paths: Object });
  }
});

const NOW = 1_800_000_000_000;
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  bizType: ['A', 'x'.repeat(30), 'x'.repeat(31), '', null, 5, 'a\u0007'],
  linkToken: ['u', 'x'.repeat(100), 'x'.repeat(101), '', undefined, [], 'a\u0000'],
  thirdMsgId: ['m', 'x'.repeat(100), 'x'.repeat(101), '', null, true],
  payload: ['p', 'x'.repeat(4096), 'x'.repeat(4097), '', null, undefined, 7],
  binaryPayload: [undefined, '', null, 'AAAA', 'A'.repeat(4096), 'A'.repeat(4097), {}],
  osType: [undefined, '', null, 'iOS', 'ANDROID', 'harmonyos', 'windows', 3, 'x'.repeat(11)],
  appMinVersion: [undefined, '', null, '1', '1.2.3.4.5.6', '1.2.3.4.5.6.7', '1..2', 'v1', '1234567890', 8],
  appMaxVersion: [undefined, '', null, '9', '9.9', '9.', 'x'.repeat(21)],
  validTimeStart: [undefined, '', null, 0, NOW + 5, `${NOW + 5}`, -1, 1.5, 'soon', {}],
  validTimeEnd: [undefined, '', null, 0, NOW + 9000, `${NOW + 9000}`, '12345678901234', false],
  minUid: [undefined, '', null, 0, '01', 100, '100', 1.5],
  maxUid: [undefined, '', null, 99, '99', -1],
  uids: [undefined, '', null, '01,02', [1, '2'], [100], {}],
};
/** Rules that span fields, or look into a text: the schema cannot say them. */
const BEYOND_SCHEMA =
  /exclude each other|both missing|must not be above|must be before|base64|passed|too far/;

t.test('schema and parser give one verdict on a sync request', async (t) => {
  for (const kind of ['single', 'global'] as const satisfies readonly SyncKind[]) {
    const properties = syncBodyProperties(kind, DEFAULT_SYNC_LIMITS);
    const schema = Type.Object(properties);
    const fields = Object.fromEntries(
      Object.entries(VALUES)
        .filter(([field]) => field in properties)
        // Mostly the first value, which is good: else nearly every request has several faults.
        .map(([field, values]) => [
          field,
          fc.oneof(
            { weight: 8, arbitrary: fc.constant(values[0]) },
            { weight: 2, arbitrary: fc.constantFrom(...values) },
          ),
        ]),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.record(fields), (record) => {
        const body: unknown = JSON.parse(JSON.stringify(record));
        let refusal: UnusableField | null = null;
        try {
          const call = { instance: 'i', global: kind === 'global', nowMs: NOW, limits: DEFAULT_SYNC_LIMITS };
          parseSyncRequest(body, call);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof UnusableField)) throw error;
          refusal = error;
        }
        const fits = Value.Check(schema, body);
        if (refusal === null) return fits;
        return !fits || BEYOND_SCHEMA.test(refusal.message);
      }),
      { numRuns: 3000 },
    );
    t.ok(accepted > 200, `${accepted} requests were good`);
  }
});
