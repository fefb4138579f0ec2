/**
 * Pushes whose validity ends without an acknowledgement. Each push of an instance with receipts is
 * noted under the time of its end, and looked up when that has come.
 */
import { type DeviceRecord, RECENT_ADVANCES, type StreamKey } from '../../core/model.js';
import type { Store } from '../../core/ports.js';
import { hasLink } from '../channel-sending.js';
import { isMeant, receipt } from './acks.js';
import type { Receipt } from './receipt.js';

const OPEN = 'push-receipts-open';
const ROUND = 200;

export interface OpenPush {
  readonly stream: StreamKey;
  readonly id: number;
  readonly msgId: string;
  readonly expiresMs: number;
}

export interface EndingsOptions {
  readonly store: Pick<Store, 'cursors' | 'device' | 'find' | 'docs' | 'saveDocs'>;
  /** Devices that a user has been seen on. */
  readonly devicesOf: (instance: string, user: string) => Promise<readonly string[]>;
  readonly isOn: (instance: string) => boolean;
  readonly add: (receipts: readonly Receipt[]) => Promise<void>;
  /** After the end so long is waited for an acknowledgement that is on its way. */
  readonly settleMs: number;
  /** Wall clock, ms. */
  readonly now: () => number;
}

export interface Endings {
  note(push: OpenPush): Promise<void>;
  /** One round; @returns true when there may be more. */
  settle(): Promise<boolean>;
}

export function createEndings(options: EndingsOptions): Endings {
  const { store, now } = options;
  return {
    note: ({ stream, id, msgId, expiresMs }) =>
      store.saveDocs([
        {
          collection: OPEN,
          key: `${String(Math.floor(expiresMs)).padStart(15, '0')}/${stream.instance}/${id}/${stream.kind}${stream.owner}`,
          value: { stream, id, msgId, expiresMs },
        },
      ]),
    async settle() {
      const docs = await store.docs(OPEN, '', ROUND);
      const ended = docs.filter(({ value }) => (value as OpenPush).expiresMs + options.settleMs <= now());
      const receipts: Receipt[] = [];
      for (const { value } of ended) {
        const found = await outcome(options, value as OpenPush);
        if (found !== null) receipts.push(found);
      }
      await options.add(receipts);
      const writes = ended.map(({ key }) => ({ collection: OPEN, key, value: null }));
      if (writes.length > 0) await store.saveDocs(writes);
      return ended.length === ROUND;
    },
  };
}

/** Null when it was told before: acknowledged, or given up. */
async function outcome(options: EndingsOptions, push: OpenPush): Promise<Receipt | null> {
  const { stream, id, msgId } = push;
  const { instance, kind, owner } = stream;
  if (!options.isOn(instance)) return null;
  const ids = kind === 'u' ? await options.devicesOf(instance, owner) : [owner];
  const found = await Promise.all(ids.map((deviceId) => options.store.device(instance, { deviceId })));
  const devices = found.filter((device) => device !== null);
  // What only a channel reaches was told of when it was pushed.
  if (kind === 'd' && devices.every((device) => !hasLink(device)) && devices.length > 0) return null;
  for (const device of devices) if (await wasTold(options, push, device)) return null;
  const oplog = { id, thirdMsgId: msgId };
  const isBound = kind === 'd' || devices.some(({ user }) => user === owner);
  if (!isBound) return receipt(stream, oplog, null, 'NoBindInfo');
  return receipt(stream, oplog, devices[0] ?? null, 'DeviceNotOnlineOrNoResponse');
}

async function wasTold({ store }: EndingsOptions, push: OpenPush, device: DeviceRecord): Promise<boolean> {
  const { stream, id, expiresMs } = push;
  const cursors = await store.cursors({ instance: stream.instance, kind: 'd', id: device.deviceId });
  const cursor = cursors.find(({ owner, biz }) => owner === stream.owner && biz === stream.biz);
  if (cursor === undefined) return false;
  if (cursor.dead.includes(id)) return true;
  if (cursor.acked < id) return false;
  // Passed: acknowledged, unless it was past its end by then, or not meant for this device.
  const at = cursor.recent.findIndex(([acked]) => acked >= id);
  // The first that is remembered may not be the one that passed it: then it was earlier.
  const isKnown = at > 0 || cursor.recent.length < RECENT_ADVANCES;
  const passedMs = (isKnown ? cursor.recent[at]?.[1] : undefined) ?? 0;
  const oplog = await store.find(stream, { id });
  return passedMs < expiresMs && (oplog === null || isMeant(oplog, device));
}
