/** Rate limits per access key: a token bucket each. */

export interface RateLimit {
  /** Calls a second that are sustained. */
  readonly perSecond: number;
  /** Calls that may come at once after a pause. */
  readonly burst: number;
}

export interface Throttle {
  /** @returns 0 when the call may pass, else the ms until one may */
  take(keyId: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Buckets kept at once; those that are full again are dropped, they say nothing. */
const MAX_BUCKETS = 10_000;

/** @param mono monotonic clock, ms */
export function createThrottle(limit: RateLimit, mono: () => number): Throttle {
  const buckets = new Map<string, Bucket>();

  const refill = (bucket: Bucket, nowMs: number): void => {
    bucket.tokens = Math.min(limit.burst, bucket.tokens + ((nowMs - bucket.atMs) * limit.perSecond) / 1000);
    bucket.atMs = nowMs;
  };

  const makeRoom = (nowMs: number): void => {
    for (const [keyId, bucket] of buckets) {
      refill(bucket, nowMs);
      if (bucket.tokens >= limit.burst) buckets.delete(keyId);
    }
  };

  return {
    take(keyId) {
      const nowMs = mono();
      let bucket = buckets.get(keyId);
      if (bucket === undefined) {
        if (buckets.size >= MAX_BUCKETS) makeRoom(nowMs);
        bucket = { tokens: limit.burst, atMs: nowMs };
        buckets.set(keyId, bucket);
      }
      refill(bucket, nowMs);
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1000) / limit.perSecond);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
