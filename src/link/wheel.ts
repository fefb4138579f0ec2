/**
 * One timing wheel for all deadlines of a worker. Items are the connections themselves, linked
 * into slots through their own fields: scheduling allocates nothing, and an idle connection costs
 * no timer and no closure.
 */

/** What the wheel keeps on an item. Written by the wheel only. */
export interface WheelItem<T> {
  wheelPrev: T | null;
  wheelNext: T | null;
  /** Slot the item is linked into, or -1. */
  wheelSlot: number;
  /** Monotonic ms of its deadline. May be later than the turn of its slot: see `schedule`. */
  dueMono: number;
}

export interface WheelOptions<T> {
  /** Precision in ms: a deadline fires at most one tick late, never early. */
  readonly tickMs: number;
  /** Deadlines further away than `tickMs * slots` are looked at once a round. */
  readonly slots: number;
  /** Called once per deadline, with the item already taken out of the wheel. */
  readonly onDue: (item: T, monoMs: number) => void;
  /** Monotonic ms. */
  readonly now: () => number;
}

export interface Wheel<T> {
  /**
   * Sets the item's deadline, replacing an earlier one. A deadline that only moves later costs two
   * comparisons: the item stays where it is and is put right when its slot comes. Infinity cancels.
   */
  schedule(item: T, atMonoMs: number): void;
  cancel(item: T): void;
  /** Fires what is due at `monoMs`. Called by the timer of `start`, and by tests. */
  advance(monoMs: number): void;
  /** Ticks until `stop`, as long as there are items. Does not keep the process alive. */
  start(): void;
  stop(): void;
}

export function createWheel<T extends WheelItem<T>>(options: WheelOptions<T>): Wheel<T> {
  const { tickMs, slots, onDue, now } = options;
  const heads: (T | null)[] = new Array<T | null>(slots).fill(null);
  /** Everything due at or before this tick has fired. */
  let current = Math.floor(now() / tickMs);
  let items = 0;
  let started = false;
  let timer: NodeJS.Timeout | null = null;

  function unlink(item: T): void {
    if (item.wheelPrev === null) heads[item.wheelSlot] = item.wheelNext;
    else item.wheelPrev.wheelNext = item.wheelNext;
    if (item.wheelNext !== null) item.wheelNext.wheelPrev = item.wheelPrev;
    item.wheelPrev = null;
    item.wheelNext = null;
    item.wheelSlot = -1;
    items -= 1;
  }

  /** The tick an item is to be looked at: that of its deadline, or the last of the coming round. */
  function tickOf(atMonoMs: number): number {
    const tick = Math.max(Math.ceil(atMonoMs / tickMs), current + 1);
    return Math.min(tick, current + slots - 1);
  }

  /** An empty wheel stands still: a process without connections is not woken. */
  function wakeUp(): void {
    if (timer !== null || !started) return;
    current = Math.max(current, Math.floor(now() / tickMs));
    timer = setInterval(tick, tickMs).unref();
  }

  function standStill(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  function link(item: T): void {
    if (items === 0) wakeUp();
    items += 1;
    const slot = tickOf(item.dueMono) % slots;
    const head = heads[slot] ?? null;
    item.wheelSlot = slot;
    item.wheelNext = head;
    if (head !== null) head.wheelPrev = item;
    heads[slot] = item;
  }

  /** When the slot's turn comes next. */
  function nextTurn(slot: number): number {
    const ahead = (slot - (current % slots) + slots) % slots;
    return current + (ahead === 0 ? slots : ahead);
  }

  function schedule(item: T, atMonoMs: number): void {
    if (atMonoMs === Number.POSITIVE_INFINITY) {
      cancel(item);
      return;
    }
    item.dueMono = atMonoMs;
    if (item.wheelSlot >= 0) {
      if (nextTurn(item.wheelSlot) <= tickOf(atMonoMs)) return;
      unlink(item);
    }
    link(item);
  }

  function cancel(item: T): void {
    if (item.wheelSlot >= 0) unlink(item);
  }

  function visit(slot: number, monoMs: number): void {
    // An item put back goes to another slot, always: the loop ends.
    for (let item = heads[slot] ?? null; item !== null; item = heads[slot] ?? null) {
      unlink(item);
      if (item.dueMono <= monoMs) onDue(item, monoMs);
      else link(item);
    }
  }

  function advance(monoMs: number): void {
    const target = Math.floor(monoMs / tickMs);
    // After a long stop one round visits every slot.
    if (target - current > slots) current = target - slots;
    while (current < target) {
      current += 1;
      visit(current % slots, monoMs);
    }
  }

  function tick(): void {
    const monoMs = now();
    // A process that stood still finds deadlines passed before it has read what its peers sent
    // meanwhile. It gets one more turn of the event loop, which reads the sockets first.
    if (Math.floor(monoMs / tickMs) - current > STALL_TICKS) setImmediate(() => advance(now()));
    else advance(monoMs);
    if (items === 0) standStill();
  }

  return {
    schedule,
    cancel,
    advance,
    start() {
      started = true;
      if (items > 0) wakeUp();
    },
    stop() {
      started = false;
      standStill();
    },
  };
}

/** So many ticks at once mean that the process stood still. */
const STALL_TICKS = 4;
