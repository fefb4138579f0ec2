/**
 * What happened to a message. Mostly derived and not logged: accepted from the record, acknowledged
 * from the readers' cursors, filtered from record and device; logged are the exceptions, and every
 * step of followed messages. docs/architecture.md, "What is kept of a message".
 */
import { type Oplog, type StreamKey, type SyncConfig, streamKind } from '../../core/model.js';
import type { MessageEvent } from '../../core/ports.js';
import type { Fleet } from '../options.js';
import { getConfiguration } from './configurations.js';
import { type ServiceContext, ServiceError } from './context.js';
import { ackTime, type ReaderState, readersOf, verdictOf } from './readers.js';

export interface TimelineQuery {
  readonly instance: string;
  readonly biz: string;
  /** User id or utdid; not looked at for global data. */
  readonly linkToken: string;
  readonly by: { readonly id: number } | { readonly thirdMsgId: string };
  /** Further devices to look at; of global data only devices online now are found without. */
  readonly devices: readonly string[];
}

export interface TimelineStep {
  readonly atMs: number;
  /** accepted, sent, acked, retransmitted, dead, filtered, revoked, expired … */
  readonly what: string;
  /** Device or user; empty for what concerns the record. */
  readonly reader: string;
  /** `record`: from the record. `cursor`: from how far the reader is. `log`: it was logged. */
  readonly from: 'record' | 'cursor' | 'log';
  /** False: at the latest then. */
  readonly exact: boolean;
  readonly detail: string;
}

export interface TimelineReader {
  readonly kind: 'user' | 'device';
  readonly id: string;
  readonly online: boolean;
  /** acked, dead, filtered, expired, or open: not acknowledged yet. */
  readonly state: string;
  /** Attempts counted for the oldest open record of the stream; 0 when there is none. */
  readonly attempts: number;
}

export interface Timeline {
  readonly bizType: string;
  readonly linkToken: string;
  readonly id: string;
  readonly thirdMsgId: string;
  readonly acceptedMs: number;
  readonly expiresMs: number;
  readonly followed: boolean;
  readonly resendOf: string | null;
  readonly filter: Oplog['filter'];
  readonly readers: readonly TimelineReader[];
  /** Oldest first. */
  readonly steps: readonly TimelineStep[];
}

/** The stream that a configuration's data for a target goes into. */
export function streamOf(config: SyncConfig, linkToken: string): StreamKey {
  const kind = streamKind(config);
  return { instance: config.instance, kind, owner: kind === 'g' ? '' : linkToken, biz: config.biz };
}

/** @throws {ServiceError} NOT_FOUND when there is no such bizType, or the message is not kept (any more) */
export async function timeline(
  context: ServiceContext,
  fleet: Fleet,
  query: TimelineQuery,
): Promise<Timeline> {
  const config = getConfiguration(context, query.instance, query.biz);
  const stream = streamOf(config, query.linkToken);
  // A number that is no id names nothing; the store would not take it.
  const isId = !('id' in query.by) || Number.isSafeInteger(query.by.id);
  const oplog = isId ? await context.store.find(stream, query.by) : null;
  if (oplog === null) {
    throw new ServiceError('NOT_FOUND', 'no such message: never accepted, not due yet, or no longer kept');
  }
  const events = await context.store.events(stream, oplog.id);
  const named = events.map((event) => event.reader).filter((reader) => reader !== '');
  const states = await readersOf(context, fleet, stream, config, [...named, ...query.devices]);
  const now = context.clock().wall;
  return {
    bizType: query.biz,
    linkToken: stream.owner,
    id: String(oplog.id),
    thirdMsgId: oplog.thirdMsgId,
    acceptedMs: oplog.acceptedMs,
    expiresMs: oplog.expiresMs,
    followed: oplog.traced,
    resendOf: oplog.resendOf === 0 ? null : String(oplog.resendOf),
    filter: oplog.filter,
    readers: states.map((state) => readerView(state, oplog, events, now)),
    steps: stepsOf(oplog, states, events, now),
  };
}

function readerView(
  state: ReaderState,
  oplog: Oplog,
  events: readonly MessageEvent[],
  now: number,
): TimelineReader {
  const verdict = wasAcked(state, events) ? 'acked' : verdictOf(state, oplog);
  return {
    kind: state.reader.kind === 'u' ? 'user' : 'device',
    id: state.reader.id,
    online: state.online,
    state: verdict === 'open' && now >= oplog.expiresMs ? 'expired' : verdict,
    attempts: verdict === 'open' ? (state.cursor?.attempts ?? 0) : 0,
  };
}

/** Logged as acknowledged. The filter may fail by now: the app has got another version since. */
function wasAcked(state: ReaderState, events: readonly MessageEvent[]): boolean {
  return events.some((event) => event.what === 'acked' && event.reader === state.reader.id);
}

function stepsOf(
  oplog: Oplog,
  states: readonly ReaderState[],
  events: readonly MessageEvent[],
  now: number,
): TimelineStep[] {
  const steps: TimelineStep[] = [
    { atMs: oplog.acceptedMs, what: 'accepted', reader: '', from: 'record', exact: true, detail: '' },
  ];
  for (const { atMs, what, reader, worker, detail } of events) {
    const where = worker > 0 ? `worker ${worker}` : '';
    const text = [detail, where].filter((part) => part !== '').join(', ');
    steps.push({ atMs, what, reader, from: 'log', exact: true, detail: text });
  }
  for (const state of states) steps.push(...derived(state, oplog, events));
  if (now >= oplog.expiresMs) {
    steps.push({
      atMs: oplog.expiresMs,
      what: 'expired',
      reader: '',
      from: 'record',
      exact: true,
      detail: '',
    });
  }
  return steps.sort((a, b) => a.atMs - b.atMs);
}

/** What the reader's cursor tells, unless the log has it already. */
function derived(state: ReaderState, oplog: Oplog, events: readonly MessageEvent[]): TimelineStep[] {
  const { id } = state.reader;
  const verdict = verdictOf(state, oplog);
  const isLogged = events.some((event) => event.what === verdict && event.reader === id);
  if (verdict === 'open' || isLogged || wasAcked(state, events)) return [];
  const step = { what: verdict, reader: id, from: 'cursor', detail: '' } as const;
  if (verdict === 'acked' && state.cursor !== null) return [{ ...step, ...ackTime(state.cursor, oplog.id) }];
  return [{ ...step, atMs: oplog.acceptedMs, exact: false }];
}
