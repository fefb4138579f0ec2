/**
 * How the store's commands reach the server: bounded in number, scripts by their SHA-1, failures in the
 * words of the Store port. At level R2 writes go through lanes, which wait for the replicas.
 */
import { Cluster } from 'ioredis';
import { StoreUnavailable } from '../../core/ports.js';
import type { RedisConnection } from '../../redis/connection.js';
import { asStoreError } from '../../redis/errors.js';
import { createBatches } from './batches.js';
import { createLanes } from './lanes.js';
import { loadScripts, type ScriptName, scriptOf } from './scripts.js';

export type Argument = string | number | Buffer;

/** One command. Its replies come as Buffers. */
export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
  /** What decides where it goes. */
  readonly key: string;
}

export interface Commands {
  /** Any command that changes nothing. */
  read(name: string, key: string, ...args: Argument[]): Promise<unknown>;
  /** Any command that writes; resolves when the level's promise is kept. */
  write(name: string, key: string, ...args: Argument[]): Promise<unknown>;
  /** A script that changes nothing. */
  ask(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  /** A script that writes. */
  run(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  /** Refuses all that comes after. */
  close(): void;
}

/** Sends one command somewhere. */
export type Send = (command: Command) => Promise<unknown>;

export function createCommands(connection: RedisConnection): Commands {
  const { settings } = connection;
  const lanes = settings.level === 'R2' ? createLanes(connection) : null;
  const { client } = connection;
  const direct: Send =
    client instanceof Cluster ? createBatches(client) : ({ name, args }) => client.callBuffer(name, ...args);
  const durable: Send = lanes?.send ?? direct;
  let pending = 0;
  let closed = false;

  const bounded = async (send: Send, command: Command): Promise<unknown> => {
    if (closed) throw new StoreUnavailable('the store is closed');
    if (pending >= settings.maxPending) throw new StoreUnavailable('too many commands wait for Redis');
    pending++;
    try {
      return await send(command);
    } catch (error) {
      throw asStoreError(error);
    } finally {
      pending--;
    }
  };
  const script = async (
    send: Send,
    name: ScriptName,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> => {
    const { sha, source } = scriptOf(name);
    const [key = ''] = keys;
    const rest = [keys.length, ...keys, ...args];
    try {
      return await bounded(send, { name: 'evalsha', args: [sha, ...rest], key });
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      // The server was restarted, or another one has taken over.
      return bounded(send, { name: 'eval', args: [source, ...rest], key });
    }
  };
  void teach(connection);
  return {
    read: (name, key, ...args) => bounded(direct, { name, args: [key, ...args], key }),
    write: (name, key, ...args) => bounded(durable, { name, args: [key, ...args], key }),
    ask: (name, keys, args) => script(direct, name, keys, args),
    run: (name, keys, args) => script(durable, name, keys, args),
    close() {
      closed = true;
      lanes?.close();
    },
  };
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** So that the first calls need not come twice; those that do anyway are none the worse for it. */
async function teach(connection: RedisConnection): Promise<void> {
  const sources = [...loadScripts().values()].map(({ source }) => source);
  await Promise.allSettled(
    connection.primaries().flatMap((node) => sources.map((source) => node.script('LOAD', source))),
  );
}
