/** Schemas of the admin port: they validate requests and describe answers in the OpenAPI document. */
import Type, { type TSchema } from 'typebox';
import { MAX_RETENTION_MS } from '../core/model.js';
import { MAX_DESCRIPTION, MAX_THRESHOLD, MIN_RETENTION_MS } from './service/configuration-rules.js';

export const closed = { additionalProperties: false } as const;

/** Ids are decimal strings in JSON: they have 53 bits, and other languages read numbers as they like. */
export const oplogId = Type.String({ pattern: '^[0-9]{1,16}$', description: 'Oplog id, decimal.' });
export const optionalId = Type.Union([oplogId, Type.Null()]);
const ms = (description: string) => Type.Number({ description: `${description} Ms since 1970.` });

export const errorAnswer = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'INVALID, NOT_FOUND …, or a result code of the sync API.' }),
      message: Type.String(),
      field: Type.Optional(Type.String({ description: 'The field that was refused.' })),
      limit: Type.Optional(Type.Number({ description: 'The limit it broke.' })),
    }),
  },
  { description: 'Refused.' },
);

/** A name from outside. Shorter than what a key of the store can hold; NUL separates names there. */
export const name = Type.String({
  minLength: 1,
  maxLength: 400,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$',
});

/** The answers of a route: what it returns, and how it refuses. */
export function answers(success: TSchema): Record<string, TSchema> {
  return { 200: success, '4xx': errorAnswer, '5xx': errorAnswer };
}

export const instanceParams = Type.Object({
  instance: Type.String({ minLength: 1, maxLength: 129, description: '`workspaceId_appId`' }),
});
export const configParams = Type.Object({
  instance: Type.String({ minLength: 1, maxLength: 129, description: '`workspaceId_appId`' }),
  biz: Type.String({ minLength: 1, maxLength: 500, description: 'The bizType.' }),
});

export const instance = Type.Object(
  {
    key: Type.String({ description: '`workspaceId_appId`' }),
    workspaceId: Type.String(),
    appId: Type.String(),
    signature: Type.Boolean({ description: 'An RSA signature is demanded on `/webapi`.' }),
    signaturePublicKey: Type.String({ description: 'PEM, or empty.' }),
    validateUrl: Type.String({ description: 'The user-consistency endpoint, or empty.' }),
    validateOperation: Type.String(),
    validateAllow: Type.Optional(Type.Array(Type.String())),
    createdMs: ms('Created.'),
  },
  { description: 'A tenant.' },
);

export const newInstance = Type.Object({ workspaceId: Type.String(), appId: Type.String() }, closed);

export const instanceChange = Type.Object(
  {
    signature: Type.Optional(Type.Boolean()),
    signaturePublicKey: Type.Optional(
      Type.String({
        maxLength: 8192,
        description: 'PEM of an RSA key of 2048 bits or more; empty for none.',
      }),
    ),
    validateUrl: Type.Optional(Type.String({ maxLength: 1000 })),
    validateOperation: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    validateAllow: Type.Optional(
      Type.Array(Type.String({ maxLength: 300 }), {
        maxItems: 100,
        description:
          'Origins such as `http://10.0.0.5:8080` that the endpoint may have although they are not https or not public.',
      }),
    ),
  },
  closed,
);

const configFields = {
  description: Type.String({ maxLength: MAX_DESCRIPTION }),
  scope: Type.Enum(['specified', 'global'], { description: 'For one target, or for everybody.' }),
  object: Type.Enum(['user', 'device'], { description: 'Whom a linkToken names.' }),
  multiDevice: Type.Boolean({
    description:
      'Each device of the user gets the data; false: the one that came online last, once. False only with scope specified and object user.',
  }),
  persisted: Type.Boolean({ description: 'Kept for who is away; false: for who is online now, or dropped.' }),
  retentionMs: Type.Integer({ minimum: MIN_RETENTION_MS, maximum: MAX_RETENTION_MS }),
  threshold: Type.Union([Type.Integer({ minimum: 1, maximum: MAX_THRESHOLD }), Type.Null()], {
    description: 'Who comes back gets only the newest so many of what it has not had; null for all.',
  }),
  userConsistency: Type.Boolean({
    description: 'Only for sessions that the validation endpoint called valid.',
  }),
  deliver: Type.Enum(['foreground', 'immediate'], {
    description: 'Global data: at the next foreground or connect, or at once.',
  }),
  signature: Type.Enum(['inherit', 'on', 'off'], {
    description: 'The signature switch of this bizType; `inherit`: as the instance says.',
  }),
};

export const configChange = Type.Partial(Type.Object(configFields, closed), {
  ...closed,
  description: 'scope, object, multiDevice and persisted change only while the configuration is offline.',
});

const bizType = Type.String({ minLength: 1, description: 'Letters, digits and . _ : -' });

export const newConfig = Type.Object(
  { bizType, ...Type.Partial(Type.Object(configFields)).properties },
  closed,
);

export const config = Type.Object(
  {
    bizType,
    ...configFields,
    online: Type.Boolean(),
    createdMs: ms('Created.'),
    changedMs: ms('Changed last.'),
  },
  { description: 'A sync configuration.' },
);

export const done = Type.Object({ ok: Type.Boolean() });

export const session = Type.Object(
  {
    deviceId: Type.String(),
    adToken: Type.String(),
    user: Type.String({ description: 'Empty when no user is bound.' }),
    foreground: Type.Boolean(),
    os: Type.String(),
    appVersion: Type.String(),
    address: Type.String(),
    worker: Type.Number(),
    node: Type.Optional(
      Type.String({ description: 'Node that has it, where it is another than the one asked.' }),
    ),
    session: Type.Number({ description: 'Number of the session in its worker.' }),
    epoch: Type.String({ description: 'Higher is newer.' }),
    connectedMs: ms('Connected.'),
  },
  { description: 'A live connection.' },
);

export const message = Type.Object({
  bizType: Type.String(),
  id: oplogId,
  thirdMsgId: Type.String(),
  acceptedMs: ms('Accepted.'),
  expiresMs: ms('Never sent from then on.'),
  arrived: Type.Boolean({ description: 'A reader has acknowledged it.' }),
});

export const audit = Type.Object({
  atMs: ms('When.'),
  actor: Type.String(),
  address: Type.String(),
  action: Type.String(),
  instance: Type.String(),
  object: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
});
