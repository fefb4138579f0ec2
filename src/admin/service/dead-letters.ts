/** Messages that were given up for a reader: listed, and sent again. */
import type { DeadLetter } from '../../core/ports.js';
import { auditWrite } from './audit.js';
import { type Actor, type Send, type ServiceContext, ServiceError } from './context.js';
import { RefusedSend } from './messages.js';

export interface DeadLetterView {
  /** Names it in `resend`. */
  readonly letter: string;
  readonly bizType: string;
  readonly kind: string;
  /** User id, utdid or Ad-token that the data was for; empty for global data. */
  readonly owner: string;
  readonly id: string;
  /** The device or user that did not acknowledge it. */
  readonly reader: string;
  readonly attempts: number;
  readonly deadMs: number;
  readonly reason: string;
  /** Id of the record that sent it again, or null. */
  readonly resentAs: string | null;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetterView[];
  /** Pass as `after` for the next page; empty at the end. */
  readonly next: string;
}

/** Oldest first. */
export async function listDeadLetters(
  context: ServiceContext,
  instance: string,
  query: { readonly biz?: string; readonly after?: string; readonly limit: number },
): Promise<DeadLetterPage> {
  // The store's own page marks are opaque; encoded, they pass through query strings unharmed.
  const after =
    query.after === undefined ? {} : { after: Buffer.from(query.after, 'base64url').toString('utf8') };
  const page = await context.store.deadLetters(instance, { ...query, ...after });
  return {
    letters: page.letters.map(view),
    next: Buffer.from(page.next).toString('base64url'),
  };
}

function view(letter: DeadLetter): DeadLetterView {
  return {
    letter: Buffer.from(JSON.stringify(letter)).toString('base64url'),
    bizType: letter.stream.biz,
    kind: letter.stream.kind,
    owner: letter.stream.owner,
    id: String(letter.id),
    reader: letter.reader.id,
    attempts: letter.attempts,
    deadMs: letter.deadMs,
    reason: letter.reason,
    resentAs: letter.resentAs === 0 ? null : String(letter.resentAs),
  };
}

/**
 * Sends a dead letter again: as a new record with a new id, linked to the old, past the dedupe, and
 * valid no longer than the old. All readers of the stream get it; the SDK drops what it knows.
 *
 * @throws {ServiceError} INVALID, NOT_FOUND when the record is no longer kept, CONFLICT when it expired
 * @throws {RefusedSend}
 */
export async function resend(
  context: ServiceContext,
  send: Send,
  actor: Actor,
  instance: string,
  name: string,
): Promise<{ readonly id: string }> {
  const letter = readLetter(name, instance);
  const oplog = await context.store.find(letter.stream, { id: letter.id });
  if (oplog === null) throw new ServiceError('NOT_FOUND', 'the message is no longer kept', 'letter');
  if (oplog.expiresMs <= context.clock().wall) {
    throw new ServiceError('CONFLICT', 'the message has expired', 'letter');
  }
  const { payload, binary } = context.decodeBody(oplog.body);
  const outcome = await send({
    instance,
    biz: letter.stream.biz,
    global: letter.stream.kind === 'g',
    linkToken: letter.stream.owner,
    thirdMsgId: oplog.thirdMsgId,
    payload,
    binary,
    validEndMs: oplog.expiresMs,
    resendOf: oplog.id,
    ...oplog.filter,
  });
  if (outcome.id === null) throw new RefusedSend(outcome.result);
  await context.store.markResent(letter, outcome.id);
  const change = {
    action: 'sync.resend',
    instance,
    object: letter.stream.biz,
    before: { id: String(letter.id), owner: letter.stream.owner, reader: letter.reader.id },
    after: { id: String(outcome.id) },
  } as const;
  await context.store.saveDocs([auditWrite(actor, change, context.clock().wall)]);
  return { id: String(outcome.id) };
}

function readLetter(name: string, instance: string): DeadLetter {
  let letter: DeadLetter;
  try {
    letter = JSON.parse(Buffer.from(name, 'base64url').toString('utf8')) as DeadLetter;
  } catch {
    throw new ServiceError('INVALID', 'not the name of a dead letter', 'letter');
  }
  const known =
    letter?.stream?.instance === instance &&
    letter.reader?.instance === instance &&
    isName(letter.stream.biz) &&
    isName(letter.stream.owner) &&
    ['u', 'd', 't', 'g'].includes(letter.stream.kind) &&
    isName(letter.reader.id) &&
    Number.isSafeInteger(letter.id) &&
    Number.isSafeInteger(letter.deadMs);
  if (!known) throw new ServiceError('INVALID', 'not the name of a dead letter of this instance', 'letter');
  return letter;
}

/** What the store can hold in a key. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_NAME && !value.includes('\0');
}

const MAX_NAME = 400;
