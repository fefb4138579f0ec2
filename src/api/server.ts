/** The business-facing HTTP port: the private sync API. Its OpenAPI description is `app.swagger()`. */
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import type { SyncApiOptions } from './sync/handler.js';
import { registerSyncApi } from './sync/routes.js';

const MAX_HEADER_BYTES = 16_384;
/** A caller that takes longer to send its request is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/**
 * Makes the server; `listen` and `close` are the caller's. Closing waits for calls under way and
 * closes idle keep-alive connections.
 */
export async function createApiServer(options: SyncApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // What was wrong with a call is the caller's to know; log lines per request would cost a third.
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: true,
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'no such path' } }),
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Longlink business API', version: '1' },
    },
  });
  await app.register((scope, _options, done) => {
    registerSyncApi(scope, options);
    done();
  });
  return app;
}
