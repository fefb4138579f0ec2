/**
 * Which pushes there were, for 30 days: by target and by business message id, whatever their validity
 * (mPaaS MPS guide, 6.1.2). Streams forget a message when it ends; this does not.
 */
import { hash } from 'node:crypto';
import type { DocStore, DocWrite, Store } from '../core/ports.js';
import { PUSH_BIZ } from '../core/push-streams.js';

const LOG = 'push-log';
export const LOGGED_DAYS = 30;
/** Entries looked at in one step of forgetting. */
const STEP = 500;

export interface LoggedPush {
  readonly instance: string;
  /** User or device id; empty for a broadcast. */
  readonly target: string;
  /** Business message id. */
  readonly msgKey: string;
  readonly biz: string;
  /** Oplog id. */
  readonly id: number;
  readonly taskId: string;
  readonly kind: string;
  readonly atMs: number;
  readonly expiresMs: number;
}

/** Names may be longer than what a key has room for. */
function short(name: string): string {
  return hash('sha256', name, 'hex').slice(0, 24);
}

/** Two entries, one for each way to find it; of a broadcast the one by message id, and one by no target. */
export function logWrites(push: LoggedPush): DocWrite[] {
  const { instance, target, msgKey, atMs, id } = push;
  const at = `${String(Math.floor(atMs)).padStart(15, '0')}-${id}`;
  return [
    { collection: LOG, key: `${instance}/t/${short(target)}/${at}/${short(msgKey)}`, value: push },
    { collection: LOG, key: `${instance}/m/${short(msgKey)}/${at}/${short(target)}`, value: push },
  ];
}

/** The oldest first, at most `limit`. By target the broadcasts are among them. */
export async function findPushes(
  store: Pick<DocStore, 'docs'>,
  instance: string,
  by: { readonly target: string } | { readonly msgKey: string },
  limit: number,
): Promise<LoggedPush[]> {
  const read = async (prefix: string): Promise<LoggedPush[]> =>
    (await store.docs(LOG, `${instance}/${prefix}/`, limit)).map(({ value }) => value as LoggedPush);
  if ('msgKey' in by)
    return (await read(`m/${short(by.msgKey)}`)).filter(({ msgKey }) => msgKey === by.msgKey);
  const own = (await read(`t/${short(by.target)}`)).filter(({ target }) => target === by.target);
  const all = by.target === '' ? [] : await read(`t/${short('')}`);
  return [...own, ...all].sort((a, b) => a.atMs - b.atMs).slice(0, limit);
}

export interface LogForgetter {
  /** One bounded step; goes on where the last stopped. @returns whether it reached the end */
  forget(beforeMs: number): Promise<boolean>;
}

export function createLogForgetter(store: DocStore): LogForgetter {
  let position = '';
  return {
    async forget(beforeMs) {
      const docs = await store.docs(LOG, '', STEP, position);
      position = docs.length < STEP ? '' : (docs.at(-1)?.key ?? '');
      const old = docs.filter(({ value }) => (value as LoggedPush).atMs < beforeMs);
      if (old.length > 0) await store.saveDocs(old.map(({ key }) => ({ collection: LOG, key, value: null })));
      return position === '';
    },
  };
}

/**
 * What became of a push, as the vendor's console names it; `Waiting` while it is valid and open, and
 * `Ended` for a broadcast that is not valid any more.
 */
export type LoggedState = 'Acked' | 'DeviceNotOnlineOrNoResponse' | 'NoBindInfo' | 'Waiting' | 'Ended';

/** @param devicesOf devices that a user has been seen on */
export async function stateOfPush(
  store: Pick<Store, 'cursors'>,
  devicesOf: (instance: string, user: string) => Promise<readonly string[]>,
  { instance, target, biz, id, expiresMs }: LoggedPush,
  nowMs: number,
): Promise<LoggedState> {
  if (target === '') return nowMs < expiresMs ? 'Waiting' : 'Ended';
  const isUser = biz === PUSH_BIZ.user;
  const devices = isUser ? await devicesOf(instance, target) : [target];
  for (const device of devices) {
    const cursors = await store.cursors({ instance, kind: 'd', id: device });
    const cursor = cursors.find((one) => one.biz === biz && one.owner === target);
    if (cursor !== undefined && cursor.acked >= id && !cursor.dead.includes(id)) return 'Acked';
  }
  if (nowMs < expiresMs) return 'Waiting';
  return isUser && devices.length === 0 ? 'NoBindInfo' : 'DeviceNotOnlineOrNoResponse';
}
