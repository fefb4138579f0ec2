/** What an update of the app, or of its system, means for the device's points. docs/protocol.md 5.9. */
import type { ClientStorage, StorageWrite } from './storage.js';
import { adoptPoint, readStreams } from './stream.js';

const APP_KEY = 'app';

/**
 * Notes which os and version the points are of. After an update they move up to what was received:
 * the filters of the old version have been applied up to there, and only below the point does the
 * server look for what the new version may see. Messages that the app has not reported stay in the
 * database and are handed over all the same.
 *
 * @returns the content with what this changes.
 */
export async function noteVersion(
  storage: ClientStorage,
  content: ReadonlyMap<string, string>,
  os: string,
  appVersion: string,
): Promise<ReadonlyMap<string, string>> {
  const app = JSON.stringify([os, appVersion]);
  const before = content.get(APP_KEY);
  if (before === app) return content;
  const changes: [string, string][] = [[APP_KEY, app]];
  if (before !== undefined) {
    for (const stream of readStreams(content).values()) {
      stream.lateBelow = stream.received;
      const [key, value] = adoptPoint(stream, stream.received);
      if (value !== null) changes.push([key, value]);
    }
  }
  const writes: StorageWrite[] = changes;
  await storage.write(writes);
  return new Map([...content, ...changes]);
}
