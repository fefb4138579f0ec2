/** Writes a history down while it happens. Every process writes its own file; the checker merges them. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { HistoryEvent, Untimed } from './events.js';

/** Lines are handed to the kernel in chunks of about this size, so that recording does not slow the recorded. */
const CHUNK_CHARS = 65_536;

export interface Recorder {
  /** Adds the time and appends the event. Call it before an invocation and after a completion. */
  write(event: Untimed<HistoryEvent>): void;
  /** Hands everything written so far to the kernel. */
  flush(): void;
  /** Flushes and closes; later writes throw. */
  close(): void;
}

/** Now, in milliseconds of the clock that all recorders of this machine share. */
export function historyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Opens `path` for appending. */
export function openRecorder(path: string): Recorder {
  const fd = openSync(path, 'a');
  let pending = '';
  let closed = false;

  function flush(): void {
    if (pending === '') return;
    const chunk = pending;
    pending = '';
    let rest = Buffer.from(chunk);
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  }

  return {
    write(event) {
      if (closed) throw new Error(`the recorder of ${path} is closed`);
      pending += `${JSON.stringify({ t: historyNow(), ...event })}\n`;
      if (pending.length >= CHUNK_CHARS) flush();
    },
    flush,
    close() {
      if (closed) return;
      flush();
      closed = true;
      closeSync(fd);
    },
  };
}
