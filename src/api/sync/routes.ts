/** `/webapi/sync/*` on a fastify server: raw bytes to the handler, a ready-made string back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { maxBodyBytesOf } from '../../admin/service/sync-request.js';
import { SyncResult } from '../../core/codes.js';
import { createSyncHandler, type SyncApiOptions } from './handler.js';
import { syncCallSchema } from './schemas.js';

/** Both spellings stand in the guide (mPaaS MSS guide, 5.2). */
const PREFIXES = ['/webapi/sync', '/webapi-sync'];
const JSON_TYPE = 'application/json; charset=utf-8';

/** One answer per code, encoded once. */
const ANSWERS = Object.fromEntries(
  Object.entries(SyncResult).map(([msg, success]) => [msg, JSON.stringify({ msg, success })]),
) as Readonly<Record<SyncResult, string>>;

type Query = Readonly<Record<string, unknown>>;

/**
 * Adds the routes. Call it through `app.register`, so that the body parser and the error answers
 * stay with these routes. Every answer has status 200: callers look at `success` and `msg`.
 */
export function registerSyncApi(app: FastifyInstance, options: SyncApiOptions): void {
  const handle = createSyncHandler(options);
  const maxBodyBytes = maxBodyBytesOf(options.limits);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => {
    done(null, body);
  });
  // The handler checks the bytes itself: compiled schemas would parse the body a second time.
  // The schemas are there for the OpenAPI description; a test holds both to the same verdict.
  app.setValidatorCompiler(() => () => true);
  app.setErrorHandler((error: { readonly code?: string; readonly statusCode?: number }, _request, reply) => {
    const result = resultOfHttpError(error);
    if (result === 'SYSTEM_ERROR') options.log.error({ err: error }, 'sync call failed');
    options.onResult?.(result, '');
    return answer(reply, result);
  });

  for (const prefix of PREFIXES) {
    for (const kind of ['single', 'global'] as const) {
      const global = kind === 'global';
      app.post(
        `${prefix}/${kind}`,
        { schema: syncCallSchema(kind, prefix, options.limits), bodyLimit: maxBodyBytes },
        async (request: FastifyRequest, reply) => {
          const query = request.query as Query;
          const result = await handle({
            global,
            instanceId: query.instanceId,
            sign: query.sign,
            contentType: request.headers['content-type'],
            contentEncoding: request.headers['content-encoding'],
            body: request.body,
          });
          return answer(reply, result);
        },
      );
    }
  }
}

function answer(reply: FastifyReply, result: SyncResult): FastifyReply {
  return reply.code(200).header('content-type', JSON_TYPE).send(ANSWERS[result]);
}

function resultOfHttpError(error: { readonly code?: string; readonly statusCode?: number }): SyncResult {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'PAYLOAD_LONG';
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? 'ARGS_IS_NULL' : 'SYSTEM_ERROR';
}
