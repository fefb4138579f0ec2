/** What changes nothing: streams, cursors, devices, events, the equation. */
import type {
  Cursor,
  DeviceRecord,
  Head,
  HeadsWanted,
  Oplog,
  ReaderKey,
  StreamKey,
} from '../../core/model.js';
import type { Conservation, MessageEvent, Page, ReadLimit } from '../../core/ports.js';
import { SHARDS, shardKey, unescapePart } from '../../redis/owner-key.js';
import { cursorsOfRows } from '../cursors.js';
import { deviceOfRow } from '../device-row.js';
import { decodeRecord, readId } from '../record.js';
import { settled } from './calls.js';
import { bytesOf, listOf, numberOf, type RedisContext, refOf, textOf, unsealed } from './context.js';
import { cursorsKey, deviceKey, eventsKey, hashOf, headsKey, type StreamRef, tokenKey } from './keys.js';

const ID_BYTES = 8;
/** In front of the sealed cursors. */
export const STAMP_BYTES = 8;

/** The record of an entry; null when it is damaged, which is reported. */
export function decodeEntry({ options }: RedisContext, ref: StreamRef, entry: Buffer): Oplog | null {
  const id = readId(entry, 0);
  const oplog = decodeRecord(0, entry.subarray(ID_BYTES));
  if (oplog !== null) return { ...oplog, id };
  options.onCorrupt(`record ${id} of ${ref.base}:r:${ref.biz}`);
  return null;
}

export async function readAfter(
  context: RedisContext,
  stream: StreamKey,
  after: number,
  limit: ReadLimit,
): Promise<Page> {
  const ref = refOf(context, stream);
  const reply = await context.commands.ask(
    'read-after',
    [ref.base],
    [ref.biz, after, Math.max(1, limit.records), limit.bytes],
  );
  const [last, more, ...entries] = listOf(reply);
  const oplogs: Oplog[] = [];
  for (const entry of entries) {
    const oplog = decodeEntry(context, ref, bytesOf(entry));
    if (oplog !== null) oplogs.push(oplog);
  }
  const isMore = numberOf(more) === 1;
  const read = entries.length === 0 ? after : readId(bytesOf(entries.at(-1)), 0);
  return { oplogs, through: isMore ? read : Math.max(after, read, numberOf(last)), more: isMore };
}

export async function newest(context: RedisContext, stream: StreamKey, after: number, keep: number) {
  const ref = refOf(context, stream);
  const [position, passed] = listOf(await context.commands.ask('newest', [ref.base], [ref.biz, after, keep]));
  return { after: numberOf(position), passed: numberOf(passed) };
}

export async function heads(
  context: RedisContext,
  instance: string,
  owners: readonly HeadsWanted[],
): Promise<Head[]> {
  const rows = await settled(
    owners.map(({ kind, owner }) =>
      context.commands.read('hgetall', headsKey(context.prefix, instance, kind, owner)),
    ),
  );
  return owners.flatMap(({ kind, owner }, at) =>
    headsOfReply(rows[at])
      .filter(({ last }) => last > 0)
      .map(({ biz, last }) => ({ kind, owner, biz, last })),
  );
}

/** A stream's head as stored; keys.ts. */
export interface HeadRow {
  readonly biz: string;
  readonly last: number;
  /** No record of the stream expires before; 0 when it has none. */
  readonly endsMs: number;
  readonly firstBucket: number;
  readonly lastBucket: number;
}

export function headsOfReply(reply: unknown): HeadRow[] {
  return fieldsOf(reply).map(([biz, row]) => {
    const [last = 0, endsMs = 0, firstBucket = 0, lastBucket = 0] = textOf(row).split(' ').map(Number);
    return { biz: unescapePart(biz), last, endsMs, firstBucket, lastBucket };
  });
}

/** A hash as ioredis answers it: an object for HGETALL, a flat list where a script read it. */
export function fieldsOf(reply: unknown): (readonly [string, Buffer])[] {
  if (typeof reply === 'object' && reply !== null && !Array.isArray(reply))
    return Object.entries(reply).map(([field, value]) => [field, bytesOf(value)] as const);
  const list = listOf(reply);
  const fields: (readonly [string, Buffer])[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) fields.push([textOf(list[at]), bytesOf(list[at + 1])]);
  return fields;
}

export async function find(
  context: RedisContext,
  stream: StreamKey,
  by: { readonly id: number } | { readonly thirdMsgId: string },
): Promise<Oplog | null> {
  const ref = refOf(context, stream);
  const [id, hash] = 'id' in by ? [by.id, ''] : [0, hashOf(by.thirdMsgId)];
  const entry = bytesOf(await context.commands.ask('find', [ref.base], [ref.biz, id, hash]));
  return entry.length === 0 ? null : decodeEntry(context, ref, entry);
}

export async function cursors(context: RedisContext, reader: ReaderKey): Promise<Cursor[]> {
  const key = cursorsKey(context.prefix, reader);
  return cursorsOfStored(context, key, bytesOf(await context.commands.read('get', key)));
}

/** The cursors of a stored row: a stamp, then sealed JSON. */
export function cursorsOfStored(context: RedisContext, key: string, row: Buffer): Cursor[] {
  const rows = unsealed(context, key, row.subarray(STAMP_BYTES));
  return rows === undefined ? [] : cursorsOfRows(rows);
}

export async function device(
  context: RedisContext,
  instance: string,
  by: { readonly deviceId: string } | { readonly adToken: string },
): Promise<DeviceRecord | null> {
  const { commands, prefix } = context;
  const id =
    'deviceId' in by
      ? by.deviceId
      : textOf(await commands.read('get', tokenKey(prefix, instance, by.adToken)));
  const key = deviceKey(prefix, instance, id);
  const row = unsealed(context, key, bytesOf(await commands.read('get', key)));
  if (row === undefined) return null;
  const record = deviceOfRow(row);
  // The record is the truth: the way to it from an old token may be left over.
  return 'adToken' in by && record.adToken !== by.adToken ? null : record;
}

export async function events(context: RedisContext, stream: StreamKey, id: number): Promise<MessageEvent[]> {
  const key = eventsKey(refOf(context, stream), id);
  const rows = listOf(await context.commands.read('lrange', key, 0, -1));
  return rows
    .map((row) => unsealed(context, key, bytesOf(row)) as MessageEvent | undefined)
    .filter((event) => event !== undefined);
}

const FIELDS = ['accepted', 'retained', 'expired', 'consumed', 'trimmed', 'revoked', 'deleted'] as const;
type Field = (typeof FIELDS)[number];

/**
 * The sum over all shards, each of them exact. They are not read at one moment: while appends go on the
 * sum may be of slightly different moments, but each shard's part adds up.
 */
export async function conservation({ commands, prefix }: RedisContext): Promise<Conservation[]> {
  const shards = Array.from({ length: SHARDS }, (_, n) => `${shardKey(prefix, n)}:c`);
  const replies = await settled(shards.map((key) => commands.read('hgetall', key)));
  const sums = new Map<string, { instance: string; biz: string } & Record<Field, number>>();
  for (const [field, value] of replies.flatMap(fieldsOf)) {
    const [instance = '', biz = '', what = ''] = field.split(':');
    const name = `${instance}:${biz}`;
    const zero = { accepted: 0, retained: 0, expired: 0, consumed: 0, trimmed: 0, revoked: 0, deleted: 0 };
    const sum = sums.get(name) ?? { instance: unescapePart(instance), biz: unescapePart(biz), ...zero };
    sums.set(name, sum);
    const known = FIELDS.find((one) => one === what);
    if (known) sum[known] += numberOf(value);
  }
  return [...sums.keys()].sort().flatMap((name) => sums.get(name) ?? []);
}
