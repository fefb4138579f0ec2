/** Which pushes there were, by target or business message id. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions, FindPushes } from '../options.js';
import * as schemas from '../schemas.js';
import { ServiceError } from '../service/context.js';
import { getInstance } from '../service/instances.js';

const LIMIT = 500;

const push = Type.Object({
  target: Type.String({ description: 'User or device id; empty for a broadcast.' }),
  msgKey: Type.String({ description: 'Business message id.' }),
  biz: Type.String({ description: 'The reserved bizType that it rides on, for its timeline.' }),
  id: Type.Number({ description: 'Oplog id.' }),
  taskId: Type.String(),
  kind: Type.String({ description: '`SIMPLE`, `TEMPLATE`, `MULTIPLE` or `BROADCAST`.' }),
  atMs: Type.Number(),
  expiresMs: Type.Number({ description: 'End of its validity.' }),
  state: Type.String({
    description:
      '`Acked`, `Waiting`, `DeviceNotOnlineOrNoResponse`, `NoBindInfo` or, of a broadcast, `Ended`.',
  }),
});

const find = {
  tags: ['push'],
  operationId: 'findPushes',
  summary: 'Pushes of the last 30 days to a target, broadcasts included, or of a business message id',
  params: schemas.instanceParams,
  querystring: Type.Object(
    {
      target: Type.Optional(
        Type.String({ minLength: 1, maxLength: 1024, description: 'User or device id.' }),
      ),
      msgKey: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    },
    schemas.closed,
  ),
  response: schemas.answers(Type.Object({ pushes: Type.Array(push) })),
};

export function registerPushes(
  server: FastifyInstance,
  { service }: AdminOptions,
  findPushes: FindPushes,
): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  app.get('/v1/instances/:instance/pushes', { schema: find }, async ({ params, query }) => {
    const { key } = getInstance(service, params.instance);
    const { target, msgKey } = query;
    if (target !== undefined && msgKey === undefined)
      return { pushes: await findPushes(key, { target }, LIMIT) };
    if (msgKey !== undefined && target === undefined)
      return { pushes: await findPushes(key, { msgKey }, LIMIT) };
    throw new ServiceError('INVALID', 'give one of target and msgKey', 'target');
  });
}
