/** A push that waits for its time, as a document of the store. */
import type { Push } from '../push.js';

/** A call of the push service, with its arguments. */
export type StoredPush =
  | { readonly call: 'toTargets'; readonly args: Parameters<Push['toTargets']> }
  | { readonly call: 'toAll'; readonly args: Parameters<Push['toAll']> };

/** JSON has no maps: they are written as objects of this one key, which no argument has. */
const MAP = '$map';

export function encodePush(push: StoredPush): unknown {
  return encode(push);
}

export function decodePush(document: unknown): StoredPush {
  return decode(document) as StoredPush;
}

function encode(value: unknown): unknown {
  if (value instanceof Map) return { [MAP]: [...value].map(encode) };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, encode(field)]));
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if (MAP in value && Array.isArray(value[MAP])) {
    return new Map(value[MAP].map((pair) => decode(pair) as [unknown, unknown]));
  }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, decode(field)]));
}

/**
 * The push of one time of a schedule. A loop gives each its own business message ids: under the first
 * ones the later would be taken for repetitions of the first.
 *
 * @param suffix added to the business message ids
 * @param expiredSeconds what is left of the validity
 * @param id of the push: the same when it is repeated after a crash
 */
export function pushForOnce(
  push: StoredPush,
  suffix: string,
  expiredSeconds: number,
  id: string,
): StoredPush {
  if (push.call === 'toTargets') {
    const [task, messages, ...rest] = push.args;
    const own = messages.map((message) => ({ ...message, msgKey: message.msgKey + suffix }));
    return { call: 'toTargets', args: [{ ...task, expiredSeconds, id }, own, ...rest] };
  }
  const [task, message, ...rest] = push.args;
  return {
    call: 'toAll',
    args: [{ ...task, expiredSeconds, id }, { ...message, msgKey: message.msgKey + suffix }, ...rest],
  };
}

export function runPush(service: Push, push: StoredPush): Promise<string> {
  return push.call === 'toTargets' ? service.toTargets(...push.args) : service.toAll(...push.args);
}

/** The first message: all of a push are of one template, or the same. */
export function firstMessage({ args }: StoredPush) {
  const [, messages] = args;
  return Array.isArray(messages) ? messages[0] : messages;
}
