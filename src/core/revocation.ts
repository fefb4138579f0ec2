/**
 * Pushes that are taken back (docs/protocol.md 7.2). The message ends in the store; behind it in its
 * stream comes a record of the revocation, which a session sends as a Revoke frame. So a revocation
 * reaches whoever reads the stream, in order, also those who come back, and needs no second way.
 */
import type { Topic } from './catalogue.js';
import type { Delivery } from './delivery.js';
import { DAY_MS, type Oplog, type StreamKey } from './model.js';
import type { AppendRequest, Revoked } from './ports.js';
import { isReservedBiz } from './push-streams.js';

/** A push can be taken back for so long; and so long a device that was away is told of it. */
export const REVOCABLE_MS = 7 * DAY_MS;

/** What the thirdMsgId of a revocation begins with; no caller's message id may. */
export const REVOCATION_PREFIX = '$revoke:';

/** Whether a record is a revocation. Only reserved streams have them. */
export function isRevocation(biz: string, thirdMsgId: string): boolean {
  return thirdMsgId.startsWith(REVOCATION_PREFIX) && isReservedBiz(biz);
}

/** The thirdMsgId of what a revocation takes back. */
export function revokedMsgId(thirdMsgId: string): string {
  return thirdMsgId.slice(REVOCATION_PREFIX.length);
}

/** Records to be sent as they are, and the message ids of a Revoke frame. */
export interface Parted {
  readonly oplogs: readonly Oplog[];
  readonly messageIds: readonly string[];
}

/** Takes the revocations out of a page; the common page comes back as it is. */
export function partRevocations(topic: Topic, oplogs: readonly Oplog[]): Parted {
  const { biz } = topic.config;
  if (!isReservedBiz(biz) || !oplogs.some(({ thirdMsgId }) => isRevocation(biz, thirdMsgId)))
    return { oplogs, messageIds: [] };
  return {
    oplogs: oplogs.filter(({ thirdMsgId }) => !isRevocation(biz, thirdMsgId)),
    messageIds: oplogs
      .filter(({ thirdMsgId }) => isRevocation(biz, thirdMsgId))
      .map(({ thirdMsgId }) => revokedMsgId(thirdMsgId)),
  };
}

/** One message to be taken back. */
export interface RevokeItem {
  readonly stream: StreamKey;
  readonly thirdMsgId: string;
}

/**
 * Takes messages of the last seven days back. When it resolves none of them is sent any more, and
 * devices that may have one are being told. The same again is no error and tells nobody twice.
 *
 * @returns for each what it was; null for one that was never accepted here, or too long ago
 * @throws {StoreUnavailable} the outcome is unknown then: call again
 */
export async function revoke(delivery: Delivery, items: readonly RevokeItem[]): Promise<(Revoked | null)[]> {
  const nowMs = delivery.now().wall;
  const sinceMs = Math.max(0, nowMs - REVOCABLE_MS);
  const results = await delivery.store.revoke(items.map((item) => ({ ...item, sinceMs })));
  // What never had an id was never sent.
  const told = items.flatMap((item, at) => {
    const revoked = results[at];
    return revoked === undefined || revoked === null || revoked.id === 0 ? [] : [{ item, revoked }];
  });
  const appended = await delivery.store.append(
    told.map(({ item, revoked }) => revocation(delivery, item, revoked, nowMs)),
  );
  for (const [at, { item }] of told.entries()) {
    const result = appended[at];
    if (result?.status !== 'stored') continue;
    const { oplog, prev, nodes } = result;
    delivery.wake({ stream: item.stream, id: oplog.id, prev, oplog, transient: false }, nodes ?? []);
  }
  return results;
}

/** Goes to those whom the message was for. */
function revocation(
  delivery: Delivery,
  { stream, thirdMsgId }: RevokeItem,
  revoked: Revoked,
  nowMs: number,
): AppendRequest {
  const own = REVOCATION_PREFIX + thirdMsgId;
  const payload = new Uint8Array(0);
  return {
    stream,
    thirdMsgId: own,
    acceptedMs: nowMs,
    expiresMs: nowMs + REVOCABLE_MS,
    notBeforeMs: 0,
    filter: revoked.oplog?.filter ?? null,
    traced: revoked.oplog?.traced ?? false,
    resendOf: 0,
    body: delivery.encodeBody({ payload, binary: false, thirdMsgId: own, acceptedMs: nowMs }),
    keepNewest: delivery.hardCapPerStream,
  };
}
