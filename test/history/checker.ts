/**
 * Judges a history from outside: it knows what was promised, and nothing of the server.
 * Says `unknown` instead of valid when the history proves nothing.
 */
import type { HistoryEvent } from './events.js';
import { isAccepted, judgeCompleteness } from './loss-rules.js';
import { judgeOrder } from './order-rules.js';
import { judgeReceipts } from './receipt-rules.js';
import { judgeRepetition } from './repeat-rules.js';
import { type CheckOptions, DEFAULT_OPTIONS, type Docket, openDocket, type Verdict } from './verdict.js';
import { buildWorld, type World } from './world.js';

/** Reasons why the absence of errors would prove nothing. */
function vacuity(world: World, accepted: number, docket: Docket, options: CheckOptions): string[] {
  const reasons: string[] = [];
  if (world.endedAt === null) reasons.push('no end: the history was not brought to rest');
  else if (world.endedAt - world.lastReceiptAt < options.drainMs)
    reasons.push('something arrived within the drain time before the end');
  if (world.faults.some((fault) => fault.to === Number.POSITIVE_INFINITY))
    reasons.push('a fault was never healed');
  if (accepted === 0) reasons.push('nothing was accepted');
  if (docket.decided === 0) reasons.push('nothing was decided');
  if (options.requireDecided && docket.notErrors.undecided > 0) reasons.push('not everything was decided');
  return reasons;
}

/**
 * @param events sorted by time, as `parseHistory` returns them.
 * @throws {MalformedHistory} when events contradict each other.
 */
export function checkHistory(events: readonly HistoryEvent[], options: Partial<CheckOptions> = {}): Verdict {
  const all = { ...DEFAULT_OPTIONS, ...options };
  const world = buildWorld(events, all.graceMs);
  const docket = openDocket();
  judgeReceipts(world, all, docket);
  judgeOrder(world, all, docket);
  judgeRepetition(world, all, docket);
  judgeCompleteness(world, all, docket);
  const messages = [...world.messages.values()];
  const persisted = messages.filter((message) => message.config?.persist);
  const accepted = messages.filter(isAccepted).length;
  const reasons = vacuity(world, accepted, docket, all);
  const failed = Object.keys(docket.errors).length > 0;
  return {
    valid: failed ? false : reasons.length > 0 ? 'unknown' : true,
    unknownBecause: reasons,
    errors: docket.errors,
    notErrors: docket.notErrors,
    counts: {
      messages: messages.length,
      accepted,
      persisted: persisted.length,
      persistedAccepted: persisted.filter(isAccepted).length,
      receipts: world.receipts.length + world.strays.length,
      devices: world.devices.size,
      decided: docket.decided,
    },
  };
}
