import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openEmbeddedStore } from '../../src/store/embedded/index.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { conformance } from './conformance.js';

conformance('memory', async () => ({
  open: async (options) => createMemoryStore(options),
  durable: false,
  dispose: async () => {},
}));

conformance('embedded', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'longlink-store-'));
  return {
    open: (options) =>
      openEmbeddedStore({
        path: directory,
        isSingleReader: () => false,
        onCorrupt: (where) => {
          throw new Error(`corrupt: ${where}`);
        },
        onFatal: (error) => {
          throw error;
        },
        ...options,
      }),
    durable: true,
    dispose: async () => rmSync(directory, { recursive: true }),
  };
});
