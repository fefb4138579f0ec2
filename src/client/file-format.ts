/**
 * The format of the SDK's database file: a header line, then one line per batch, each
 * `<crc32 in hex> <JSON of the batch>`.
 */
import { crc32 } from 'node:zlib';
import { applyWrites, type StorageWrite } from './storage.js';

/** First line of the file. A later format has another number and is refused by this version. */
export const HEADER = 'longlink-device-db 1\n';
const HEADER_START = 'longlink-device-db ';
const NEWLINE = 10;
const CHECKSUM_BYTES = 9;

export function encodeLine(batch: readonly StorageWrite[]): Buffer {
  const json = JSON.stringify(batch);
  return Buffer.from(`${checksum(json)}${json}\n`);
}

function checksum(json: string | Buffer): string {
  return `${crc32(json).toString(16).padStart(8, '0')} `;
}

/**
 * @returns where the batches begin, or 0 for a file whose very first write was cut short.
 * @throws {Error} when the file is no such database, or of a later format.
 */
export function checkHeader(path: string, content: Buffer): number {
  const head = content.toString('latin1', 0, HEADER.length);
  if (head === HEADER) return HEADER.length;
  if (HEADER.startsWith(head)) return 0;
  if (head.startsWith(HEADER_START)) throw new Error(`${path} was written by a newer version`);
  throw new Error(`${path} is not a Longlink device database`);
}

/**
 * Applies batch after batch and stops at the first that is not whole. A damaged line in the middle
 * also ends it: a later batch may move a sync point past messages that the damaged one held, and a
 * point that is too low costs duplicates where one that is too high loses data.
 *
 * @returns the length of the part that is good.
 */
export function replay(content: Buffer, start: number, values: Map<string, string>): number {
  let position = start;
  for (;;) {
    const end = content.indexOf(NEWLINE, position);
    if (end === -1) return position;
    const batch = decodeLine(content.subarray(position, end));
    if (batch === null) return position;
    applyWrites(values, batch);
    position = end + 1;
  }
}

function decodeLine(line: Buffer): StorageWrite[] | null {
  const json = line.subarray(CHECKSUM_BYTES);
  if (line.toString('latin1', 0, CHECKSUM_BYTES) !== checksum(json)) return null;
  return JSON.parse(json.toString()) as StorageWrite[];
}
