/** Ends what is stored for a deleted configuration, in bounded steps. */
import type { StreamKey } from '../../core/model.js';
import { readId, unseal } from '../record.js';
import type { Batch } from './batch.js';
import { freshSnapshot, readKeys, readRange } from './environment.js';
import {
  behind,
  FIRST_STREAM_KIND,
  Meta,
  metaKey,
  parseStreamRow,
  recordKey,
  type StreamRow,
  Tag,
  tagKey,
} from './keys.js';
import { endRecords, storedRef, type WriterState } from './writer-state.js';

/** Owners, or waiting rows, looked at before the event loop gets its turn. */
const PER_SLICE = 500;

/** What one step is going to end. */
export interface Doomed {
  readonly streams: readonly { readonly row: StreamRow; readonly ids: readonly number[] }[];
  /** Keys of what waits for its time. */
  readonly waiting: readonly Buffer[];
}

export interface Deleter {
  /** Looks for at most `max` rows of a bizType; finds none only after a whole round without one. */
  find(instance: string, biz: string, max: number): Promise<Doomed>;
  /** Ends what was found; returns how much of it was still there. */
  plan(batch: Batch, doomed: Doomed): number;
}

/**
 * An emptied stream keeps its tail, so a search that began at the first owner each time would pass all
 * that is done already: it goes on where the last step stopped.
 */
export function createDeleter(state: WriterState): Deleter {
  const positions = new Map<string, Buffer>();
  return {
    async find(instance, biz, max) {
      const [instanceNumber, bizNumber] = [state.names.instance(instance), state.names.biz(biz)];
      const isStored = instanceNumber !== undefined && bizNumber !== undefined;
      const streams = isStored
        ? await findStreams(state, positions, { instance: instanceNumber, biz: bizNumber }, max)
        : [];
      const left = max - streams.reduce((sum, { ids }) => sum + ids.length, 0);
      return { streams, waiting: left > 0 ? await findWaiting(state, { instance, biz }, left) : [] };
    },
    plan(batch, { streams, waiting }) {
      let ended = 0;
      for (const { row, ids } of streams) {
        const left = ids.filter((id) => batch.record(recordKey(row.prefix, id)) !== undefined);
        endRecords(state, batch, storedRef(state, row), left, 'deleted');
        ended += left.length;
      }
      for (const key of waiting) {
        if (batch.meta.get(key) === undefined) continue;
        batch.meta.remove(key);
        ended++;
      }
      return ended;
    },
  };
}

async function findStreams(
  { environment }: WriterState,
  positions: Map<string, Buffer>,
  { instance, biz }: { readonly instance: number; readonly biz: number },
  max: number,
): Promise<Doomed['streams']> {
  const first = kindKey(instance, FIRST_STREAM_KIND);
  const end = kindKey(instance, 0xff);
  const name = `${instance}/${biz}`;
  let start = positions.get(name) ?? first;
  let isWholeRound = start === first;
  positions.delete(name);
  const found: { row: StreamRow; ids: number[] }[] = [];
  let left = max;
  for (;;) {
    freshSnapshot(environment);
    for (let owners = 0; owners < PER_SLICE; owners++) {
      const [key] = readKeys(environment.streams, start, end, 1);
      if (key === undefined) {
        if (found.length > 0 || isWholeRound) return found;
        isWholeRound = true;
        start = first;
        break;
      }
      const row = parseStreamRow(key);
      const prefix = Buffer.from(row.prefix);
      prefix.writeUInt16BE(biz, prefix.length - 2);
      const [from, to] = [tagKey(prefix, Tag.RECORD), tagKey(prefix, Tag.TAIL)];
      const ids = readKeys(environment.streams, from, to, left).map((k) => readId(k, prefix.length + 1));
      if (ids.length > 0) found.push({ row: { ...row, biz, prefix, tag: Tag.RECORD, id: 0 }, ids });
      left -= ids.length;
      if (left === 0) {
        // This owner may have more.
        positions.set(name, prefix.subarray(0, -2));
        return found;
      }
      start = behind(prefix.subarray(0, -2));
    }
    await nextTurn();
  }
}

/** [instance][kind]: where the rows of a kind begin. */
function kindKey(instance: number, kind: number): Buffer {
  const key = Buffer.alloc(5);
  key.writeUInt32BE(instance, 0);
  key[4] = kind;
  return key;
}

async function findWaiting(
  { environment }: WriterState,
  { instance, biz }: Pick<StreamKey, 'instance' | 'biz'>,
  max: number,
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const end = behind(metaKey(Meta.DUE));
  let start = metaKey(Meta.DUE);
  for (;;) {
    freshSnapshot(environment);
    const rows = readRange(environment.meta, start, end, PER_SLICE);
    for (const { key, value } of rows) {
      const stream = (unseal(value) as { readonly stream: StreamKey } | undefined)?.stream;
      if (stream?.instance !== instance || stream.biz !== biz) continue;
      found.push(key);
      if (found.length === max) return found;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PER_SLICE) return found;
    start = Buffer.concat([last.key, Buffer.from([0])]);
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
