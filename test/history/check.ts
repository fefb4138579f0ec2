/** Command line of the checker: `node build/test/history/check.js [options] FILES…`; exit 0 valid, 1 invalid, 2 unknown. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkHistory } from './checker.js';
import { MalformedHistory, parseHistory } from './events.js';
import type { Verdict } from './verdict.js';
import { DEFAULT_OPTIONS } from './verdict.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'drain-ms': { type: 'string' },
    'grace-ms': { type: 'string' },
    'skew-ms': { type: 'string' },
    'attempt-gap-ms': { type: 'string' },
    'max-latency-ms': { type: 'string' },
    'strict-dup': { type: 'boolean', default: false },
    'no-attempt-drops': { type: 'boolean', default: false },
    'require-decided': { type: 'boolean', default: false },
  },
});

function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`not a number of milliseconds: ${text}`);
  return value;
}

function judge(): Verdict {
  const files = positionals.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  const latency = values['max-latency-ms'];
  return checkHistory(parseHistory(files), {
    drainMs: number(values['drain-ms'], DEFAULT_OPTIONS.drainMs),
    graceMs: number(values['grace-ms'], DEFAULT_OPTIONS.graceMs),
    skewMs: number(values['skew-ms'], DEFAULT_OPTIONS.skewMs),
    attemptGapMs: number(values['attempt-gap-ms'], DEFAULT_OPTIONS.attemptGapMs),
    maxLatencyMs: latency === undefined ? null : number(latency, 0),
    strictDup: values['strict-dup'],
    noAttemptDrops: values['no-attempt-drops'],
    requireDecided: values['require-decided'],
  });
}

try {
  const verdict = judge();
  console.log(JSON.stringify(verdict, null, 2));
  process.exitCode = verdict.valid === true ? 0 : verdict.valid === false ? 1 : 2;
} catch (error) {
  if (!(error instanceof MalformedHistory)) throw error;
  console.log(JSON.stringify({ valid: 'unknown', unknownBecause: [error.message] }, null, 2));
  process.exitCode = 2;
}
