/** How long late records are remembered on the device. docs/protocol.md 5.9. */
import type { ClientStorage, StorageWrite } from './storage.js';
import * as streams from './stream.js';

/** Longer than anything is retained: a late record cannot come again after it. */
const FORGET_LATE_MS = 31 * 24 * 3600 * 1000;

/** Forgets late ids that are too old to come again. */
export async function forgetOldLate(
  storage: ClientStorage,
  content: ReadonlyMap<string, string>,
): Promise<void> {
  const writes: StorageWrite[] = [];
  const before = Date.now() - FORGET_LATE_MS;
  for (const stream of streams.readStreams(content).values()) {
    for (const [id, atMs] of stream.late) if (atMs < before) writes.push(streams.dropLate(stream, id));
  }
  if (writes.length > 0) await storage.write(writes);
}
