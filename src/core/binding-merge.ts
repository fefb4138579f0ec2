/**
 * Device records are read, changed and written as a whole, by the process of the device and by the one
 * that a back end calls. Who writes last must not undo what the other has said meanwhile of the users.
 */
import { bindingsOf, MAX_BINDINGS } from './device-bindings.js';
import type { Binding, DeviceRecord } from './model.js';

/**
 * The record as it is to be written over the stored one, with every binding that either of them knows.
 *
 * @returns `next` itself when nothing of the stored one is missing in it
 */
export function withStoredBindings(stored: DeviceRecord, next: DeviceRecord): DeviceRecord {
  // A device that has got another Ad-token has nothing of what was said of the one before.
  if (stored.bindings === undefined || next.bindings === undefined || stored.adToken !== next.adToken)
    return next;
  const own = bindingsOf(next);
  // What is older has been dropped, and does not come back.
  const oldestMs = own.length < MAX_BINDINGS ? Number.NEGATIVE_INFINITY : (own[0]?.boundMs ?? 0);
  const missing = bindingsOf(stored).filter(
    (binding) => binding.boundMs > oldestMs && !own.some((one) => isSame(one, binding)),
  );
  const known = own.map((binding) =>
    latest(
      stored.bindings?.find((one) => isSame(one, binding)),
      binding,
    ),
  );
  if (missing.length === 0 && known.every((binding, at) => binding === own[at])) return next;
  const all = [...missing, ...known].sort((a, b) => a.boundMs - b.boundMs).slice(-MAX_BINDINGS);
  const bindings = all.map((binding, at) => endedBy(binding, all[at + 1]));
  return { ...next, user: bindings.at(-1)?.user ?? next.user, bindings };
}

function isSame(one: Binding, other: Binding): boolean {
  return one.user === other.user && one.boundMs === other.boundMs;
}

/** What has ended stays ended, and the word of a back end its word. */
function latest(stored: Binding | undefined, own: Binding): Binding {
  if (stored === undefined || own.unboundMs !== 0) return own;
  return stored.unboundMs !== 0 || (stored.by === 'api' && own.by !== 'api') ? stored : own;
}

/** One user at a time. */
function endedBy(binding: Binding, following: Binding | undefined): Binding {
  if (binding.unboundMs !== 0 || following === undefined) return binding;
  return { ...binding, unboundMs: Math.max(1, following.boundMs), by: following.by };
}
