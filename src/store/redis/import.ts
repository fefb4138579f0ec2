/** Taking over what another store had. Doing it again changes nothing, so that it can be gone on with. */
import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '../../redis/connection.js';
import { shardKey, shardOf } from '../../redis/owner-key.js';
import { cursorRows } from '../cursors.js';
import { encodeRecord, seal } from '../record.js';
import type { StoredItem } from '../transfer.js';
import { waitingRow } from '../waiting.js';
import { chunks, settled } from './calls.js';
import { type Argument, createCommands } from './commands.js';
import { bytesOf, numberOf, type RedisContext, refOf, textOf, unsealed } from './context.js';
import { saveDocs } from './docs.js';
import { readBack, waitingName } from './import-check.js';
import { cursorsKey, eventsKey, FORMAT_VERSION, hashOf, KEPT_MS, storeKey, streamRef } from './keys.js';
import { saveLetters } from './letters.js';
import { saveDevice } from './progress.js';
import { STAMP_BYTES } from './reads.js';

/** Arguments of one script call, four for each item. */
const MAX_ITEMS = 200;

/** How far a migration has come, kept in the store that it goes to. */
export interface MigrationState {
  /** What it comes from; another source may not go on with it. */
  readonly source: string;
  /** Where it goes on; null when all is there and is to be verified. */
  readonly position: string | null;
  readonly rows: number;
}

export interface RedisImport {
  /** Null in a store that is empty. @throws {Error} in one that is not, and no migration goes on in. */
  state(): Promise<MigrationState | null>;
  /** Durable with all that was put before. */
  note(state: MigrationState): Promise<void>;
  put(items: readonly StoredItem[], wallMs: number): Promise<void>;
  /** What is stored of each item; null for what is missing. */
  read(items: readonly StoredItem[]): Promise<(StoredItem | null)[]>;
  /** From now on the store may be opened. */
  finish(): Promise<void>;
  close(): void;
}

export function openImport(connection: RedisConnection): RedisImport {
  const { prefix } = connection.settings;
  const commands = createCommands(connection);
  const options = { isSingleReader: () => false, onCorrupt: () => {} };
  const context: RedisContext = { connection, commands, options, prefix, idFloor: 0 };
  const migration = storeKey(prefix, 'migration');
  const format = storeKey(prefix, 'format');
  return {
    async state() {
      const row = unsealed(context, migration, bytesOf(await commands.read('get', migration)));
      if (row !== undefined) return row as MigrationState;
      if (numberOf(await commands.read('exists', format)) === 1)
        throw new Error(`keys that begin with ${prefix} are a store already: take another redis.prefix`);
      return null;
    },
    async note(state) {
      await commands.write('set', migration, seal(state));
    },
    put: (items, wallMs) => put(context, items, wallMs),
    read: (items) => settled(items.map((item) => readBack(context, item))),
    async finish() {
      await commands.write('set', format, FORMAT_VERSION);
      await commands.write('del', migration);
    },
    close: commands.close,
  };
}

type Of<K extends StoredItem['kind']> = Extract<StoredItem, { readonly kind: K }>;

function only<K extends StoredItem['kind']>(items: readonly StoredItem[], kind: K): Of<K>[] {
  return items.filter((item): item is Of<K> => item.kind === kind);
}

async function put(context: RedisContext, items: readonly StoredItem[], wallMs: number): Promise<void> {
  const { commands, prefix } = context;
  await putStreams(context, items, wallMs);
  await settled([
    ...only(items, 'waiting').map((item) => putWaiting(context, item)),
    ...only(items, 'cursors').map(({ reader, cursors }) => {
      const row = Buffer.concat([randomBytes(STAMP_BYTES), seal(cursorRows(cursors))]);
      return commands.write('set', cursorsKey(prefix, reader), row, 'PX', KEPT_MS.cursors);
    }),
    ...only(items, 'device').map(({ record }) => saveDevice(context, record)),
    ...only(items, 'counters').map((item) => putCounters(context, item)),
    ...only(items, 'idFloor').map(({ id }) => commands.write('set', storeKey(prefix, 'floor'), id)),
    saveLetters(
      context,
      only(items, 'letter').map(({ letter }) => letter),
    ),
    saveDocs(context, only(items, 'document')),
  ]);
  // One after the other, because those of a message have an order.
  for (const { event } of only(items, 'event')) {
    const key = eventsKey(refOf(context, event.stream), event.id);
    await commands.run('import-event', [key], [seal(event), KEPT_MS.events]);
  }
}

async function putStreams(context: RedisContext, items: readonly StoredItem[], wallMs: number) {
  const streams = new Map<
    string,
    { readonly base: string; readonly biz: string; readonly args: Argument[][] }
  >();
  for (const item of items) {
    const args = streamArgsOf(item);
    if (args === null || !('stream' in item)) continue;
    const { base, biz } = refOf(context, item.stream);
    const known = streams.get(`${base}\0${biz}`);
    if (known) known.args.push(args);
    else streams.set(`${base}\0${biz}`, { base, biz, args: [args] });
  }
  await settled(
    [...streams.values()].map(async ({ base, biz, args }) => {
      for (const some of chunks(args, MAX_ITEMS))
        await context.commands.run('import-stream', [base], [biz, wallMs, ...some.flat()]);
    }),
  );
}

function streamArgsOf(item: StoredItem): Argument[] | null {
  switch (item.kind) {
    case 'record':
      return ['r', item.oplog.id, item.oplog.expiresMs, encodeRecord({ ...item.oplog, id: 0 })];
    case 'stream':
      return ['l', item.last, 0, ''];
    case 'thirdMsgId':
      return ['m', item.id, item.acceptedMs, item.hash];
    default:
      return null;
  }
}

async function putWaiting(context: RedisContext, { request, order }: Of<'waiting'>): Promise<void> {
  const ref = refOf(context, request.stream);
  const remembered = request.resendOf === 0 && request.thirdMsgId !== '';
  const hash = remembered ? hashOf(request.thirdMsgId) : '';
  const { acceptedMs, notBeforeMs } = request;
  const args = [ref.biz, hash, acceptedMs, notBeforeMs, order + 1, seal(waitingRow(request))];
  const name = textOf(await context.commands.run('import-waiting', [ref.base, ref.shard], args));
  if (name !== waitingName(request, order)) throw new Error(`${name} is not what it is looked for under`);
}

/** All in one shard: it is the sum over the shards that counts. */
async function putCounters({ commands, prefix }: RedisContext, { counters }: Of<'counters'>): Promise<void> {
  const { instance, biz, ...fields } = counters;
  const name = streamRef(prefix, { instance, kind: 'g', owner: '', biz }).counter;
  const key = `${shardKey(prefix, shardOf(instance, 'g', ''))}:c`;
  const args = Object.entries(fields).flatMap(([field, count]) => [`${name}:${field}`, count]);
  await commands.write('hset', key, ...args);
}
