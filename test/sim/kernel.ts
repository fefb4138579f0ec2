/**
 * Virtual time: one queue of events, one stream of random numbers, and processes that can stand still or
 * die. Everything that happens in a run happens in an event of some process; what the code under test
 * starts there (promises, timers) belongs to that process and is lost or held with it. A run is a
 * function of its seed alone.
 */

/** Seeded random numbers (mulberry32). */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number, both bounds included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = (seed + 0x9e37_79b9) | 0;
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick(list) {
      const picked = list[int(0, list.length - 1)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}

/** A process of the simulated machines. */
export interface Process {
  readonly name: string;
  alive: boolean;
  frozen: boolean;
  /** What came while it stood still. */
  held: (() => void)[];
}

interface Event {
  readonly at: number;
  readonly seq: number;
  readonly process: Process | null;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Kernel {
  readonly random: Random;
  /** Virtual ms since the start. */
  now(): number;
  /** Whose event is running; null for the world outside. */
  current(): Process | null;
  process(name: string): Process;
  /** Runs `run` after a delay as an event of the process; dropped if it is dead by then. @returns a way to cancel. */
  after(delayMs: number, process: Process | null, run: () => void): () => void;
  freeze(process: Process): void;
  /** What was held runs now, in its order. */
  thaw(process: Process): void;
  kill(process: Process): void;
  /** Runs events up to and including the time, or until `stop` says so. */
  run(untilMs: number, stop: () => boolean): Promise<void>;
}

export function createKernel(seed: number): Kernel {
  const queue = createQueue();
  const random = createRandom(seed);
  let nowMs = 0;
  let seq = 0;
  let running: Process | null = null;

  const kernel: Kernel = {
    random,
    now: () => nowMs,
    current: () => running,
    process: (name) => ({ name, alive: true, frozen: false, held: [] }),
    after(delayMs, process, run) {
      const event = { at: nowMs + Math.max(0, delayMs), seq: seq++, process, run, cancelled: false };
      queue.push(event);
      return () => {
        event.cancelled = true;
      };
    },
    freeze(process) {
      process.frozen = true;
    },
    thaw(process) {
      process.frozen = false;
      const { held } = process;
      process.held = [];
      for (const run of held) kernel.after(0, process, run);
    },
    kill(process) {
      process.alive = false;
      process.held = [];
    },
    async run(untilMs, stop) {
      for (let event = queue.peek(); event !== undefined && event.at <= untilMs; event = queue.peek()) {
        queue.pop();
        nowMs = event.at;
        const { process } = event;
        if (event.cancelled || process?.alive === false) continue;
        if (process?.frozen === true) {
          const late = event;
          process.held.push(() => {
            if (!late.cancelled) late.run();
          });
          continue;
        }
        running = process;
        event.run();
        // All promises that follow from the event settle before the next one.
        await new Promise<void>((resolve) => nextTick(resolve));
        running = null;
        if (stop()) return;
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
  return kernel;
}

const nextTick = process.nextTick.bind(process);

interface Queue {
  push(event: Event): void;
  peek(): Event | undefined;
  pop(): void;
}

/** A binary heap by time, then by order of making. */
function createQueue(): Queue {
  const heap: Event[] = [];
  const before = (a: number, b: number): boolean => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.seq < y.seq);
  };
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  };
  return {
    push(event) {
      let at = heap.push(event) - 1;
      for (let up = (at - 1) >> 1; at > 0 && before(at, up); up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    peek: () => heap[0],
    pop() {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        const least = before(left + 1, left) ? left + 1 : left;
        if (!before(least, at)) return;
        swap(least, at);
        at = least;
      }
    },
  };
}

/**
 * Puts virtual timers in the place of Node's while a run lasts, so that code with timers of its own runs
 * unchanged. @returns a way to put the real ones back.
 */
export function useVirtualTimers(kernel: Kernel): () => void {
  const real = { setTimeout, clearTimeout, setImmediate, setInterval, clearInterval };
  const start = (delayMs: number, run: () => void) => {
    const timer = {
      cancel: kernel.after(delayMs, kernel.current(), run),
      unref: () => timer,
      ref: () => timer,
    };
    return timer;
  };
  const stop = (timer?: { cancel?: () => void } | null): void => timer?.cancel?.();
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
      start(delayMs, () => run(...args)),
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => start(0, () => run(...args)),
    setInterval: () => {
      throw new Error('no intervals in a simulation: tick through the kernel');
    },
    clearTimeout: stop,
    clearImmediate: stop,
    clearInterval: stop,
  });
  return () => void Object.assign(globalThis, real);
}
