/** How the admin port says that it refuses: `{error: {code, message, field?, limit?}}`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { StoreUnavailable } from '../core/ports.js';
import { SERVICE_STATUS, ServiceError } from './service/context.js';
import { UnusableField } from './service/field-values.js';
import { RefusedSend } from './service/messages.js';

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly limit?: number;
}

export interface Refusal {
  readonly status: number;
  readonly error: ErrorBody;
}

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly {
    readonly keyword: string;
    readonly instancePath: string;
    readonly message?: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
}

/** Status and body for whatever a handler threw. Null for what is our own fault. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ServiceError) {
    return {
      status: SERVICE_STATUS[error.code],
      error: body(error.code, error.message, error.field, error.limit),
    };
  }
  if (error instanceof UnusableField) {
    return { status: 400, error: body(error.result, error.message, error.field, error.limit) };
  }
  if (error instanceof RefusedSend) {
    const status = error.result === 'SYSTEM_ERROR' ? 503 : 409;
    return { status, error: body(error.result, error.message) };
  }
  if (error instanceof StoreUnavailable) {
    return { status: 503, error: body('UNAVAILABLE', 'the store does not answer') };
  }
  return frameworkRefusal(error as FrameworkError);
}

function frameworkRefusal(error: FrameworkError): Refusal | null {
  const [problem] = error.validation ?? [];
  if (problem !== undefined) {
    const { params } = problem;
    const inner = params.additionalProperty ?? params.missingProperty;
    const path = problem.instancePath.split('/').slice(1);
    if (typeof inner === 'string') path.push(inner);
    const message =
      problem.keyword === 'additionalProperties' ? 'no such field' : (problem.message ?? 'not valid');
    const limit = typeof params.limit === 'number' ? params.limit : undefined;
    return { status: 400, error: body('INVALID', message, path.join('.') || undefined, limit) };
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return { status: 413, error: body('TOO_LARGE', 'the body is too large') };
  }
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  return { status, error: body('INVALID', status === 415 ? 'unknown Content-Type' : 'not a valid request') };
}

function body(code: string, message: string, field?: string, limit?: number): ErrorBody {
  return {
    code,
    message,
    ...(field === undefined ? {} : { field }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** The error handler of the admin port. A fault of ours is logged in full and answered in three words. */
export function createErrorHandler(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error);
    if (refusal !== null) return reply.code(refusal.status).send({ error: refusal.error });
    log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'admin call failed');
    return reply.code(500).send({ error: { code: 'INTERNAL', message: 'see the server log' } });
  };
}
