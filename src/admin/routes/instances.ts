/** Tenants and their keys. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import * as service from '../service/instances.js';

export function registerInstances(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const context = options.service;
  const tags = ['instances'];

  app.get(
    '/v1/instances',
    {
      schema: {
        tags,
        operationId: 'listInstances',
        summary: 'All instances',
        response: schemas.answers(Type.Object({ instances: Type.Array(schemas.instance) })),
      },
    },
    () => ({ instances: context.catalogue().instances }),
  );
  app.post(
    '/v1/instances',
    {
      schema: {
        tags,
        operationId: 'createInstance',
        summary: 'Create an instance',
        body: schemas.newInstance,
        response: schemas.answers(schemas.instance),
      },
    },
    (request) => service.createInstance(context, actorOf(request), request.body),
  );
  app.get(
    '/v1/instances/:instance',
    {
      schema: {
        tags,
        operationId: 'getInstance',
        summary: 'One instance',
        params: schemas.instanceParams,
        response: schemas.answers(schemas.instance),
      },
    },
    (request) => service.getInstance(context, request.params.instance),
  );
  app.patch(
    '/v1/instances/:instance',
    {
      schema: {
        tags,
        operationId: 'changeInstance',
        summary: 'Change the signature switch and key, and the validation endpoint',
        params: schemas.instanceParams,
        body: schemas.instanceChange,
        response: schemas.answers(schemas.instance),
      },
    },
    (request) => service.changeInstance(context, actorOf(request), request.params.instance, request.body),
  );
  app.delete(
    '/v1/instances/:instance',
    {
      schema: {
        tags,
        operationId: 'deleteInstance',
        summary: 'Delete an instance that has no configurations',
        params: schemas.instanceParams,
        response: schemas.answers(schemas.done),
      },
    },
    async (request) => {
      await service.deleteInstance(context, actorOf(request), request.params.instance);
      return { ok: true };
    },
  );
}
