/**
 * The Store port on LMDB: durable on one machine, written by one process, read by all of them.
 * keys.ts has the layout, commits.ts the group commit.
 */
import type { AppendRequest, Store } from '../../core/ports.js';
import type { OnCorrupt, StoreOptions } from '../options.js';
import { planAppend, planAppendDue, planRaiseFloor } from './append.js';
import { createCommits } from './commits.js';
import { createDeleter } from './deletion.js';
import { createDisk } from './disk.js';
import { openEnvironment, prepareDirectory } from './environment.js';
import { checkFormat, migrate } from './format.js';
import { lockDirectory } from './lock.js';
import { createNames } from './names.js';
import { createGate, letReadersIn, openReading } from './opening.js';
import { planAddCounters, planMarkResent, planProgress, planSaveDevice, planSaveDocs } from './progress.js';
import { createReads, type StoreReads } from './reads.js';
import { planRevoke } from './revocation.js';
import { createSweeper } from './sweep.js';
import { createWriterState } from './writer-state.js';

export { auditStore } from './audit.js';
export { backupStore, restoreStore } from './backup.js';
export type { StoreReads };

export interface EmbeddedStoreOptions extends StoreOptions {
  /** The data directory; made with mode 0700 when missing. */
  readonly path: string;
  /** Nothing can be promised any more: a flush failed or a commit took too long. End the process. */
  readonly onFatal: (error: Error) => void;
  /** Default 10 s. */
  readonly commitTimeoutMs?: number;
  /**
   * Free bytes of the disk below which records are refused with StoreUnavailable, until there is more
   * room on it or in the file; below a quarter of it, every write. Default 128 MiB.
   */
  readonly reserveBytes?: number;
}

const COMMIT_TIMEOUT_MS = 10_000;
/** The largest commit, ten thousand records, writes about a tenth of a GiB. */
const RESERVE_BYTES = 128 * 2 ** 20;
const PAGE_BYTES = 4096;

/**
 * Opens the store of a data directory for writing.
 *
 * @throws {Error} when another process holds the directory, or a newer version wrote it.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { opened, unlock } = await openLocked(options.path);
  try {
    await migrate(opened);
    return createStore(opened, options, unlock);
  } catch (error) {
    await opened.root.close();
    unlock();
    throw error;
  }
}

async function openLocked(directory: string) {
  prepareDirectory(directory);
  const unlock = lockDirectory(directory);
  try {
    await letReadersIn(directory);
    return { opened: openEnvironment(directory, 'writer'), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

function createStore(
  environment: ReturnType<typeof openEnvironment>,
  options: EmbeddedStoreOptions,
  unlock: () => void,
): Store {
  const disk = createDisk(environment, options.path, options.reserveBytes ?? RESERVE_BYTES);
  const state = createWriterState(environment, options, disk);
  const gate = createGate(options.path, () => commits.letIn());
  const commits = createCommits(state, {
    gate,
    commitTimeoutMs: options.commitTimeoutMs ?? COMMIT_TIMEOUT_MS,
    onFatal: options.onFatal,
  });
  const sweeper = createSweeper(state);
  const deleter = createDeleter(state);
  const reads = createReads({ environment, names: state.names, onCorrupt: options.onCorrupt });
  return {
    ...reads,
    append: (requests) => commits.submit((batch) => planAppend(state, batch, requests), appendCost(requests)),
    appendDue: (wallMs, max) =>
      commits.submit((batch) => planAppendDue(state, batch, wallMs, max), { weight: max, grows: true }),
    revoke: (requests) =>
      commits.submit((batch) => planRevoke(state, batch, requests), small(requests.length)),
    raiseFloor: (stream, floor) => commits.submit((batch) => planRaiseFloor(state, batch, stream, floor)),
    saveProgress: (progress) =>
      commits.submit(
        (batch) => planProgress(state, batch, progress),
        small(progress.cursors.length + progress.dead.length + progress.events.length),
      ),
    saveDevice: (record) => commits.submit((batch) => planSaveDevice(state, batch, record)),
    markResent: (letter, id) => commits.submit((batch) => planMarkResent(state, batch, letter, id)),
    saveDocs: (writes) => commits.submit((batch) => planSaveDocs(batch, writes), small(writes.length)),
    addCounters: (adds) => commits.submit((batch) => planAddCounters(state, batch, adds), small(adds.length)),
    async deleteStreams(instance, biz, max) {
      const doomed = await deleter.find(instance, biz, max);
      return commits.submit((batch) => deleter.plan(batch, doomed), small(max));
    },
    sweep: (wallMs, budget) => commits.submit((batch) => sweeper.plan(batch, wallMs, budget), small(budget)),
    async close() {
      await commits.close();
      gate.close();
      await environment.root.close();
      unlock();
    },
  };
}

function appendCost(requests: readonly AppendRequest[]) {
  const bodies = requests.reduce((pages, request) => pages + Math.floor(request.body.length / PAGE_BYTES), 0);
  return { weight: requests.length + bodies, grows: true };
}

function small(weight: number) {
  return { weight, grows: false };
}

/**
 * Opens the store of a data directory for reading, beside its writer. Every read sees what was
 * committed when it was called.
 *
 * @throws {Error} when there is no store, or it has another format.
 */
export async function openEmbeddedReader(options: {
  readonly path: string;
  readonly onCorrupt: OnCorrupt;
}): Promise<StoreReads & { close(): Promise<void> }> {
  const environment = await openReading(options.path);
  try {
    checkFormat(environment);
  } catch (error) {
    void environment.root.close();
    throw error;
  }
  const names = createNames(environment);
  return {
    ...createReads({ environment, names, onCorrupt: options.onCorrupt }),
    close: () => environment.root.close(),
  };
}
