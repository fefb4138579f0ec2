/** Numbers as protobuf writes them, for the encoders that are written by hand. */

/** Bytes of a numeric field with its tag; zero is not written. */
export function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** Writes a numeric field with its tag, unless it is zero. @returns where the next one goes. */
export function putNumber(out: Buffer, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  out[at] = tag;
  return putVarint(out, at + 1, value);
}

/** Bytes of a safe integer as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** @returns where the next byte goes. */
export function putVarint(out: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  // Divided, not shifted: oplog ids have more than 32 bits.
  while (rest >= 128) {
    out[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}
