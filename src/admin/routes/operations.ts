/** The server as a whole: health, metrics, audit, counters, draining, the clock, backups. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { DAY_MS } from '../../core/model.js';
import type { AdminOptions } from '../options.js';
import { actorOf, wholeNumber } from '../requests.js';
import * as schemas from '../schemas.js';
import {
  AUDIT_DEFAULT_DAYS,
  AUDIT_MAX_RECORDS,
  type AuditAction,
  auditWrite,
  listAudit,
} from '../service/audit.js';
import { ServiceError } from '../service/context.js';

const MAX_DRAIN_MS = 3_600_000;
const optionalText = Type.Optional(Type.String({ maxLength: 300 }));
const time = Type.Optional(Type.String({ description: 'Ms since 1970.' }));

const health = (operationId: string, summary: string) => ({
  tags: ['server'],
  operationId,
  summary,
  security: [],
  response: { 200: Type.String(), 503: Type.String() },
});

const metrics = {
  tags: ['server'],
  operationId: 'metrics',
  summary: 'Prometheus metrics',
  response: { 200: Type.String() },
};

const audit = {
  tags: ['server'],
  operationId: 'audit',
  summary: 'Who changed what, newest first; by default the last 7 days, at most 1000 records',
  querystring: Type.Object(
    {
      from: time,
      to: time,
      instance: optionalText,
      actor: optionalText,
      action: optionalText,
      object: optionalText,
      limit: optionalText,
    },
    schemas.closed,
  ),
  response: schemas.answers(Type.Object({ records: Type.Array(schemas.audit) })),
};

const conservation = {
  tags: ['server'],
  operationId: 'conservation',
  summary: 'accepted = retained + ended, for each bizType, exact since the store was made',
  response: schemas.answers(
    Type.Object({
      counters: Type.Array(
        Type.Object({
          instance: Type.String(),
          bizType: Type.String(),
          accepted: Type.Number(),
          retained: Type.Number(),
          expired: Type.Number(),
          consumed: Type.Number(),
          trimmed: Type.Number(),
          revoked: Type.Number(),
          deleted: Type.Number(),
          gap: Type.Number({ description: 'accepted - retained - ended. Anything but 0 is a fault.' }),
        }),
      ),
    }),
  ),
};

const drain = {
  tags: ['server'],
  operationId: 'drain',
  summary: 'Send the devices away, spread over a time',
  body: Type.Object(
    {
      overMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_DRAIN_MS })),
      redirect: Type.Optional(
        Type.String({ maxLength: 260, pattern: '^([^\\s:/]+:[0-9]{1,5})?$', description: '`host:port`' }),
      ),
    },
    schemas.closed,
  ),
  response: schemas.answers(schemas.done),
};

const acceptClock = {
  tags: ['server'],
  operationId: 'acceptClock',
  summary: 'Believe a large step of the system clock that is being held',
  response: schemas.answers(
    Type.Object({ steppedMs: Type.Number({ description: '0 when none was held.' }) }),
  ),
};

const backup = {
  tags: ['server'],
  operationId: 'backup',
  summary: 'Write a backup of the running store into a new directory on the server',
  body: Type.Object(
    { directory: Type.String({ pattern: '^/', maxLength: 4000, description: 'Absolute; new or empty.' }) },
    schemas.closed,
  ),
  response: schemas.answers(schemas.done),
};

export function registerOperations(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { operations, service } = options;
  const text = 'text/plain; charset=utf-8';

  app.get('/healthz', { schema: health('health', 'The process answers') }, async (_request, reply) =>
    reply.type(text).send('ok\n'),
  );
  app.get('/readyz', { schema: health('ready', 'It may get traffic') }, async (_request, reply) => {
    const ready = operations.ready();
    return reply
      .code(ready ? 200 : 503)
      .type(text)
      .send(ready ? 'ready\n' : 'not ready\n');
  });
  app.get('/metrics', { schema: metrics }, async (_request, reply) => {
    const { contentType, text: exposition } = await operations.metrics();
    return reply.type(contentType).send(exposition);
  });
  app.get('/v1/conservation', { schema: conservation }, async () => {
    const counters = await service.store.conservation();
    return {
      counters: counters.map(({ biz, instance, ...parts }) => {
        const ended = parts.expired + parts.consumed + parts.trimmed + parts.revoked + parts.deleted;
        return { instance, bizType: biz, ...parts, gap: parts.accepted - parts.retained - ended };
      }),
    };
  });
  app.get('/v1/audit', { schema: audit }, async (request) => {
    const { from, to, limit, ...filter } = request.query;
    const now = service.clock().wall;
    const range = (fallback: number) => ({ fallback, least: 0, most: Number.MAX_SAFE_INTEGER });
    const toMs = Math.min(now, wholeNumber(to, 'to', range(now)));
    const records = await listAudit(service.store, {
      ...filter,
      toMs,
      fromMs: wholeNumber(from, 'from', range(toMs - AUDIT_DEFAULT_DAYS * DAY_MS)),
      limit: wholeNumber(limit, 'limit', { fallback: AUDIT_MAX_RECORDS, least: 1, most: AUDIT_MAX_RECORDS }),
    });
    return { records };
  });
  registerActions(server, options);
}

function registerActions(server: FastifyInstance, options: AdminOptions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { operations, service } = options;
  const record = async (request: Parameters<typeof actorOf>[0], action: AuditAction, after: unknown) => {
    const change = { action, instance: '', object: '', after };
    await service.store.saveDocs([auditWrite(actorOf(request), change, service.clock().wall)]);
  };

  app.post('/v1/drain', { schema: drain }, async (request) => {
    const { overMs = 0, redirect = '' } = request.body;
    await record(request, 'server.drain', { overMs, redirect });
    await operations.drain(overMs, redirect);
    return { ok: true };
  });
  app.post('/v1/clock/accept', { schema: acceptClock }, async (request) => {
    const steppedMs = await operations.acceptClock();
    await record(request, 'server.clock', { steppedMs });
    return { steppedMs };
  });
  app.post('/v1/backup', { schema: backup }, async (request) => {
    const { directory } = request.body;
    await operations.backup(directory).catch((error: Error) => {
      throw new ServiceError('CONFLICT', `no backup was made: ${error.message}`, 'directory');
    });
    await record(request, 'server.backup', { directory });
    return { ok: true };
  });
}
