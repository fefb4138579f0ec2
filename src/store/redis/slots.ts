/** The slot that a key lies in, by what stands in its braces: there are few of them, so they are remembered. */
import { keySlot } from '../../redis/owner-key.js';

const slots = new Map<string, number>();

export function slotOf(key: string): number {
  const tag = key.slice(key.indexOf('{') + 1, key.indexOf('}'));
  const known = slots.get(tag);
  if (known !== undefined) return known;
  const slot = keySlot(tag);
  slots.set(tag, slot);
  return slot;
}
