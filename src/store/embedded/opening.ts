/**
 * Who opens the store for reading does so between two commits. To open an LMDB file sets the number of
 * the last transaction, which all processes share, to what was read of it a moment before
 * (mdb_env_open2): when a commit ends in that moment, the next one begins from before it, and what it
 * had made durable is gone.
 *
 * A reader leaves an empty file with its name, NAME.ask; the writer, between commits, makes it NAME.go
 * and waits until the reader has opened the store and removed it. Without a writer a reader opens at
 * once, and a writer that starts waits for it.
 */
import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, openEnvironment, STORE_FILE } from './environment.js';
import { codeOf, holderOf, isAlive } from './holder.js';
import { writerOf } from './lock.js';

const DIRECTORY = 'opening';
const ASK = '.ask';
const GO = '.go';
/** Between two looks of a reader, and of a writer that has let one in. */
const LOOK_MS = 2;
/** Between two looks of a writer whether anybody asks: should the news of it be lost, and when there is none. */
const WATCHED_MS = 10_000;
const UNWATCHED_MS = 1_000;
/** A reader that takes so long, and holds up every write, is killed: nobody knows when it would go on. */
const OPENING_MS = 5_000;
/** A commit may take its time, and readers may have to wait for each other. */
const ASKING_MS = 30_000;

let asked = 0;

/**
 * Opens the store for reading, beside its writer or without one.
 *
 * @throws {Error} when there is none, or its writer does not answer within 30 s.
 */
export async function openReading(directory: string): Promise<Environment> {
  if (!existsSync(path.join(directory, STORE_FILE))) throw new Error(`no store in ${directory}`);
  const { pid, started } = holderOf(process.pid);
  const name = path.join(directory, DIRECTORY, `${pid}-${started}-${asked++}`);
  mkdirSync(path.dirname(name), { recursive: true, mode: 0o700 });
  // Empty: a full disk has room for it.
  writeFileSync(name + ASK, '', { mode: 0o600 });
  try {
    await granted(directory, name + GO);
    return openEnvironment(directory, 'reader');
  } finally {
    for (const ending of [ASK, GO]) rmSync(name + ending, { force: true });
  }
}

async function granted(directory: string, file: string): Promise<void> {
  const deadline = performance.now() + ASKING_MS;
  while (!existsSync(file) && writerOf(directory) !== null) {
    if (performance.now() > deadline)
      throw new Error(`the writer of ${directory} did not let this process open the store`);
    await sleep(LOOK_MS);
  }
}

/** The writer's side. */
export interface Gate {
  /** Lets in all who ask, and resolves when they have opened the store. Nothing may be committed meanwhile. */
  letIn(): Promise<void>;
  close(): void;
}

/** @param onAsk Somebody asks, perhaps while there is nothing to commit. */
export function createGate(directory: string, onAsk: () => void): Gate {
  const look = (): void => {
    if (looks(() => namesIn(directory).length > 0)) onAsk();
  };
  const watcher = watchOpening(path.join(directory, DIRECTORY), look);
  const timer = setInterval(look, watcher === null ? UNWATCHED_MS : WATCHED_MS).unref();
  return {
    letIn: () => letReadersIn(directory),
    close() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Null where it cannot be watched, for want of files or of room on the disk: then the timer looks. */
function watchOpening(directory: string, look: () => void): FSWatcher | null {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return watch(directory, { persistent: false }, look).on('error', () => {});
  } catch {
    return null;
  }
}

/**
 * As `Gate.letIn`, for a writer that has not opened the store itself yet.
 *
 * @throws {Error} when somebody who was let in neither opens the store nor can be killed within 10 s.
 */
export async function letReadersIn(directory: string): Promise<void> {
  const deadline = performance.now() + OPENING_MS;
  let isOpening = false;
  const look = (): boolean => {
    const names = namesIn(directory);
    isOpening ||= names.length > 0;
    for (const name of names) grant(path.join(directory, DIRECTORY, name), performance.now() > deadline);
    return names.length === 0;
  };
  // Who was let in is waited for; whoever cannot be seen yet is seen at the next look of the timer.
  for (;;) {
    const isDone = looks(look) ?? !isOpening;
    if (isDone) return;
    if (performance.now() > deadline + OPENING_MS)
      throw new Error(`a process that opens the store in ${directory} does not come to an end`);
    await sleep(LOOK_MS);
  }
}

/** Null when it cannot be seen, as with too many files open. */
function looks(look: () => boolean): boolean | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function grant(file: string, isLate: boolean): void {
  const [pid = '', started = ''] = path.basename(file).split('-');
  const { place } = holderOf(process.pid);
  const isReading = isAlive({ pid: Number(pid), started, place });
  // The reader may be done, or give up, in this moment.
  const unlessGone = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESRCH') throw error;
    }
  };
  if (!isReading) rmSync(file, { force: true });
  else if (isLate && Number(pid) !== process.pid) unlessGone(() => process.kill(Number(pid), 'SIGKILL'));
  else if (file.endsWith(ASK)) unlessGone(() => renameSync(file, file.slice(0, -ASK.length) + GO));
}

function namesIn(directory: string): string[] {
  try {
    const names = readdirSync(path.join(directory, DIRECTORY));
    return names.filter((name) => name.endsWith(ASK) || name.endsWith(GO));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
