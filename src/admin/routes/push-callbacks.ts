/** Receipts of pushes, and the switch of the push API. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions, PushReceipts } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import { ServiceError } from '../service/context.js';
import { getInstance } from '../service/instances.js';

const url = Type.String({ maxLength: 2048, description: 'Where receipts are posted to; empty for nowhere.' });
const on = Type.Boolean({ description: 'Receipts are sent.' });
const pushApi = Type.Boolean({ description: 'Pushes over the signed API are taken; off: 3032.' });
const allow = Type.Array(Type.String({ maxLength: 300 }), {
  maxItems: 20,
  description:
    'Origins that may be called although they are not public https, such as `http://10.0.0.5:8080`.',
});

const callback = Type.Object(
  {
    instance: Type.String(),
    url,
    on,
    allow,
    pushApi,
    publicKey: Type.String({ description: 'PEM, for checking `sign`; empty until an address is set.' }),
  },
  { description: 'The receipts of an instance.' },
);

const tested = Type.Object({
  ok: Type.Boolean(),
  tookMs: Type.Number(),
  error: Type.String({ description: 'Why it failed; else empty.' }),
  url: Type.String(),
  body: Type.String({ description: 'What was posted.' }),
});

const deadReceipt = Type.Object({
  msgId: Type.String(),
  targetId: Type.String(),
  status: Type.String(),
  attempts: Type.Number(),
  deadMs: Type.Number(),
  reason: Type.String(),
});

const shared = { tags: ['push'], params: schemas.instanceParams };

const show = {
  ...shared,
  operationId: 'getPushCallback',
  summary: 'Where the receipts of pushes go',
  response: schemas.answers(callback),
};

const change = {
  ...shared,
  operationId: 'changePushCallback',
  summary: 'Set the address, and switch receipts and the push API on and off',
  body: Type.Partial(Type.Object({ url, on, allow, pushApi }), schemas.closed),
  response: schemas.answers(callback),
};

const rotate = {
  ...shared,
  operationId: 'rotatePushCallbackKey',
  summary: 'Sign receipts with a new key from now on',
  response: schemas.answers(callback),
};

const test = {
  ...shared,
  operationId: 'testPushCallback',
  summary: 'Post a made-up receipt, once',
  response: schemas.answers(tested),
};

const listDead = {
  ...shared,
  operationId: 'listDeadReceipts',
  summary: 'Receipts that were given up, the newest first',
  response: schemas.answers(Type.Object({ receipts: Type.Array(deadReceipt) })),
};

export function registerPushCallbacks(
  server: FastifyInstance,
  { service }: AdminOptions,
  receipts: PushReceipts,
): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const path = '/v1/instances/:instance/push-callback';
  const { callbacks } = receipts;

  app.get(path, { schema: show }, async (request) => {
    return callbacks.get(getInstance(service, request.params.instance).key);
  });
  app.patch(path, { schema: change }, (request) =>
    callbacks.change(actorOf(request), request.params.instance, request.body),
  );
  app.post(`${path}/key`, { schema: rotate }, (request) =>
    callbacks.rotate(actorOf(request), request.params.instance),
  );
  app.post(`${path}/test`, { schema: test }, async (request) => {
    const result = await receipts.test(getInstance(service, request.params.instance).key);
    if (result === null) throw new ServiceError('CONFLICT', 'the instance has no callback address', 'url');
    return result;
  });
  app.get(`${path}/dead`, { schema: listDead }, async (request) => {
    const dead = await receipts.dead(getInstance(service, request.params.instance).key);
    return {
      receipts: dead.map(({ receipt: { msgId, targetId, status }, attempts, deadMs, reason }) => ({
        ...{ msgId, targetId, status, attempts, deadMs, reason },
      })),
    };
  });
}
