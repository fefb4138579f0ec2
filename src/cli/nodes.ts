/** `longlink nodes` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { print, printJson } from './output.js';

const HELP = `Usage: longlink nodes [options]

Lists the nodes that share a Redis: version, role, connections, the turnaround of their lease and the
newest epoch that they have seen. A node that is missing has no lease and sends no data.

${ADMIN_HELP}`;

const COLUMNS = ['node', 'role', 'version', 'workers', 'connections', 'lagMs', 'epoch', 'draining', 'admin'];

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: ADMIN_OPTIONS });
  if (values.help) return print(HELP);
  const answer = await createAdminClient(values).call('GET', '/v1/nodes');
  if (values.json) return printJson(answer);
  const nodes = answer.nodes as Json[];
  if (nodes.length === 0) return print('one node: its store is of this machine alone');
  const rows = [COLUMNS, ...nodes.map((node) => COLUMNS.map((column) => String(node[column])))];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return print(
    rows
      .map((row) =>
        row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n'),
  );
}
