/**
 * Rate limit in one number (GCRA): the time up to which the allowance is used up. A connection
 * keeps that number itself, so that a limit per connection costs one field.
 */

/** At most `1 / intervalMs` on average, with a burst of `burstMs / intervalMs`. */
export interface Rate {
  readonly intervalMs: number;
  readonly burstMs: number;
}

/** A rate of `count` in `periodMs`, with a burst of as many as `burstMs` would bring. */
export function rateOf(count: number, periodMs: number, burstMs: number): Rate {
  return { intervalMs: periodMs / count, burstMs };
}

/**
 * Takes one from the allowance.
 *
 * @param usedUntil What the last call returned, at first 0. Negative results are not to be kept.
 * @returns The new value, or, when there is none left, minus the ms until there is one.
 */
export function takeOne(rate: Rate, usedUntil: number, monoMs: number): number {
  const next = Math.max(usedUntil, monoMs) + rate.intervalMs;
  const excessMs = next - monoMs - rate.burstMs;
  // The tolerance absorbs the rounding of sums of fractions.
  return excessMs > 1e-6 ? -excessMs : next;
}
