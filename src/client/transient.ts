/** Data that the server does not keep: no point, nothing stored, but the same acks. docs/protocol.md 5.8. */
import type { PointKind } from '../core/model.js';
import type { ReceivedSync } from '../wire/frames.js';
import { type SyncMessage, toPayloadItem } from './message.js';
import { isOfUser, streamName } from './stream.js';

/** Messages of one bizType that nobody has registered, kept in memory; older ones give way. */
const MAX_WAITING = 100;
/** Ids remembered to tell a retransmission from new data. */
const MAX_SEEN = 1024;

interface TransientStream {
  readonly kind: PointKind;
  readonly biz: string;
  readonly seen: Set<number>;
  /** Handed over and not reported, in order; with what an ack of it names. */
  pending: { readonly id: number; reported: boolean }[];
  waiting: SyncMessage[];
}

export interface TransientInbox {
  /**
   * Takes a batch.
   *
   * @param registered Whether somebody receives its bizType; if not, it waits in memory.
   * @returns the messages to be handed over now, and what to acknowledge now, or 0.
   */
  accept(
    sync: ReceivedSync,
    user: string,
    registered: boolean,
  ): { readonly messages: SyncMessage[]; readonly through: number };
  /** @returns what to acknowledge now, or 0. */
  report(message: SyncMessage): number;
  /** What waited for somebody to register the bizType. */
  take(biz: string): SyncMessage[];
  /** The connection ended: acks of its data mean nothing to the next one. */
  disconnected(): void;
  /** The user changed: nothing of the old one may be handed over. */
  userChanged(): void;
}

export function createTransientInbox(): TransientInbox {
  const streams = new Map<string, TransientStream>();

  function find(kind: PointKind, biz: string): TransientStream {
    const name = streamName(kind, '', biz);
    const existing = streams.get(name);
    if (existing !== undefined) return existing;
    const stream: TransientStream = { kind, biz, seen: new Set(), pending: [], waiting: [] };
    streams.set(name, stream);
    return stream;
  }

  return {
    accept(sync, user, registered) {
      const stream = find(sync.kind, sync.biz);
      const messages: SyncMessage[] = [];
      for (const oplog of sync.oplogs) {
        if (stream.seen.has(oplog.id)) continue;
        see(stream, oplog.id);
        stream.pending.push({ id: oplog.id, reported: !registered });
        messages.push({
          biz: sync.biz,
          userId: isOfUser(sync.kind) ? user : '',
          msgData: JSON.stringify([toPayloadItem(oplog)]),
          thirdMsgId: oplog.thirdMsgId,
          oplogId: oplog.id,
          acceptedMs: oplog.acceptedMs,
          kind: sync.kind,
          transient: true,
        });
      }
      const through = takeReported(stream) || (stream.pending.length === 0 ? sync.through : 0);
      if (registered) return { messages, through };
      stream.waiting = [...stream.waiting, ...messages].slice(-MAX_WAITING);
      return { messages: [], through };
    },

    report(message) {
      const stream = find(message.kind, message.biz);
      const entry = stream.pending.find(({ id }) => id === message.oplogId);
      if (entry === undefined) return 0;
      entry.reported = true;
      return takeReported(stream);
    },

    take(biz) {
      const messages: SyncMessage[] = [];
      for (const stream of streams.values())
        if (stream.biz === biz) messages.push(...stream.waiting.splice(0));
      return messages;
    },

    disconnected() {
      for (const stream of streams.values()) {
        stream.pending = [];
        stream.seen.clear();
      }
    },

    userChanged() {
      for (const [name, stream] of streams) if (isOfUser(stream.kind)) streams.delete(name);
    },
  };
}

function see(stream: TransientStream, id: number): void {
  stream.seen.add(id);
  if (stream.seen.size <= MAX_SEEN) return;
  for (const oldest of stream.seen) {
    stream.seen.delete(oldest);
    return;
  }
}

function takeReported(stream: TransientStream): number {
  let through = 0;
  let done = 0;
  for (const entry of stream.pending) {
    if (!entry.reported) break;
    through = entry.id;
    done += 1;
  }
  stream.pending.splice(0, done);
  return through;
}
