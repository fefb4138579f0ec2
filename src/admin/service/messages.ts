/** Sends through the admin port and whoever else has checked input: one message, or a line of many. */
import { SyncResult } from '../../core/codes.js';
import type { SendOutcome, SendRequest } from '../../core/delivery.js';
import { auditWrite } from './audit.js';
import type { Actor, Send, ServiceContext } from './context.js';
import { UnusableField } from './field-values.js';
import { parseSyncRequest } from './sync-request.js';

/** Fields that the admin port takes beside those of `/webapi`. */
const ADMIN_FIELDS = ['global', 'trace'];
const SINGLE_FIELDS = new Set([
  ...['bizType', 'linkToken', 'thirdMsgId', 'payload', 'binaryPayload', 'osType'],
  ...['appMinVersion', 'appMaxVersion', 'validTimeStart', 'validTimeEnd', ...ADMIN_FIELDS],
]);
const GLOBAL_FIELDS = new Set([...SINGLE_FIELDS, 'minUid', 'maxUid', 'uids']);
GLOBAL_FIELDS.delete('linkToken');

/**
 * Reads a request of the admin port: as `/webapi`, with `global` and `trace`, and refusing fields it
 * does not know.
 *
 * @throws {UnusableField}
 */
export function parseAdminSync(context: ServiceContext, instance: string, body: unknown): SendRequest {
  const fields: Readonly<Record<string, unknown>> = isRecord(body) ? body : {};
  const global = flag(fields, 'global');
  const trace = flag(fields, 'trace');
  const known = global ? GLOBAL_FIELDS : SINGLE_FIELDS;
  for (const field of Object.keys(fields)) {
    if (!known.has(field)) throw new UnusableField('ARGS_IS_NULL', field, 'no such field');
  }
  const { limits } = context;
  const nowMs = context.clock().wall;
  const request = parseSyncRequest(body, { instance, global, nowMs, limits });
  return trace ? { ...request, trace } : request;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flag(fields: Readonly<Record<string, unknown>>, field: string): boolean {
  const value = fields[field] ?? false;
  if (typeof value !== 'boolean') {
    throw new UnusableField('ARGS_IS_NULL', field, `${field} must be true or false`);
  }
  return value;
}

/**
 * Sends one message for an operator and records it (mPaaS MSS guide, 6.9: the sync is listed with
 * its target, data, id, versions and validity).
 *
 * @throws {RefusedSend} when the result is not a success
 */
export async function sendOne(
  context: ServiceContext,
  send: Send,
  actor: Actor,
  request: SendRequest,
): Promise<SendOutcome> {
  const outcome = await send(request);
  if (!SyncResult[outcome.result]) throw new RefusedSend(outcome.result);
  const { payload, instance, biz, ...conditions } = request;
  const text = request.binary ? { base64: Buffer.from(payload).toString('base64') } : textOf(payload);
  const after = { ...conditions, ...text, result: outcome.result, id: outcome.id };
  const change = { action: 'sync.create', instance, object: biz, after } as const;
  await context.store.saveDocs([auditWrite(actor, change, context.clock().wall)]);
  return outcome;
}

function textOf(payload: Uint8Array): { readonly text: string } {
  return { text: Buffer.from(payload).toString('utf8') };
}

/** Delivery did not take the message; `result` says why. */
export class RefusedSend extends Error {
  override readonly name = 'RefusedSend';
  readonly result: SyncResult;

  constructor(result: SyncResult) {
    super(REASONS[result] ?? 'the message was not taken');
    this.result = result;
  }
}

const REASONS: Partial<Record<SyncResult, string>> = {
  BIZ_NOT_ONLINE: 'there is no such bizType, or it is offline',
  NOT_SUPPORT_GLOBAL: 'the scope of the bizType (global or specified) is the other one',
  SYSTEM_ERROR: 'the store did not answer; the message may or may not be stored',
};

/** Records a batch as a whole. */
export async function recordBatch(
  context: ServiceContext,
  actor: Actor,
  instance: string,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const change = { action: 'sync.batch', instance, object: '', after: counts } as const;
  await context.store.saveDocs([auditWrite(actor, change, context.clock().wall)]);
}
