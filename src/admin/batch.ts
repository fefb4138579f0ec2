/**
 * Many sync requests in one call: NDJSON in, one result line per input line, in order, while the
 * input is still coming. A bad line fails alone. Lines of one chunk are sent to the store together
 * and several chunks are under way at once, so that thousands share one commit; a slow reader of
 * the results stops the reading of the input, so memory stays bounded.
 */
import type { Readable } from 'node:stream';
import type { ErrorBody } from './http-errors.js';

/** What became of one line. */
export type LineResult =
  | { readonly line: number; readonly result: string; readonly id: string | null }
  | { readonly line: number; readonly error: ErrorBody };

export interface BatchOptions {
  /** Longest line in bytes; a longer one fails and is skipped. */
  readonly maxLineBytes: number;
  /** Lines that wait for the store at once. */
  readonly maxInFlight: number;
  /**
   * Handles the lines of one chunk, the first of them numbered `first`; null is one that was too long.
   * Never rejects. Called in the order of the lines, before any answer.
   */
  readonly handle: (lines: readonly (Uint8Array | null)[], first: number) => Promise<readonly LineResult[]>;
}

const NEWLINE = 10;

/** Result lines, several to a string. Ends early, and stops reading, when its consumer does. */
export async function* runBatch(input: Readable, options: BatchOptions): AsyncGenerator<string> {
  const chunks: AsyncIterator<Buffer> = (input as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const splitter = createLineSplitter(options.maxLineBytes);
  const windows: { readonly size: number; readonly text: Promise<string> }[] = [];
  let inFlight = 0;
  let line = 0;

  function start(lines: readonly (Uint8Array | null)[]): void {
    if (lines.length === 0) return;
    const text = options.handle(lines, line + 1).then(joinLines);
    line += lines.length;
    inFlight += lines.length;
    windows.push({ size: lines.length, text });
  }

  /** A caller who goes away while nobody waits for its next chunk must not end the process. */
  function readAhead(): Promise<IteratorResult<Buffer>> {
    const next = chunks.next();
    next.catch(() => undefined);
    return next;
  }

  try {
    let reading: Promise<IteratorResult<Buffer>> | null = readAhead();
    for (;;) {
      const [oldest] = windows;
      const mayRead = reading !== null && inFlight < options.maxInFlight;
      if (oldest === undefined && reading === null) return;
      // Results go out as soon as they are there: a caller may wait for one before its next line.
      const step: string | IteratorResult<Buffer> = await firstOf(
        mayRead ? reading : null,
        oldest?.text ?? null,
      );
      if (typeof step === 'string') {
        inFlight -= windows.shift()?.size ?? 0;
        yield step;
      } else if (step.done) {
        const rest = splitter.end();
        if (rest !== undefined) start([rest]);
        reading = null;
      } else {
        start(splitter.push(step.value));
        reading = readAhead();
      }
    }
  } finally {
    await chunks.return?.();
  }
}

/** Whichever is there first; at least one is not null. */
function firstOf<A, B>(left: Promise<A> | null, right: Promise<B> | null): Promise<A | B> {
  if (left === null) return right ?? Promise.reject(new Error('nothing to wait for'));
  return right === null ? left : Promise.race([left, right]);
}

function joinLines(results: readonly LineResult[]): string {
  let text = '';
  for (const result of results) text += `${JSON.stringify(result)}\n`;
  return text;
}

/** What becomes of a line that is longer than `limit` bytes. */
export function tooLong(line: number, limit: number): LineResult {
  return { line, error: { code: 'TOO_LARGE', message: 'the line is too long', field: 'line', limit } };
}

/** Cuts chunks into lines without their ends. Null stands for a line that was too long. */
function createLineSplitter(maxLineBytes: number) {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let skipping = false;

  function keep(part: Buffer): void {
    if (skipping) return;
    keptBytes += part.length;
    if (keptBytes > maxLineBytes) {
      skipping = true;
      kept = [];
      return;
    }
    if (part.length > 0) kept.push(part);
  }

  function take(): Uint8Array | null {
    const [first] = kept;
    const line = skipping ? null : kept.length === 1 && first !== undefined ? first : Buffer.concat(kept);
    kept = [];
    keptBytes = 0;
    skipping = false;
    return line !== null && line.at(-1) === 13 ? line.subarray(0, -1) : line;
  }

  return {
    push(chunk: Buffer): (Uint8Array | null)[] {
      const lines: (Uint8Array | null)[] = [];
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      keep(chunk.subarray(from));
      return lines;
    },
    /** The last line when it has no end, or undefined. */
    end(): Uint8Array | null | undefined {
      return keptBytes > 0 ? take() : undefined;
    },
  };
}
