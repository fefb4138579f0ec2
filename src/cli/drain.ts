/** `longlink drain` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson } from './output.js';

const HELP = `Usage: longlink drain --node NAME [--rate N] [--redirect HOST:PORT] [options]

      --node NAME        the node to empty, as \`longlink nodes\` lists it
      --rate N           devices sent away a second; 100
      --redirect PLACE   host:port that they are told to go to; else they come back to where they were sent

Sends the devices of a node to the others at a steady pace. The node takes no new ones and says on its
admin port that it is not ready; stop it when \`longlink nodes\` shows no connections.

Exit codes: 0 begun, 1 refused or not reached, 2 called wrongly.

${ADMIN_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...ADMIN_OPTIONS,
      node: { type: 'string' },
      rate: { type: 'string' },
      redirect: { type: 'string' },
    },
  });
  if (values.help) return print(HELP);
  if (values.node === undefined) throw usageError(`name a node\n\n${HELP}`);
  const rate = Number(values.rate ?? 100);
  if (!Number.isInteger(rate) || rate < 1) throw usageError('--rate: a whole number from 1');
  const body = { rate, redirect: values.redirect ?? '' };
  const path = `/v1/nodes/${encodeURIComponent(values.node)}/drain`;
  const answer = await createAdminClient(values).call('POST', path, body);
  if (values.json) return printJson(answer);
  return print(`${answer.connections} devices are sent away over ${Number(answer.overMs) / 1000} s`);
}
