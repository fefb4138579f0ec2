/**
 * Store port in memory: for the simulator and for tests. Plain maps, no timers and no clock, so a
 * seeded run is repeated exactly. It shares no code with the other drivers but the merging of
 * cursors and the id rule: the conformance suite holds them equal.
 */
import {
  type Cursor,
  type DeviceRecord,
  MAX_RETENTION_MS,
  type Oplog,
  type ReaderKey,
  type StreamKey,
} from '../core/model.js';
import {
  type AppendRequest,
  type AppendResult,
  type Conservation,
  type DeadLetter,
  type DueAppend,
  type EndReason,
  type MessageEvent,
  type ReadLimit,
  type Store,
  StoreUnavailable,
} from '../core/ports.js';
import { mergeCursors } from './cursors.js';
import {
  checkRequest,
  checkStream,
  DEAD_LETTER_MS,
  DEDUPE_MS,
  nextId,
  type StoreOptions,
} from './options.js';

interface Stream {
  readonly key: StreamKey;
  oplogs: Oplog[];
  /** The last id of an emptied stream, or what a device has seen and this store has not. */
  floor: number;
  readonly dedupe: Map<string, { id: number; readonly acceptedMs: number }>;
  events: MessageEvent[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface State {
  readonly options: StoreOptions;
  readonly streams: Map<string, Stream>;
  due: { readonly order: number; readonly request: AppendRequest }[];
  readonly cursors: Map<string, Cursor[]>;
  readonly devices: Map<string, DeviceRecord>;
  readonly deviceIds: Map<string, string>;
  letters: { readonly key: string; letter: DeadLetter }[];
  readonly docs: Map<string, Map<string, string>>;
  readonly counters: Map<string, Mutable<Conservation>>;
  orders: number;
  closed: boolean;
}

/** A store that is gone with the process. */
export function createMemoryStore(options: Partial<StoreOptions> = {}): Store {
  const state: State = {
    options: { isSingleReader: () => false, onCorrupt: () => {}, ...options },
    streams: new Map(),
    due: [],
    cursors: new Map(),
    devices: new Map(),
    deviceIds: new Map(),
    letters: [],
    docs: new Map(),
    counters: new Map(),
    orders: 0,
    closed: false,
  };
  const answer = async <T>(work: () => T): Promise<T> => {
    if (state.closed) throw new StoreUnavailable('the store is closed');
    return work();
  };
  return {
    append: (requests) => answer(() => appendAll(state, requests)),
    appendDue: (wallMs, max) => answer(() => appendDue(state, wallMs, max)),
    raiseFloor: (stream, floor) => answer(() => raiseFloor(state, stream, floor)),
    readAfter: (stream, after, limit) => answer(() => readAfter(state, stream, after, limit)),
    newest: (stream, after, keep) => answer(() => newest(state, stream, after, keep)),
    heads: (instance, owners) =>
      answer(() =>
        owners.flatMap(({ kind, owner }) =>
          [...state.streams.values()]
            .filter((s) => s.key.instance === instance && s.key.kind === kind && s.key.owner === owner)
            .map((s) => ({ kind, owner, biz: s.key.biz, last: lastOf(s) }))
            .filter((head) => head.last > 0),
        ),
      ),
    find: (key, by) =>
      answer(() => {
        const stream = state.streams.get(streamName(key));
        const id = 'id' in by ? by.id : (stream?.dedupe.get(by.thirdMsgId)?.id ?? 0);
        return stream?.oplogs.find((oplog) => oplog.id === id) ?? null;
      }),
    cursors: (reader) => answer(() => [...(state.cursors.get(readerName(reader)) ?? [])]),
    saveProgress: (batch) =>
      answer(() => {
        for (const { reader, cursor } of batch.cursors) {
          const name = readerName(reader);
          state.cursors.set(name, mergeCursors(state.cursors.get(name) ?? [], [cursor]));
        }
        for (const letter of batch.dead) putLetter(state, letter);
        for (const event of batch.events) streamOf(state, event.stream).events.push(event);
      }),
    device: (instance, by) =>
      answer(() => {
        const id = 'deviceId' in by ? by.deviceId : state.deviceIds.get(`${instance}\0${by.adToken}`);
        return (id === undefined ? undefined : state.devices.get(`${instance}\0${id}`)) ?? null;
      }),
    saveDevice: (record) => answer(() => saveDevice(state, record)),
    events: (key, id) =>
      answer(() => (state.streams.get(streamName(key))?.events ?? []).filter((event) => event.id === id)),
    deadLetters: (instance, query) =>
      answer(() => {
        const found = state.letters
          .filter(({ letter }) => letter.stream.instance === instance)
          .filter(({ letter }) => query.biz === undefined || letter.stream.biz === query.biz)
          .filter(({ key }) => query.after === undefined || query.after === '' || key > query.after);
        const page = found.slice(0, query.limit);
        const next = found.length > page.length ? (page.at(-1)?.key ?? '') : '';
        return { letters: page.map(({ letter }) => letter), next };
      }),
    markResent: (letter, id) =>
      answer(() => {
        const entry = state.letters.find(({ key }) => key === letterName(letter));
        if (entry) entry.letter = { ...entry.letter, resentAs: id };
      }),
    doc: (collection, key) => answer(() => parse(state.docs.get(collection)?.get(key))),
    docs: (collection, prefix, limit) =>
      answer(() =>
        [...(state.docs.get(collection) ?? [])]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          .slice(0, limit)
          .map(([key, json]) => ({ key, value: parse(json) })),
      ),
    saveDocs: (writes) =>
      answer(() => {
        const encoded = writes.map((write) => ({
          ...write,
          json: write.value === null ? null : JSON.stringify(write.value),
        }));
        for (const { collection, key, json } of encoded) {
          const docs = state.docs.get(collection) ?? new Map<string, string>();
          state.docs.set(collection, docs);
          if (json === null) docs.delete(key);
          else docs.set(key, json);
        }
      }),
    deleteStreams: (instance, biz, max) => answer(() => deleteStreams(state, instance, biz, max)),
    conservation: () => answer(() => [...state.counters.values()].map((counter) => ({ ...counter }))),
    sweep: (wallMs) => answer(() => sweep(state, wallMs)),
    close: async () => {
      state.closed = true;
    },
  };
}

function streamName(key: StreamKey): string {
  return `${key.instance}\0${key.kind}\0${key.owner}\0${key.biz}`;
}

function readerName(reader: ReaderKey): string {
  return `${reader.instance}\0${reader.kind}\0${reader.id}`;
}

function letterName(letter: DeadLetter): string {
  const time = String(letter.deadMs).padStart(15, '0');
  return `${time}\0${streamName(letter.stream)}\0${letter.id}\0${readerName(letter.reader)}`;
}

function parse(json: string | undefined): unknown {
  return json === undefined ? null : JSON.parse(json);
}

function streamOf(state: State, key: StreamKey): Stream {
  checkStream(key);
  const name = streamName(key);
  const known = state.streams.get(name);
  if (known) return known;
  const made: Stream = { key, oplogs: [], floor: 0, dedupe: new Map(), events: [] };
  state.streams.set(name, made);
  return made;
}

function lastOf(stream: Stream): number {
  return Math.max(stream.oplogs.at(-1)?.id ?? 0, stream.floor);
}

function counterOf(state: State, instance: string, biz: string): Mutable<Conservation> {
  const name = `${instance}\0${biz}`;
  const known = state.counters.get(name);
  if (known) return known;
  const zero = { accepted: 0, retained: 0, expired: 0, consumed: 0, trimmed: 0, revoked: 0, deleted: 0 };
  const made = { instance, biz, ...zero };
  state.counters.set(name, made);
  return made;
}

function appendAll(state: State, requests: readonly AppendRequest[]): AppendResult[] {
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

function appendOne(state: State, request: AppendRequest, idMs: number) {
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
function end(state: State, stream: Stream, ended: ReadonlySet<Oplog>, reason: EndReason): void {
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

function appendDue(state: State, wallMs: number, max: number): DueAppend[] {
  state.due.sort((a, b) => a.request.notBeforeMs - b.request.notBeforeMs || a.order - b.order);
  const ready = state.due.filter(({ request }) => request.notBeforeMs <= wallMs).slice(0, max);
  state.due = state.due.filter((entry) => !ready.includes(entry));
  return ready.map(({ request }) => {
    const { oplog, prev } = appendOne(state, request, wallMs);
    return { stream: request.stream, oplog, prev };
  });
}

function raiseFloor(state: State, key: StreamKey, floor: number): void {
  if (!Number.isSafeInteger(floor) || floor < 0) throw new RangeError(`not an oplog id: ${floor}`);
  const stream = streamOf(state, key);
  if (floor > lastOf(stream)) stream.floor = floor;
}

function readAfter(state: State, key: StreamKey, after: number, limit: ReadLimit) {
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

function newest(state: State, key: StreamKey, after: number, keep: number) {
  const rest = (state.streams.get(streamName(key))?.oplogs ?? []).filter((oplog) => oplog.id > after);
  const passed = Math.max(0, rest.length - keep);
  return { after: rest[passed - 1]?.id ?? after, passed };
}

function saveDevice(state: State, record: DeviceRecord): void {
  const name = `${record.instance}\0${record.deviceId}`;
  const old = state.devices.get(name);
  if (old && old.adToken !== record.adToken) state.deviceIds.delete(`${record.instance}\0${old.adToken}`);
  state.devices.set(name, { ...record, keyHash: Uint8Array.from(record.keyHash) });
  if (record.adToken !== '') state.deviceIds.set(`${record.instance}\0${record.adToken}`, record.deviceId);
}

function putLetter(state: State, letter: DeadLetter): void {
  const key = letterName(letter);
  state.letters = state.letters.filter((entry) => entry.key !== key);
  state.letters.push({ key, letter });
  state.letters.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function deleteStreams(state: State, instance: string, biz: string, max: number): number {
  let left = max;
  for (const stream of state.streams.values()) {
    if (left === 0) break;
    if (stream.key.instance !== instance || stream.key.biz !== biz) continue;
    const ended = new Set(stream.oplogs.slice(0, left));
    left -= ended.size;
    end(state, stream, ended, 'deleted');
  }
  return max - left;
}

/** One step is the whole store: there is no long transaction to avoid. */
function sweep(state: State, wallMs: number) {
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
  state.letters = state.letters.filter(({ letter }) => letter.deadMs + DEAD_LETTER_MS > wallMs);
  return { scanned, expired, wrapped: true };
}
