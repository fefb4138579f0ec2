/** The internal port: for operators, the command line and other processes of the server; never public. */
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { createTokenCheck } from './authentication.js';
import { createErrorHandler } from './http-errors.js';
import { useStrictJson } from './json-body.js';
import type { AdminOptions } from './options.js';
import { registerAccessKeys } from './routes/access-keys.js';
import { registerBroadcasts } from './routes/broadcasts.js';
import { registerConfigurations } from './routes/configurations.js';
import { registerEnqueue } from './routes/enqueue.js';
import { registerInstances } from './routes/instances.js';
import { registerMessages } from './routes/messages.js';
import { registerNodes } from './routes/nodes.js';
import { registerOperations } from './routes/operations.js';
import { registerPushCallbacks } from './routes/push-callbacks.js';
import { registerPushes } from './routes/pushes.js';
import { registerSessions } from './routes/sessions.js';
import { maxBodyBytesOf } from './service/sync-request.js';

/** Asked for by load balancers and orchestrators, which hold no token; they tell nothing else. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);
/** A batch may take long to arrive; headers may not. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const MAX_HEADER_BYTES = 16_384;

/** Makes the server; `listen` and `close` are the caller's. Check the address with `checkAdminAddress`. */
export async function createAdminServer(options: AdminOptions): Promise<FastifyInstance> {
  const maxBodyBytes = maxBodyBytesOf(options.service.limits);
  const app = fastify({
    ...transport(options),
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 2048 },
    // The defaults turn "1" into 1 and drop unknown fields without a word.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  app.setErrorHandler(createErrorHandler(options.log));
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'no such path' } }),
  );
  // Answers are plain data of ours; the response schemas describe them and do not cut them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  useStrictJson(app, maxBodyBytes);

  const allowed = createTokenCheck(options.token);
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return;
    if (!allowed(request.headers.authorization)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: { code: 'UNAUTHORIZED', message: 'the bearer token is missing or wrong' } });
    }
  });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Longlink admin port', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  // After `register` so that the description sees the routes.
  await app.register((scope, _options, done) => {
    registerInstances(scope, options);
    registerConfigurations(scope, options);
    registerEnqueue(scope, options, maxBodyBytes);
    registerSessions(scope, options);
    registerMessages(scope, options);
    registerNodes(scope, options);
    registerOperations(scope, options);
    if (options.signedApi !== undefined) registerAccessKeys(scope, options, options.signedApi);
    if (options.receipts !== undefined) registerPushCallbacks(scope, options, options.receipts);
    if (options.broadcasts !== undefined) registerBroadcasts(scope, options, options.broadcasts);
    if (options.findPushes !== undefined) registerPushes(scope, options, options.findPushes);
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
    done();
  });
  return app;
}

function transport(options: AdminOptions): object {
  const { tls } = options;
  const http = { maxHeaderSize: MAX_HEADER_BYTES };
  if (tls === undefined) return { http };
  const https = { ...http, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' as const };
  return { https };
}
