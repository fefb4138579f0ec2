/** What the histories of a run hold beside what senders and devices write: the streams, and the end. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecorder } from '../test/history/recorder.js';
import { APP, DEVICE_BIZ, GLOBAL_BIZ, USER_BIZ, WORKSPACE } from './load/longlink.js';

/** The checker wants so long without anything before the end; a little more than its default. */
const REST_MS = 5_500;

export interface RunHistory {
  /** Waits until nothing moves any more, has everybody write what is pending, and says that this is the end. */
  end(): Promise<void>;
}

/** @param flush Has the processes of the load write what they hold back. */
export function openHistory(dir: string, run: string, flush: () => Promise<unknown>): RunHistory {
  mkdirSync(dir, { recursive: true });
  const recorder = openRecorder(join(dir, `bench-${run}.jsonl`));
  for (const biz of [USER_BIZ, DEVICE_BIZ, GLOBAL_BIZ])
    recorder.write({
      e: 'cfg',
      app: APP,
      ws: WORKSPACE,
      biz,
      kind: 'sync',
      dim: biz === USER_BIZ ? 'user' : 'device',
      scope: biz === GLOBAL_BIZ ? 'global' : 'single',
      persist: true,
      multi: true,
      threshold: null,
      maxAttempts: 6,
      ordered: true,
      liveGlobal: biz === GLOBAL_BIZ,
    });
  recorder.flush();
  return {
    async end() {
      await sleep(REST_MS);
      await flush();
      recorder.write({ e: 'end' });
      recorder.close();
    },
  };
}
