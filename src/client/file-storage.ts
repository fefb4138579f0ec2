/**
 * The SDK's database in one append-only file. What a crash left behind after the last whole batch
 * is cut off when the file is opened; a file that is mostly outdated is rewritten.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { checkHeader, encodeLine, HEADER, replay } from './file-format.js';
import { lockFile, unlockFile } from './file-lock.js';
import { applyWrites, type ClientStorage, type StorageWrite } from './storage.js';

const SNAPSHOT_BATCH = 256;

export interface FileStorageOptions {
  /** Size in bytes under which the file is never rewritten. Default 1 MiB. */
  readonly compactBytes?: number;
  /** Told how many bytes at the end of the file were damaged and are dropped. */
  readonly onDamage?: (bytes: number) => void;
}

interface Waiter {
  resolve(): void;
  reject(reason: Error): void;
}

interface OpenFile {
  readonly path: string;
  readonly compactBytes: number;
  fd: number;
  bytes: number;
  /** Bytes that the file would have if it were rewritten now, roughly. */
  liveBytes: number;
  /** Size under which it is not rewritten now. */
  compactAt: number;
  readonly values: Map<string, string>;
  waiting: Waiter[];
  syncing: boolean;
  /** Set once a flush failed: what is on the disk is not known any more. */
  failed: Error | null;
}

/**
 * A storage in the file `path`; its directory is made with mode 0700 when missing.
 *
 * @throws {Error} (from `load`) when another running process has the file open, or the file is none
 *   of ours.
 */
export function createFileStorage(path: string, options: FileStorageOptions = {}): ClientStorage {
  let file: OpenFile | null = null;
  return {
    async load() {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      lockFile(path);
      try {
        file = openAndRead(path, options);
      } catch (error) {
        unlockFile(path);
        throw error;
      }
      return new Map(file.values);
    },

    async write(batch) {
      const open = file;
      if (open === null) throw new Error(`${path} is not open`);
      if (open.failed !== null) throw open.failed;
      append(open, batch);
      await durable(open);
    },

    async close() {
      const open = file;
      if (open === null) return;
      file = null;
      while (open.syncing) await durable(open).catch(() => undefined);
      closeSync(open.fd);
      unlockFile(path);
    },
  };
}

/** Resolves when all that was appended so far is on the disk. One flush serves all who wait for it. */
function durable(open: OpenFile): Promise<void> {
  return new Promise((resolve, reject) => {
    open.waiting.push({ resolve, reject });
    sync(open);
  });
}

function sync(open: OpenFile): void {
  if (open.syncing || open.waiting.length === 0) return;
  open.syncing = true;
  const waiters = open.waiting;
  open.waiting = [];
  fdatasync(open.fd, (error) => {
    open.syncing = false;
    if (error === null) {
      for (const waiter of waiters) waiter.resolve();
      compactWhenWasteful(open);
      sync(open);
      return;
    }
    for (const waiter of waiters) waiter.reject(error);
    fail(open, error);
  });
}

/** A flush that failed may have lost pages for good: nothing after it can be promised. */
function fail(open: OpenFile, error: Error): void {
  open.failed = error;
  for (const waiter of open.waiting) waiter.reject(error);
  open.waiting = [];
}

function append(open: OpenFile, batch: readonly StorageWrite[]): void {
  const line = encodeLine(batch);
  try {
    writeAll(open.fd, line, open.bytes);
  } catch (error) {
    // A full disk may have taken half a line; what follows it would be unreadable.
    ftruncateSync(open.fd, open.bytes);
    throw error;
  }
  open.bytes += line.length;
  for (const [key, value] of batch) {
    const before = open.values.get(key);
    if (before !== undefined) open.liveBytes -= entryBytes(key, before);
    if (value !== null) open.liveBytes += entryBytes(key, value);
  }
  applyWrites(open.values, batch);
}

function entryBytes(key: string, value: string): number {
  return key.length + value.length + 8;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

function openAndRead(path: string, options: FileStorageOptions): OpenFile {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const content = readWhole(fd);
    const values = new Map<string, string>();
    const start = checkHeader(path, content);
    const end = start === 0 ? 0 : replay(content, start, values);
    if (end < content.length) options.onDamage?.(content.length - end);
    ftruncateSync(fd, end);
    if (end === 0) writeAll(fd, Buffer.from(HEADER), 0);
    fdatasyncSync(fd);
    syncDirectory(path);
    let liveBytes = HEADER.length;
    for (const [key, value] of values) liveBytes += entryBytes(key, value);
    const bytes = Math.max(end, HEADER.length);
    const compactBytes = options.compactBytes ?? 1 << 20;
    const state = { waiting: [], syncing: false, failed: null };
    return { path, compactBytes, fd, bytes, liveBytes, compactAt: compactBytes, values, ...state };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readWhole(fd: number): Buffer {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(1 << 16);
    const count = readSync(fd, chunk, 0, chunk.length, position);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    position += count;
  }
}

function compactWhenWasteful(open: OpenFile): void {
  if (open.bytes < open.compactAt || open.bytes < 2 * open.liveBytes) return;
  const snapshot = writeSnapshot(open);
  if (snapshot === null) {
    // No room for a second file: the old one goes on, and only much later is it tried again.
    open.compactAt = 2 * open.bytes;
    return;
  }
  try {
    renameSync(snapshotPath(open.path), open.path);
    syncDirectory(open.path);
  } catch (error) {
    // Which of the two files a restart finds is open now.
    fail(open, error instanceof Error ? error : new Error(String(error)));
  }
  closeSync(open.fd);
  open.fd = snapshot.fd;
  open.bytes = snapshot.bytes;
  open.liveBytes = snapshot.bytes;
  open.compactAt = open.compactBytes;
}

function snapshotPath(path: string): string {
  return `${path}.new`;
}

/** Writes the content to a new file beside the old one, durably. @returns null when that cannot be done. */
function writeSnapshot(open: OpenFile): { readonly fd: number; readonly bytes: number } | null {
  const path = snapshotPath(open.path);
  let fd = -1;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
    let bytes = 0;
    const entries = [...open.values];
    const lines: Buffer[] = [Buffer.from(HEADER)];
    for (let i = 0; i < entries.length; i += SNAPSHOT_BATCH)
      lines.push(encodeLine(entries.slice(i, i + SNAPSHOT_BATCH)));
    for (const line of lines) {
      writeAll(fd, line, bytes);
      bytes += line.length;
    }
    fsyncSync(fd);
    return { fd, bytes };
  } catch {
    if (fd !== -1) closeSync(fd);
    rmSync(path, { force: true });
    return null;
  }
}

/** A new name is durable only with its directory. */
function syncDirectory(path: string): void {
  const fd = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
