/** Acks on their way out: many reports make one frame, and frames are kept apart. docs/protocol.md 5.5 and 8. */
import type { ClientFrame } from '../core/frames.js';
import type { PointKind } from '../core/model.js';

export type Ack = Extract<ClientFrame, { type: 'ack' }>;

/**
 * Pause after each Ack frame. A server closes a device that sends more than its frames a second
 * (50 by default): a quarter of that is left to everything else and to busy networks.
 */
const PACE_MS = 25;
/** Longest pause, however many streams were acknowledged at once. */
const MAX_PAUSE_MS = 1_000;

/** An ack that waits. A later one of the same stream takes its place. */
export interface AckDue {
  readonly kind: PointKind;
  /** Whose stream it is: by the time it is sent another user may be bound. */
  readonly owner: string;
  readonly biz: string;
  readonly through: number;
  readonly flag: '' | 'transient' | 'late';
}

export interface AckQueue {
  add(ack: AckDue): void;
  /** Sends what waits now: before a Bye. */
  flush(): void;
  /** The connection ended: the next Hello says where the device stands. */
  clear(): void;
}

/** @param send Called for each ack when its time has come. */
export function createAckQueue(send: (ack: AckDue) => void): AckQueue {
  const due = new Map<string, AckDue>();
  let timer: NodeJS.Timeout | null = null;
  let immediate: NodeJS.Immediate | null = null;
  let notBefore = 0;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    if (immediate !== null) clearImmediate(immediate);
    timer = null;
    immediate = null;
    const acks = [...due.values()];
    due.clear();
    notBefore = performance.now() + Math.min(acks.length * PACE_MS, MAX_PAUSE_MS);
    for (const ack of acks) send(ack);
  }

  return {
    add(ack) {
      const name = JSON.stringify([ack.kind, ack.owner, ack.biz, ack.flag]);
      const before = due.get(name)?.through ?? 0;
      due.set(name, ack.through >= before ? ack : { ...ack, through: before });
      if (timer !== null || immediate !== null) return;
      const waitMs = notBefore - performance.now();
      if (waitMs <= 0) immediate = setImmediate(flush);
      else timer = setTimeout(flush, waitMs);
    },
    flush,
    clear() {
      due.clear();
    },
  };
}
