/**
 * How many messages a user or a device was sent and has got within 30 days, and which
 * (mPaaS MSS guide, 6.7). Counted from the streams, which keep every record so long.
 */
import { MAX_RETENTION_MS, type Oplog, type StreamKey } from '../../core/model.js';
import type { Fleet } from '../options.js';
import { findInstance } from './catalogue.js';
import type { ServiceContext } from './context.js';
import { type ReaderState, readersOf, verdictOf } from './readers.js';

/** Records looked at in one answer; more are not counted, and the answer says so. */
const MAX_RECORDS = 20_000;
const PAGE = { records: 500, bytes: 4_194_304 } as const;

export interface SeenMessage {
  readonly bizType: string;
  readonly id: string;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
  readonly expiresMs: number;
  readonly arrived: boolean;
}

export interface Statistics {
  readonly pushes: number;
  readonly arrivals: number;
  /** False when there were more records than are looked at. */
  readonly complete: boolean;
  /** Newest first, at most as many as asked for. */
  readonly messages: readonly SeenMessage[];
}

/** Counts the messages addressed to one user or one device. */
export async function statistics(
  context: ServiceContext,
  fleet: Fleet,
  instance: string,
  target: { readonly kind: 'u' | 'd'; readonly owner: string },
  limit: number,
): Promise<Statistics> {
  const index = findInstance(context.catalogue(), instance);
  const heads = await context.store.heads(instance, [target]);
  const since = context.clock().wall - MAX_RETENTION_MS;
  const messages: SeenMessage[] = [];
  let complete = true;
  for (const head of heads) {
    const config = index?.configs.get(head.biz);
    if (config === undefined) continue;
    const stream: StreamKey = { instance, kind: target.kind, owner: target.owner, biz: head.biz };
    const readers = await readersOf(context, fleet, stream, config, []);
    const room = MAX_RECORDS - messages.length;
    const found = await readRecords(context, stream, room);
    complete &&= found.complete;
    for (const oplog of found.oplogs)
      if (oplog.acceptedMs >= since) messages.push(view(oplog, head.biz, readers));
  }
  messages.sort((a, b) => b.acceptedMs - a.acceptedMs || Number(b.id) - Number(a.id));
  return {
    pushes: messages.length,
    arrivals: messages.filter((message) => message.arrived).length,
    complete,
    messages: messages.slice(0, limit),
  };
}

async function readRecords(
  context: ServiceContext,
  stream: StreamKey,
  most: number,
): Promise<{ readonly oplogs: Oplog[]; readonly complete: boolean }> {
  const oplogs: Oplog[] = [];
  let after = 0;
  for (;;) {
    if (oplogs.length >= most) return { oplogs, complete: false };
    const page = await context.store.readAfter(stream, after, PAGE);
    oplogs.push(...page.oplogs);
    if (!page.more) return { oplogs, complete: true };
    after = page.through;
  }
}

function view(oplog: Oplog, biz: string, readers: readonly ReaderState[]): SeenMessage {
  return {
    bizType: biz,
    id: String(oplog.id),
    thirdMsgId: oplog.thirdMsgId,
    acceptedMs: oplog.acceptedMs,
    expiresMs: oplog.expiresMs,
    arrived: readers.some((reader) => verdictOf(reader, oplog) === 'acked'),
  };
}
