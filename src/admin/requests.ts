/** What every handler of the admin port reads from its request. */
import type { FastifyRequest } from 'fastify';
import type { SyncConfig } from '../core/model.js';
import type { Route } from '../core/ports.js';
import { type Actor, ServiceError } from './service/context.js';

const MAX_ACTOR = 100;
const PRINTABLE = /^[^\p{Cc}\p{Surrogate}]+$/u;

/**
 * Who asks: the header `X-Longlink-Actor`, percent-encoded where it is not ASCII. All hold the same
 * token, so this is a name for the record and no proof.
 *
 * @throws {ServiceError} INVALID
 */
export function actorOf(request: FastifyRequest): Actor {
  const header = request.headers['x-longlink-actor'];
  if (header === undefined) return { name: 'admin', address: request.ip };
  const name = decode(String(header));
  if (name.length > MAX_ACTOR || !PRINTABLE.test(name)) {
    throw new ServiceError('INVALID', 'X-Longlink-Actor is not a name', 'X-Longlink-Actor', MAX_ACTOR);
  }
  return { name, address: request.ip };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A whole number from the query string.
 *
 * @throws {ServiceError} INVALID naming the parameter and the limit it breaks.
 */
export function wholeNumber(
  text: string | undefined,
  field: string,
  range: { readonly fallback: number; readonly least: number; readonly most: number },
): number {
  if (text === undefined) return range.fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < range.least) {
    throw new ServiceError(
      'INVALID',
      `${field} must be a whole number from ${range.least}`,
      field,
      range.least,
    );
  }
  if (value > range.most) {
    throw new ServiceError('INVALID', `${field} must not be above ${range.most}`, field, range.most);
  }
  return value;
}

/** A configuration as the admin port shows it. */
export function configView(config: SyncConfig) {
  const { biz, instance: _instance, slot: _slot, ...rest } = config;
  return { bizType: biz, ...rest };
}

/** A live session as the admin port shows it. */
export function sessionView(route: Route) {
  const { instance: _instance, bindSeq: _bindSeq, epoch, ...rest } = route;
  return { ...rest, epoch: String(epoch) };
}
