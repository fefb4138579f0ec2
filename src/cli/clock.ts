/** `longlink clock` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson } from './output.js';

const HELP = `Usage: longlink clock accept [options]

  accept    believe a large step of the system clock that the server is holding

A step larger than clock.maxStepMs is held: the server goes on by the old time and expires nothing, until
the step is undone or accepted. The metric longlink_clock_held_seconds says how large it is. Look at the
machine's clock first: what is past its time by the new clock is expired for good.

Exit codes: 0 accepted, or there was nothing to accept; 1 refused or not reached; 2 called wrongly.

${ADMIN_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: ADMIN_OPTIONS,
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  if (positionals.length !== 1 || positionals[0] !== 'accept') throw usageError(`name a part\n\n${HELP}`);
  const answer = await createAdminClient(values).call('POST', '/v1/clock/accept');
  if (values.json) return printJson(answer);
  const steppedMs = Number(answer.steppedMs);
  return print(
    steppedMs === 0 ? 'no step of the clock is held' : `a step of ${steppedMs / 1000} s is accepted`,
  );
}
