/**
 * The memory of used nonces. A signed call is good for one use: the nonce is remembered for as
 * long as its timestamp would be accepted.
 */
import { createHash } from 'node:crypto';
import type { DocStore, DocWrite } from '../../core/ports.js';

/** Shared by every process that answers signed calls. */
export interface NonceStore {
  /**
   * Marks the nonce as used by that access key, until `untilMs` (wall clock).
   *
   * @returns false when it was used before
   * @throws {NoncesUnavailable} (as rejection) when it cannot be remembered: the call is refused then
   */
  use(keyId: string, nonce: string, untilMs: number): Promise<boolean>;
}

/** The nonce memory is full or does not answer. */
export class NoncesUnavailable extends Error {
  override readonly name = 'NoncesUnavailable';
}

/** Nonces of one process, in memory, with a journal in the store that outlives the process. */
export interface NonceMemory extends NonceStore {
  /** Writes what was used since the last time, many at once, and removes what has expired. */
  flush(): Promise<void>;
}

/** Width of the generations in which old nonces are dropped. */
const GENERATION_MS = 60_000;
export const NONCES = 'nonces';
/** More journal entries than this are not read; a whole window of flushes is far below. */
const MAX_ENTRIES = 100_000;

/** By the minute in which they may be forgotten. */
type Generations = Map<number, Set<string>>;

/** What of the memory is in the store. */
interface Journal {
  readonly unwritten: Generations;
  /** Keys of written entries by generation. */
  readonly entries: Map<number, string[]>;
  /** Tells the entries of this life of the process from those before it. */
  readonly boot: number;
  flushes: number;
}

/**
 * When full it refuses instead of forgetting: a forgotten nonce would let a recorded call through
 * again. Reads the journal, so that a call recorded before a restart is refused after it.
 *
 * @param capacity most nonces remembered at once, of all keys together; about 100 bytes each
 * @param now wall clock, ms
 */
export async function openNonces(store: DocStore, capacity: number, now: () => number): Promise<NonceMemory> {
  const known: Generations = new Map();
  const journal = await readJournal(store, known, now());
  let size = [...known.values()].reduce((sum, marks) => sum + marks.size, 0);

  const forget = (): number => {
    const current = Math.floor(now() / GENERATION_MS);
    for (const [generation, marks] of known) {
      if (generation >= current) continue;
      size -= marks.size;
      known.delete(generation);
      journal.unwritten.delete(generation);
    }
    return current;
  };

  return {
    async use(keyId, nonce, untilMs) {
      forget();
      const mark = digest(keyId, nonce);
      for (const marks of known.values()) if (marks.has(mark)) return false;
      if (size >= capacity) throw new NoncesUnavailable('the nonce memory is full');
      const generation = Math.floor(untilMs / GENERATION_MS);
      add(known, generation, mark);
      add(journal.unwritten, generation, mark);
      size += 1;
      return true;
    },
    flush: () => writeJournal(store, journal, forget()),
  };
}

async function readJournal(store: DocStore, known: Generations, boot: number): Promise<Journal> {
  const journal: Journal = { unwritten: new Map(), entries: new Map(), boot, flushes: 0 };
  for (const { key, value } of await store.docs(NONCES, '', MAX_ENTRIES)) {
    const generation = Number(key.split('/')[0]);
    remember(journal, generation, key);
    for (const mark of Array.isArray(value) ? value : []) {
      add(known, generation, Buffer.from(String(mark), 'base64').toString('latin1'));
    }
  }
  return journal;
}

async function writeJournal(store: DocStore, journal: Journal, current: number): Promise<void> {
  const { unwritten, entries } = journal;
  const fresh = [...unwritten];
  unwritten.clear();
  journal.flushes += 1;
  const writes: DocWrite[] = fresh.map(([generation, marks]) => {
    const key = `${generation}/${journal.boot}-${journal.flushes}`;
    remember(journal, generation, key);
    const value = [...marks].map((mark) => Buffer.from(mark, 'latin1').toString('base64'));
    return { collection: NONCES, key, value };
  });
  const expired = [...entries].filter(([generation]) => generation < current);
  for (const key of expired.flatMap(([, keys]) => keys)) {
    writes.push({ collection: NONCES, key, value: null });
  }
  if (writes.length === 0) return;
  try {
    await store.saveDocs(writes);
    for (const [generation] of expired) entries.delete(generation);
  } catch (error) {
    // Not known to be written: they go with the next.
    for (const [generation, marks] of fresh) for (const mark of marks) add(unwritten, generation, mark);
    throw error;
  }
}

function remember(journal: Journal, generation: number, key: string): void {
  const keys = journal.entries.get(generation);
  if (keys === undefined) journal.entries.set(generation, [key]);
  else keys.push(key);
}

function add(generations: Generations, generation: number, mark: string): void {
  const marks = generations.get(generation);
  if (marks === undefined) generations.set(generation, new Set([mark]));
  else marks.add(mark);
}

/** 128 bits as 16 one-byte characters: nonces may be long, and the caller chooses them. */
function digest(keyId: string, nonce: string): string {
  return createHash('sha256').update(`${keyId}\0${nonce}`).digest().toString('latin1', 0, 16);
}
