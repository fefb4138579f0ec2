/** What the device SDK keeps between runs, behind an interface that any embedded database can serve. */

/** One change: puts the value under the key, or removes the key when the value is null. */
export type StorageWrite = readonly [key: string, value: string | null];

/**
 * A small durable map. The SDK keeps its Ad-token, device key, sync points and undelivered messages
 * in it. One owner at a time; the values are secrets as far as the device key goes, so files belong
 * to their user alone (mode 0600).
 */
export interface ClientStorage {
  /**
   * Everything that was written and not removed. Called once, before any write.
   *
   * @throws {Error} (as rejection) when the content belongs to a newer version or to somebody else.
   *   Damage is no error: what can be read up to the damage is the content.
   */
  load(): Promise<ReadonlyMap<string, string>>;
  /**
   * Applies the batch as a whole or not at all, in the order of the calls. Effective for a later
   * `load` from the moment of the call if only the process dies; resolves when it also survives a
   * power cut.
   *
   * @throws {Error} (as rejection) when the batch is not durable. What the storage then holds is
   *   found out by a `load` on a new instance.
   */
  write(batch: readonly StorageWrite[]): Promise<void>;
  /** Releases the files. Writes that were accepted are durable after it. */
  close(): Promise<void>;
}

/** A storage that forgets everything with the process: for tests and simulated devices. */
export function createMemoryStorage(content: Iterable<readonly [string, string]> = []): ClientStorage {
  const values = new Map(content);
  return {
    load: () => Promise.resolve(new Map(values)),
    write(batch) {
      applyWrites(values, batch);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** Applies a batch to a map in memory. */
export function applyWrites(values: Map<string, string>, batch: readonly StorageWrite[]): void {
  for (const [key, value] of batch) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
}
