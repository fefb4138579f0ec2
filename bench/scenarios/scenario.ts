/** What a scenario is. */
import type { Outcome } from '../report/result.js';
import type { Run, RunOptions } from '../run.js';

export interface Scenario {
  /** One line for the list of scenarios. */
  readonly about: string;
  /** Sizes when none are given, and the small ones of `smoke`. */
  readonly defaults: Sizes;
  readonly small: Sizes;
  run(run: Run): Promise<Outcome>;
}

export type Sizes = Partial<Pick<RunOptions, 'devices' | 'seconds' | 'payloadBytes' | 'tls'>>;
