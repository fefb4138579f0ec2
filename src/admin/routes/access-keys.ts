/** Access keys and AppKeys of the signed APIs. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions, SignedApiKeys } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import { getInstance } from '../service/instances.js';

const names = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 129 }), { maxItems: 1000, description });

const scope = Type.Object(
  {
    instances: names('`workspaceId_appId` each, or `*` for all.'),
    appKeys: names('AppKeys of Mobile Push, or `*` for all.'),
  },
  schemas.closed,
);

const key = Type.Object(
  {
    id: Type.String(),
    tenant: Type.String(),
    note: Type.String(),
    scope,
    active: Type.Boolean(),
    createdMs: Type.Number(),
    changedMs: Type.Number(),
    lastUsedMs: Type.Number({ description: 'Last accepted call, ms since 1970; 0 for never.' }),
  },
  { description: 'An access key without its secret.' },
);

const keyWithSecret = Type.Object(
  { key, secret: Type.String({ description: 'Shown this once.' }) },
  { description: 'A new access key.' },
);

const idParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const appKey = Type.Object({ appKey: Type.String(), instance: Type.String() });
const tags = ['access keys'];

const listKeys = {
  tags,
  operationId: 'listAccessKeys',
  summary: 'Access keys of all tenants, or of one',
  querystring: Type.Object({ tenant: Type.Optional(Type.String({ maxLength: 64 })) }, schemas.closed),
  response: schemas.answers(Type.Object({ keys: Type.Array(key) })),
};

const createKey = {
  tags,
  operationId: 'createAccessKey',
  summary: 'Create an access key; a tenant has at most two active ones',
  body: Type.Object(
    {
      tenant: Type.String({ minLength: 1, maxLength: 64 }),
      scope,
      note: Type.Optional(Type.String({ maxLength: 400 })),
    },
    schemas.closed,
  ),
  response: schemas.answers(keyWithSecret),
};

const rotateKey = {
  tags,
  operationId: 'rotateAccessKey',
  summary: 'Create a second key like this one, which stays active until it is disabled',
  params: idParams,
  response: schemas.answers(keyWithSecret),
};

const changeKey = {
  tags,
  operationId: 'changeAccessKey',
  summary: 'Enable, disable, or change the scope',
  params: idParams,
  body: Type.Object({ active: Type.Optional(Type.Boolean()), scope: Type.Optional(scope) }, schemas.closed),
  response: schemas.answers(key),
};

const removeKey = {
  tags,
  operationId: 'removeAccessKey',
  summary: 'Remove a disabled key',
  params: idParams,
  response: schemas.answers(schemas.done),
};

const listAppKeys = {
  tags,
  operationId: 'listAppKeys',
  summary: 'AppKeys of Mobile Push',
  response: schemas.answers(Type.Object({ appKeys: Type.Array(appKey) })),
};

const assignAppKey = {
  tags,
  operationId: 'assignAppKey',
  summary: 'The AppKey of an instance; made when it has none',
  params: schemas.instanceParams,
  response: schemas.answers(appKey),
};

export function registerAccessKeys(
  server: FastifyInstance,
  options: AdminOptions,
  { accessKeys, appKeys }: SignedApiKeys,
): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { service } = options;

  app.get('/v1/access-keys', { schema: listKeys }, async (request) => ({
    keys: await accessKeys.list(request.query.tenant),
  }));
  app.post('/v1/access-keys', { schema: createKey }, (request) => {
    const { tenant, scope, note } = request.body;
    return accessKeys.create(actorOf(request), tenant, scope, note ?? '');
  });
  app.post('/v1/access-keys/:id/rotate', { schema: rotateKey }, (request) =>
    accessKeys.rotate(actorOf(request), request.params.id),
  );
  app.patch('/v1/access-keys/:id', { schema: changeKey }, (request) =>
    accessKeys.change(actorOf(request), request.params.id, request.body),
  );
  app.delete('/v1/access-keys/:id', { schema: removeKey }, async (request) => {
    await accessKeys.remove(actorOf(request), request.params.id);
    return { ok: true };
  });
  app.get('/v1/app-keys', { schema: listAppKeys }, async () => ({ appKeys: await appKeys.list() }));
  app.put('/v1/instances/:instance/app-key', { schema: assignAppKey }, (request) => {
    const { key } = getInstance(service, request.params.instance);
    return appKeys.assign(actorOf(request), key, service.clock().wall);
  });
}
