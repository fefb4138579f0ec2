/**
 * Which pushes a batch of progress acknowledges. A cursor is one number, so what lies between the
 * stored one and the new one is read from the stream; other data and other instances cost nothing.
 */
import { boundSince } from '../../core/device-bindings.js';
import type { Cursor, DeviceRecord, Oplog, ReaderKey, StreamKey } from '../../core/model.js';
import type { CursorUpdate, DeadLetter, ProgressBatch, Store } from '../../core/ports.js';
import { PUSH_BIZ } from '../../core/push-streams.js';
import { isRevocation } from '../../core/revocation.js';
import { matches, normalizeOs, parseVersion } from '../../core/targeting.js';
import type { PushStatus, Receipt } from './receipt.js';

type Reads = Pick<Store, 'cursors' | 'readAfter' | 'device' | 'find'>;

const PAGE = { records: 200, bytes: 1_048_576 };

/** Broadcasts have no receipts: one for each of a million devices would bury the tenant. */
export function hasReceipts(biz: string): boolean {
  return biz === PUSH_BIZ.device || biz === PUSH_BIZ.user;
}

/** A push that a batch of progress ends for a device: acknowledged, or given up. */
export interface EndedPush {
  readonly stream: StreamKey;
  readonly oplog: Oplog;
  readonly device: DeviceRecord;
  readonly status: 'Acked' | 'DeviceNotOnlineOrNoResponse';
}

/**
 * Call it before the batch is written, while the store has the cursors of before.
 *
 * @param asked whether the pushes of a bizType of an instance are wanted
 */
export async function endedBy(
  store: Reads,
  batch: ProgressBatch,
  asked: (instance: string, biz: string) => boolean,
): Promise<EndedPush[]> {
  const ended: EndedPush[] = [];
  // Of two updates of one cursor the second begins where the first ended.
  const positions = new Map<string, number>();
  for (const update of batch.cursors) {
    const { reader, cursor } = update;
    if (reader.kind !== 'd' || !asked(reader.instance, cursor.biz)) continue;
    const name = JSON.stringify([reader.instance, reader.id, cursor.kind, cursor.owner, cursor.biz]);
    const from = positions.get(name) ?? (await storedPoint(store, reader, cursor));
    positions.set(name, Math.max(from, cursor.acked));
    if (cursor.acked > from) ended.push(...(await acked(store, update, from, batch.dead)));
  }
  for (const letter of batch.dead) {
    const { stream, reader } = letter;
    if (reader.kind !== 'd' || !asked(stream.instance, stream.biz)) continue;
    const device = await store.device(stream.instance, { deviceId: reader.id });
    const oplog = await store.find(stream, { id: letter.id });
    if (oplog !== null && device !== null)
      ended.push({ stream, oplog, device, status: 'DeviceNotOnlineOrNoResponse' });
  }
  return ended;
}

async function storedPoint(store: Reads, reader: ReaderKey, { kind, owner, biz }: Cursor): Promise<number> {
  const cursors = await store.cursors(reader);
  const same = cursors.find((one) => one.kind === kind && one.owner === owner && one.biz === biz);
  return same?.acked ?? 0;
}

async function acked(
  store: Reads,
  { reader, cursor }: CursorUpdate,
  from: number,
  dead: readonly DeadLetter[],
): Promise<EndedPush[]> {
  const { instance } = reader;
  const kind = streamKindOf(cursor.biz);
  const stream: StreamKey = { instance, kind, owner: kind === 'g' ? '' : cursor.owner, biz: cursor.biz };
  const device = await store.device(instance, { deviceId: reader.id });
  if (device === null) return [];
  const isDead = (id: number): boolean =>
    cursor.dead.includes(id) || dead.some((letter) => letter.id === id && letter.reader.id === reader.id);
  const ended: EndedPush[] = [];
  for (let after = from, more = true; more && after < cursor.acked; ) {
    const page = await store.readAfter(stream, after, PAGE);
    for (const oplog of page.oplogs) {
      if (oplog.id > cursor.acked) return ended;
      // A cursor also passes what was never sent to this device.
      const wasSent =
        oplog.expiresMs > cursor.ackedMs &&
        isMeant(oplog, device) &&
        !isDead(oplog.id) &&
        !isRevocation(cursor.biz, oplog.thirdMsgId);
      if (wasSent) ended.push({ stream, oplog, device, status: 'Acked' });
    }
    more = page.more;
    after = page.through;
  }
  return ended;
}

function streamKindOf(biz: string): 'u' | 'd' | 'g' {
  if (biz === PUSH_BIZ.user) return 'u';
  return biz === PUSH_BIZ.all ? 'g' : 'd';
}

/** Whether a push's filter lets the device have it. Pushes have no ranges of user ids. */
export function isMeant({ filter }: Pick<Oplog, 'filter'>, device: DeviceRecord): boolean {
  const { os, appVersion } = device;
  const boundMs = boundSince(device);
  return matches(filter, { os: normalizeOs(os), version: parseVersion(appVersion), uid: null, boundMs });
}

/** @param device null when there is none */
export function receipt(
  stream: StreamKey,
  { id, thirdMsgId }: Pick<Oplog, 'id' | 'thirdMsgId'>,
  device: DeviceRecord | null,
  status: PushStatus,
): Receipt {
  const { instance, kind, owner } = stream;
  return {
    instance,
    message: `${kind}:${id}:${owner}`,
    msgId: thirdMsgId,
    targetId: kind === 'u' ? owner : (device?.adToken ?? owner),
    status,
    adToken: device?.adToken ?? '',
    osType: device?.os ?? '',
  };
}
