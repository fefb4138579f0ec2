/** One keep-alive HTTP connection with one request under way at a time, by hand: it costs little. */
import { connect, type Socket } from 'node:net';

export interface LaneOptions {
  readonly port: number;
  /** Bytes of a request. */
  write(device: number, sequence: number, dueUs: number): Uint8Array;
  answered(device: number, sequence: number, dueUs: number, answer: string): void;
  /** A request is sent once more because nobody knows what became of it. */
  repeated(): void;
}

export interface Lane {
  /** Called when nothing is left to send. */
  onIdle: (() => void) | null;
  push(device: number, sequence: number, dueUs: number): void;
  /** Resolves when all that was pushed is answered. */
  idle(): Promise<void>;
  close(): void;
}

interface Job {
  readonly device: number;
  readonly sequence: number;
  readonly dueUs: number;
}

const REPEAT_MS = 50;
/** Answers after which the same call is to be made again: the outcome is unknown. */
const UNKNOWN_OUTCOME = '"SYSTEM_ERROR"';

export function createLane(options: LaneOptions): Lane {
  const queue: Job[] = [];
  let next = 0;
  let under: Job | null = null;
  let socket: Socket | null = null;
  let answer = '';
  let closed = false;
  let resolveIdle: (() => void) | null = null;

  function open(): Socket {
    const made = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    made.on('data', (chunk) => take(chunk.toString('latin1')));
    made.on('error', () => undefined);
    made.on('close', () => {
      if (socket === made) socket = null;
      if (under !== null && !closed) again();
    });
    return made;
  }

  function again(): void {
    answer = '';
    options.repeated();
    setTimeout(() => {
      if (under !== null && !closed) write(under);
    }, REPEAT_MS);
  }

  function write(job: Job): void {
    socket ??= open();
    socket.write(options.write(job.device, job.sequence, job.dueUs));
  }

  function take(text: string): void {
    answer += text;
    // One request at a time, and the answer's body is one JSON object: its end is the answer's.
    if (under === null || !answer.includes('\r\n\r\n') || !answer.endsWith('}')) return;
    const done = under;
    const whole = answer;
    answer = '';
    if (whole.includes(UNKNOWN_OUTCOME)) {
      again();
      return;
    }
    under = null;
    options.answered(done.device, done.sequence, done.dueUs, whole);
    pump();
  }

  function pump(): void {
    if (under !== null) return;
    const job = queue[next];
    if (job !== undefined) {
      next += 1;
      under = job;
      write(job);
      return;
    }
    queue.length = 0;
    next = 0;
    lane.onIdle?.();
    if (under === null) resolveIdle?.();
  }

  const lane: Lane = {
    onIdle: null,
    push(device, sequence, dueUs) {
      queue.push({ device, sequence, dueUs });
      pump();
    },
    async idle() {
      if (under === null && next >= queue.length) return;
      await new Promise<void>((resolve) => {
        resolveIdle = resolve;
      });
    },
    close() {
      closed = true;
      socket?.destroy();
    },
  };
  return lane;
}
