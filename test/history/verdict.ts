/** What a judgement is made of. */

export const ERROR_KINDS = [
  'LOST',
  'GHOST',
  'ABORTED',
  'CORRUPT',
  'DEDUPE_OVERWRITE',
  'CROSS_TENANT',
  'CROSS_TARGET',
  'UNREGISTERED_BIZ',
  'EXPIRED',
  'EARLY',
  'FILTER',
  'STORED_NONPERSIST',
  'REORDER',
  'ORDER_RT',
  'ID_REUSE',
  'DOUBLE_STORE',
  'BELOW_SYNC_POINT',
  'DUP_AFTER_ACK',
  'OVER_ATTEMPTS',
  'SINGLE_TWICE',
  'AFTER_REVOKE',
  'DROP_UNJUSTIFIED',
  'SLOW',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface CheckOptions {
  /** How long a connection must have been up before `end` for a missing message to count as lost. */
  readonly drainMs: number;
  /** How long frames may have been under way: acks, user switches, ends of validity. */
  readonly graceMs: number;
  /** How far the clocks of validity and of the recorders may be apart. */
  readonly skewMs: number;
  /** Duplicates on a later connection are errors too when the ack had time to travel. */
  readonly strictDup: boolean;
  /** No fault loses an ack that had time to arrive: single-device data comes to no second device. */
  readonly acksSurvive: boolean;
  /** A drop after too many attempts does not excuse a loss. */
  readonly noAttemptDrops: boolean;
  /**
   * A tail that no answer has promised may be lost after devices have seen it: what was unknown and is
   * called again is then stored anew, what had just become valid becomes so again, and a device may have
   * either under both ids.
   */
  readonly lostTails: boolean;
  /** Every accepted message must have a verdict at every reader. */
  readonly requireDecided: boolean;
  /** Longest time to the first delivery to a connected device, or null for no limit. */
  readonly maxLatencyMs: number | null;
  /** Receipts sooner than this after the last counted one are no further attempts. */
  readonly attemptGapMs: number;
}

export const DEFAULT_OPTIONS: CheckOptions = {
  drainMs: 3_000,
  graceMs: 500,
  skewMs: 50,
  strictDup: false,
  acksSurvive: false,
  noAttemptDrops: false,
  lostTails: false,
  requireDecided: false,
  maxLatencyMs: null,
  attemptGapMs: 0,
};

export interface Finding {
  /** How often. */
  count: number;
  /** The first few, in words. */
  readonly examples: string[];
}

export interface NotErrors {
  /** Messages whose call ended unknown and that arrived. */
  recovered: number;
  /** Receipts of what the device had already received and not acknowledged in time. */
  redelivered: number;
  /** Missing messages that nobody promised: declared, over the threshold, expired, filtered, revoked. */
  excused: number;
  /** Message and device pairs without a drained connection, so without a verdict. */
  undecided: number;
}

export interface Verdict {
  readonly valid: boolean | 'unknown';
  /** Why there is no verdict, when `valid` is unknown. */
  readonly unknownBecause: readonly string[];
  readonly errors: Readonly<Partial<Record<ErrorKind, Finding>>>;
  readonly notErrors: NotErrors;
  readonly counts: {
    readonly messages: number;
    readonly accepted: number;
    /** Of `messages` and of `accepted` those that are persisted. */
    readonly persisted: number;
    readonly persistedAccepted: number;
    readonly receipts: number;
    readonly devices: number;
    /** Message and reader pairs that were judged. */
    readonly decided: number;
  };
}

const EXAMPLES = 5;

/** Collects findings; the rules report into it. */
export interface Docket {
  readonly errors: Partial<Record<ErrorKind, Finding>>;
  readonly notErrors: NotErrors;
  decided: number;
}

export function openDocket(): Docket {
  return {
    errors: {},
    notErrors: { recovered: 0, redelivered: 0, excused: 0, undecided: 0 },
    decided: 0,
  };
}

export function report(docket: Docket, kind: ErrorKind, what: string): void {
  let finding = docket.errors[kind];
  if (finding === undefined) {
    finding = { count: 0, examples: [] };
    docket.errors[kind] = finding;
  }
  finding.count += 1;
  if (finding.examples.length < EXAMPLES) finding.examples.push(what);
}
