/** Tenants and their keys. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import * as service from '../service/instances.js';

const listInstances = {
  tags: ['instances'],
  operationId: 'listInstances',
  summary: 'All instances',
  response: schemas.answers(Type.Object({ instances: Type.Array(schemas.instance) })),
};

const createInstance = {
  tags: ['instances'],
  operationId: 'createInstance',
  summary: 'Create an instance',
  body: schemas.newInstance,
  response: schemas.answers(schemas.instance),
};

const getInstance = {
  tags: ['instances'],
  operationId: 'getInstance',
  summary: 'One instance',
  params: schemas.instanceParams,
  response: schemas.answers(schemas.instance),
};

const changeInstance = {
  tags: ['instances'],
  operationId: 'changeInstance',
  summary: 'Change the signature switch and key, and the validation endpoint',
  params: schemas.instanceParams,
  body: schemas.instanceChange,
  response: schemas.answers(schemas.instance),
};

const deleteInstance = {
  tags: ['instances'],
  operationId: 'deleteInstance',
  summary: 'Delete an instance that has no configurations',
  params: schemas.instanceParams,
  response: schemas.answers(schemas.done),
};

export function registerInstances(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const context = options.service;

  app.get('/v1/instances', { schema: listInstances }, () => ({ instances: context.catalogue().instances }));
  app.post('/v1/instances', { schema: createInstance }, (request) =>
    service.createInstance(context, actorOf(request), request.body),
  );
  app.get('/v1/instances/:instance', { schema: getInstance }, (request) =>
    service.getInstance(context, request.params.instance),
  );
  app.patch('/v1/instances/:instance', { schema: changeInstance }, (request) =>
    service.changeInstance(context, actorOf(request), request.params.instance, request.body),
  );
  app.delete('/v1/instances/:instance', { schema: deleteInstance }, async (request) => {
    await service.deleteInstance(context, actorOf(request), request.params.instance);
    return { ok: true };
  });
}
