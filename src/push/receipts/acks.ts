/**
 * Which pushes a batch of progress acknowledges. A cursor is one number, so what lies between the
 * stored one and the new one is read from the stream; other data and other instances cost nothing.
 */
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

/**
 * Call it before the batch is written, while the store has the cursors of before.
 *
 * @param isOn whether an instance wants receipts
 */
export async function receiptsOf(
  store: Reads,
  batch: ProgressBatch,
  isOn: (instance: string) => boolean,
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  const asked = (instance: string, biz: string): boolean => hasReceipts(biz) && isOn(instance);
  // Of two updates of one cursor the second begins where the first ended.
  const positions = new Map<string, number>();
  for (const update of batch.cursors) {
    const { reader, cursor } = update;
    if (reader.kind !== 'd' || !asked(reader.instance, cursor.biz)) continue;
    const name = JSON.stringify([reader.instance, reader.id, cursor.kind, cursor.owner, cursor.biz]);
    const from = positions.get(name) ?? (await storedPoint(store, reader, cursor));
    positions.set(name, Math.max(from, cursor.acked));
    if (cursor.acked > from) receipts.push(...(await acked(store, update, from, batch.dead)));
  }
  for (const letter of batch.dead) {
    const { stream, reader } = letter;
    if (reader.kind !== 'd' || !asked(stream.instance, stream.biz)) continue;
    const device = await store.device(stream.instance, { deviceId: reader.id });
    const oplog = await store.find(stream, { id: letter.id });
    if (oplog !== null) receipts.push(receipt(stream, oplog, device, 'DeviceNotOnlineOrNoResponse'));
  }
  return receipts;
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
): Promise<Receipt[]> {
  const { instance } = reader;
  const kind = cursor.biz === PUSH_BIZ.user ? 'u' : 'd';
  const stream: StreamKey = { instance, kind, owner: cursor.owner, biz: cursor.biz };
  const device = await store.device(instance, { deviceId: reader.id });
  if (device === null) return [];
  const isDead = (id: number): boolean =>
    cursor.dead.includes(id) || dead.some((letter) => letter.id === id && letter.reader.id === reader.id);
  const receipts: Receipt[] = [];
  for (let after = from, more = true; more && after < cursor.acked; ) {
    const page = await store.readAfter(stream, after, PAGE);
    for (const oplog of page.oplogs) {
      if (oplog.id > cursor.acked) return receipts;
      // A cursor also passes what was never sent to this device.
      const wasSent =
        oplog.expiresMs > cursor.ackedMs &&
        isMeant(oplog, device) &&
        !isDead(oplog.id) &&
        !isRevocation(cursor.biz, oplog.thirdMsgId);
      if (wasSent) receipts.push(receipt(stream, oplog, device, 'Acked'));
    }
    more = page.more;
    after = page.through;
  }
  return receipts;
}

/** Whether a push's filter lets the device have it. Pushes have no ranges of user ids. */
export function isMeant({ filter }: Pick<Oplog, 'filter'>, { os, appVersion }: DeviceRecord): boolean {
  return matches(filter, { os: normalizeOs(os), version: parseVersion(appVersion), uid: null });
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
