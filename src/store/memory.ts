/**
 * Store port in memory: for the simulator and for tests. Plain maps, no timers and no clock, so a
 * seeded run is repeated exactly. It shares no code with the other drivers but the merging of
 * cursors and of bindings, and the id rule: the conformance suite holds them equal.
 */
import { withStoredBindings } from '../core/binding-merge.js';
import type { DeviceRecord } from '../core/model.js';
import { type CounterAdd, type DeadLetter, type Store, StoreUnavailable } from '../core/ports.js';
import { addTo, countersOf } from './counters.js';
import { mergeCursors } from './cursors.js';
import {
  appendAll,
  appendDue,
  deleteStreams,
  lastOf,
  newest,
  raiseFloor,
  readAfter,
  readerName,
  revokeAll,
  type StreamsState,
  streamName,
  streamOf,
  sweep,
} from './memory-streams.js';
import { DEAD_LETTER_MS, type StoreOptions } from './options.js';

interface State extends StreamsState {
  readonly devices: Map<string, DeviceRecord>;
  readonly deviceIds: Map<string, string>;
  letters: { readonly key: string; letter: DeadLetter }[];
  readonly docs: Map<string, Map<string, string>>;
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
    revoke: (requests) => answer(() => revokeAll(state, requests)),
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
    docs: (collection, prefix, limit, after = '') =>
      answer(() =>
        [...(state.docs.get(collection) ?? [])]
          .filter(([key]) => key.startsWith(prefix) && compareText(key, after) > 0)
          .sort(([a], [b]) => compareText(a, b))
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
    addCounters: (adds) => answer(() => addCounters(state, adds)),
    deleteStreams: (instance, biz, max) => answer(() => deleteStreams(state, instance, biz, max)),
    conservation: () => answer(() => [...state.counters.values()].map((counter) => ({ ...counter }))),
    sweep: (wallMs) =>
      answer(() => {
        state.letters = state.letters.filter(({ letter }) => letter.deadMs + DEAD_LETTER_MS > wallMs);
        return sweep(state, wallMs);
      }),
    close: async () => {
      state.closed = true;
    },
  };
}

function letterName(letter: DeadLetter): string {
  const time = String(letter.deadMs).padStart(15, '0');
  return `${time}\0${streamName(letter.stream)}\0${letter.id}\0${readerName(letter.reader)}`;
}

/** The order of the UTF-8 bytes. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function parse(json: string | undefined): unknown {
  return json === undefined ? null : JSON.parse(json);
}

/** All or none: sums are made before the first is kept. */
function addCounters({ docs }: State, adds: readonly CounterAdd[]): void {
  const sums = new Map<string, { readonly add: CounterAdd; readonly json: string }>();
  for (const add of adds) {
    const name = JSON.stringify([add.collection, add.key]);
    const before = sums.get(name)?.json ?? docs.get(add.collection)?.get(add.key);
    sums.set(name, { add, json: JSON.stringify(addTo(countersOf(parse(before)), add.by)) });
  }
  for (const { add, json } of sums.values()) {
    const collection = docs.get(add.collection) ?? new Map<string, string>();
    docs.set(add.collection, collection.set(add.key, json));
  }
}

function saveDevice(state: State, told: DeviceRecord): void {
  const name = `${told.instance}\0${told.deviceId}`;
  const old = state.devices.get(name);
  const record = old === undefined ? told : withStoredBindings(old, told);
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
