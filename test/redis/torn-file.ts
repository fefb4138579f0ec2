/** The append-only file of a Redis that was killed while it wrote: its last transaction, and the beginning of one. */
import { appendFileSync, closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisServer } from './servers.js';

/** So much of the file's end is looked at. */
const TAIL_BYTES = 4_194_304;
const BEGIN = Buffer.from('*1\r\n$5\r\nMULTI\r\n');
const END = Buffer.from('*1\r\n$4\r\nEXEC\r\n');

/** Path of the file that the server writes to. */
export function appendOnlyFile({ directory }: RedisServer): string {
  const within = join(directory, 'appendonlydir');
  const manifest = readFileSync(join(within, 'appendonly.aof.manifest'), 'utf8');
  const [, name] = /^file (\S+) .*type i$/m.exec(manifest.split('\n').filter(Boolean).at(-1) ?? '') ?? [];
  if (name === undefined) throw new Error(`no file in ${manifest}`);
  return join(within, name);
}

/**
 * The last transaction in the file that holds these words.
 *
 * @throws {Error} when there is none near the end.
 */
export function lastTransaction(server: RedisServer, words: string): Buffer {
  const file = appendOnlyFile(server);
  const size = Math.min(TAIL_BYTES, statSync(file).size);
  const tail = Buffer.alloc(size);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, tail, 0, size, statSync(file).size - size);
  closeSync(descriptor);
  let end = tail.lastIndexOf(END);
  while (end > 0) {
    const begin = tail.lastIndexOf(BEGIN, end);
    if (begin < 0) break;
    const transaction = tail.subarray(begin, end + END.length);
    if (transaction.includes(words)) return transaction;
    end = tail.lastIndexOf(END, begin);
  }
  throw new Error(`no transaction with ${words} in the last ${size} bytes of ${file}`);
}

/** Offset in a transaction at which its last command but EXEC begins. */
export function lastCommandOf(transaction: Buffer): number {
  return transaction.lastIndexOf('\r\n*', transaction.length - END.length - 3) + '\r\n'.length;
}

/** Leaves the first bytes of a transaction at the end of a killed server's file, as a write that was cut short does. */
export function tear(server: RedisServer, transaction: Buffer, bytes: number): void {
  appendFileSync(appendOnlyFile(server), transaction.subarray(0, bytes));
}
