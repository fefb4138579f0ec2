/** Broadcasts: their progress, and the operator's hand on them. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import type { Broadcasts } from '../service/broadcasts.js';
import { getInstance } from '../service/instances.js';

const broadcast = Type.Object(
  {
    instance: Type.String(),
    taskId: Type.String(),
    msgKey: Type.String({ description: 'Business message id.' }),
    title: Type.String(),
    id: Type.Number({ description: 'Oplog id of its record.' }),
    createdMs: Type.Number(),
    expiresMs: Type.Number({ description: 'End of its validity.' }),
    state: Type.String({ description: '`live`, `paused`, `revoked` or `expired`.' }),
    sinceMs: Type.Number({ description: 'When it began, or its state last changed.' }),
    arrived: Type.Number({ description: 'Devices that have acknowledged it.' }),
    online: Type.Number({ description: 'Devices of the instance that are online now.' }),
    estimateMs: Type.Union([Type.Number(), Type.Null()], {
      description: 'Until the devices online now have had their turn, by the pace; null unless live.',
    }),
  },
  { description: 'A broadcast.' },
);

const instanceParams = { tags: ['push'], params: schemas.instanceParams };
const params = Type.Intersect([
  schemas.instanceParams,
  Type.Object({ task: Type.String({ maxLength: 64 }) }),
]);
const one = { tags: ['push'], params, response: schemas.answers(broadcast) };

const list = {
  ...instanceParams,
  operationId: 'listBroadcasts',
  summary: 'Broadcasts and their progress, the newest first',
  response: schemas.answers(Type.Object({ broadcasts: Type.Array(broadcast) })),
};
const show = { ...one, operationId: 'getBroadcast', summary: 'A broadcast and its progress' };
const pause = {
  ...one,
  operationId: 'pauseBroadcast',
  summary: 'Send nothing of it, and of what was broadcast after it, until it is resumed or over',
};
const resume = { ...one, operationId: 'resumeBroadcast', summary: 'Go on with a paused broadcast' };
const revoke = {
  ...one,
  operationId: 'revokeBroadcast',
  summary: 'Take it back for good; devices that have it are told',
};

export function registerBroadcasts(
  server: FastifyInstance,
  { service }: AdminOptions,
  broadcasts: Broadcasts,
): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const path = '/v1/instances/:instance/broadcasts';
  const key = (instance: string): string => getInstance(service, instance).key;

  app.get(path, { schema: list }, async (request) => ({
    broadcasts: await broadcasts.list(key(request.params.instance)),
  }));
  app.get(`${path}/:task`, { schema: show }, ({ params: { instance, task } }) =>
    broadcasts.get(key(instance), task),
  );
  app.post(`${path}/:task/pause`, { schema: pause }, (request) =>
    broadcasts.pause(actorOf(request), key(request.params.instance), request.params.task),
  );
  app.post(`${path}/:task/resume`, { schema: resume }, (request) =>
    broadcasts.resume(actorOf(request), key(request.params.instance), request.params.task),
  );
  app.post(`${path}/:task/revoke`, { schema: revoke }, (request) =>
    broadcasts.revoke(actorOf(request), key(request.params.instance), request.params.task),
  );
}
