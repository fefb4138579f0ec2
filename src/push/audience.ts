/** Whom a broadcast is for, by login: `pushStatus`, `bindPeriod` and `unBindPeriod` of the MPS server API. */
import { type Audience, DAY_MS } from '../core/model.js';

export interface LoginState {
  /** 0 devices with a user, 1 all, 2 those whose user has left. */
  readonly status: 0 | 1 | 2;
  /** Within 1: 7, 2: 15, 3: 60 days, 4: ever. */
  readonly bindPeriod: 1 | 2 | 3 | 4;
  readonly unBindPeriod: 1 | 2 | 3 | 4;
}

const PERIOD_DAYS = { 1: 7, 2: 15, 3: 60 } as const;

/** The periods end when the broadcast is sent; of a scheduled one, at its time. */
export function audienceOf({ status, bindPeriod, unBindPeriod }: LoginState, nowMs: number): Audience {
  return {
    ...(status === 2 ? {} : { boundSinceMs: sinceMs(bindPeriod, nowMs) }),
    ...(status === 0 ? {} : { unboundSinceMs: sinceMs(unBindPeriod, nowMs) }),
    // All devices, and no period: then also those that never had a user.
    ...(status === 1 && unBindPeriod === 4 ? { neverBound: true } : {}),
  };
}

function sinceMs(period: 1 | 2 | 3 | 4, nowMs: number): number {
  return period === 4 ? 0 : Math.max(0, Math.floor(nowMs) - PERIOD_DAYS[period] * DAY_MS);
}
