/** When to come back after a connection ended. Pure. docs/protocol.md 6. */

export interface BackoffRules {
  /** Upper bound of the first delay in ms; doubles with every failure. */
  readonly baseMs: number;
  /** Upper bound of any delay in ms. */
  readonly maxMs: number;
  /** The same two after the server called our bytes illegal: a bug on either side is not hurried. */
  readonly longBaseMs: number;
  readonly longMaxMs: number;
}

export const DEFAULT_BACKOFF: BackoffRules = {
  baseMs: 1_000,
  maxMs: 120_000,
  longBaseMs: 60_000,
  longMaxMs: 3_600_000,
};

/** No server is away for longer on purpose, and a timer beyond 24 days would fire at once. */
const MAX_RETRY_AFTER_MS = 24 * 3600 * 1000;

/** What the range of a close code asks of the device. docs/protocol.md 6.2. */
export type Comeback = 'soon' | 'stay-away' | 'late';

/** Codes outside the known ranges are treated like a broken protocol: slowly, but come back. */
export function comebackOf(code: number): Comeback {
  if (code >= 4000 && code < 4200) return 'soon';
  if (code >= 4200 && code < 4400) return 'stay-away';
  return 'late';
}

/**
 * Delay in ms before the next attempt, with full jitter: any time between 0 and the bound is equally
 * likely, so that the devices of a server that died come back spread out.
 *
 * @param failures Attempts in a row that did not lead to a lasting connection.
 * @param retryAfterMs What the server asked for, or 0. Waited in full up to a day; the jitter comes on top.
 * @param random A number from 0 up to 1.
 */
export function reconnectDelayMs(
  comeback: Exclude<Comeback, 'stay-away'>,
  failures: number,
  retryAfterMs: number,
  random: number,
  rules: BackoffRules = DEFAULT_BACKOFF,
): number {
  const [baseMs, maxMs] =
    comeback === 'soon' ? [rules.baseMs, rules.maxMs] : [rules.longBaseMs, rules.longMaxMs];
  const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
  return Math.round(Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random * bound);
}
