/** `longlink broadcast` */
import { parseArgs } from 'node:util';
import { ADMIN_HELP, ADMIN_OPTIONS, createAdminClient, type Json } from './admin-client.js';
import { usageError } from './command-error.js';
import { print, printJson, table, time } from './output.js';

const HELP = `Usage: longlink broadcast PART [options]

Pushes to everybody, their progress, and the hand on them (docs/push.md).

  list           broadcasts of the instance, the newest first (the default)
  show TASK      one of them
  pause TASK     send nothing of it, and of what was broadcast after it
  resume TASK    go on
  revoke TASK    take it back for good; devices that have it are told

TASK is the task id that PushBroadcast answered.

${ADMIN_HELP}`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: ADMIN_OPTIONS,
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  const [part = 'list', task] = positionals;
  const client = createAdminClient(values);
  const call = async (method: string, path: string): Promise<Json> =>
    client.call(method, await client.instancePath(`/broadcasts${path}`));
  if (part === 'list') {
    const { broadcasts } = (await call('GET', '')) as { readonly broadcasts: readonly Json[] };
    return values.json ? printJson(broadcasts) : show(broadcasts);
  }
  if (!['show', 'pause', 'resume', 'revoke'].includes(part))
    throw usageError(`no such part: ${part}\n\n${HELP}`);
  if (task === undefined) throw usageError('TASK is missing');
  const path = `/${encodeURIComponent(task)}`;
  const one = part === 'show' ? await call('GET', path) : await call('POST', `${path}/${part}`);
  return values.json ? printJson(one) : show([one]);
}

function show(broadcasts: readonly Json[]): number {
  const rows = broadcasts.map((one) => [
    String(one.taskId),
    time(one.createdMs),
    time(one.expiresMs),
    String(one.state),
    String(one.arrived),
    String(one.online),
    one.estimateMs === null ? '-' : `${Math.ceil(Number(one.estimateMs) / 1000)} s`,
    String(one.msgKey),
    String(one.title),
  ]);
  const head = ['TASK', 'CREATED', 'VALID UNTIL', 'STATE', 'ARRIVED', 'ONLINE', 'LEFT', 'MESSAGE', 'TITLE'];
  return print(table(head, rows));
}
