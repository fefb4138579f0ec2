/**
 * Work over all sessions of a worker in slices, so that acks, heartbeats and addressed data keep
 * their latency meanwhile (delivery rule 10), and one encoding for the frames that are the same.
 */
import type { ServerFrame } from '../core/frames.js';
import { encodeServerFrame } from '../wire/frames.js';

/** Sessions a turn of the event loop: about a millisecond, which is what others may have to wait. */
const SLICE = 64;
const PACE_TICK_MS = 20;

/** Work that is done in turn, a slice at a time. */
export interface Lane {
  /** Calls `visit` for every entry, after what was started before; entries that go meanwhile are left out. */
  start<T>(entries: ReadonlyMap<number, T>, visit: (entry: T) => void): void;
}

/** @param pacePerSecond entries a second, 0 for as many as there is time for. */
export function createLane(pacePerSecond: number): Lane {
  const perTick =
    pacePerSecond === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.ceil((pacePerSecond * PACE_TICK_MS) / 1000));
  let left = 0;
  const jobs: Iterator<void>[] = [];

  function step(): void {
    const slice = Math.min(SLICE, left);
    left -= slice;
    for (let done = 0; done < slice; done++) {
      if (jobs[0]?.next().done !== true) continue;
      jobs.shift();
      break;
    }
    if (jobs.length === 0) return;
    if (left > 0) setImmediate(step);
    else atNextTick();
  }

  function atNextTick(): void {
    left = perTick;
    if (pacePerSecond === 0) setImmediate(step);
    else setTimeout(step, PACE_TICK_MS);
  }

  return {
    start(entries, visit) {
      jobs.push(visits(entries.values(), visit));
      if (jobs.length === 1) atNextTick();
    },
  };
}

/** @returns a function that gives the bytes of a global frame, or null for a frame of one device. */
export function createGlobalFrames(): (frame: ServerFrame) => Uint8Array | null {
  let last: { readonly frame: SyncFrame; readonly bytes: Uint8Array } | null = null;
  return (frame) => {
    if (frame.type !== 'sync' || frame.late || (frame.kind !== 'g' && frame.kind !== 'gu')) return null;
    if (last === null || !isSame(last.frame, frame)) last = { frame, bytes: encodeServerFrame(frame) };
    return last.bytes;
  };
}

/** A map's iteration goes on safely while entries come and go. */
function* visits<T>(entries: Iterable<T>, visit: (entry: T) => void): Generator<void> {
  for (const entry of entries) {
    visit(entry);
    yield;
  }
}

type SyncFrame = Extract<ServerFrame, { type: 'sync' }>;

function isSame(a: SyncFrame, b: SyncFrame): boolean {
  return (
    a.biz === b.biz &&
    a.kind === b.kind &&
    a.bindSeq === b.bindSeq &&
    a.from === b.from &&
    a.through === b.through &&
    a.transient === b.transient &&
    a.oplogs.length === b.oplogs.length &&
    a.oplogs.every((oplog, at) => oplog === b.oplogs[at])
  );
}
