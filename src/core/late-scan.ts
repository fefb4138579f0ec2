/** What a session knows of its late records. late.ts has the rules. */
import type { Topic } from './catalogue.js';

/** Records that a changed os or version lets through, sent before the rest (delivery rule 8). */
export interface LateScan {
  /** Streams still to be read, each up to and including the point. */
  todo: { readonly topic: Topic; readonly upTo: number }[];
  after: number;
  readonly oldOs: string;
  readonly oldVersion: string;
  /** User bound last before this connection, or empty. */
  readonly lastUser: string;
  /** Sent and unacknowledged: by slot, the highest id. */
  readonly open: Map<number, number>;
  /** A user switch took streams out of it: the device record stays as it is, and the next connection repeats it. */
  cut: boolean;
}
