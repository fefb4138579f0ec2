/** Live sessions, devices and users. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AdminOptions } from '../options.js';
import { actorOf, sessionView, wholeNumber } from '../requests.js';
import * as schemas from '../schemas.js';
import * as service from '../service/sessions.js';
import { statistics } from '../service/statistics.js';

const LIST = { fallback: 100, least: 1, most: 1000 } as const;
const MAX_RETRY_AFTER_MS = 3_600_000;
const limit = Type.Optional(Type.String({ description: `1 to ${LIST.most}, by default ${LIST.fallback}.` }));

const targetQuery = Type.Object(
  {
    deviceId: Type.Optional(schemas.name),
    user: Type.Optional(schemas.name),
    adToken: Type.Optional(schemas.name),
    limit,
  },
  schemas.closed,
);

const listSessions = {
  tags: ['sessions'],
  operationId: 'listSessions',
  summary: 'Who is online: a device, a user, an Ad-token, or the first of all',
  params: schemas.instanceParams,
  querystring: targetQuery,
  response: schemas.answers(
    Type.Object({
      online: Type.Number({ description: 'Live sessions of the instance.' }),
      sessions: Type.Array(schemas.session),
    }),
  ),
};

const kickSessions = {
  tags: ['sessions'],
  operationId: 'kick',
  summary: 'Close the sessions of a device, a user or an Ad-token',
  params: schemas.instanceParams,
  body: Type.Object(
    {
      deviceId: Type.Optional(schemas.name),
      user: Type.Optional(schemas.name),
      adToken: Type.Optional(schemas.name),
      retryAfterMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_RETRY_AFTER_MS })),
      redirect: Type.Optional(
        Type.String({ maxLength: 260, pattern: '^([^\\s:/]+:[0-9]{1,5})?$', description: '`host:port`' }),
      ),
    },
    schemas.closed,
  ),
  response: schemas.answers(Type.Object({ sessions: Type.Number() })),
};

const device = Type.Object({
  deviceId: Type.String(),
  adToken: Type.String(),
  os: Type.String(),
  appVersion: Type.String(),
  model: Type.String(),
  user: Type.String({ description: 'Bound last.' }),
  createdMs: Type.Number(),
  seenMs: Type.Number(),
});

const deviceParams = Type.Object({ ...schemas.instanceParams.properties, device: schemas.name });
const userParams = Type.Object({ ...schemas.instanceParams.properties, user: schemas.name });

const getDevice = {
  tags: ['devices'],
  operationId: 'getDevice',
  summary: 'A device, by its id or (prefix `token:`) its Ad-token, and whether it is online',
  params: deviceParams,
  response: schemas.answers(
    Type.Object({ device, online: Type.Boolean(), sessions: Type.Array(schemas.session) }),
  ),
};

const getUser = {
  tags: ['devices'],
  operationId: 'getUser',
  summary: 'A user: whether online, and the devices it has been seen on',
  params: userParams,
  response: schemas.answers(
    Type.Object({
      online: Type.Boolean(),
      sessions: Type.Array(schemas.session),
      devices: Type.Array(Type.String()),
    }),
  ),
};

const messagesOf = (of: 'device' | 'user') => ({
  tags: ['devices'],
  operationId: `${of}Messages`,
  summary: `Messages addressed to a ${of} in the last 30 days, and how many arrived`,
  params: of === 'device' ? deviceParams : userParams,
  querystring: Type.Object({ limit }, schemas.closed),
  response: schemas.answers(
    Type.Object({
      pushes: Type.Number(),
      arrivals: Type.Number(),
      complete: Type.Boolean({ description: 'False when there were more than are counted.' }),
      messages: Type.Array(schemas.message),
    }),
  ),
});

export function registerSessions(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { service: context, fleet } = options;

  app.get('/v1/instances/:instance/sessions', { schema: listSessions }, async (request) => {
    const { instance } = request.params;
    const { limit: most, ...target } = request.query;
    const count = wholeNumber(most, 'limit', LIST);
    const anyName = Object.keys(target).length > 0;
    const found = await (anyName
      ? service.findSessions(fleet, instance, target)
      : fleet.list(instance, count));
    return { online: fleet.count(instance), sessions: found.slice(0, count).map(sessionView) };
  });
  app.post('/v1/instances/:instance/sessions/kick', { schema: kickSessions }, async (request) => {
    const { retryAfterMs = 0, redirect = '', ...target } = request.body;
    const { instance } = request.params;
    const kickOptions = { retryAfterMs, redirect };
    const sessions = await service.kick(context, fleet, actorOf(request), instance, target, kickOptions);
    return { sessions };
  });
  registerLookUps(server, options);
}

const TOKEN_PREFIX = 'token:';

function registerLookUps(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { service: context, fleet } = options;

  app.get('/v1/instances/:instance/devices/:device', { schema: getDevice }, async (request) => {
    const { instance, device: text } = request.params;
    const by = text.startsWith(TOKEN_PREFIX)
      ? { adToken: text.slice(TOKEN_PREFIX.length) }
      : { deviceId: text };
    const found = await service.getDevice(context, instance, by);
    const sessions = (await fleet.find(instance, { deviceId: found.deviceId })).map(sessionView);
    return { device: found, online: sessions.length > 0, sessions };
  });
  app.get('/v1/instances/:instance/users/:user', { schema: getUser }, async (request) => {
    const { instance, user } = request.params;
    const routes = await fleet.find(instance, { user });
    const seen = await context.bindings.devicesOf(instance, user);
    const devices = [...new Set([...routes.map((route) => route.deviceId), ...seen])];
    return { online: routes.length > 0, sessions: routes.map(sessionView), devices };
  });
  app.get('/v1/instances/:instance/devices/:device/messages', { schema: messagesOf('device') }, (request) => {
    const { instance, device: owner } = request.params as { instance: string; device: string };
    const count = wholeNumber(request.query.limit, 'limit', LIST);
    return statistics(context, fleet, instance, { kind: 'd', owner }, count);
  });
  app.get('/v1/instances/:instance/users/:user/messages', { schema: messagesOf('user') }, (request) => {
    const { instance, user: owner } = request.params as { instance: string; user: string };
    const count = wholeNumber(request.query.limit, 'limit', LIST);
    return statistics(context, fleet, instance, { kind: 'u', owner }, count);
  });
}
