/** What readers leave behind: cursors, dead letters, events, devices. */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { withStoredBindings } from '../../core/binding-merge.js';
import type { Cursor, DeviceRecord, ReaderKey } from '../../core/model.js';
import { type MessageEvent, type ProgressBatch, StoreUnavailable } from '../../core/ports.js';
import { cursorRows, mergeCursors } from '../cursors.js';
import { deviceOfRow, rowOfDevice } from '../device-row.js';
import { checkStream } from '../options.js';
import { seal, unseal } from '../record.js';
import { settled } from './calls.js';
import { bytesOf, type RedisContext, refOf } from './context.js';
import { cursorsKey, deviceKey, eventsKey, KEPT_MS, tokenKey } from './keys.js';
import { saveLetters } from './letters.js';
import { cursorsOfStored, STAMP_BYTES } from './reads.js';

/** Readers whose rows are remembered: nearly always this process wrote them last, and need not read them. */
const MAX_REMEMBERED = 50_000;
/** Times that somebody else may write a reader's row between this process's reading and writing of it. */
const MAX_TRIES = 50;
const NO_ROW = Buffer.alloc(0);

export interface ProgressWriter {
  saveProgress(batch: ProgressBatch): Promise<void>;
}

export function createProgressWriter(context: RedisContext): ProgressWriter {
  const remembered = new LRUCache<string, Buffer>({ max: MAX_REMEMBERED });

  /** Reads, merges and writes if nobody has written meanwhile; else again with what they wrote. */
  const saveCursors = async (reader: ReaderKey, updates: readonly Cursor[]): Promise<void> => {
    const key = cursorsKey(context.prefix, reader);
    let row = remembered.get(key) ?? bytesOf(await context.commands.read('get', key));
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const merged = mergeCursors(cursorsOfStored(context, key, row), updates);
      const next = Buffer.concat([randomBytes(STAMP_BYTES), seal(cursorRows(merged))]);
      const stamp = row.subarray(0, STAMP_BYTES);
      remembered.delete(key);
      const other = await context.commands.run('save-cursors', [key], [stamp, next, KEPT_MS.cursors]);
      if (other === null) {
        remembered.set(key, next);
        return;
      }
      row = Buffer.isBuffer(other) ? other : NO_ROW;
    }
    throw new StoreUnavailable('others keep writing the cursors of one reader');
  };
  /** One after the other for one reader, as the calls came; others do not wait for it. */
  const queues = new Map<string, Promise<void>>();
  const inTurn = (reader: ReaderKey, updates: readonly Cursor[]): Promise<void> => {
    const key = cursorsKey(context.prefix, reader);
    const before = queues.get(key);
    const mine =
      before === undefined
        ? saveCursors(reader, updates)
        : before.catch(() => {}).then(() => saveCursors(reader, updates));
    queues.set(key, mine);
    const done = () => {
      if (queues.get(key) === mine) queues.delete(key);
    };
    mine.then(done, done);
    return mine;
  };
  return {
    // A cursor that skips a record is written after the letter that tells of it: were only the first of
    // them written, nobody would know that the record was given up.
    async saveProgress({ cursors, dead, events }) {
      for (const { reader } of cursors) checkReader(reader.id);
      for (const { stream } of [...dead, ...events]) checkStream(stream);
      await settled([saveLetters(context, dead), saveEvents(context, events)]);
      const byReader = new Map<string, { readonly reader: ReaderKey; readonly updates: Cursor[] }>();
      for (const { reader, cursor } of cursors) {
        const name = `${reader.kind}${reader.instance}\0${reader.id}`;
        const known = byReader.get(name);
        if (known) known.updates.push(cursor);
        else byReader.set(name, { reader, updates: [cursor] });
      }
      await settled([...byReader.values()].map(({ reader, updates }) => inTurn(reader, updates)));
    },
  };
}

/** @throws {RangeError} for an id that no driver takes. */
function checkReader(id: string): void {
  if (id.includes('\0')) throw new RangeError('a reader id holds a NUL');
}

async function saveEvents(context: RedisContext, events: readonly MessageEvent[]): Promise<void> {
  const lists = new Map<string, Buffer[]>();
  for (const event of events) {
    const key = eventsKey(refOf(context, event.stream), event.id);
    const rows = lists.get(key);
    if (rows) rows.push(seal(event));
    else lists.set(key, [seal(event)]);
  }
  await settled(
    [...lists].map(async ([key, rows]) => {
      await context.commands.write('rpush', key, ...rows);
      await context.commands.write('pexpire', key, KEPT_MS.events);
    }),
  );
}

/**
 * The record, and the way to it from its Ad-token: written before the record, so that a token which is
 * told to a device always leads somewhere, and checked against the record when it is read.
 */
export async function saveDevice(
  { commands, prefix }: Pick<RedisContext, 'commands' | 'prefix'>,
  record: DeviceRecord,
): Promise<void> {
  const { instance, deviceId, adToken } = record;
  checkReader(deviceId);
  checkReader(adToken);
  const kept = ['PX', KEPT_MS.device] as const;
  if (adToken !== '') await commands.write('set', tokenKey(prefix, instance, adToken), deviceId, ...kept);
  const row = seal(rowOfDevice(record));
  const old = bytesOf(
    await commands.write('set', deviceKey(prefix, instance, deviceId), row, ...kept, 'GET'),
  );
  const oldRow = old.length === 0 ? undefined : unseal(old);
  const before = oldRow === undefined ? null : deviceOfRow(oldRow);
  const oldToken = before?.adToken ?? '';
  if (oldToken !== '' && oldToken !== adToken)
    await commands.write('del', tokenKey(prefix, instance, oldToken));
  // What another process has said meanwhile, and this has just written over, is put back.
  const whole = before === null ? record : withStoredBindings(before, record);
  if (whole !== record) await saveDevice({ commands, prefix }, whole);
}
