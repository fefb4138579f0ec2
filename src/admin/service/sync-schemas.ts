/**
 * Schemas of the sync requests. The parser decides (sync-request.ts); these describe the same rules for the
 * OpenAPI description and the admin port, and a test holds both to the same verdict.
 */
import Type, { type TProperties, type TSchema } from 'typebox';
import type { SyncLimits } from './sync-request.js';

export type SyncKind = 'single' | 'global';

/** 0 and '' are taken as absent: Java back ends send unset fields so. */
function time(description: string): TSchema {
  return Type.Union(
    [
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      Type.String({ pattern: '^[0-9]{0,13}$' }),
      Type.Null(),
    ],
    { description },
  );
}

function uid(description: string): TSchema {
  return Type.Union(
    [Type.Integer({ minimum: 0, maximum: 99 }), Type.String({ pattern: '^[0-9]{0,2}$' }), Type.Null()],
    { description },
  );
}

function optionalText(maxLength: number, description: string, pattern?: string): TSchema {
  const text = pattern === undefined ? { maxLength } : { maxLength, pattern };
  return Type.Union([Type.String(text), Type.Null()], { description });
}

const NAME_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$';
const VERSION_PATTERN = '^([0-9]{1,9}(\\.[0-9]{1,9}){0,5})?$';
const OS_PATTERN = '^([iI][oO][sS]|[aA][nN][dD][rR][oO][iI][dD]|[hH][aA][rR][mM][oO][nN][yY]([oO][sS])?)?$';

/** The fields of a sync request body. */
export function syncBodyProperties(kind: SyncKind, limits: SyncLimits): TProperties {
  const name = (maxLength: number, description: string) =>
    Type.String({ minLength: 1, maxLength, pattern: NAME_PATTERN, description });
  return {
    bizType: name(limits.bizType, 'The sync configuration.'),
    ...(kind === 'single'
      ? { linkToken: name(limits.linkToken, 'User id or utdid, as the configuration says.') }
      : {}),
    thirdMsgId: name(
      limits.thirdMsgId,
      'The caller’s own id. The same one again within 30 days is answered DUPLICATED_BIZ_ID and not stored.',
    ),
    payload: Type.Optional(optionalText(limits.payload, 'Text for the device. This or binaryPayload.')),
    binaryPayload: Type.Optional(
      optionalText(limits.binaryPayload, 'Bytes for the device, in base64. This or payload.'),
    ),
    osType: Type.Optional(
      optionalText(limits.osType, 'iOS, Android or Harmony, in any case; absent for all.', OS_PATTERN),
    ),
    appMinVersion: Type.Optional(
      optionalText(limits.version, 'Lowest app version that gets it, inclusive.', VERSION_PATTERN),
    ),
    appMaxVersion: Type.Optional(
      optionalText(limits.version, 'Highest app version that gets it, inclusive.', VERSION_PATTERN),
    ),
    validTimeStart: Type.Optional(time('Kept aside until then. Ms since 1970, number or decimal text.')),
    validTimeEnd: Type.Optional(
      time(
        'Never sent after it. Ms since 1970, number or decimal text; at most and by default 30 days ahead.',
      ),
    ),
    ...(kind === 'global' ? uidProperties() : {}),
  };
}

function uidProperties(): TProperties {
  return {
    minUid: Type.Optional(
      uid('Least number made of the third- and second-last characters of the reader’s id.'),
    ),
    maxUid: Type.Optional(uid('Greatest such number.')),
    uids: Type.Optional(
      Type.Union([Type.String(), Type.Array(uid('One number.'), { maxItems: 100 }), Type.Null()], {
        description: 'Such numbers, as `01,02,99` or a list; wins over minUid and maxUid.',
      }),
    ),
  };
}
