/**
 * The log of one process: JSON lines on standard output, or readable lines on a terminal. Payloads and
 * keys do not belong in it; what slips in under one of the names below is cut out.
 */
import pino from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.js';

export type Log = pino.Logger;

/** Names whose values are never logged, at the top of a line's fields or one level down. */
const SECRET_NAMES = [
  'payload',
  'binaryPayload',
  'body',
  'deviceKey',
  'keyHash',
  'token',
  'sessionId',
  'authorization',
  'ticketKeys',
  'sign',
];

/** Lines that wait for a slow reader of standard output; more are dropped rather than kept in memory. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * @param config level and format.
 * @param role which process this is, for example `control` or `worker-2`; stands in every line.
 * @param stream takes the lines instead of standard output, in tests.
 */
export function createLog(config: Config['log'], role: string, stream?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level: config.level,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
  };
  if (stream !== undefined) return pino(options, stream);
  const readable = config.format === 'pretty' || (config.format === 'auto' && process.stdout.isTTY);
  if (readable) {
    const colorize = process.stdout.isTTY;
    return pino(
      options,
      pretty({ sync: true, colorize, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }),
    );
  }
  return pino(options, pino.destination({ sync: false, maxLength: MAX_WAITING_BYTES }));
}
