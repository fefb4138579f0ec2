/**
 * User consistency: asks the tenant's endpoint whether a user's session is valid (mPaaS MSS guide,
 * 5.4). What is asked at once for one pair is asked once, and answers are remembered for a while.
 */
import { LRUCache } from 'lru-cache';
import type { Instance } from '../../core/model.js';
import { postJson } from './post-json.js';

/** Never rejects: without an answer the session is not valid. */
export type Validate = (instance: Instance, user: string, sessionId: string) => Promise<boolean>;

export type Verdict = 'valid' | 'invalid' | 'failed';

export interface ValidatorOptions {
  readonly timeoutMs: number;
  /** How long an answer is remembered; 0 for not at all. A failure to answer is not remembered. */
  readonly cacheMs: number;
  readonly cacheSize: number;
  /** Told of every question that was really asked. */
  readonly onVerdict: (verdict: Verdict, instance: string, reason: string) => void;
}

export function createValidator(options: ValidatorOptions): Validate {
  const { cacheMs, cacheSize, timeoutMs } = options;
  const known = cacheMs === 0 ? null : new LRUCache<string, boolean>({ max: cacheSize, ttl: cacheMs });
  const asking = new Map<string, Promise<boolean>>();

  const ask = async (instance: Instance, user: string, sessionId: string, key: string): Promise<boolean> => {
    try {
      const headers = { 'operation-type': instance.validateOperation };
      const body = { instanceId: instance.key, userId: user, sessionId };
      const answer = await postJson(instance.validateUrl, body, {
        headers,
        timeoutMs,
        allow: instance.validateAllow ?? [],
      });
      const valid = readAnswer(answer, sessionId);
      known?.set(key, valid);
      options.onVerdict(valid ? 'valid' : 'invalid', instance.key, '');
      return valid;
    } catch (error) {
      options.onVerdict('failed', instance.key, error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      asking.delete(key);
    }
  };

  return (instance, user, sessionId) => {
    if (instance.validateUrl === '' || user === '' || sessionId === '') return Promise.resolve(false);
    // With the address in it, a change of the endpoint takes effect at once.
    const key = JSON.stringify([instance.key, instance.validateUrl, user, sessionId]);
    const remembered = known?.get(key);
    if (remembered !== undefined) return Promise.resolve(remembered);
    const underWay = asking.get(key);
    if (underWay !== undefined) return underWay;
    const question = ask(instance, user, sessionId, key);
    asking.set(key, question);
    return question;
  };
}

/**
 * True when the call succeeded and the session is valid. The answer may stand in an envelope
 * `response`, booleans may be strings, and `result` may be JSON in a string, as the guide prints it.
 */
function readAnswer(answer: unknown, sessionId: string): boolean {
  const outer = record(answer);
  const inner = record(outer.response ?? outer);
  const result = record(typeof inner.result === 'string' ? parse(inner.result) : inner.result);
  const sameSession = result.sid === undefined || result.sid === sessionId;
  return isTrue(inner.success) && isTrue(result.valid) && sameSession;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
