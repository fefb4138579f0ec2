/** What a fleet process counts, and the verdict on what its devices received. */
import type { Recorder } from '../../test/history/recorder.js';
import { EVERYBODY, type Head, nowUs, readHead } from './payload.js';

/** Counts since the start of the process, and delays since the last report. */
export interface Tally {
  /** Devices that are welcome now. */
  online: number;
  /** Handshakes accepted since the start. */
  welcomes: number;
  /** TLS handshakes that resumed a session. */
  resumed: number;
  /** Connections refused or ended by the server, and those that ended with an error. */
  kicks: number;
  failures: number;
  /** Messages taken, each once. */
  received: number;
  acked: number;
  /** Sent again before the ack arrived; a device drops them. No error. */
  redelivered: number;
  duplicated: number;
  reordered: number;
  crossed: number;
  /** Not of this run, or no message at all. */
  ghosts: number;
  bytes: number;
  kickCodes: Record<string, number>;
}

export function emptyTally(): Tally {
  return {
    online: 0,
    welcomes: 0,
    resumed: 0,
    kicks: 0,
    failures: 0,
    received: 0,
    acked: 0,
    redelivered: 0,
    duplicated: 0,
    reordered: 0,
    crossed: 0,
    ghosts: 0,
    bytes: 0,
    kickCodes: {},
  };
}

/** Numbers of 32 bits in a growing array that is handed over whole. */
export class Samples {
  private values = new Uint32Array(4096);
  private count = 0;

  add(value: number): void {
    if (this.count === this.values.length) {
      const grown = new Uint32Array(this.count * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count] = value;
    this.count += 1;
  }

  take(): Uint32Array {
    const taken = this.values.slice(0, this.count);
    this.count = 0;
    return taken;
  }
}

/** What all devices of one process share. */
export interface Shared {
  readonly run: Buffer;
  readonly tally: Tally;
  /** Microseconds from a message's due time to its receipt. */
  readonly delays: Samples;
  /** The same for messages to everybody. */
  readonly globalDelays: Samples;
  /** Microseconds from the wish to connect to the accepted handshake. */
  readonly connectTimes: Samples;
  readonly recorder: Recorder | null;
}

/** What a device knows of the messages that it got. */
export interface Receiver {
  readonly index: number;
  /** Highest sequence number received, of messages for this device and for everybody. */
  lastSequence: number;
  lastGlobal: number;
}

const head: Head = { device: 0, sequence: 0, dueUs: 0 };

/** Judges one message and counts it. */
export function judge(shared: Shared, receiver: Receiver, bytes: Buffer, at: number): void {
  const { tally } = shared;
  if (!readHead(bytes, at, shared.run, head)) {
    tally.ghosts += 1;
    return;
  }
  const everybody = head.device === EVERYBODY;
  if (!everybody && head.device !== receiver.index) {
    tally.crossed += 1;
    return;
  }
  const last = everybody ? receiver.lastGlobal : receiver.lastSequence;
  if (head.sequence <= last) tally.duplicated += 1;
  else if (head.sequence > last + 1) tally.reordered += 1;
  if (everybody) receiver.lastGlobal = Math.max(last, head.sequence);
  else receiver.lastSequence = Math.max(last, head.sequence);
  tally.received += 1;
  const delay = Math.min(0xffffffff, Math.max(0, nowUs() - head.dueUs));
  (everybody ? shared.globalDelays : shared.delays).add(delay);
}
