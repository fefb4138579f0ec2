/**
 * The Store port on Redis or Valkey: for many machines. Every process reads and writes by itself; what
 * belongs together happens in one script in one slot. keys.ts has the layout, lua/ the scripts.
 */
import type { Store } from '../../core/ports.js';
import type { RedisConnection } from '../../redis/connection.js';
import type { StoreOptions } from '../options.js';
import { append, appendDue, raiseFloor, revoke } from './append.js';
import { createCommands } from './commands.js';
import { numberOf, type RedisContext } from './context.js';
import { createDeleter } from './deletion.js';
import { addCounters, doc, docs, saveDocs } from './docs.js';
import { FORMAT_VERSION, storeKey } from './keys.js';
import { deadLetters, markResent } from './letters.js';
import { createProgressWriter, saveDevice } from './progress.js';
import { conservation, cursors, device, events, find, heads, newest, readAfter } from './reads.js';
import { createSweeper, readFloor } from './sweep.js';

export interface RedisStoreOptions extends StoreOptions {
  /** Shared with others; not closed with the store. */
  readonly connection: RedisConnection;
}

/**
 * Opens the store. Several processes may have it open and write at once.
 *
 * @throws {Error} for one that a newer version has written, or that a migration has not finished.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { connection } = options;
  const commands = createCommands(connection);
  const context: RedisContext = {
    connection,
    commands,
    options,
    prefix: connection.settings.prefix,
    idFloor: 0,
  };
  try {
    await checkFormat(context);
    context.idFloor = await readFloor(context);
  } catch (error) {
    commands.close();
    throw error;
  }
  return makeStore(context);
}

async function checkFormat({ commands, prefix }: RedisContext): Promise<void> {
  if ((await commands.read('exists', storeKey(prefix, 'migration'))) === 1)
    throw new Error('a migration into this Redis is not finished: run `longlink migrate` again');
  const key = storeKey(prefix, 'format');
  await commands.write('setnx', key, FORMAT_VERSION);
  const stored = numberOf(await commands.read('get', key));
  if (stored > FORMAT_VERSION)
    throw new Error(`the store has format ${stored}; this version reads up to ${FORMAT_VERSION}`);
}

/** The Store port over a context. */
export function makeStore(context: RedisContext): Store {
  const progress = createProgressWriter(context);
  const sweeper = createSweeper(context);
  const deleter = createDeleter(context);
  return {
    append: (requests) => append(context, requests),
    appendDue: (wallMs, max) => appendDue(context, wallMs, max),
    revoke: (requests) => revoke(context, requests),
    raiseFloor: (stream, floor) => raiseFloor(context, stream, floor),
    readAfter: (stream, after, limit) => readAfter(context, stream, after, limit),
    newest: (stream, after, keep) => newest(context, stream, after, keep),
    heads: (instance, owners) => heads(context, instance, owners),
    find: (stream, by) => find(context, stream, by),
    cursors: (reader) => cursors(context, reader),
    saveProgress: progress.saveProgress,
    device: (instance, by) => device(context, instance, by),
    saveDevice: (record) => saveDevice(context, record),
    events: (stream, id) => events(context, stream, id),
    deadLetters: (instance, query) => deadLetters(context, instance, query),
    markResent: (letter, id) => markResent(context, letter, id),
    doc: (collection, key) => doc(context, collection, key),
    docs: (collection, prefix, limit, after = '') => docs(context, collection, prefix, limit, after),
    saveDocs: (writes) => saveDocs(context, writes),
    addCounters: (adds) => addCounters(context, adds),
    deleteStreams: deleter.deleteStreams,
    conservation: () => conservation(context),
    sweep: sweeper.sweep,
    close: () => {
      context.commands.close();
      return Promise.resolve();
    },
  };
}
