/** Data in: one message, or many as NDJSON. */
import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { SyncResult } from '../../core/codes.js';
import type { SendOutcome, SendRequest } from '../../core/delivery.js';
import { type BatchOptions, type LineResult, runBatch, tooLong } from '../batch.js';
import { refusalOf } from '../http-errors.js';
import { parseStrictJson } from '../json-body.js';
import type { AdminOptions } from '../options.js';
import { actorOf } from '../requests.js';
import * as schemas from '../schemas.js';
import { getInstance } from '../service/instances.js';
import { parseAdminSync, RefusedSend, recordBatch, sendOne } from '../service/messages.js';
import { syncBodyProperties } from '../service/sync-schemas.js';

const NDJSON = 'application/x-ndjson';
/** Lines of one call that wait for the store at once: enough for several full commits. */
const MAX_IN_FLIGHT = 4096;

export function registerEnqueue(server: FastifyInstance, options: AdminOptions, maxBodyBytes: number): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { service, send } = options;
  const { linkToken, ...global } = syncBodyProperties('global', service.limits);
  const body = Type.Object({
    ...global,
    ...syncBodyProperties('single', service.limits),
    linkToken: Type.Optional(linkToken ?? Type.String({ description: 'Unless global.' })),
    global: Type.Optional(Type.Boolean({ description: 'For everybody; then without linkToken.' })),
    trace: Type.Optional(Type.Boolean({ description: 'Log every step of this message.' })),
  });
  const result = Type.Object({ result: Type.String(), id: schemas.optionalId });

  app.post(
    '/v1/instances/:instance/sync',
    {
      // The parser of the sync API checks the body and names the same codes.
      validatorCompiler: () => () => true,
      schema: {
        tags: ['sync'],
        operationId: 'enqueue',
        summary: 'Data for one target or for everybody',
        params: schemas.instanceParams,
        body,
        response: schemas.answers(result),
      },
    },
    async (request) => {
      const { instance } = request.params as { readonly instance: string };
      getInstance(service, instance);
      const parsed = parseAdminSync(service, instance, request.body);
      const outcome = await sendOne(service, send, actorOf(request), parsed);
      return { result: outcome.result, id: outcome.id === null ? null : String(outcome.id) };
    },
  );

  server.addContentTypeParser(NDJSON, (_request, stream, done) => done(null, stream));
  server.post(
    '/v1/instances/:instance/sync/batch',
    {
      validatorCompiler: () => () => true,
      schema: {
        tags: ['sync'],
        operationId: 'enqueueBatch',
        summary: 'NDJSON in, one result line per input line out, in order',
        description:
          'Each line is a body of `enqueue`. Result lines have `line` and either `result` and `id`, or `error`. A bad line fails alone.',
        consumes: [NDJSON],
        produces: [NDJSON],
        params: schemas.instanceParams,
        body,
        response: { 200: Type.String(), '4xx': schemas.errorAnswer, '5xx': schemas.errorAnswer },
      },
    },
    async (request, reply) => {
      const { instance } = request.params as { readonly instance: string };
      getInstance(service, instance);
      const actor = actorOf(request);
      const counts: Record<string, number> = {};
      const results = runBatch(
        request.body as Readable,
        batchOptions(options, instance, maxBodyBytes, counts),
      );
      async function* recorded(): AsyncGenerator<string> {
        try {
          yield* results;
        } finally {
          // The messages are stored and answered: what is left is said in the log.
          await recordBatch(service, actor, instance, counts).catch((err) =>
            options.log.error({ err, instance, counts }, 'a batch is not on record'),
          );
        }
      }
      return reply.type(NDJSON).send(Readable.from(recorded(), { objectMode: false, highWaterMark: 65_536 }));
    },
  );
}

function batchOptions(
  options: AdminOptions,
  instance: string,
  maxLineBytes: number,
  counts: Record<string, number>,
): BatchOptions {
  return {
    maxLineBytes,
    maxInFlight: MAX_IN_FLIGHT,
    async handle(lines, first) {
      const requests: SendRequest[] = [];
      const parsed = lines.map((bytes, at) => {
        if (bytes === null) return tooLong(first + at, maxLineBytes);
        try {
          requests.push(parseAdminSync(options.service, instance, parseStrictJson(bytes)));
          return null;
        } catch (error) {
          return refusedLine(options, first + at, error);
        }
      });
      const sent = await sendLines(options, requests);
      let next = 0;
      const results = parsed.map((refused, at) => refused ?? resultLine(options, first + at, sent[next++]));
      for (const result of results) {
        const code = 'error' in result ? result.error.code : result.result;
        counts[code] = (counts[code] ?? 0) + 1;
      }
      return results;
    },
  };
}

/** All at once; one by one when that fails, so that the line at fault fails alone. */
async function sendLines(
  { send, sendAll }: AdminOptions,
  requests: readonly SendRequest[],
): Promise<readonly (SendOutcome | Error)[]> {
  try {
    return await sendAll(requests);
  } catch {
    return Promise.all(requests.map((request) => send(request).catch((error: Error) => error)));
  }
}

function resultLine(options: AdminOptions, line: number, sent: SendOutcome | Error | undefined): LineResult {
  if (sent === undefined) return refusedLine(options, line, new Error('no outcome'));
  if (sent instanceof Error) return refusedLine(options, line, sent);
  if (!SyncResult[sent.result]) return refusedLine(options, line, new RefusedSend(sent.result));
  return { line, result: sent.result, id: sent.id === null ? null : String(sent.id) };
}

function refusedLine(options: AdminOptions, line: number, error: unknown): LineResult {
  const refusal = refusalOf(error);
  if (refusal !== null) return { line, error: refusal.error };
  options.log.error({ err: error }, 'line of a batch failed');
  return { line, error: { code: 'INTERNAL', message: 'see the server log' } };
}
