/** What the two actions of data synchronization have in common. */
import type { SyncResult } from '../../core/codes.js';
import type { Call } from './action.js';
import { type Fields, Refusal } from './families.js';
import { optional, required, text, type Values } from './parameters.js';

/**
 * Parameters of both. Lengths and forms are checked where `/webapi` has them checked too, so that
 * a field means the same everywhere; the bounds here only keep what is far too long from going on.
 */
export const SINGLE_AND_GLOBAL = {
  AppId: required(text(200), 'The app.'),
  WorkspaceId: required(text(200), 'The workspace.'),
  BizType: required(text(200), 'The sync configuration; `limits.bizType` characters.'),
  Payload: required(text(1_048_576), 'The data; `limits.payload` characters.', {
    tooLong: 'PAYLOAD_LONG',
  }),
  ThirdMsgId: required(
    text(500),
    'The caller’s id of the data, unique in the stream; `limits.thirdMsgId` characters. Data with an id that was accepted in the last 30 days is ignored and answered with success.',
    { missing: 'THIRD_MSG_ID_IS_NULL', tooLong: 'THIRD_MSG_ID_LONG' },
  ),
  OsType: optional(
    text(100),
    '`iOS`, `Android` or `Harmony`, in any case; only devices with it get the data.',
  ),
  AppMinVersion: optional(text(100), 'Lowest app version that gets the data.'),
  AppMaxVersion: optional(text(100), 'Highest app version that gets the data.'),
  ValidTimeStart: optional(text(20), 'Time in ms since 1970 before which nothing is sent.'),
  ValidTimeEnd: optional(text(20), 'Time after which nothing is sent; at most 30 days ahead.'),
  ExtAttrStr: optional(text(65_536), 'Taken and ignored.'),
  TenantId: optional(text(200), 'Taken and ignored.'),
} as const;

/** Codes that this API spells, or means, differently from `/webapi` (mPaaS MSS OpenAPI, "result codes"). */
const SUCCESSES: ReadonlySet<SyncResult> = new Set<SyncResult>([
  'SUCCESS',
  'DUPLICATED_BIZ_ID',
  'NOT_ONLINE',
]);

/**
 * Hands the data on and translates the result.
 *
 * @param others fields beside those that both actions have, named as in `/webapi/sync/*`
 * @throws {Refusal}
 */
export async function sendSync(
  call: Call,
  global: boolean,
  values: Values<typeof SINGLE_AND_GLOBAL>,
  others: Readonly<Record<string, string | undefined>>,
): Promise<Fields> {
  const instance = await call.instance(values.WorkspaceId, values.AppId);
  const fields = {
    bizType: values.BizType,
    payload: values.Payload,
    thirdMsgId: values.ThirdMsgId,
    osType: values.OsType,
    appMinVersion: values.AppMinVersion,
    appMaxVersion: values.AppMaxVersion,
    validTimeStart: values.ValidTimeStart,
    validTimeEnd: values.ValidTimeEnd,
    ...others,
  };
  const { result, detail } = await call.services.sync({ instance, global, fields });
  if (SUCCESSES.has(result)) return {};
  throw new Refusal(result === 'THIRDMSGID_IS_NULL' ? 'THIRD_MSG_ID_IS_NULL' : result, detail);
}
