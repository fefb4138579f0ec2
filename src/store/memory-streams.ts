/** The streams of the memory driver: plain arrays. */
import { type Cursor, MAX_RETENTION_MS, type Oplog, type ReaderKey, type StreamKey } from '../core/model.js';
import type {
  AppendRequest,
  AppendResult,
  Conservation,
  DueAppend,
  EndReason,
  MessageEvent,
  ReadLimit,
  Revoked,
  RevokeRequest,
} from '../core/ports.js';
import { checkRequest, checkStream, DEDUPE_MS, nextId, type StoreOptions } from './options.js';

/** One stream and all that is kept with it. */
export interface Stream {
  readonly key: StreamKey;
  oplogs: Oplog[];
  /** The last id of an emptied stream, or what a device has seen and this store has not. */
  floor: number;
  readonly dedupe: Map<string, { id: number; readonly acceptedMs: number }>;
  events: MessageEvent[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface StreamsState {
  readonly options: StoreOptions;
  readonly streams: Map<string, Stream>;
  due: { readonly order: number; readonly request: AppendRequest }[];
  readonly cursors: Map<string, Cursor[]>;
  readonly counters: Map<string, Mutable<Conservation>>;
  orders: number;
}

export function streamName(key: StreamKey): string {
  return `${key.instance}\0${key.kind}\0${key.owner}\0${key.biz}`;
}

export function readerName(reader: ReaderKey): string {
  return `${reader.instance}\0${reader.kind}\0${reader.id}`;
}

export function streamOf(state: StreamsState, key: StreamKey): Stream {
  checkStream(key);
  const name = streamName(key);
  const known = state.streams.get(name);
  if (known) return known;
  const made: Stream = { key, oplogs: [], floor: 0, dedupe: new Map(), events: [] };
  state.streams.set(name, made);
  return made;
}

export function lastOf(stream: Stream): number {
  return Math.max(stream.oplogs.at(-1)?.id ?? 0, stream.floor);
}

function counterOf(state: StreamsState, instance: string, biz: string): Mutable<Conservation> {
  const name = `${instance}\0${biz}`;
  const known = state.counters.get(name);
  if (known) return known;
  const zero = { accepted: 0, retained: 0, expired: 0, consumed: 0, trimmed: 0, revoked: 0, deleted: 0 };
  const made = { instance, biz, ...zero };
  state.counters.set(name, made);
  return made;
}

export function appendAll(state: StreamsState, requests: readonly AppendRequest[]): AppendResult[] {
  for (const request of requests) checkRequest(request);
  return requests.map((request) => {
    const { dedupe } = streamOf(state, request.stream);
    const first = dedupe.get(request.thirdMsgId);
    const remembered = request.resendOf === 0 && request.thirdMsgId !== '';
    if (remembered && first && request.acceptedMs < first.acceptedMs + DEDUPE_MS)
      return { status: 'duplicate', id: first.id, acceptedMs: first.acceptedMs };
    if (request.notBeforeMs > request.acceptedMs) {
      if (remembered) dedupe.set(request.thirdMsgId, { id: 0, acceptedMs: request.acceptedMs });
      state.due.push({ order: state.orders++, request });
      return { status: 'scheduled' };
    }
    return { status: 'stored', ...appendOne(state, request, request.acceptedMs) };
  });
}

function appendOne(state: StreamsState, request: AppendRequest, idMs: number) {
  const stream = streamOf(state, request.stream);
  const prev = lastOf(stream);
  const { thirdMsgId, acceptedMs, expiresMs, filter, traced, resendOf } = request;
  const id = nextId(prev, idMs, 0);
  const body = Uint8Array.from(request.body);
  const oplog: Oplog = { id, acceptedMs, expiresMs, thirdMsgId, filter, traced, resendOf, body };
  stream.oplogs.push(oplog);
  if (resendOf === 0 && thirdMsgId !== '') stream.dedupe.set(thirdMsgId, { id, acceptedMs });
  const counter = counterOf(state, request.stream.instance, request.stream.biz);
  counter.accepted++;
  counter.retained++;
  const excess = request.keepNewest > 0 ? Math.max(0, stream.oplogs.length - request.keepNewest) : 0;
  if (excess > 0) end(state, stream, new Set(stream.oplogs.slice(0, excess)), 'trimmed');
  return { oplog, prev, trimmed: excess };
}

/** Removes records and counts how they ended; the floor keeps the last id of an emptied stream. */
function end(state: StreamsState, stream: Stream, ended: ReadonlySet<Oplog>, reason: EndReason): void {
  if (ended.size === 0) return;
  const { instance, owner, biz, kind } = stream.key;
  const single = kind === 'u' && state.options.isSingleReader(instance, biz);
  const cursors = single ? (state.cursors.get(readerName({ instance, kind: 'u', id: owner })) ?? []) : [];
  const acked = cursors.find((c) => c.kind === 'u' && c.owner === owner && c.biz === biz)?.acked ?? 0;
  const counter = counterOf(state, instance, biz);
  const last = stream.oplogs.at(-1);
  for (const oplog of ended) {
    counter[oplog.id <= acked ? 'consumed' : reason]++;
    counter.retained--;
  }
  if (last && ended.has(last)) stream.floor = Math.max(stream.floor, last.id);
  stream.oplogs = stream.oplogs.filter((oplog) => !ended.has(oplog));
  const ids = new Set([...ended].map((oplog) => oplog.id));
  stream.events = stream.events.filter((event) => !ids.has(event.id));
}

export function appendDue(state: StreamsState, wallMs: number, max: number): DueAppend[] {
  state.due.sort((a, b) => a.request.notBeforeMs - b.request.notBeforeMs || a.order - b.order);
  const ready = state.due.filter(({ request }) => request.notBeforeMs <= wallMs).slice(0, max);
  state.due = state.due.filter((entry) => !ready.includes(entry));
  return ready.map(({ request }) => {
    const { oplog, prev } = appendOne(state, request, wallMs);
    return { stream: request.stream, oplog, prev };
  });
}

export function revokeAll(state: StreamsState, requests: readonly RevokeRequest[]): (Revoked | null)[] {
  return requests.map(({ stream: key, thirdMsgId, sinceMs }) => {
    const stream = state.streams.get(streamName(key));
    const first = stream?.dedupe.get(thirdMsgId);
    if (stream === undefined || first === undefined || first.acceptedMs < sinceMs) return null;
    const oplog = stream.oplogs.find(({ id }) => id === first.id) ?? null;
    if (oplog !== null) end(state, stream, new Set([oplog]), 'revoked');
    const before = state.due.length;
    state.due = state.due.filter(
      ({ request }) => streamName(request.stream) !== streamName(key) || request.thirdMsgId !== thirdMsgId,
    );
    return { ...first, oplog, waited: state.due.length < before };
  });
}

export function raiseFloor(state: StreamsState, key: StreamKey, floor: number): boolean {
  if (!Number.isSafeInteger(floor) || floor < 0) throw new RangeError(`not an oplog id: ${floor}`);
  const stream = streamOf(state, key);
  if (floor <= lastOf(stream)) return false;
  stream.floor = floor;
  return true;
}

export function readAfter(state: StreamsState, key: StreamKey, after: number, limit: ReadLimit) {
  const stream = state.streams.get(streamName(key));
  const rest = (stream?.oplogs ?? []).filter((oplog) => oplog.id > after);
  let bytes = 0;
  const oplogs: Oplog[] = [];
  for (const oplog of rest) {
    bytes += oplog.body.length;
    if (oplogs.length > 0 && (oplogs.length >= limit.records || bytes > limit.bytes)) break;
    oplogs.push(oplog);
  }
  const more = oplogs.length < rest.length;
  const last = more ? (oplogs.at(-1)?.id ?? after) : stream ? lastOf(stream) : 0;
  return { oplogs, through: Math.max(after, last), more };
}

export function newest(state: StreamsState, key: StreamKey, after: number, keep: number) {
  const rest = (state.streams.get(streamName(key))?.oplogs ?? []).filter((oplog) => oplog.id > after);
  const passed = Math.max(0, rest.length - keep);
  return { after: rest[passed - 1]?.id ?? after, passed };
}

export function deleteStreams(state: StreamsState, instance: string, biz: string, max: number): number {
  let left = max;
  for (const stream of state.streams.values()) {
    if (left === 0) break;
    if (stream.key.instance !== instance || stream.key.biz !== biz) continue;
    const ended = new Set(stream.oplogs.slice(0, left));
    left -= ended.size;
    end(state, stream, ended, 'deleted');
  }
  state.due = state.due.filter(({ request: { stream } }) => {
    if (left === 0 || stream.instance !== instance || stream.biz !== biz) return true;
    left--;
    return false;
  });
  return max - left;
}

/** One step is the whole store: there is no long transaction to avoid. */
export function sweep(state: StreamsState, wallMs: number) {
  let scanned = 0;
  let expired = 0;
  for (const stream of state.streams.values()) {
    scanned += stream.oplogs.length + stream.dedupe.size;
    const ended = new Set(stream.oplogs.filter((oplog) => oplog.expiresMs <= wallMs));
    expired += ended.size;
    end(state, stream, ended, 'expired');
    for (const [thirdMsgId, entry] of stream.dedupe)
      if (entry.acceptedMs + DEDUPE_MS <= wallMs) stream.dedupe.delete(thirdMsgId);
    stream.events = stream.events.filter((event) => event.atMs + MAX_RETENTION_MS > wallMs);
  }
  return { scanned, expired, wrapped: true };
}
