/** What a failed command means: an answer that says no, or an outcome that nobody knows. */
import { ReplyError } from 'ioredis';
import { StoreUnavailable } from '../core/ports.js';

/** Answers of a server that cannot serve now; sent again later the same command may pass. */
const TRANSIENT =
  /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF|OOM|UNBLOCKED)\b/;

/**
 * The error as the Store port has it: StoreUnavailable for time-outs, lost connections and servers that
 * cannot write; any other refusal of the server (a wrong type, a fault in a script) as it is.
 */
export function asStoreError(error: unknown): Error {
  if (!(error instanceof Error)) return new StoreUnavailable(String(error));
  if (error instanceof StoreUnavailable || error instanceof RangeError) return error;
  // A script that ran into one of them wraps it: "ERR OOM command not allowed ... script: ...".
  const answer = error.message.replace(/^ERR /, '');
  if (error instanceof ReplyError && !TRANSIENT.test(answer) && !isDenied(answer)) return error;
  return new StoreUnavailable(`Redis: ${error.message}`, { cause: error });
}

/** A password that was changed, an ACL that was narrowed: to be put right by an operator, not by a caller. */
function isDenied(answer: string): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM)\b/.test(answer);
}
