/** Plans for what readers leave behind: cursors, dead letters, events, devices; and for documents. */
import { withStoredBindings } from '../../core/binding-merge.js';
import type { Cursor, DeviceRecord, ReaderKey } from '../../core/model.js';
import type { CounterAdd, DeadLetter, DocWrite, MessageEvent, ProgressBatch } from '../../core/ports.js';
import { addTo, countersOf } from '../counters.js';
import { cursorRows, cursorsOfRows, mergeCursors } from '../cursors.js';
import { deviceOfRow, rowOfDevice } from '../device-row.js';
import { checkStream } from '../options.js';
import { seal, unseal } from '../record.js';
import type { Batch } from './batch.js';
import { docKey, eventKey, letterKey, ownerPrefix, ReaderTag, readerKey } from './keys.js';
import { streamRef, type WriterState } from './writer-state.js';

export function planProgress(state: WriterState, batch: Batch, progress: ProgressBatch): void {
  const byReader = new Map<string, { readonly reader: ReaderKey; readonly cursors: Cursor[] }>();
  for (const { reader, cursor } of progress.cursors) {
    const name = `${reader.kind}${reader.instance}\0${reader.id}`;
    const known = byReader.get(name);
    if (known) known.cursors.push(cursor);
    else byReader.set(name, { reader, cursors: [cursor] });
  }
  for (const { reader, cursors } of byReader.values()) saveCursors(state, batch, reader, cursors);
  for (const letter of progress.dead) saveLetter(state, batch, letter);
  for (const event of progress.events) saveEvent(state, batch, event);
}

function saveCursors(state: WriterState, batch: Batch, reader: ReaderKey, updates: readonly Cursor[]): void {
  checkReader(reader.id);
  const instance = state.names.internInstance(reader.instance, batch.meta.put);
  const key = readerKey(instance, reader.kind, reader.id, ReaderTag.CURSORS);
  const stored = batch.streams.get(key);
  const rows = stored === undefined ? [] : unseal(stored);
  if (rows === undefined) state.options.onCorrupt(`cursors ${key.toString('hex')}`);
  batch.streams.put(key, seal(cursorRows(mergeCursors(cursorsOfRows(rows ?? []), updates))));
}

/** @throws {RangeError} for an id that would run into the next key. */
function checkReader(id: string): void {
  if (id.includes('\0')) throw new RangeError('a reader id holds a NUL');
}

function saveLetter(state: WriterState, batch: Batch, letter: DeadLetter): void {
  checkStream(letter.stream);
  const ref = streamRef(state, batch, letter.stream);
  batch.meta.put(letterKey(ref.instance, ref.biz, letter), seal(letter));
}

export function planMarkResent(state: WriterState, batch: Batch, letter: DeadLetter, id: number): void {
  const instance = state.names.instance(letter.stream.instance);
  const biz = state.names.biz(letter.stream.biz);
  if (instance === undefined || biz === undefined) return;
  const key = letterKey(instance, biz, letter);
  const stored = batch.meta.get(key);
  if (stored !== undefined) batch.meta.put(key, seal({ ...letter, resentAs: id }));
}

function saveEvent(state: WriterState, batch: Batch, event: MessageEvent): void {
  checkStream(event.stream);
  const { prefix } = streamRef(state, batch, event.stream);
  // Two events of one message in one millisecond keep the order of the calls.
  let n = 0;
  while (batch.streams.get(eventKey(prefix, event.id, event.atMs, n)) !== undefined) n++;
  batch.streams.put(eventKey(prefix, event.id, event.atMs, n), seal(event));
}

/** The device record, and the way to it from its Ad-token. */
export function planSaveDevice(state: WriterState, batch: Batch, told: DeviceRecord): void {
  checkReader(told.deviceId);
  checkReader(told.adToken);
  const instance = state.names.internInstance(told.instance, batch.meta.put);
  const key = readerKey(instance, 'd', told.deviceId, ReaderTag.DEVICE);
  const stored = batch.streams.get(key);
  const row = stored === undefined ? undefined : unseal(stored);
  const old = row === undefined ? null : deviceOfRow(row);
  // This is the only writer, so nobody writes between the reading and the writing.
  const record = old === null ? told : withStoredBindings(old, told);
  const oldToken = old?.adToken ?? '';
  if (oldToken !== '' && oldToken !== record.adToken)
    batch.streams.remove(ownerPrefix(instance, 'T', oldToken));
  batch.streams.put(key, seal(rowOfDevice(record)));
  if (record.adToken !== '')
    batch.streams.put(ownerPrefix(instance, 'T', record.adToken), Buffer.from(record.deviceId));
}

export function planSaveDocs(batch: Batch, writes: readonly DocWrite[]): void {
  const rows = writes.map(({ collection, key, value }) => ({
    key: docKey(collection, key),
    value: value === null ? null : seal(value),
  }));
  for (const { key, value } of rows) {
    if (value === null) batch.meta.remove(key);
    else batch.meta.put(key, value);
  }
}

/** A damaged row counts from nothing again, and is reported. */
export function planAddCounters(state: WriterState, batch: Batch, adds: readonly CounterAdd[]): void {
  for (const { collection, key, by } of adds) {
    const name = docKey(collection, key);
    const stored = batch.meta.get(name);
    const row = stored === undefined ? null : unseal(stored);
    if (row === undefined) state.options.onCorrupt(`counters ${name.toString('hex')}`);
    batch.meta.put(name, seal(addTo(countersOf(row), by)));
  }
}
