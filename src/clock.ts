/**
 * The only reader of the system clocks for everything that core/ decides. Its wall clock follows the
 * system's in small steps; a large step is held back until an operator accepts it or it is undone,
 * because a wrong date would expire 30-day data at once, or keep it for ever.
 */
import { uptime } from 'node:os';
import type { Now } from './core/ports.js';

/** The system clocks, replaceable in tests. */
export interface TimeSources {
  /** System wall clock, ms since 1970. */
  wall(): number;
  /** Monotonic ms; the same clock in every process of the machine, standing still in suspend. */
  mono(): number;
  /** Seconds since boot, suspend included. */
  boot(): number;
}

export interface Clock {
  /** Both clocks now. `wall` keeps to the monotonic clock while a step is held. */
  now(): Now;
  /** How far the system clock is ahead (negative: behind) of what is believed while a step is held; else 0. */
  heldMs(): number;
  /** Believes the system clock from now on, whatever it says. */
  accept(): void;
}

export interface ClockOptions {
  /** Largest step that is followed, ms. */
  readonly maxStepMs: number;
  readonly sources?: TimeSources;
  /** Called when a step is first held (with its size in ms), and with 0 when it is over. */
  readonly onHeld?: (heldMs: number) => void;
}

/** Monotonic ms of the machine, comparable between its processes. */
export function machineMonoMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

const SYSTEM_SOURCES: TimeSources = { wall: Date.now, mono: machineMonoMs, boot: uptime };

/** Starts by believing the system clock as it stands. */
export function createClock(options: ClockOptions): Clock {
  const { wall, mono, boot } = options.sources ?? SYSTEM_SOURCES;
  /** Believed wall clock minus monotonic clock. */
  let offset = wall() - mono();
  let held = 0;
  let suspended = boot() * 1000 - mono();

  const setHeld = (step: number): void => {
    const changed = (held === 0) !== (step === 0);
    held = step;
    if (changed) options.onHeld?.(step);
  };

  /** The wall clock went on while the machine slept and the monotonic clock did not: no step. */
  const takeSuspend = (): void => {
    const now = boot() * 1000 - mono();
    // Both clocks are read one after the other and `boot` has 10 ms steps: less is no sleep.
    if (now - suspended < 1000) return;
    offset += now - suspended;
    suspended = now;
  };

  return {
    now() {
      const monoMs = mono();
      const system = wall();
      let step = system - (offset + monoMs);
      if (Math.abs(step) > options.maxStepMs) {
        takeSuspend();
        step = system - (offset + monoMs);
      }
      if (Math.abs(step) > options.maxStepMs) {
        setHeld(step);
        return { wall: Math.floor(offset + monoMs), mono: monoMs };
      }
      if (held !== 0) setHeld(0);
      offset += step;
      return { wall: system, mono: monoMs };
    },
    heldMs: () => held,
    accept() {
      offset = wall() - mono();
      suspended = boot() * 1000 - mono();
      if (held !== 0) setHeld(0);
    },
  };
}
