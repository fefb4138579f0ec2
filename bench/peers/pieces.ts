/** Takes packets of a peer's protocol off a stream. */
import type { PartialHolder } from '../../src/wire/frames.js';

/** The bytes to be read now: what was left of the chunk before, and this one. */
export function joined(holder: PartialHolder, chunk: Buffer): Buffer {
  const { partial } = holder;
  holder.partial = null;
  return partial === null ? chunk : Buffer.concat([partial, chunk]);
}

/** Keeps what is not a whole packet yet. A copy: the chunk's memory is used again. */
export function keep(holder: PartialHolder, rest: Buffer): void {
  holder.partial = rest.length === 0 ? null : Buffer.from(rest);
}
