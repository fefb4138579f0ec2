/**
 * One call of `/webapi/sync/single` or `/webapi/sync/global`: bytes in, result code out.
 * Knows nothing of the HTTP server. mPaaS MSS guide, 5.2 and 5.3.
 */
import { isUtf8 } from 'node:buffer';
import type { Logger } from 'pino';
import { findInstance, type InstanceIndex } from '../../admin/service/catalogue.js';
import type { Send } from '../../admin/service/context.js';
import { UnusableField } from '../../admin/service/field-values.js';
import { isSigned, needsSignature } from '../../admin/service/signature-key.js';
import { parseSyncRequest, type SyncLimits } from '../../admin/service/sync-request.js';
import type { SyncResult } from '../../core/codes.js';
import type { SendRequest } from '../../core/delivery.js';
import type { Catalogue, Now } from '../../core/ports.js';

export interface SyncApiOptions {
  readonly send: Send;
  readonly catalogue: () => Catalogue;
  readonly clock: () => Now;
  readonly limits: SyncLimits;
  /** After so long without an answer of the store the caller is told SYSTEM_ERROR. */
  readonly answerTimeoutMs: number;
  /** Calls waiting for the store at once; more are answered SYSTEM_ERROR at once. */
  readonly maxInFlight: number;
  readonly log: Logger;
  /** Counts answers. `instance` is empty when the caller named none that exists. */
  readonly onResult?: (result: SyncResult, instance: string) => void;
}

/** What the HTTP layer found. Everything is from outside and unchecked. */
export interface SyncCallBytes {
  readonly global: boolean;
  readonly instanceId: unknown;
  readonly sign: unknown;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly body: unknown;
}

/** Answers a call; never rejects. */
export type SyncHandler = (call: SyncCallBytes) => Promise<SyncResult>;

/** Longer than any key: an instance key is two names of at most 64 characters. */
const MAX_INSTANCE_ID = 129;
const BYTE_ORDER_MARK = 0xfeff;

/** Makes the handler for both calls. */
export function createSyncHandler(options: SyncApiOptions): SyncHandler {
  let inFlight = 0;

  async function sendInTime(request: SendRequest): Promise<SyncResult> {
    if (inFlight >= options.maxInFlight) {
      options.log.warn({ inFlight }, 'sync call refused: too many are waiting for the store');
      return 'SYSTEM_ERROR';
    }
    inFlight += 1;
    try {
      return await answerWithin(options, request);
    } finally {
      inFlight -= 1;
    }
  }

  return async (call) => {
    let instance = '';
    let result: SyncResult;
    try {
      const found = readCall(options, call);
      if (found === null) {
        result = 'BIZ_NOT_ONLINE';
      } else {
        instance = found.instance;
        result = await sendInTime(found);
      }
    } catch (error) {
      if (error instanceof UnusableField) {
        result = error.result;
      } else {
        options.log.error({ err: error }, 'sync call failed');
        result = 'SYSTEM_ERROR';
      }
    }
    options.onResult?.(result, instance);
    return result;
  };
}

/**
 * Checks the bytes of a call. Null when the instance does not exist: an unknown instance has no
 * configuration online, and is not told apart from one without this bizType.
 */
function readCall(options: SyncApiOptions, call: SyncCallBytes): SendRequest | null {
  const { instanceId } = call;
  if (typeof instanceId !== 'string' || instanceId === '' || instanceId.length > MAX_INSTANCE_ID) {
    throw new UnusableField('ARGS_IS_NULL', 'instanceId', 'instanceId is missing');
  }
  checkHeaders(call.contentType, call.contentEncoding);
  const bytes = call.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    throw new UnusableField('ARGS_IS_NULL', 'body', 'the body is empty');
  }
  const body = parseJson(bytes);
  const index = findInstance(options.catalogue(), instanceId);
  if (index?.mayNeedSignature) checkSignature(index, bytes, body, call.sign);
  const request = parseSyncRequest(body, {
    instance: instanceId,
    global: call.global,
    nowMs: options.clock().wall,
    limits: options.limits,
  });
  return index === null ? null : request;
}

/**
 * Only JSON is taken, so that a page in a browser cannot post here without asking: this API has no
 * other protection. `Content-Encoding: UTF-8` comes from the guide's own Java sample and means nothing.
 */
function checkHeaders(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentType !== 'application/json' && !isJsonType(contentType)) {
    throw new UnusableField('ARGS_IS_NULL', 'Content-Type', 'Content-Type must be application/json');
  }
  if (contentEncoding === undefined) return;
  const encoding = contentEncoding.trim().toLowerCase();
  if (encoding !== 'utf-8' && encoding !== 'utf8' && encoding !== 'identity' && encoding !== '') {
    throw new UnusableField('ARGS_IS_NULL', 'Content-Encoding', 'the body must not be compressed');
  }
}

function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [type, ...parameters] = contentType.toLowerCase().split(';');
  if (type?.trim() !== 'application/json') return false;
  return parameters.every((parameter) => {
    const [name, value] = parameter.split('=', 2);
    if (name?.trim() !== 'charset') return true;
    const charset = value?.trim().replaceAll('"', '');
    return charset === 'utf-8' || charset === 'utf8';
  });
}

function parseJson(bytes: Buffer): unknown {
  // Decoding would replace bad bytes without a word, and the device would get other data.
  if (!isUtf8(bytes)) throw new UnusableField('ARGS_IS_NULL', 'body', 'the body is not UTF-8');
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch {
    throw new UnusableField('ARGS_IS_NULL', 'body', 'the body is not JSON');
  }
}

function checkSignature(index: InstanceIndex, bytes: Buffer, body: unknown, sign: unknown): void {
  const biz =
    typeof body === 'object' && body !== null ? (body as { readonly bizType?: unknown }).bizType : undefined;
  const config = typeof biz === 'string' ? index.configs.get(biz) : undefined;
  if (!needsSignature(index.instance, config)) return;
  if (!isSigned(index.instance, bytes, sign)) {
    throw new UnusableField('SIGNATURE_MISMATCH', 'sign', 'the signature is missing or wrong');
  }
}

/**
 * Sends, but waits no longer than the caller is promised. After that the outcome is unknown, and
 * the caller may repeat the call with the same thirdMsgId.
 */
async function answerWithin(options: SyncApiOptions, request: SendRequest): Promise<SyncResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, options.answerTimeoutMs, null);
  });
  const sending = options.send(request);
  // After a time-out nobody waits for it any more; its rejection must not end the process.
  sending.catch(() => undefined);
  try {
    const outcome = await Promise.race([sending, timeout]);
    if (outcome !== null) return outcome.result;
    options.log.error({ instance: request.instance, biz: request.biz }, 'store did not answer in time');
    return 'SYSTEM_ERROR';
  } finally {
    clearTimeout(timer);
  }
}
