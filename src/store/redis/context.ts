/** What the parts of the store share, and how its replies are read. */
import type { StreamKey } from '../../core/model.js';
import type { RedisConnection } from '../../redis/connection.js';
import type { StoreOptions } from '../options.js';
import { unseal } from '../record.js';
import type { Commands } from './commands.js';
import { type StreamRef, streamRef } from './keys.js';

export interface RedisContext {
  readonly connection: RedisConnection;
  readonly commands: Commands;
  readonly options: StoreOptions;
  readonly prefix: string;
  /** Below this no id is given out; read at the start and now and then. */
  idFloor: number;
}

export function refOf(context: RedisContext, stream: StreamKey): StreamRef {
  return streamRef(context.prefix, stream);
}

/** `1` for a stream whose records end as consumed once its user has passed them. */
export function singleFlag({ options }: RedisContext, { instance, kind, biz }: StreamKey): '0' | '1' {
  return kind === 'u' && options.isSingleReader(instance, biz) ? '1' : '0';
}

/** The first arguments of scripts that end or add records. */
export function streamArgs(context: RedisContext, ref: StreamRef): string[] {
  return [ref.biz, ref.stream.biz, ref.counter, singleFlag(context, ref.stream)];
}

/** A reply that is a list, whatever is in it. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** A reply that is a text or a number. */
export function textOf(reply: unknown): string {
  return Buffer.isBuffer(reply) ? reply.toString('utf8') : String(reply ?? '');
}

export function numberOf(reply: unknown): number {
  return Number(textOf(reply));
}

/** A reply that is bytes; empty for none. */
export function bytesOf(reply: unknown): Buffer {
  return Buffer.isBuffer(reply) ? reply : Buffer.alloc(0);
}

/** What a sealed row holds; undefined when there is none, or it is damaged, which is reported. */
export function unsealed({ options }: RedisContext, where: string, row: Buffer): unknown {
  if (row.length === 0) return undefined;
  const value = unseal(row);
  if (value === undefined) options.onCorrupt(where);
  return value;
}
