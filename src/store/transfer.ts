/** What a store holds, in words that no driver owns: for moving it from one to another. */
import { crc32 } from 'node:zlib';
import type { Cursor, DeviceRecord, Oplog, ReaderKey, StreamKey } from '../core/model.js';
import type { AppendRequest, Conservation, DeadLetter, MessageEvent } from '../core/ports.js';
import { cursorRows } from './cursors.js';
import { rowOfDevice } from './device-row.js';

export type StoredItem =
  | { readonly kind: 'record'; readonly stream: StreamKey; readonly oplog: Oplog }
  /** The last id that a stream gave out. */
  | { readonly kind: 'stream'; readonly stream: StreamKey; readonly last: number }
  /** The first 12 bytes of the hash; id 0 while it waits for its time. */
  | {
      readonly kind: 'thirdMsgId';
      readonly stream: StreamKey;
      readonly hash: Buffer;
      readonly id: number;
      readonly acceptedMs: number;
    }
  | { readonly kind: 'event'; readonly event: MessageEvent }
  | { readonly kind: 'cursors'; readonly reader: ReaderKey; readonly cursors: readonly Cursor[] }
  | { readonly kind: 'device'; readonly record: DeviceRecord }
  | { readonly kind: 'letter'; readonly letter: DeadLetter }
  | { readonly kind: 'document'; readonly collection: string; readonly key: string; readonly value: unknown }
  /** A request that waits for its time; `order` numbers all of them as they will come. */
  | { readonly kind: 'waiting'; readonly request: AppendRequest; readonly order: number }
  | { readonly kind: 'counters'; readonly counters: Conservation }
  | { readonly kind: 'idFloor'; readonly id: number };

export type ItemKind = StoredItem['kind'];

/** A number that differs when the items do, nearly always: 32 bits, to be summed over all of them. */
export function digestOf(item: StoredItem): number {
  return crc32(JSON.stringify(plain(item)));
}

function plain(item: StoredItem): unknown {
  switch (item.kind) {
    case 'record': {
      const { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body } = item.oplog;
      const rest = [id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf];
      return [nameOf(item.stream), ...rest, body.length, crc32(body)];
    }
    case 'stream':
      return [nameOf(item.stream), item.last];
    case 'thirdMsgId':
      return [nameOf(item.stream), item.hash.toString('hex'), item.id, item.acceptedMs];
    case 'event':
      return item.event;
    case 'cursors':
      return [item.reader.instance, item.reader.kind, item.reader.id, cursorRows(item.cursors)];
    case 'device':
      return rowOfDevice(item.record);
    case 'letter':
      return item.letter;
    case 'document':
      return [item.collection, item.key, item.value];
    case 'waiting': {
      const { stream, body, ...rest } = item.request;
      return [
        nameOf(stream),
        rest.thirdMsgId,
        rest.notBeforeMs,
        rest.acceptedMs,
        rest.expiresMs,
        crc32(body),
      ];
    }
    case 'counters': {
      const { instance, biz, accepted, retained, expired, consumed, trimmed, revoked, deleted } =
        item.counters;
      return [instance, biz, accepted, retained, expired, consumed, trimmed, revoked, deleted];
    }
    case 'idFloor':
      return item.id;
  }
}

function nameOf({ instance, kind, owner, biz }: StreamKey): string {
  return `${instance}\0${kind}\0${owner}\0${biz}`;
}
