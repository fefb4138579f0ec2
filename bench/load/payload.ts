/**
 * What the load sends: a text of fixed width that says for whom it is, which one of his it is and when it
 * was due, and then filling. A receiver judges it by itself: whether it is his, whether one is missing,
 * came twice or out of order, and how late it is.
 *
 *   LB run(6) device(8) sequence(9) due(16) filling…
 */
import { hrtime } from 'node:process';

const MARK = 'LB';
const RUN_AT = 2;
const RUN_CHARS = 6;
const DEVICE_AT = 9;
const DEVICE_DIGITS = 8;
const SEQUENCE_AT = 18;
const SEQUENCE_DIGITS = 9;
const DUE_AT = 28;
const DUE_DIGITS = 16;
const SPACE = 0x20;
const ZERO = 0x30;

/** Bytes of the head; a payload is at least so long. */
export const HEAD_BYTES = DUE_AT + DUE_DIGITS + 1;

/** The device number of a message for everybody. */
export const EVERYBODY = 99_999_999;

/** Microseconds of a clock that all processes of the machine share. */
export function nowUs(): number {
  const [seconds, nanos] = hrtime();
  return seconds * 1e6 + Math.floor(nanos / 1e3);
}

/** A name for one run, so that a message of another run is told apart. */
export function newRunName(): string {
  return Math.floor(Math.random() * 36 ** RUN_CHARS)
    .toString(36)
    .padStart(RUN_CHARS, '0');
}

/** The user of a device. */
export function userName(device: number): string {
  return `u${String(device).padStart(DEVICE_DIGITS, '0')}`;
}

export function deviceName(device: number): string {
  return `d${String(device).padStart(DEVICE_DIGITS, '0')}`;
}

/** `thirdMsgId` of a message. */
export function messageName(run: string, device: number, sequence: number): string {
  return `${run}-${String(device).padStart(DEVICE_DIGITS, '0')}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
}

/** A payload with a head of zeros, of `bytes` bytes, to be completed by `fillHead`. */
export function blankPayload(run: string, bytes: number): string {
  const head = `${MARK}${run} ${'0'.repeat(DEVICE_DIGITS)} ${'0'.repeat(SEQUENCE_DIGITS)} ${'0'.repeat(DUE_DIGITS)} `;
  return head.padEnd(Math.max(bytes, HEAD_BYTES), 'x');
}

/** Writes a head's numbers over a blank payload that begins at `at`. */
export function fillHead(out: Buffer, at: number, device: number, sequence: number, dueUs: number): void {
  writeDigits(out, at + DEVICE_AT, DEVICE_DIGITS, device);
  writeDigits(out, at + SEQUENCE_AT, SEQUENCE_DIGITS, sequence);
  writeDigits(out, at + DUE_AT, DUE_DIGITS, dueUs);
}

/** Writes the numbers of a message's name over a blank one that begins at `at`. */
export function fillName(out: Buffer, at: number, device: number, sequence: number): void {
  writeDigits(out, at + RUN_CHARS + 1, DEVICE_DIGITS, device);
  writeDigits(out, at + RUN_CHARS + DEVICE_DIGITS + 2, SEQUENCE_DIGITS, sequence);
}

/** Writes the number of a user's name over a blank one that begins at `at`. */
export function fillUser(out: Buffer, at: number, device: number): void {
  writeDigits(out, at + 1, DEVICE_DIGITS, device);
}

function writeDigits(out: Buffer, at: number, count: number, value: number): void {
  let rest = value;
  for (let i = at + count - 1; i >= at; i -= 1) {
    out[i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** What a head says; one object is used for all. */
export interface Head {
  device: number;
  sequence: number;
  dueUs: number;
}

/** Reads the head at `at` into `head`. @returns false when it is none of this run. */
export function readHead(bytes: Buffer, at: number, run: Buffer, head: Head): boolean {
  if (bytes[at] !== 0x4c || bytes[at + 1] !== 0x42 || bytes[at + DUE_AT + DUE_DIGITS] !== SPACE) return false;
  for (let i = 0; i < RUN_CHARS; i += 1) if (bytes[at + RUN_AT + i] !== run[i]) return false;
  head.device = readDigits(bytes, at + DEVICE_AT, DEVICE_DIGITS);
  head.sequence = readDigits(bytes, at + SEQUENCE_AT, SEQUENCE_DIGITS);
  head.dueUs = readDigits(bytes, at + DUE_AT, DUE_DIGITS);
  return true;
}

function readDigits(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) value = value * 10 + ((bytes[i] ?? ZERO) - ZERO);
  return value;
}
