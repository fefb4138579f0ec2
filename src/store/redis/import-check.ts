/** Reading back what an import has put, item by item. */
import { isDeepStrictEqual } from 'node:util';
import type { AppendRequest, DeadLetter } from '../../core/ports.js';
import { shardKey, shardOf } from '../../redis/owner-key.js';
import type { StoredItem } from '../transfer.js';
import { bytesOf, listOf, numberOf, type RedisContext, refOf, textOf, unsealed } from './context.js';
import { doc } from './docs.js';
import { letterName, lettersKey, storeKey } from './keys.js';
import { cursors, device, events, find } from './reads.js';
import { BUCKET_MS } from './sweep.js';

/** Under which an imported request waits. @param order counted from 0. */
export function waitingName({ acceptedMs }: AppendRequest, order: number): string {
  return `${String(acceptedMs).padStart(15, '0')}-${String(order + 1).padStart(12, '0')}`;
}

/** The item as it is stored now; null when it is not there. */
export async function readBack(context: RedisContext, item: StoredItem): Promise<StoredItem | null> {
  const { commands, prefix } = context;
  switch (item.kind) {
    case 'record': {
      const oplog = await find(context, item.stream, { id: item.oplog.id });
      return oplog === null ? null : { ...item, oplog };
    }
    case 'stream': {
      const { base, biz } = refOf(context, item.stream);
      const head = textOf(await commands.read('hget', `${base}:h`, biz));
      return head === '' ? null : { ...item, last: Number(head.split(' ')[0]) };
    }
    case 'thirdMsgId':
      return readThirdMsgId(context, item);
    case 'event': {
      const stored = await events(context, item.event.stream, item.event.id);
      const event = stored.find((one) => isDeepStrictEqual(one, item.event));
      return event === undefined ? null : { ...item, event };
    }
    case 'cursors':
      return { ...item, cursors: await cursors(context, item.reader) };
    case 'device': {
      const { instance, deviceId } = item.record;
      const record = await device(context, instance, { deviceId });
      return record === null ? null : { ...item, record };
    }
    case 'letter': {
      const key = `${lettersKey(prefix, item.letter.stream.instance)}:v`;
      const row = bytesOf(await commands.read('hget', key, letterName(item.letter)));
      const letter = unsealed(context, key, row) as DeadLetter | undefined;
      return letter === undefined ? null : { ...item, letter };
    }
    case 'document':
      return { ...item, value: await doc(context, item.collection, item.key) };
    case 'waiting':
      return readWaiting(context, item);
    case 'counters':
      return readCounters(context, item);
    case 'idFloor':
      return { ...item, id: numberOf(await commands.read('get', storeKey(prefix, 'floor'))) };
  }
}

type Of<K extends StoredItem['kind']> = Extract<StoredItem, { readonly kind: K }>;

async function readThirdMsgId(context: RedisContext, item: Of<'thirdMsgId'>): Promise<StoredItem | null> {
  const { base, biz } = refOf(context, item.stream);
  const bucket = Math.floor(item.acceptedMs / BUCKET_MS);
  const row = textOf(await context.commands.read('hget', `${base}:m:${biz}:${bucket}`, item.hash));
  if (row === '') return null;
  const [id = 0, acceptedMs = Math.floor(id / 1000)] = row.split(' ', 2).map(Number);
  return { ...item, id, acceptedMs };
}

async function readWaiting(context: RedisContext, item: Of<'waiting'>): Promise<StoredItem | null> {
  const { shard } = refOf(context, item.request.stream);
  const name = waitingName(item.request, item.order);
  const row = unsealed(context, name, bytesOf(await context.commands.read('hget', `${shard}:w`, name)));
  if (row === undefined) return null;
  const { body, ...rest } = row as Omit<AppendRequest, 'body'> & { readonly body: string };
  return { ...item, request: { ...rest, body: Buffer.from(body, 'base64') } };
}

const FIELDS = ['accepted', 'retained', 'expired', 'consumed', 'trimmed', 'revoked', 'deleted'] as const;

async function readCounters(context: RedisContext, item: Of<'counters'>): Promise<StoredItem> {
  const { instance, biz } = item.counters;
  const { counter } = refOf(context, { instance, kind: 'g', owner: '', biz });
  const key = `${shardKey(context.prefix, shardOf(instance, 'g', ''))}:c`;
  const names = FIELDS.map((field) => `${counter}:${field}`);
  const [accepted = 0, retained = 0, expired = 0, consumed = 0, trimmed = 0, revoked = 0, deleted = 0] =
    listOf(await context.commands.read('hmget', key, ...names)).map(numberOf);
  return {
    ...item,
    counters: { instance, biz, accepted, retained, expired, consumed, trimmed, revoked, deleted },
  };
}
