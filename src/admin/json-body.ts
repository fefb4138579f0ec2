/** Reads JSON bodies without repairing them: bad UTF-8 is refused, not replaced. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service/context.js';

/** Replaces fastify's JSON parser on this server or scope. */
export function useStrictJson(app: FastifyInstance, bodyLimit: number): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit },
    (_request, bytes: Buffer, done) => {
      try {
        done(null, parseStrictJson(bytes));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** @throws {ServiceError} INVALID */
export function parseStrictJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new ServiceError('INVALID', 'not UTF-8', 'body');
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw new ServiceError('INVALID', 'not JSON', 'body');
  }
}
