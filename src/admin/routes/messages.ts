/** What became of messages: timeline, following, dead letters. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import Value from 'typebox/value';
import type { AdminOptions } from '../options.js';
import { actorOf, wholeNumber } from '../requests.js';
import * as schemas from '../schemas.js';
import { auditWrite } from '../service/audit.js';
import { getConfiguration } from '../service/configurations.js';
import { ServiceError } from '../service/context.js';
import { listDeadLetters, resend } from '../service/dead-letters.js';
import { MAX_FOLLOW_MS } from '../service/follow.js';
import { streamOf, timeline } from '../service/timeline.js';

const { name } = schemas;
const optionalName = Type.Optional(Type.Union([name, Type.Literal('')]));
const DEFAULT_FOLLOW_MS = 3_600_000;
const PAGE = { fallback: 100, least: 1, most: 1000 } as const;
const MAX_DEVICES = 100;

const timelineQuery = Type.Object(
  {
    bizType: name,
    linkToken: optionalName,
    thirdMsgId: Type.Optional(name),
    id: Type.Optional(schemas.oplogId),
    devices: Type.Optional(
      Type.String({ description: 'Further devices to look at, joined by commas.', maxLength: 20_000 }),
    ),
  },
  schemas.closed,
);

const reader = Type.Object({
  kind: Type.Enum(['user', 'device']),
  id: Type.String(),
  online: Type.Boolean(),
  state: Type.String({ description: 'acked, dead, filtered, expired, or open.' }),
  attempts: Type.Number(),
});

const step = Type.Object({
  atMs: Type.Number(),
  what: Type.String(),
  reader: Type.String(),
  from: Type.Enum(['record', 'cursor', 'log']),
  exact: Type.Boolean({ description: 'To within delivery.cursorFlushMs. False: at the latest then.' }),
  detail: Type.String(),
});

const getTimeline = {
  tags: ['messages'],
  operationId: 'timeline',
  summary: 'What happened to a message, by the caller’s thirdMsgId or the oplog id',
  params: schemas.instanceParams,
  querystring: timelineQuery,
  response: schemas.answers(
    Type.Object({
      bizType: Type.String(),
      linkToken: Type.String(),
      id: schemas.oplogId,
      thirdMsgId: Type.String(),
      acceptedMs: Type.Number(),
      expiresMs: Type.Number(),
      followed: Type.Boolean({ description: 'Every step was logged.' }),
      resendOf: schemas.optionalId,
      filter: Type.Unknown(),
      readers: Type.Array(reader),
      steps: Type.Array(step),
    }),
  ),
};

const follow = {
  tags: ['messages'],
  operationId: 'follow',
  summary: 'Log every step of messages still to come for a target',
  params: schemas.instanceParams,
  body: Type.Object(
    {
      bizType: name,
      linkToken: optionalName,
      thirdMsgId: optionalName,
      forMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: MAX_FOLLOW_MS })),
    },
    schemas.closed,
  ),
  response: schemas.answers(schemas.done),
};

const letter = Type.Object({
  letter: Type.String({ description: 'Names it in `resend`.' }),
  bizType: Type.String(),
  kind: Type.String({ description: 'u user, d device, t Ad-token, g everybody.' }),
  owner: Type.String(),
  id: schemas.oplogId,
  reader: Type.String(),
  attempts: Type.Number(),
  deadMs: Type.Number(),
  reason: Type.String(),
  resentAs: schemas.optionalId,
});

const deadLetters = {
  tags: ['messages'],
  operationId: 'listDeadLetters',
  summary: 'Messages that were given up for a reader, oldest first',
  params: schemas.instanceParams,
  querystring: Type.Object(
    {
      bizType: Type.Optional(name),
      after: Type.Optional(Type.String({ maxLength: 4000 })),
      limit: Type.Optional(Type.String()),
    },
    schemas.closed,
  ),
  response: schemas.answers(Type.Object({ letters: Type.Array(letter), next: Type.String() })),
};

const resendLetter = {
  tags: ['messages'],
  operationId: 'resendDeadLetter',
  summary: 'Send a dead letter again, with a new id linked to the old',
  params: schemas.instanceParams,
  body: Type.Object({ letter: Type.String({ minLength: 1, maxLength: 10_000 }) }, schemas.closed),
  response: schemas.answers(Type.Object({ id: schemas.oplogId })),
};

/** @throws {ServiceError} INVALID */
function checkName(text: string): string {
  if (!Value.Check(name, text)) throw new ServiceError('INVALID', 'not a list of device ids', 'devices');
  return text;
}

export function registerMessages(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { service: context, fleet, send } = options;

  app.get('/v1/instances/:instance/timeline', { schema: getTimeline }, (request) => {
    const { bizType: biz, linkToken = '', thirdMsgId, id, devices = '' } = request.query;
    if ((thirdMsgId === undefined) === (id === undefined)) {
      throw new ServiceError('INVALID', 'give one of thirdMsgId and id', 'thirdMsgId');
    }
    const by = id === undefined ? { thirdMsgId: thirdMsgId ?? '' } : { id: Number(id) };
    const more = devices === '' ? [] : devices.split(',', MAX_DEVICES).map(checkName);
    return timeline(context, fleet, { instance: request.params.instance, biz, linkToken, by, devices: more });
  });
  app.post('/v1/instances/:instance/follow', { schema: follow }, async (request) => {
    const { bizType: biz, linkToken = '', thirdMsgId = '', forMs = DEFAULT_FOLLOW_MS } = request.body;
    const { instance } = request.params;
    const config = getConfiguration(context, instance, biz);
    const target = { instance, biz, linkToken: streamOf(config, linkToken).owner, thirdMsgId };
    context.follower.follow(target, forMs);
    const change = { action: 'sync.follow', instance, object: biz, after: { ...target, forMs } } as const;
    await context.store.saveDocs([auditWrite(actorOf(request), change, context.clock().wall)]);
    return { ok: true };
  });
  app.get('/v1/instances/:instance/dead-letters', { schema: deadLetters }, (request) => {
    const { bizType, after, limit } = request.query;
    return listDeadLetters(context, request.params.instance, {
      limit: wholeNumber(limit, 'limit', PAGE),
      ...(bizType === undefined ? {} : { biz: bizType }),
      ...(after === undefined ? {} : { after }),
    });
  });
  app.post('/v1/instances/:instance/dead-letters/resend', { schema: resendLetter }, (request) =>
    resend(context, send, actorOf(request), request.params.instance, request.body.letter),
  );
}
